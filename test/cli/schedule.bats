#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# When readings are sent: from history into the present, rates, stages; and
# what is told before and after. Times are looked at as lower bounds only.

load ../common

# What CMD prints, in out; with the seconds from its beginning to when a line
# came, in arrivals; and when it began, in began.
arrivals() { # CMD...
	"$PYTHON" -c '
import subprocess, sys, time
began = time.time()
open("began", "w").write(repr(began))
with open("err", "w") as err, open("arrivals", "w") as out:
    p = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=err)
    for line in p.stdout:
        out.write("%.6f %s" % (time.time() - began, line.decode()))
    sys.exit(p.wait())
' timeout 60 "$@"
	cut -d' ' -f2- arrivals >out
	balanced err
}

has_lines() { # N FILE
	[ "$(wc -l <"$2")" = "$1" ]
}

# "asked A/s, achieved B/s, behind by T at worst" ends the summary; A is what
# was asked, but for the phase of the first reading, and B is no more.
told_pace() { # ASKED
	tail -n 1 err
	[[ "$(tail -n 1 err)" =~ \;\ asked\ ([0-9.]+)/s,\ achieved\ ([0-9.]+)/s,\ behind\ by\ [0-9.]+(us|ms|s|m|h)\ at\ worst$ ]]
	awk -v asked="${BASH_REMATCH[1]}" -v got="${BASH_REMATCH[2]}" \
		-v want="$1" 'BEGIN {
			exit !(asked >= want && asked < want * 1.01 &&
				got <= asked && got > 0) }'
}

@test "--then-live: history at once, then with the wall clock; no gap, no overlap" {
	start=$(date -u -d '-4 sec' +%FT%TZ)
	run=(--seed 7 --start "$start" -n 3 --delays 0.05 --duration 9s
		--delay-distribution exponential --speed max)
	arrivals "$IOTSIM" produce --to - "${run[@]}" --then-live
	"$IOTSIM" produce --to - "${run[@]}" >plain
	cmp plain out
	# None before its time.
	"$PYTHON" -c '
import datetime, json
n = 0
for line in open("arrivals"):
    at, line = line.split(" ", 1)
    t = datetime.datetime.fromisoformat(json.loads(line)["time"].replace("Z", "+00:00"))
    live = t.timestamp() - float(open("began").read())
    assert float(at) >= live - 0.1, (at, live) # the clock may be set
    n += live > 0
assert n > 10'
	tail -n 1 err | grep -q '; asked [0-9.]*/s, achieved'
}

@test "--then-live from a speed, and with threads" {
	start=$(date -u -d '-4 sec' +%FT%TZ)
	run=(--to - --seed 7 --start "$start" -n 3 --delays 0.05 --duration 5s)
	"$IOTSIM" produce "${run[@]}" --speed max >plain
	try produce "${run[@]}" --speed 20 --then-live --threads 3
	[ "$status" = 0 ]
	cmp plain out
}

@test "--then-live beside a schedule that never catches up is refused" {
	refused "'--then-live'" "--speed real" "--speed max" -- produce --then-live
	refused "'--then-live'" "--speed 1" -- produce --then-live --speed 1
	refused "'--then-live'" "--speed 0.5" -- produce --then-live --speed 0.5
}

@test "--rate: none goes before its time; the summary says so" {
	arrivals "$IOTSIM" produce "${FIXED[@]}" --speed max -c 101 --rate 100
	awk '$1 < (NR - 1) / 100 { exit 1 }' arrivals
	told_pace 100
	mv out expected
	produce -c 101
	cmp expected out
	[ "$(cat err)" = "iotsim: sent 101: delivered 101, failed 0" ]
}

@test "--rate holds a schedule up that is faster, and no other" {
	try produce "${FIXED[@]}" -n 1 --delays 0.001 -c 51 --rate 50
	told_pace 50
	try produce "${FIXED[@]}" -n 1 --delays 0.02 -c 51 --rate 1k
	told_pace 50
}

@test "--stages: so many, at their times, then the end" {
	arrivals "$IOTSIM" produce "${FIXED[@]}" --speed max \
		--stages '300ms:100,200ms:0,500ms:20.5 100ms:50'
	[ "$(wc -l <out)" = 46 ] # 30, 0, 10.25, 5
	awk 'function due(n) {
			return n < 30 ? n / 100 : n < 40.25 ? 0.5 + (n - 30) / 20.5 \
				: 1 + (n - 40.25) / 50 }
		$1 < due(NR - 1) - 0.000002 { exit 1 }' arrivals
	tail -n 1 err | grep -q '; asked .*, achieved .*, behind by '
	mv out expected
	produce -c 46
	cmp expected out
}

@test "stages end a run that has no other end, and --count ends it before" {
	try produce "${FIXED[@]}" --speed max --stages 100ms:1k
	[ "$(wc -l <out)" = 100 ]
	try produce "${FIXED[@]}" --speed max --stages 10h:1k --count 20
	[ "$(wc -l <out)" = 20 ]
}

@test "--rate is a cap after a silence, too: nothing is made up for" {
	{
		printf 'time,value\n2020-01-01T00:00:00Z,0\n'
		printf '2020-01-01T00:00:02.0000%02dZ,1\n' {1..30}
	} >rows.csv
	arrivals "$IOTSIM" produce --to - --replay rows.csv --rate 10
	[ "$(wc -l <out)" = 31 ]
	# a tenth of a second apart, from 2 s on
	awk 'NR > 1 && $1 < 2 + (NR - 2) / 10 - 0.1 { print; exit 1 }' arrivals
}

@test "stages end with their time, though the schedule has not filled them" {
	arrivals "$IOTSIM" produce "${FIXED[@]}" -n 2 --delays 0.1 \
		--stages 1s:100,1s:50
	n=$(wc -l <out)
	[ "$n" -ge 36 ] # 20 a second
	[ "$n" -le 44 ]
	# Nor waits it for a reading that comes after them.
	try produce "${FIXED[@]}" -n 1 --delays 1000 --stages 500ms:100
	[ "$status" = 0 ]
	balanced err
	[ "$(wc -l <out)" -le 1 ]
}

@test "stages hold a schedule up that is faster, each for its time" {
	arrivals "$IOTSIM" produce "${FIXED[@]}" -n 10 --delays 0.01 \
		--stages 1s:1000,1s:2
	n=$(wc -l <out)
	[ "$n" -ge 990 ]
	[ "$n" -le 1004 ]
	awk 'NR > 1001 && $1 < 1 - 0.01 { print; exit 1 }' arrivals
	# A rate of 0 is a pause.
	arrivals "$IOTSIM" produce "${FIXED[@]}" -n 10 --delays 0.01 \
		--stages 300ms:1000,700ms:0,300ms:1000
	n=$(wc -l <out)
	[ "$n" -ge 580 ]
	[ "$n" -le 602 ]
	awk 'NR > 301 && $1 < 1 - 0.01 { print; exit 1 }' arrivals
}

@test "how far a run fell behind is told: a reader that is slow" {
	# More than a pipe and the block before it take.
	{ "$IOTSIM" produce "${FIXED[@]}" -n 100 --delays 0.001 --duration 1s \
		2>err || echo $? >status; } | { sleep 2; cat >out; }
	[ ! -e status ]
	[ "$(wc -l <out)" = 100000 ]
	tail -n 1 err
	# asked 100k/s; it took 2 s at least, the last of it 1 s late
	[[ "$(tail -n 1 err)" =~ asked\ 100k/s,\ achieved\ ([0-9.]+)k/s,\ behind\ by\ ([0-9.]+)s\ at ]]
	awk -v r="${BASH_REMATCH[1]}" -v behind="${BASH_REMATCH[2]}" \
		'BEGIN { exit !(r < 55 && behind > 0.9) }'
}

@test "Ctrl-C while it waits: the rate is that up to the last reading" {
	start p "$IOTSIM" produce --to - --seed 1 --speed max \
		--stages 50ms:1k,1h:0.001
	wait_for has_lines 51 p.out
	sleep 2 # time that is not to be counted
	signal INT p
	ends p
	[ "$status" = 0 ]
	[[ "$(tail -n 1 p.err)" =~ ^iotsim:\ sent\ 51:\ .*\ asked\ 1000/s,\ achieved\ ([0-9]+) ]]
	[ "${BASH_REMATCH[1]}" -gt 25 ]
}

# It has worked for a while, or is done with it.
busy() { # NAME
	[ -s "$1.status" ] || awk '{ exit !($14 > 30) }' "/proc/$(cat "$1.pid")/stat"
}

@test "Ctrl-C while it looks for a reading that is not silent" {
	for threads in 1 2; do
		start p "$IOTSIM" produce --to - --seed 1 --speed max -n 1 \
			--delays 0.00001 --duration 30d \
			--fault dropout:100%:100d --threads "$threads"
		wait_for busy p
		signal INT p || [ -s p.status ]
		ends p
		[ "$status" = 0 ]
		[ "$(cat p.err)" = "iotsim: sent 0: delivered 0, failed 0" ]
	done
}

@test "a million sensors at a microsecond: a warning with what it means, before it starts" {
	start p "$IOTSIM" produce --to - --seed 1 -n 1M --delays 0.000001 --count 1
	ends p
	[ "$status" = 0 ]
	[ "$(wc -l <p.err)" = 2 ]
	head -n 1 p.err | grep -q '^iotsim: 1000000 sensors make 1e+12 readings a second: '
	[ "$(summary p.err delivered)" = 1 ]
	# As fast as possible is what was asked for, and so is a rate.
	for pace in "--speed max" "--rate 1k"; do
		# shellcheck disable=SC2086 # words
		try produce --to - --seed 1 -n 100 --delays 0.000001 --count 1 $pace
		[ "$(wc -l <err)" = 1 ]
	done
	try produce --to - --seed 1 -n 100 --delays 0.000001 --count 1
	grep -q '^iotsim: 100 sensors make 1e+08 readings' err
	try produce --to - --seed 1 -n 100 --delays 0.000001 --count 1 \
		--speed max --then-live --start -1us
	grep -q '^iotsim: 100 sensors make 1e+08 readings' err
}

@test "--dry-run tells what would be sent, and sends nothing" {
	try produce --dry-run -n 6 --type-per-sensor --types a,b --delays 0.5 \
		--distribution 'constant(5)'
	[ "$status" = 0 ]
	[ ! -s err ]
	cat >expected <<-'END'
		1 group, 6 sensors, 12 readings/s, 948 B/s

		type    sensors    readings/s       bytes/s
		a             3             6           474
		b             3             6           474
	END
	diff expected out
	produce -n 6 --type-per-sensor --types a,b --delays 0.5 \
		--distribution 'constant(5)' --duration 1s
	[ "$(tr -d '\n' <out | wc -c)" = 948 ]
}

@test "--dry-run is of everything together, and checks everything" {
	printf 'time,value\n2020-01-01,1\n2020-01-02,2\n' >r.csv
	echo '{"groups":[{"name":"f-{}","count":3,"type":"wind","every":"10s"}]}' >f.json
	try produce --dry-run --fleet f.json --sensor name=s,type=rain \
		--replay r.csv -n 4
	[ "$status" = 0 ]
	head -n 1 out | grep -qE '^4 groups, 9 sensors, '
	for type in wind rain replay temperature humidity pressure; do
		grep -q "^$type " out
	done
	refused "'--topic'" -- produce --dry-run -t a/b
	refused "'acks'" -- produce --dry-run -X acks=1
	refused "'--slice'" -- produce --dry-run --slice 3/2
	try produce --dry-run -n 1M --delays 0.000001
	[ "$status" = 0 ]
	grep -q '1000000 sensors make 1e+12 readings a second' err
}

@test "a dry run that cannot be written is status 1" {
	status=0
	iotsim produce --dry-run >/dev/full 2>err || status=$?
	[ "$status" = 1 ]
	grep -q 'cannot write to standard output: No space left on device' err
}

@test "a rate or stages that are wrong: one line with option, value, bounds" {
	refused "'--rate'" "0 is out of bounds" "1e-06 to 1000000000" -- produce --rate 0
	refused "'--rate'" "2G is out" "1e-06 to 1000000000" -- produce --rate 2G
	refused "'--rate'" "'often'" -- produce --rate often
	refused "'--stages'" "'10s'" "10s:5k" -- produce --stages 10s
	refused "'--stages'" "'soon'" -- produce --stages soon:5
	refused "'--stages'" "'x'" -- produce --stages 10s:x
	refused "'--stages'" "'-1'" 1e+09 -- produce --stages 10s:-1
	refused "'--stages'" "'0s'" "above 0" -- produce --stages 0s:1
	refused "'--stages'" "''" -- produce --stages=
	refused "'--stages'" --rate -- produce --stages 10s:1 --rate 1
	refused "'--speed'" "'fast'" -- produce --speed fast
	refused "'--duration'" "0 is" -- produce --duration 0
}

@test "options that go with --replay alone are refused without it" {
	for option in --time-column --value-column --name-column --type-column \
		--name --type; do
		refused "'$option'" --replay -- produce "$option" x
	done
}

@test "--headers is refused on standard output" {
	refused "'--headers'" "standard output" -- produce --to - --headers
}
