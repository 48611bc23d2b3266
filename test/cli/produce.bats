#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# produce as a filter: what it writes for given options.

load ../common

# The readings in out, as columns: seconds since the start, type, name, value.
columns() {
	"$PYTHON" -c '
import datetime, json
start = datetime.datetime(2026, 11, 24, tzinfo=datetime.timezone.utc)
for line in open("out"):
    r = json.loads(line)
    t = datetime.datetime.fromisoformat(r["time"].replace("Z", "+00:00"))
    print((t - start).total_seconds(), r["type"], r["name"], r["value"], sep="\t")'
}

# Each number on stdin has this mean and standard deviation: both within 5
# sigma of what n draws give (the kurtosis of the law makes the second).
# Numbers that are rounded to 6 decimals and sums of them: some 1e-6 more.
has_moments() { # MEAN SD KURTOSIS
	"$PYTHON" -c '
import math, statistics, sys
m, s, kurtosis = map(float, sys.argv[1:])
x = [float(line) for line in sys.stdin]
n, mean, sd = len(x), statistics.fmean(x), statistics.pstdev(x)
print(f"n {n}, mean {mean}, sd {sd}; asked: {m}, {s}")
assert n >= 5000
assert abs(mean - m) <= 5 * s / math.sqrt(n) + 2e-6
assert abs(sd ** 2 - s ** 2) <= 5 * s ** 2 * math.sqrt((kurtosis - 1) / n) + 2e-6
' "$@"
}

# The values of one sensor with these options.
values() { # MEAN SD KURTOSIS -- ARG...
	local promise=("$1" "$2" "$3")
	shift 4
	echo "$*"
	produce -n 1 -c 20000 "$@"
	columns | cut -f4 | has_moments "${promise[@]}"
}

# The delays of one sensor with these options; none is negative.
delays() { # MEAN SD KURTOSIS -- ARG...
	local promise=("$1" "$2" "$3")
	shift 4
	echo "$*"
	produce -n 1 -c 20001 "$@"
	columns | awk 'NR > 1 { printf "%.6f\n", $1 - last } { last = $1 }' >d
	run ! grep -q - d
	has_moments "${promise[@]}" <d
}

names() {
	columns | cut -f3 | sort -u
}

@test "the invocation of the assignment: one line a reading, in this form" {
	try produce "${FIXED[@]}" --speed max --count 6 \
		--num-sensors 2 --delays 0.1 0.1 \
		--sensors-values-mean 2 10 --sensors-values-std 2 3
	[ "$(cat err)" = "iotsim: sent 6: delivered 6, failed 0" ]
	run ! grep -vxE '\{"time":"2026-11-24T00:00:00\.[0-9]{6}Z","type":"(temperature|humidity|pressure)","name":"sensor_[01]","value":-?[0-9]+\.[0-9]{1,6}\}' out
	[ "$(wc -l <out)" = 6 ]
}

@test "golden: a seed and a start make these bytes" {
	produce -n 4 -c 8 --distribution normal exponential uniform constant \
		--sensors-values-mean 20 3 5 5 --sensors-values-std 2 3 2 0 \
		--delay-distribution constant exponential uniform gamma \
		--delays-std 0 1 0.5 2
	diff - out <<-'END'
		{"time":"2026-11-24T00:00:00.195091Z","type":"temperature","name":"sensor_3","value":5.0}
		{"time":"2026-11-24T00:00:00.408811Z","type":"temperature","name":"sensor_3","value":5.0}
		{"time":"2026-11-24T00:00:00.457108Z","type":"humidity","name":"sensor_3","value":5.0}
		{"time":"2026-11-24T00:00:00.597759Z","type":"temperature","name":"sensor_1","value":1.09724}
		{"time":"2026-11-24T00:00:00.735938Z","type":"temperature","name":"sensor_3","value":5.0}
		{"time":"2026-11-24T00:00:00.765734Z","type":"temperature","name":"sensor_2","value":5.813492}
		{"time":"2026-11-24T00:00:00.926150Z","type":"pressure","name":"sensor_0","value":21.112352}
		{"time":"2026-11-24T00:00:01.350621Z","type":"humidity","name":"sensor_2","value":2.829822}
	END
}

@test "golden: 2000 readings of the defaults" {
	produce -c 2000
	[ "$(sha256sum <out)" = "d60651307df6699aeb70341364d88e1d5867cad300a9547d6aafe32cab18c36e  -" ]
}

@test "the same seed makes the same bytes, at any speed" {
	produce -c 200 --delays 0.01
	mv out expected
	for speed in max 20 real 1k; do
		try produce "${FIXED[@]}" -c 200 --delays 0.01 --speed "$speed"
		cmp expected out
	done
	try produce --to - --seed 8 --start 2026-11-24T00:00:00Z -c 200 \
		--delays 0.01 --speed max
	run ! cmp -s expected out
}

@test "another start shifts the same readings in time" {
	produce -c 100
	cut -d, -f2- out >expected
	try produce --to - --seed 7 --start 2001-01-01T00:00:00Z -c 100 --speed max
	cut -d, -f2- out | diff expected -
	sed 's/2001-01-01/2026-11-24/' out >shifted
	produce -c 100
	cmp out shifted
}

@test "a sensor's readings do not depend on the other sensors" {
	produce -n 2 --duration 100s
	grep sensor_1 out >expected
	produce -n 5 --duration 100s
	grep sensor_1 out | diff expected -
}

@test "lists by blanks, by commas, by =, and all of them mixed" {
	produce -n 3 -c 100 --sensors-values-mean 1 2 3 --delays 0.1 0.2 0.3
	mv out expected
	produce -n 3 -c 100 --sensors-values-mean 1,2,3 --delays 0.1,0.2,0.3
	cmp expected out
	produce --num-sensors=3 --count=100 --sensors-values-mean=1,2,3 \
		--delays=0.1,0.2,0.3
	cmp expected out
	produce -n3 -c100 --sensors-values-mean "1 2 3" --delays 0.1,0.2 0.3
	cmp expected out
}

@test "-2 10 is a list, not an option" {
	produce -c 1000 --sensors-values-mean -2 10 --sensors-values-std 0
	columns | cut -f3,4 | sort -u | diff - <(printf 'sensor_0\t-2.0\nsensor_1\t10.0\n')
	mv out expected
	produce -c 1000 --sensors-values-mean=-2,10 --sensors-values-std 0
	cmp expected out
	produce -c 1000 --sensors-values-mean -2,10 --sensors-values-std 0
	cmp expected out
}

@test "commas inside parentheses do not split a list" {
	produce -c 100 --distribution 'uniform(0,1)' 'uniform(10, 11)'
	mv out expected
	produce -c 100 --distribution 'uniform(0,1),uniform(10,11)'
	cmp expected out
	[ "$(columns | awk '$3 == "sensor_0" && $4 > 1 || $3 == "sensor_1" && $4 < 10' | wc -l)" = 0 ]
}

@test "one value goes for all of a thousand sensors" {
	produce --num-sensors 1000 --delays 10 --sensors-values-mean 5 \
		--sensors-values-std 0 --duration 10s
	[ "$(names | wc -l)" = 1000 ]
	[ "$(wc -l <out)" = 1000 ]
	[ "$(columns | cut -f4 | sort -u)" = 5.0 ]
}

@test "--name-prefix names the sensors, whatever is in it" {
	produce -c 50 --name-prefix 'büro "1" \ '
	[ "$(names)" = $'büro "1" \\ 0\nbüro "1" \\ 1' ]
}

@test "--types are drawn evenly for each reading" {
	produce -n 1 -c 30000
	for type in temperature humidity pressure; do
		n=$(columns | cut -f2 | grep -cx "$type")
		# 10000 +- 5 sigma of a binomial, 81.6 each
		[ "$n" -gt 9591 ]
		[ "$n" -lt 10409 ]
	done
	produce -n 1 -c 500 --types wind,rain
	[ "$(columns | cut -f2 | sort -u | xargs)" = "rain wind" ]
}

@test "--type-per-sensor deals them to the sensors in turn" {
	produce -n 5 -c 500 --type-per-sensor
	columns | cut -f2,3 | sort -u -k2 | diff - <(printf '%s\n' \
		$'temperature\tsensor_0' $'humidity\tsensor_1' $'pressure\tsensor_2' \
		$'temperature\tsensor_3' $'humidity\tsensor_4')
}

@test "values: mean and deviation mean what they say, for every law" {
	m=(--sensors-values-mean -3 --sensors-values-std 0.5)
	values 20 2 3 --
	values -3 0.5 3 -- --distribution normal "${m[@]}"
	values -3 0.5 9 -- --distribution exponential "${m[@]}"
	values -3 0.5 1.8 -- --distribution uniform "${m[@]}"
	values 4 4 9 -- --distribution exponential --sensors-values-mean 4
	values -3 0 3 -- --sensors-values-mean -3 --sensors-values-std 0
}

@test "values: a law written out has its textbook parameters" {
	values 20 0.5 3 -- --distribution 'normal(20,0.5)'
	values 3 3 9 -- --distribution 'exponential(3)'
	values 5 2.886751346 1.8 -- --distribution 'uniform(0,10)'
	columns | awk '$4 < 0 || $4 > 10 { exit 1 }'
	values 5 0 3 -- --distribution 'constant(5)'
}

@test "values: an exponential is never below mean - deviation" {
	produce -n 1 -c 5000 --distribution exponential \
		--sensors-values-mean 10 --sensors-values-std 2
	columns | awk '$4 < 8 { exit 1 }'
}

@test "values: a law for each sensor" {
	produce -n 3 -c 30000 --distribution normal exponential uniform \
		--sensors-values-mean 1 2 3 --sensors-values-std 0.1 0.2 0.3
	columns >all
	grep sensor_0 all | cut -f4 | has_moments 1 0.1 3
	grep sensor_1 all | cut -f4 | has_moments 2 0.2 9
	grep sensor_2 all | cut -f4 | has_moments 3 0.3 1.8
}

@test "delays: the mean that is asked is the mean that comes out, for every law" {
	law=(--delays 0.2 --delay-distribution)
	delays 1 0 3 --
	delays 0.2 0 3 -- "${law[@]}" constant
	delays 0.2 0.2 9 -- "${law[@]}" exponential
	delays 0.2 0.1 9 -- "${law[@]}" exponential --delays-std 0.1
	delays 0.2 0.1 1.8 -- "${law[@]}" uniform --delays-std 0.1
	delays 0.2 0.05 3 -- "${law[@]}" normal --delays-std 0.05
	delays 0.2 0.1 4.5 -- "${law[@]}" gamma --delays-std 0.1
	delays 0.2 0.6 57 -- "${law[@]}" gamma --delays-std 0.6
}

@test "delays: a normal as wide as it may be is never negative" {
	delays 1 0.3333 3 -- --delay-distribution normal --delays-std 0.3333
}

@test "delays: finer than a microsecond, they do not drift" {
	produce -n 1 -c 300001 --delays 0.0000033 # 3.3 us
	columns | awk 'NR == 1 { first = $1 }
		END { if (($1 - first - 0.99) ^ 2 > 4e-12) exit 1 }'
}

@test "readings are in order of event time" {
	produce -n 50 -c 20000 --delays 0.1 --delay-distribution exponential
	cut -d, -f1 out | sort -c
}

@test "a fleet does not fire in step: first readings at a random phase" {
	produce -n 1000 --duration 1s
	[ "$(wc -l <out)" = 1000 ]
	# A tenth of the second has 100 +- 5 sigma of a binomial, 9.5 each.
	columns | awk '{ n[int($1 * 10)]++ }
		END { for (i = 0; i < 10; i++) if (n[i] < 53 || n[i] > 147) exit 1 }'
}

@test "--count counts the readings of the whole fleet" {
	produce -n 10 --count 1k
	[ "$(wc -l <out)" = 1000 ]
	[ "$(cat err)" = "iotsim: sent 1000: delivered 1000, failed 0" ]
}

@test "--duration ends the schedule" {
	produce -n 3 --delays 0.5 --duration 1m
	[ "$(wc -l <out)" = 360 ]
	columns | awk '$1 < 0 || $1 >= 60 { exit 1 }'
	produce -n 3 --duration 1h --count 5
	[ "$(wc -l <out)" = 5 ]
}

@test "--start: an absolute time, with a zone, a date" {
	for start in 2026-11-24T00:00:00Z 2026-11-24T02:00:00+02:00 2026-11-24 \
		1795478400; do
		try produce --to - --seed 7 --start "$start" -c 3 --speed max
		cp out "out.$start"
		cmp "out.$start" out.2026-11-24T00:00:00Z
	done
}

# Seconds from the first reading in out to now.
age() {
	echo $(($(date +%s) - $(date -d "$(head -n 1 out | cut -d'"' -f4)" +%s)))
}

@test "--start: relative to now, and now if nothing is said" {
	try produce --to - --seed 1 --start -24h -c 1 --speed max
	[ "$(age)" -ge 86398 ]
	[ "$(age)" -le 86460 ]
	try produce --to - --seed 1 -c 1 --speed max
	[ "$(age)" -ge -2 ]
	[ "$(age)" -le 60 ]
}

@test "a schedule ends with the year 9999" {
	try produce --to - --seed 1 --start 9999-12-31T23:59:50Z -n 1 -c 100 \
		--speed max
	[ "$status" = 0 ]
	[ "$(wc -l <out)" = 10 ]
	balanced err
}

@test "a seed is chosen and told, and makes the same readings again" {
	try produce --to - --start 2026-01-01 -c 50 --speed max
	seed=$(sed -n "s/^iotsim: seed \([0-9]*\), .*'--seed \1'.*/\1/p" err)
	[ -n "$seed" ]
	mv out expected
	try produce --to - --start 2026-01-01 -c 50 --speed max --seed "$seed"
	cmp expected out
	[ "$(cat err)" = "iotsim: sent 50: delivered 50, failed 0" ]
	try produce --to - --start 2026-01-01 -c 50 --speed max
	run ! cmp -s expected out
}

@test "at --speed real a reading comes when it is due, not in blocks" {
	start p "$IOTSIM" produce --to - --delays 0.05 --seed 1
	wait_for grep -q sensor_1 p.out
	[ "$(wc -l <p.out)" -lt 500 ] # a block of 64 KiB
	signal INT p
	ends p
	[ "$status" = 0 ]
	balanced p.err
	[ "$(wc -l <p.out)" = "$(summary p.err delivered)" ]
	[ "$(summary p.err failed)" = 0 ]
}

@test "--speed N plays the schedule N times as fast" {
	from=$(date +%s%N)
	try produce "${FIXED[@]}" -n 1 --duration 10s --speed 10 --delays 0.1
	ms=$((($(date +%s%N) - from) / 1000000))
	[ "$(wc -l <out)" = 100 ]
	[ "$ms" -ge 980 ] # the last is due at 9.9 s and its phase
	[ "$ms" -lt 6000 ]
}

@test "Ctrl-C and SIGTERM end a run in order" {
	for signal in INT TERM; do
		start p "$IOTSIM" produce --to - --delays 0.01 --seed 1
		wait_for [ -s p.out ]
		signal "$signal" p
		ends p
		[ "$status" = 0 ]
		balanced p.err
		[ "$(wc -l <p.out)" = "$(summary p.err delivered)" ]
		run ! grep -v '}$' p.out
	done
}
