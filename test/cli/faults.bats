#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What goes wrong on purpose, as it is sent, and as a consumer counts it.

load ../common

# Lines of `out` that are labelled so.
labelled() { # FAULT
	grep -cE '"fault":"([a-z,-]+,)?'"$1"'[,"]' out
}

# `out` read by consume: its books in books.
consume() { # ARG...
	iotsim consume --from - --format csv "$@" <out >windows 2>books
	balanced books
}

# N is a binomial of the lines in `plain` and this share, within 5 sigma.
share() { # N SHARE
	awk -v n="$1" -v all="$(wc -l <plain)" -v p="$2" 'BEGIN {
		d = n - all * p
		print n " of " all ", asked " p
		exit !(d * d <= 25 * all * p * (1 - p))
	}'
}

@test "--labels names what happened, in a further member" {
	produce -n 2 -c 2000 --labels --fault stuck:2%:3s --fault spike:3%
	run ! grep -vE '^\{"time":"[^"]*","type":"[a-z]*","name":"sensor_[01]","value":[^,]*(,"fault":"(stuck|spike|stuck,spike)")?\}$' out
	[ "$(labelled stuck)" -gt 50 ]
	[ "$(labelled spike)" -gt 20 ]
	sed 's/,"fault":"[a-z,]*"}$/}/' out >unlabelled
	produce -n 2 -c 2000 --fault stuck:2%:3s --fault spike:3%
	cmp unlabelled out
	consume
	[ "$(summary books used)" = 2000 ]
}

# One sensor, a reading a second. What is held for 40 s comes when the
# watermark has passed the end of its window and the grace, 21 s at most after
# it was due; but for the last window, behind which no reading comes that is
# not late itself.
@test "--late in terms of windows" {
	produce -n 1 --duration 600s
	mv out plain
	produce -n 1 --duration 600s --late 10%:40s --labels
	[ "$(wc -l <out)" = 600 ]
	share "$(labelled late)" 0.1
	# The same readings, but for the order and the labels.
	sed 's/,"fault":"late"}$/}/' out | sort | cmp <(sort plain) -
	grep '"fault":"late"' out >late
	expected=$(awk -F'"' '$4 < "2026-11-24T00:09:40"' late | wc -l)
	[ "$expected" -gt 30 ]
	consume --interval 20 --grace 1
	[ "$(summary books late)" = "$expected" ]
	[ "$(summary books used)" = $((600 - expected)) ]
	# A grace that takes them all.
	consume --interval 20 --grace 41
	[ "$(summary books late)" = 0 ]
	[ "$(summary books used)" = 600 ]
}

@test "while a reading is held back the others go on" {
	produce -n 1 --delays 0.1 --duration 100s --late 5%:2s --labels
	"$PYTHON" -c '
import datetime, json
last, late = None, 0
for line in open("out"):
    r = json.loads(line)
    t = datetime.datetime.fromisoformat(r["time"].replace("Z", "+00:00"))
    if "fault" in r:
        late += 1
        # behind the reading before which it is sent, 2 s after it was due
        behind = (last - t).total_seconds()
        assert 1.5 < behind <= 2, behind
    else:
        assert last is None or t > last
        last = t
assert late > 20
'
}

@test "--late by a law: a mean of 30 s" {
	produce -n 1 --duration 20000s
	mv out plain
	produce -n 1 --duration 20000s --late '5%:exponential(30)' --labels
	share "$(labelled late)" 0.05
	sed 's/,"fault":"late"}$/}/' out | sort | cmp <(sort plain) -
}

@test "out of order: behind the sensor's next reading" {
	produce -n 1 -c 5000
	mv out plain
	produce -n 1 -c 5000 --fault out-of-order:5% --labels
	share "$(labelled out-of-order)" 0.05
	# Times that go back are those of the labelled ones, and no others.
	awk -F'"' '$4 < last && !/"fault":"out-of-order"/ { exit 1 }
		{ last = $4 > last ? $4 : last }' out
}

@test "duplicates come twice, and the second is labelled" {
	produce -n 3 --duration 1000s
	mv out plain
	produce -n 3 --duration 1000s --fault duplicate:4% --labels
	n=$(labelled duplicate)
	share "$n" 0.04
	[ "$(wc -l <out)" = $(($(wc -l <plain) + n)) ]
	awk 'sub(/,"fault":"duplicate"}$/, "}") && $0 != last { exit 1 }
		{ last = $0 }' out
	grep -v '"fault"' out | cmp plain -
	consume
	[ "$(summary books used)" = "$(wc -l <out)" ]
}

@test "malformed ones are malformed to consume, all of them and no others" {
	produce -n 3 --duration 2000s
	mv out plain
	produce -n 3 --duration 2000s --fault malformed:10%
	[ "$(wc -l <out)" = "$(wc -l <plain)" ]
	diff plain out | grep '^> ' | cut -c3- >malformed || true
	share "$(wc -l <malformed)" 0.1
	# Of each kind there are some.
	grep -qx 'ERR sensor timeout' malformed
	grep -q '"value":null}$' malformed
	grep -q '"value":"n/a"}$' malformed
	grep -q '"value":}$' malformed
	grep -qv '[}t]$' malformed
	consume
	[ "$(summary books malformed)" = "$(wc -l <malformed)" ]
	[ "$(summary books used)" = $(($(wc -l <out) - $(wc -l <malformed))) ]
}

@test "a label is told where a malformed reading is an object" {
	produce -n 1 --duration 100s --fault malformed:100% --labels
	[ "$(wc -l <out)" = 100 ]
	n=$(labelled malformed)
	[ "$n" -gt 20 ]
	[ "$n" = "$(grep -c '"value":.*}$' out)" ]
	consume
	[ "$(summary books malformed)" = 100 ]
}

@test "a skew moves the time, and nothing else" {
	produce -n 2 --duration 1000s
	mv out plain
	produce -n 2 --duration 1000s --fault skew:1%:20s:1h --labels
	n=$(labelled skew)
	[ "$n" -gt 100 ]
	paste -d '\n' plain out | "$PYTHON" -c '
import datetime, json, sys
n = 0
while plain := sys.stdin.readline():
    a, b = json.loads(plain), json.loads(sys.stdin.readline())
    t, s = (datetime.datetime.fromisoformat(x.pop("time").replace("Z", "+00:00")) for x in (a, b))
    skewed = b.pop("fault", None) == "skew"
    assert a == b
    assert (s - t).total_seconds() == 3600 * skewed
    n += skewed
assert n == int(sys.argv[1])
' "$n"
}

@test "a skew back in time" {
	produce -n 1 -c 100 --fault skew:100%:1s:-1h
	[ "$(awk -F'"' '$4 >= "2026-11-23T23:00:00" && $4 < "2026-11-23T23:03:00"' out |
		wc -l)" = 100 ]
}

@test "silence: nothing comes, and the rest is as it was" {
	produce -n 2 --duration 1000s
	mv out plain
	produce -n 2 --duration 1000s --fault dropout:1%:20s
	[ "$(wc -l <out)" -lt "$(wc -l <plain)" ]
	[ "$(wc -l <out)" -gt 1000 ]
	[ "$(diff plain out | grep -c '^>')" = 0 ]
	# Silence of 20 s takes 20 readings, of which the first begins it.
	grep '"sensor_0"' out | "$PYTHON" -c '
import datetime, json, sys
t = [datetime.datetime.fromisoformat(json.loads(x)["time"].replace("Z", "+00:00")) for x in sys.stdin]
gaps = [round((b - a).total_seconds()) for a, b in zip(t, t[1:])]
assert set(g for g in gaps if g < 21) == {1}
assert max(gaps) >= 21
'
}

@test "--jitter: sent later, by so much at most, and nothing else" {
	produce -n 10 --delays 0.1 --duration 100s
	mv out plain
	produce -n 10 --delays 0.1 --duration 100s --jitter 50ms
	run ! cmp -s plain out
	sort out | cmp <(sort plain) -
	awk -F'"' '{ split($4, t, ":"); s = t[2] * 60 + t[3]
		if (s < last - 0.05) exit 1
		if (s > last) last = s }' out
	# Each sensor's own are in order: it sends every 100 ms.
	for i in {0..9}; do
		grep "\"sensor_$i\"" out | cut -d'"' -f4 | sort -c
	done
}

@test "a share of 0 changes nothing, of 100% all" {
	produce -c 100
	mv out plain
	produce -c 100 --fault duplicate:0 --late 0%:1h
	cmp plain out
	produce -c 100 --late 100%:1h
	cmp plain out # all are held alike
	produce -c 100 --fault duplicate:1
	[ "$(sort -u out | wc -l)" = 50 ]
}

@test "faults of one group, and of all" {
	produce --sensor 'name=a,duplicate=100%' --sensor name=b --duration 50s \
		--fault spike:100%:0:1000
	[ "$(grep -c '"a"' out)" = 100 ]
	[ "$(grep -c '"b"' out)" = 50 ]
	[ "$(grep -cE '"value":-?(9|10)[0-9]{2}\.' out)" = 150 ]
}

# Sent as finite numbers, or refused in one line; never the end by a signal.
copes() { # ARG...
	echo "$*"
	try produce "${FIXED[@]}" --speed max -c 500 "$@" </dev/null
	if [ "$status" = 2 ]; then
		[ ! -s out ]
		[ "$(wc -l <err)" = 1 ]
		grep -q '^iotsim: ' err
		return
	fi
	[ "$status" = 0 ]
	balanced err
	[ -s out ]
	"$PYTHON" -c '
import json, math
for line in open("out"):
    assert math.isfinite(json.loads(line)["value"]), line'
}

@test "faults of values as large as a double holds" {
	for fault in bias noise drift stuck; do
		copes --sensor "name=a,value=normal(0,1e200),$fault=100%:1h"
		copes --sensor "name=a,value=normal(0,1e300),$fault=100%:1h"
		copes --sensor \
			"name=a,day.amplitude=1e155,day.peak=1h,$fault=100%:1h"
	done
	copes --sensor 'name=a,value=normal(0,1e300),spike=100%'
	printf 'time,value\n' >r.csv
	for i in {10..59}; do
		printf '2020-01-01T00:00:%d,1e308\n' "$i"
		printf '2020-01-01T00:01:%d,-1e308\n' "$i"
	done >>r.csv
	for fault in bias:100%:1h noise:100%:1h drift:100%:1h spike:100%; do
		copes --replay r.csv --fault "$fault"
	done
}

@test "a fault that is wrong: one line that names option, value and form" {
	refused "'--late'" "'3%'" RATE:TIME -- produce --late 3%
	refused "'--late'" "'2s'" -- produce --late 2s:3%
	refused "'--late'" "'101%" "100%" -- produce --late 101%:1s
	refused "'--late'" "'-1%" "100%" -- produce --late=-1%:1s
	refused "'--late'" "'x'" -- produce --late 1%:x
	refused "'--late'" "''" -- produce --late=
	refused "'--fault'" "'spik'" "'spike'" -- produce --fault spik:1%
	refused "'--fault'" "'xyzzy'" stuck malformed -- produce --fault xyzzy:1%
	refused "'--fault'" "RATE:LENGTH" -- produce --fault stuck:1%
	refused "'--fault'" "'2'" -- produce --fault duplicate:2
	refused "'--fault'" RATE -- produce --fault duplicate:1%:1s
	refused "'--fault'" "'often'" -- produce --fault spike:often
	refused "'--fault'" -- produce --fault spike
	refused "'--fault'" "'-1/h'" negative -- produce --fault spike:-1/h
	refused "'--fault'" "'1/0s'" -- produce --fault spike:1/0s
	refused "'--jitter'" "-1s is out of bounds" "0s to" -- produce --jitter=-1s
	refused "'--jitter'" "'much'" -- produce --jitter much
}
