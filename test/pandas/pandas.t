#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tables of `iotsim consume` against pandas itself.

Random windows of readings go through the program once for each format. The
means must be those of math.fsum, within one ulp; CSV and JSON must say the
same; and each table must be what pandas prints when it is handed our means.
So it is for the other statistics, which are held against fractions.

    IOTSIM=path SEED=number test/pandas/pandas.t

IOTSIM defaults to build/release/iotsim. The output is TAP.
"""
import csv
import datetime
import fractions
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
STATS_WINDOWS = 1000 if LONG else 200  # with each list of STATS
STATS = [("count", "mean", "sd", "min", "max"), ("max", "count", "sd"),
         ("sd",), ("count",), ("mean", "count"), ("min", "max", "mean", "sd")]
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


def random_stats_windows(rng):
    """Some with values whose sd is more than a double holds."""
    windows = []
    for k in range(STATS_WINDOWS):
        readings = random_readings(rng, rng.randrange(1, 101))
        if k % 10 == 0:
            readings += [("large", "large_%d" % i, x) for i in range(3)
                         for x in rng.choices([1.7e308, -1.7e308, 0], k=4)]
        windows.append(readings)
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


def root(square):
    """The root of a fraction, with some bits more than a double has."""
    bits = square.denominator.bit_length() - square.numerator.bit_length()
    k = bits // 2 + 100
    scaled = math.isqrt(int(square * fractions.Fraction(4) ** k))
    found = scaled / fractions.Fraction(2) ** k
    return float(found) if found <= sys.float_info.max else math.inf


def exact_sd(values):
    """sd, and by how much ours may differ: agg/spread.h, test_spread.c."""
    x = [fractions.Fraction(v) for v in values]
    n, mean = len(x), sum(x) / len(x)
    squares = sum((v - mean) ** 2 for v in x)
    if n == 1 or not squares:
        return (math.nan if n == 1 else 0.0), 0.0
    sd = root(squares / (n - 1))
    kappa = root(1 + mean * mean * n / squares)
    return sd, sd * n * kappa * sys.float_info.epsilon + n * 1e-160


def check_stats(windows, rows):
    for (head, values), row in zip(expected_rows(windows), rows):
        if (row["min"], row["max"]) != (min(values), max(values)):
            differ("min and max of %r" % (head,), (min(values), max(values)),
                   (row["min"], row["max"]))
        want, bound = exact_sd(values)
        if not (abs(row["sd"] - want) <= bound or row["sd"] == want or
                (math.isnan(row["sd"]) and math.isnan(want))):
            differ("sd of %r, %r" % (head, values), want, row["sd"])


def stats_rows(text):
    """The rows of CSV; where a field is empty there is no number."""
    lines = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    return [{c: v if c in ("start", "end", "by", "key") else
             int(v) if c == "count" else float(v or "nan")
             for c, v in line.items()} for line in lines]


def check_stats_json(text, rows):
    want = [{c: None if isinstance(v, float) and not math.isfinite(v) else v
             for c, v in row.items()} for row in rows]
    got = [json.loads(line) for line in text.split("\n") if line]
    for row in got:
        row.pop("cuts", None)  # of the last windows, closed at the end
    for a, b in itertools.zip_longest(want, got):
        if a != b or list(a) != list(b):
            differ("a row", a, b)


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


def frame_text(by, rows, max_rows, stats):
    keys = [row["key"].translate(CONTROLS) for row in rows]
    columns = {"value" if stats == ("mean",) else c: pd.Series(
        [row[c] for row in rows],
        dtype="int64" if c == "count" else "float64").values for c in stats}
    frame = pd.DataFrame(columns,
                         index=pd.Index(keys, name=by, dtype="object"))
    # Ours are never wrapped, nor is a column left out.
    with pd.option_context("display.max_rows", max_rows,
                           "display.expand_frame_repr", False):
        return repr(frame) + "\n"  # print() writes just this


def report_text(k, readings, rows, max_rows, stats):
    def table(by):
        return frame_text(by, [r for r in rows if r["by"] == by], max_rows,
                          stats)

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


def check_tables(windows, rows, text, max_rows, stats=("mean",)):
    at = 0
    for k, own in enumerate(rows_by_window(windows, rows)):
        want = report_text(k, windows[k], own, max_rows, stats)
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


def check_agg(windows, text):
    """Of what does not depend on how sums are made."""
    at = 0
    for readings in windows:
        data = pd.DataFrame(readings, columns=["type", "name", "value"])
        data["value"] = data["value"].astype("float64")
        for by in ("type", "name"):
            found = data.groupby(by)["value"].agg(["min", "count", "max"])
            if any(key.translate(CONTROLS) != key for key in found.index):
                continue
            with pd.option_context("display.expand_frame_repr", False):
                want = "Statistics by Sensor %s:\n%s\n-----" % (
                    by.capitalize(), found)
            at = text.find(want, at)
            if at < 0:
                raise Failure("not in our output:\n" + want)


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

    check_all_stats(tap, rng)


def check_all_stats(tap, rng):
    windows = random_stats_windows(rng)
    stream = ndjson(rng, windows)
    every = ",".join(STATS[0])
    rows = stats_rows(consume(stream, "--format", "csv", "--stats", every))

    tap.check("CSV of all stats has the keys and counts that were sent",
              check_rows, windows, rows)
    tap.check("sd, min and max are those of fractions",
              check_stats, windows, rows)
    tap.check("JSON of all stats says what CSV says",
              lambda: check_stats_json(consume(
                  stream, "--format", "json", "--stats", every), rows))
    tap.check("count, min and max are what pandas prints of the readings",
              lambda: check_agg(windows, consume(
                  stream, "--stats", "min,count,max")))
    for i, stats in enumerate(STATS):
        n = [60, 9, 60, 11][i % 4]
        tap.check("tables with --stats %s, --max-rows %d" % (
            ",".join(stats), n), lambda stats=stats, n=n: check_tables(
                windows, rows,
                consume(stream, "--stats", ",".join(stats), "--max-rows",
                        str(n)), n, stats))


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
