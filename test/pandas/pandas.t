#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tables of `iotsim consume` against pandas itself.

Random windows of readings go through the program once for each format. The
means must be those of math.fsum, within one ulp; CSV and JSON must say the
same; and each table must be what pandas prints when it is handed our means.

    IOTSIM=path SEED=number test/pandas/pandas.t

IOTSIM defaults to build/release/iotsim. The output is TAP.
"""
import csv
import datetime
import io
import itertools
import json
import math
import os
import random
import struct
import subprocess
import sys

try:
    import pandas as pd
except ImportError:
    pd = None

HERE = os.path.abspath(__file__)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
BINARY = os.environ.get("IOTSIM") or ROOT + "/build/release/iotsim"
SEED = int(os.environ.get("SEED") or 20231218)

LONG = bool(os.environ.get("IOTSIM_LONG"))
WINDOWS = 24000 if LONG else 2400  # with the table as it is by default
CUT_WINDOWS = 150  # with each other --max-rows
MAX_ROWS = [1, 2, 3, 4, 5, 9, 10, 11, 20, 59, 61, "all"]
INTERVAL = datetime.timedelta(seconds=20)
BASE = datetime.datetime(2023, 12, 18)


# --- what is sent ---------------------------------------------------------

# No NUL among them, which csv.reader refuses before Python 3.11.
ALPHABETS = [
    "abcXYZ0189_-. ",
    "абвгдежЖЮя",
    "漢字仮名交じり文温度",
    "😀👩\u200d💻🌡\ufe0f",
    "e\u0301a\u0308o\u0345",
    "\"'\\,;{}[]:",
    "\t\n\r\u2028\u00a0\ufeff\U0010ffff",
    "ab\x1b\x07\x7f\x80\x9b\x85",
]


def random_key(rng):
    if rng.random() < 0.4:
        return "sensor_%d" % rng.randrange(10 ** rng.randrange(1, 6))
    alphabet = rng.choice(ALPHABETS)
    if rng.random() < 0.3:
        alphabet = "".join(ALPHABETS)
    length = rng.randrange(1, 16)
    if rng.random() < 0.15:
        length = rng.choice([1, 2, 3, 4, 46, 47, 48, 49, 50, 51, 52, 60, 99])
    key = "".join(rng.choice(alphabet) for _ in range(length))
    # pandas 2 drops the blanks that all labels begin with, pandas 1 does not.
    return "_" + key[1:] if key.startswith(" ") else key


def random_keys(rng, n):
    keys = set()
    while len(keys) < n:
        keys.add(random_key(rng))
    return sorted(keys)


def random_bits(rng):
    """Any double at all, but for those whose sum could overflow."""
    while True:
        v = struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]
        if abs(v) < 1e300:
            return v


AROUND_BORDERS = [
    edge for at in (1e6, 1e-6)
    for edge in (at, -at, math.nextafter(at, 0), math.nextafter(at, 1e9))
] + [999999.9999995, 999999.5, 1000000.5, 99999.9999995]
AROUND_ROUNDING = [0.5e-6, 1.5e-6, 2.5e-6, 1.0000005, 0.1234565, 0.9999995,
                   9.9999995, 2.0000015, 12345.0000005]

VALUES = [
    lambda r: r.gauss(20, 5),
    lambda r: r.gauss(0, 1e-3),
    lambda r: r.randrange(-1000, 1000),
    lambda r: r.randrange(-1000, 1000) / 2,
    lambda r: r.randrange(-10**7, 10**7) / 10 ** r.randrange(9),
    lambda r: round(r.uniform(-1e6, 1e6), r.randrange(7)),
    lambda r: r.uniform(-2e6, 2e6),
    lambda r: r.choice([0.0, -0.0]),
    lambda r: r.choice(AROUND_ROUNDING),
    lambda r: r.choice(AROUND_BORDERS),
    lambda r: 10 ** r.uniform(-9, -4),
    lambda r: 10 ** r.uniform(4, 8),
]
# These span so many decades that they cancel only with a sum that keeps
# every bit. Ours keeps one error term, so they get one sign for each type.
WIDE_VALUES = [
    random_bits,
    lambda r: r.choice([5e-324, 1e-300, 1e300, 1e22, 1e16]),
    lambda r: 10 ** r.uniform(-300, 300),
    lambda r: r.choice(VALUES)(r),
]


def random_readings(rng, n):
    """Readings (type, name, value) of one window that has n names."""
    names = random_keys(rng, n)
    types = random_keys(rng, rng.choice([1, 2, 3, 3, 4, rng.randrange(5, 90)]))
    wide = rng.random() < 0.2
    values = rng.sample(WIDE_VALUES if wide else VALUES, rng.choice([1, 1, 2]))
    sign = {t: rng.choice([-1, 1]) for t in types}
    same = values[0](rng) if rng.random() < 0.1 else None
    readings = []
    for name in names:
        own_type = rng.choice(types)
        for _ in range(rng.choice([1, 1, 1, 2, 2, 3])):
            value = rng.choice(values)(rng) if same is None else same
            if wide:
                readings.append((own_type, name, sign[own_type] * abs(value)))
            else:
                readings.append((rng.choice(types), name, value))
    rng.shuffle(readings)
    return readings


def random_windows(rng):
    windows = []
    for k in range(WINDOWS):
        n = rng.choice([0, 1, 2, 3, 5, rng.randrange(12), rng.randrange(30)])
        if k < CUT_WINDOWS or rng.random() < 0.1:
            n = rng.randrange(201)
        # An empty window is printed (--empty) when it lies between others.
        if n == 0 and k in (0, CUT_WINDOWS - 1, WINDOWS - 1):
            n = 1
        windows.append(random_readings(rng, n))
    return windows


def ndjson(rng, windows):
    lines = []
    for k, readings in enumerate(windows):
        for type_, name, value in readings:
            us = rng.choice([0, 19999999, rng.randrange(20000000)])
            time = BASE + k * INTERVAL + datetime.timedelta(microseconds=us)
            reading = {"time": time.isoformat() + "Z", "type": type_,
                       "name": name, "value": value}
            ascii_only = rng.random() < 0.5
            lines.append(json.dumps(reading, ensure_ascii=ascii_only) + "\n")
    return "".join(lines).encode()


# --- what comes back ------------------------------------------------------

class Failure(Exception):
    pass


def first_difference(want, got):
    for a, b in itertools.zip_longest(want.splitlines(), got.splitlines()):
        if a != b:
            return "expected: %r\n     got: %r" % (a, b)
    return "only the ends of lines differ"


def consume(stream, *options):
    command = [BINARY, "consume", "--from", "-", "--interval", "20",
               "--idle", "off", "--empty", *options]
    done = subprocess.run(command, input=stream, capture_output=True,
                          timeout=300, env={**os.environ, "TZ": "UTC"})
    if done.returncode != 0:
        raise Failure("%s: status %d\n%s" % (
            " ".join(command[1:]), done.returncode,
            done.stderr.decode(errors="replace")))
    return done.stdout.decode()


def rfc3339(k):
    return (BASE + k * INTERVAL).isoformat() + "Z"


def expected_rows(windows):
    """(start, end, by, key), values: each row of each window in order."""
    for k, readings in enumerate(windows):
        for column, by in enumerate(("type", "name")):
            groups = {}
            for reading in readings:
                groups.setdefault(reading[column], []).append(reading[2])
            for key in sorted(groups):
                yield (rfc3339(k), rfc3339(k + 1), by, key), groups[key]


def differ(what, want, got):
    raise Failure("%s\nexpected: %r\n     got: %r" % (what, want, got))


def check_rows(windows, rows):
    want = [(head, len(v)) for head, v in expected_rows(windows)]
    got = [((r["start"], r["end"], r["by"], r["key"]), r["count"])
           for r in rows]
    for i, (a, b) in enumerate(zip(want, got)):
        if a != b:
            differ("row %d" % i, a, b)
    if len(want) != len(got):
        differ("number of rows", len(want), len(got))


def check_means(windows, rows):
    off = []
    for (head, values), row in zip(expected_rows(windows), rows):
        want = math.fsum(values) / len(values)
        if not abs(row["mean"] - want) <= math.ulp(want):
            off.append("%r: expected %r, got %r, of %r" % (
                head, want, row["mean"], values))
    if off:
        raise Failure("%d means of %d are off\n%s" % (
            len(off), len(rows), "\n".join(off[:3])))


def check_csv(text, rows):
    head, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    if head != ["start", "end", "by", "key", "count", "mean"]:
        raise Failure("header: %r" % head)
    if len(lines) != len(rows):
        differ("number of rows", len(rows), len(lines))
    for line, row in zip(lines, rows):
        want = [row["start"], row["end"], row["by"], row["key"],
                str(row["count"]), repr(row["mean"])]
        if line != want:
            differ("a row", want, line)


# --- what pandas prints ---------------------------------------------------

# Ours, and no others: pandas escapes tab, CR and LF, and nothing else.
CONTROLS = {c: "\\x%02x" % c for c in [*range(0x20), *range(0x7f, 0xa0)]
            if chr(c) not in "\t\r\n"}


def frame_text(by, rows, max_rows):
    keys = [row["key"].translate(CONTROLS) for row in rows]
    means = [row["mean"] for row in rows]
    frame = pd.DataFrame({"value": pd.Series(means, dtype="float64").values},
                         index=pd.Index(keys, name=by, dtype="object"))
    with pd.option_context("display.max_rows", max_rows):
        return repr(frame) + "\n"  # print() writes just this


def report_text(k, readings, rows, max_rows):
    def table(by):
        return frame_text(by, [r for r in rows if r["by"] == by], max_rows)

    end = (BASE + (k + 1) * INTERVAL).isoformat(" ", "microseconds")
    return "".join([
        "-" * 70 + "\n",
        "Time: %s, collected %d sensor records\n" % (end, len(readings)),
        "Statistics by Sensor Type:\n", table("type"),
        "-" * 50 + "\n",
        "Statistics by Sensor Name:\n", table("name"),
        "-" * 70 + "\n"])


def rows_by_window(windows, rows):
    found = [[] for _ in windows]
    for row in rows:
        start = datetime.datetime.fromisoformat(row["start"].rstrip("Z"))
        found[(start - BASE) // INTERVAL].append(row)
    return found


def check_tables(windows, rows, text, max_rows):
    at = 0
    for k, own in enumerate(rows_by_window(windows, rows)):
        want = report_text(k, windows[k], own, max_rows)
        got = text[at:at + len(want)]
        if got != want:
            raise Failure("window %d\n%s" % (k, first_difference(want, got)))
        at += len(want)
    if at != len(text):
        raise Failure("more than was expected:\n" + text[at:at + 500])


def check_groupby(windows, rows, text):
    """The promise in its own words, where pandas finds the same means."""
    at = compared = 0
    for readings, own in zip(windows, rows_by_window(windows, rows)):
        data = pd.DataFrame(readings, columns=["type", "name", "value"])
        data["value"] = data["value"].astype("float64")
        for by in ("type", "name"):
            means = data.groupby(by)[["value"]].mean()
            ours = [r for r in own if r["by"] == by]
            if any(r["key"].translate(CONTROLS) != r["key"] for r in ours):
                continue
            if list(means["value"].map(repr)) != [
                    repr(r["mean"]) for r in ours]:
                continue
            want = "Statistics by Sensor %s:\n%s\n-----" % (
                by.capitalize(), means)
            at = text.find(want, at)
            if at < 0:
                raise Failure("not in our output:\n" + want)
            compared += 1
    if compared < len(windows) // 4:
        raise Failure("only %d tables could be compared" % compared)


# --- TAP ------------------------------------------------------------------

class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, name, function, *args):
        self.count += 1
        try:
            function(*args)
            print("ok %d - %s" % (self.count, name), flush=True)
        except (Failure, ValueError, KeyError, TypeError, OSError,
                subprocess.TimeoutExpired) as e:
            self.failed += 1
            print("not ok %d - %s" % (self.count, name))
            print("# %s: " % type(e).__name__ + str(e).replace("\n", "\n# "),
                  flush=True)


def find_pandas():
    """Goes on in a Python that has pandas, or says what would bring it."""
    other = "/usr/bin/python3"
    if os.path.realpath(sys.executable) != os.path.realpath(other):
        has = subprocess.run([other, "-c", "import pandas"],
                             capture_output=True) \
            if os.access(other, os.X_OK) else None
        if has and has.returncode == 0:
            os.execv(other, [other, HERE])
    print("1..0 # SKIP pandas is missing: apt-get install python3-pandas")
    sys.exit(0)


def check_all(tap):
    rng = random.Random(SEED)
    windows = random_windows(rng)
    stream = ndjson(rng, windows)
    rows = [json.loads(line) for line in
            consume(stream, "--format", "json").split("\n") if line]
    table = consume(stream, "--format", "table")

    tap.check("JSON has the keys and counts that were sent",
              check_rows, windows, rows)
    tap.check("means are those of fsum within 1 ulp",
              check_means, windows, rows)
    tap.check("CSV says what JSON says", lambda: check_csv(
        consume(stream, "--format", "csv"), rows))
    tap.check("tables are what pandas prints of our means",
              check_tables, windows, rows, table, 60)
    tap.check("tables are what pandas prints of the readings",
              check_groupby, windows, rows, table)

    some = windows[:CUT_WINDOWS]
    some_stream = ndjson(rng, some)
    some_rows = [r for r in rows if r["start"] < rfc3339(CUT_WINDOWS)]
    for n in MAX_ROWS:
        tap.check("tables with --max-rows %s" % n, lambda n=n: check_tables(
            some, some_rows,
            consume(some_stream, "--format", "table", "--max-rows", str(n)),
            None if n == "all" else n))


def main():
    if pd is None:
        find_pandas()
    if not os.access(BINARY, os.X_OK):
        print("Bail out! %s is missing: make" % BINARY)
        return 1
    print("# SEED=%d, pandas %s" % (SEED, pd.__version__))
    tap = Tap()
    try:
        check_all(tap)
    except (Failure, ValueError, subprocess.TimeoutExpired) as e:
        print("Bail out! " + str(e).replace("\n", "\n# "))
        return 1
    print("1..%d" % tap.count)
    return 1 if tap.failed else 0


sys.exit(main())
