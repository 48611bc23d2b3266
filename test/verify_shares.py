# SPDX-License-Identifier: MIT
"""Are the reports of a group what the topic holds, each share once?

    verify_shares.py [--once] [--closed] [--left-out FILE] [--books LINE]
                     INTERVAL GRACE LOG REPORTS...

LOG is of test/tools/dump. REPORTS are JSON rows of `consume --group`, in the
order in which they were printed; INTERVAL and GRACE are seconds. It knows
nothing of iotsim but iotsim-consume(1): readings are told apart by json, sums
are fractions, late is late by rule 1.

The share of a partition in a window is the first of its readings that are in
time; all of them, unless the window was closed by force, which left the rest
late: those from the offset on that `cuts` says, in each row, of a partition
whose watermark had not passed the window before it. With --closed none was:
then all windows have to be there that every partition's watermark has passed. A row that is there again is passed over,
unless --once is given; a line that a killed run tore is no row. --books is
the summary of the member that had all partitions in the end: what it has read
and used since the group began is what is in the topic and in the reports.
--left-out, together with --closed, is what `consume --late-to topic:` has kept,
of test/tools/dump: every record that is late or malformed, and no other.

The last line is what was found. The status is 1 if a share is lost, is there
twice under different ids, or is not what the topic holds.
"""
import argparse
import bisect
import collections
import json
import math
import re
import sys

from readings import micros, reading

MEMBERS = ["start", "end", "by", "key", "count", "mean", "id", "partitions"]
FORCED = MEMBERS + ["cuts"]


class Log:
    """By (window, partition) the readings that are in time, in their order."""

    def __init__(self, file, interval, grace):
        self.shares = collections.defaultdict(list)
        self.watermarks = {}
        self.passed_at = {}
        self.records = 0
        self.left_out = set()
        for line in open(file, encoding="utf-8", errors="replace"):
            partition, offset, payload = line.rstrip("\n").split("\t", 2)
            self.records += 1
            r = reading(payload)
            if not r:
                self.left_out.add(payload)
                continue
            watermark = self.watermarks.get(partition, -sys.maxsize)
            window = r[0] // interval * interval
            if window + interval + grace <= watermark:
                self.left_out.add(payload)
                continue
            if r[0] > watermark:
                self.watermarks[partition] = r[0]
                self.passed_at.setdefault(partition, []).append((r[0], int(offset)))
            self.shares[window, partition].append((int(offset), r))

    def has_passed(self, partition, time, cut):
        """Before that offset the partition's watermark was there."""
        steps = self.passed_at.get(partition, [])
        at = bisect.bisect_left(steps, (time, -1))
        return at < len(steps) and steps[at][1] < cut

    def passed(self, interval, grace):
        """The shares of all windows that every watermark has passed."""
        to = min(self.watermarks.values())
        return {key for key in self.shares if key[0] + interval + grace <= to}


def read_reports(files, trouble):
    """By id its rows, by (by, key); and how many rows there were again."""
    reports, again = collections.defaultdict(dict), 0
    for file in files:
        for line in open(file, encoding="utf-8", errors="replace"):
            try:
                row = json.loads(line)
                assert list(row) in (MEMBERS, FORCED)
            except (ValueError, AssertionError):
                if line.endswith("}\n"):
                    trouble["different"].append(f"not a row: {line.strip()}")
                continue
            before = reports[row["id"]].setdefault((row["by"], row["key"]), row)
            if before is not row:
                again += 1
            if before != row:
                trouble["different"].append(f"another {row} than {before}")
    return reports, again


def is_mean(row, values):
    """Within one unit in the last place."""
    mean = float(sum(values) / len(values))
    return row["count"] == len(values) and abs(row["mean"] - mean) <= math.ulp(mean)


def check_tables(report_id, rows, readings, trouble):
    """Both tables of a report are those of the readings."""
    want = collections.defaultdict(list)
    for _, kind, name, value in readings:
        want["type", kind].append(value)
        want["name", name].append(value)
    for key in want.keys() | rows.keys():
        values, row = want.get(key), rows.get(key)
        if not values or not row:
            what = "without readings" if row else "missing"
        elif is_mean(row, values):
            continue
        else:
            what = f"{row['count']} {row['mean']}, in the topic {len(values)} {float(sum(values) / len(values))}"
        trouble["different"].append(f"{report_id}: {key[0]} {key[1]}: {what}")


def share_of(partition, report_id, row, log, grace, trouble):
    """What of the partition counts: all that is in time, or up to its cut."""
    share = log.shares.get((micros(row["start"]), partition), [])
    cut = row.get("cuts", {}).get(partition)
    until = sys.maxsize if cut is None else cut
    if log.has_passed(partition, micros(row["end"]) + grace, until) != (cut is None):
        trouble["different"].append(f"{report_id}: partition {partition}, cut {cut}: its watermark says otherwise")
    return [r for offset, r in share if offset < until]


def check_report(report_id, rows, log, grace, taken, trouble):
    first = next(iter(rows.values()))
    window, readings = micros(first["start"]), []
    same = ("start", "end", "partitions", "cuts")
    if any(r.get(what) != first.get(what) for r in rows.values() for what in same):
        trouble["different"].append(f"{report_id}: its rows do not agree")
    for partition, count in first["partitions"].items():
        share = share_of(partition, report_id, first, log, grace, trouble)
        if len(share) != count:
            trouble["different"].append(f"{report_id}: {count} of partition {partition}, which has {len(share)}")
        if not count:
            continue
        if (window, partition) in taken:
            trouble["twice"].append(f"{report_id}: partition {partition} was in {taken[window, partition][0]}")
        taken[window, partition] = report_id, count
        readings += share
    check_tables(report_id, rows, readings, trouble)


def check_closed(log, taken, due, trouble):
    """No window was closed by force: all of each share, and nothing else."""
    for key in sorted(due | taken.keys()):
        window, partition = key
        all_of_it, (report_id, count) = len(log.shares[key]), taken.get(key, ("no report", 0))
        if key not in due:
            trouble["different"].append(f"{report_id}: closed too early")
        elif count != all_of_it:
            trouble["lost"].append(f"{all_of_it - count} readings of partition {partition}, window {window}: {report_id}")


def check_left_out(file, log, trouble):
    """How many there were again."""
    got = collections.Counter(line.rstrip("\n").split("\t", 2)[2] for line in open(file, encoding="utf-8", errors="replace"))
    for payload in sorted(log.left_out - got.keys()):
        trouble["lost"].append(f"left out, and not kept: {payload}")
    for payload in sorted(got.keys() - log.left_out):
        trouble["different"].append(f"kept, and not left out: {payload}")
    return got.total() - len(got)


def check_books(line, records, used, trouble):
    books = {what: int(n) for what, n in re.findall(r"(read|used) (\d+)", line)}
    if books["read"] != records:
        trouble["lost"].append(f"{books['read']} records were read of {records}")
    if books["used"] != used:
        trouble["lost"].append(f"{books['used']} readings were used, {used} are in the reports")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--closed", action="store_true")
    parser.add_argument("--left-out")
    parser.add_argument("--books")
    parser.add_argument("interval", type=float)
    parser.add_argument("grace", type=float)
    parser.add_argument("log")
    parser.add_argument("reports", nargs="+")
    args = parser.parse_args()
    interval, grace = round(args.interval * 1e6), round(args.grace * 1e6)
    trouble = {"lost": [], "twice": [], "different": []}
    log = Log(args.log, interval, grace)
    reports, again = read_reports(args.reports, trouble)
    taken = {}
    for report_id, rows in reports.items():
        check_report(report_id, rows, log, grace, taken, trouble)
    if args.closed:
        check_closed(log, taken, log.passed(interval, grace), trouble)
    if args.once and again:
        trouble["twice"].append(f"{again} rows")
    used = sum(count for _, count in taken.values())
    kept = ""
    if args.left_out:
        twice = check_left_out(args.left_out, log, trouble)
        kept = f"{len(log.left_out)} left out, kept again {twice}; "
    if args.books:
        check_books(args.books, log.records, used, trouble)
    for what, cases in trouble.items():
        for case in cases[:10]:
            print(f"{what}: {case}")
    print(f"{log.records} records, {used} used: {len(reports)} reports, {len(taken)} shares, {again} rows again; "
          + kept + ", ".join(f"{what} {len(cases)}" for what, cases in trouble.items()))
    sys.exit(1 if any(trouble.values()) or not taken else 0)


main()
