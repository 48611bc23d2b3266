# SPDX-License-Identifier: MIT
"""The truth of readings, made in another way: by fractions.

    make_truth.py GRACE FILE...      seconds; lines of each partition

Windows are of 20 s. A line without a value is a malformed reading.
"""
import datetime
import json
import sys
from fractions import Fraction

ZERO = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
US = datetime.timedelta(microseconds=1)
INTERVAL = 20 * 10**6
USED, LATE, MALFORMED, SUM = range(4)


def parts(exact):
    """Doubles whose sum it is, as text."""
    out = []
    while exact:
        out.append(float(exact))
        exact -= Fraction(out[-1])
    return " ".join(map(repr, out)) or "0.0"


def text(us):
    return (ZERO + us * US).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(path, grace, rows, total):
    watermark = None
    for line in open(path):
        r = json.loads(line)
        time = datetime.datetime.fromisoformat(r["time"].replace("Z", "+00:00"))
        us = (time - ZERO) // US
        start = us - us % INTERVAL
        what = USED
        if "value" not in r:
            what = MALFORMED
        elif watermark is not None and start + INTERVAL + grace <= watermark:
            what = LATE
        elif watermark is None or us > watermark:
            watermark = us
        total[what] += 1
        for by in "type", "name":
            row = rows.setdefault((start, by == "name", r[by]), [0, 0, 0, Fraction(0)])
            row[what] += 1
            if what == USED:
                row[SUM] += Fraction(r["value"])


# As RFC 4180 has it.
def field(key):
    return '"' + key.replace('"', '""') + '"' if set(key) & set(',"\r\n') else key


def main():
    rows, total = {}, [0, 0, 0]
    for path in sys.argv[2:]:
        read(path, int(sys.argv[1]) * 10**6, rows, total)
    print("start,end,by,key,count,mean,sum,late,malformed")
    for (start, is_name, key), (n, late, malformed, exact) in sorted(rows.items()):
        print(text(start), text(start + INTERVAL), "name" if is_name else "type", field(key), n,
              repr(float(exact / n)) if n else "", parts(exact), late, malformed, sep=",")
    print(f",,end,complete,{total[USED]},,,{total[LATE]},{total[MALFORMED]}")


main()
