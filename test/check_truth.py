# SPDX-License-Identifier: MIT
"""Is FILE the truth of the messages on stdin? See is_truth_of in common.bash.

It knows nothing of iotsim but iotsim-truth(5): readings are told apart by
json, sums are fractions, late is late by rule 1 of iotsim-consume(1).
"""
import collections
import csv
import fractions
import sys

from readings import micros, reading


def exact_sum(text):
    return sum((fractions.Fraction(float(x)) for x in text.split()), fractions.Fraction(0))


class Row:
    def __init__(self):
        self.count = self.late = self.malformed = 0
        self.sum = fractions.Fraction(0)

    def numbers(self):
        return self.count, self.late, self.malformed, self.sum


def expected(messages, plain, interval, grace):
    rows = collections.defaultdict(Row)
    total = Row()
    watermark = {}
    for i, (partition, line) in enumerate(messages):
        r = reading(line)
        of = r or (plain and reading(plain[i]))
        to = [total]
        if of:
            start = of[0] // interval * interval
            to += rows[start, "type", of[1]], rows[start, "name", of[2]]
        late = r and start + interval + grace <= watermark.get(partition, -sys.maxsize)
        for row in to:
            if r is None:
                row.malformed += 1
            elif late:
                row.late += 1
            else:
                row.count += 1
                row.sum += r[3]
        if r and not late:
            watermark[partition] = max(watermark.get(partition, r[0]), r[0])
    return rows, total


def found(file, interval):
    rows = collections.defaultdict(Row)
    lines = list(csv.DictReader(open(file, newline="", encoding="utf-8")))
    last = lines.pop()
    for r in lines:
        start = micros(r["start"])
        assert start % interval == 0 and micros(r["end"]) == start + interval, r
        row = rows[start, r["by"], r["key"]]
        sums = exact_sum(r["sum"])
        count = int(r["count"])
        assert count + int(r["late"]) + int(r["malformed"]) > 0, r
        assert (r["mean"] == "") == (count == 0), r
        if count:
            assert float(r["mean"]) == float(sums / count), r
        row.count += count
        row.late += int(r["late"])
        row.malformed += int(r["malformed"])
        row.sum += sums
    assert last["by"] == "end" and last["key"] == "complete", last
    return rows, [int(last[k]) for k in ("count", "late", "malformed")]


def main(file, interval, grace, plain=None):
    interval, grace = (round(float(seconds) * 1000000) for seconds in (interval, grace))
    messages = []
    for line in sys.stdin.buffer.read().decode("utf-8", "replace").split("\n")[:-1]:
        partition, tab, rest = line.partition("\t")
        messages.append((partition, rest) if tab else ("", line))
    if plain:
        plain = open(plain, encoding="utf-8").read().split("\n")
    want, total = expected(messages, plain, interval, grace)
    got, end = found(file, interval)
    assert end == list(total.numbers()[:3]), (end, total.numbers())
    assert sum(end) == len(messages)
    for key in set(want) | set(got):
        if not plain:  # whose the malformed ones were is not known
            want[key].malformed = got[key].malformed
        assert want[key].numbers() == got[key].numbers(), (
            key, want[key].numbers(), got[key].numbers())
    for by in "type", "name":
        assert sum(r.malformed for k, r in got.items() if k[1] == by) == total.malformed
    print(f"{len(messages)} messages, {len(got)} rows, late {total.late}, malformed {total.malformed}")


main(*sys.argv[1:])
