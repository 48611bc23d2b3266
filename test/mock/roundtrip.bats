#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# From produce to consume through the embedded broker.

load ../common

same=(--seed 7 --start 2026-11-24T00:00:00Z --speed max)

# Reads all that is there: CSV in out, summary in err.
consume_all() { # ARG...
	try consume -e --max-ahead off --format csv "$@"
	[ "$status" = 0 ]
	balanced err
}

# The sum of the counts by name in FILE.
counted() { # FILE [NAME]
	awk -F, -v name="$2" '$3 == "name" && (name == "" || $4 == name) { n += $5 }
		END { print n + 0 }' "$1"
}

has_counted() { # FILE N
	[ "$(counted "$1")" = "$2" ]
}

has_line() { # FILE PATTERN
	grep -q -e "$2" "$1"
}

@test "what comes out of Kafka is what comes out of a pipe, byte for byte" {
	start_broker -t t1 -t t2 -t t3
	for options in "-n 2 -c 3000" "-n 50 -c 20000 --delays 0.1" \
		"-n 7 -c 5000 --distribution exponential --delay-distribution gamma --delays-std 2"; do
		((++n))
		# shellcheck disable=SC2086 # words
		try produce "${same[@]}" -t "t$n" $options
		[ "$status" = 0 ]
		[ "$(summary err failed)" = 0 ]
		# shellcheck disable=SC2086
		iotsim produce "${same[@]}" --to - $options 2>/dev/null |
			iotsim consume --from - --format csv >expected 2>/dev/null
		consume_all -t "t$n"
		[ "$(summary err late)" = 0 ]
		cmp expected out
	done
}

@test "several partitions, one or many" {
	iotsim produce "${same[@]}" --to - -n 20 -c 5000 2>/dev/null |
		iotsim consume --from - --format csv >expected 2>/dev/null
	for partitions in 1 3 16; do
		start_broker -t iot --partitions "$partitions"
		try produce "${same[@]}" -n 20 -c 5000
		[ "$status" = 0 ]
		consume_all
		[ "$(summary err used)" = 5000 ]
		cmp expected out
	done
}

@test "a private view stores nothing: each reads all, again" {
	start_broker -t iot
	iotsim produce "${same[@]}" -c 1000 2>/dev/null
	consume_all
	mv out first
	consume_all
	cmp first out
	[ "$(summary err used)" = 1000 ]
}

@test "a full queue is waited for: nothing is dropped" {
	start_broker -t iot
	iotsim produce "${same[@]}" -c 20000 2>p.err \
		-X queue.buffering.max.messages=100
	balanced p.err
	[ "$(summary p.err delivered)" = 20000 ]
	consume_all
	[ "$(summary err used)" = 20000 ]
}

@test "-e stops at the end as it was at the start" {
	start_broker -t iot
	start p "$IOTSIM" produce --delays 0.001
	wait_for has_line p.err seed
	wait_for try_some
	consume_all --from beginning
	[ "$(summary err read)" -gt 0 ]
	signal 0 p
}

try_some() {
	iotsim consume -e >/dev/null 2>some.err
	[ "$(summary some.err read)" -gt 0 ]
}

@test "an empty topic: -e prints nothing, status 0" {
	start_broker -t iot
	consume_all
	[ "$(cat out)" = start,end,by,key,count,mean ]
	[ "$(summary err read)" = 0 ]
}

@test "--from end reads what comes now" {
	start_broker -t iot
	iotsim produce "${same[@]}" -c 1000 2>/dev/null
	consume_all --from end
	[ "$(summary err read)" = 0 ]
}

@test "--from OFFSET: reports begin with the first whole window" {
	start_broker -t iot
	iotsim produce "${same[@]}" -n 1 -c 100 2>/dev/null
	consume_all
	mv out all
	# One a second: offset 10 is in the second 10 of the first window.
	consume_all --from 10
	[ "$(summary err read)" = 90 ]
	[ "$(summary err skipped)" = 10 ]
	diff <(grep -v T00:00:00Z, all) out
	consume_all --from 100
	[ "$(summary err read)" = 0 ]
	consume_all --from 1000000
	[ "$(summary err read)" = 0 ]
}

@test "a consumer that is there before the topic has all within 5 s" {
	start_broker
	start c "$IOTSIM" consume --interval 200ms --grace 0 --idle 300ms \
		--format csv -v
	wait_for has_line c.err "reading partitions\|does not exist yet"
	iotsim produce -n 10 -c 500 --delays 0.01 --start -1h --speed max
	made=$(date +%s%N)
	wait_for has_counted c.out 500
	ms=$((($(date +%s%N) - made) / 1000000))
	echo "after $ms ms"
	[ "$ms" -lt 5000 ]
	signal INT c
	ends c
	[ "$status" = 0 ]
	balanced c.err
	[ "$(summary c.err used)" = 500 ]
	[ "$(grep -c 'does not exist yet' c.err)" -le 1 ]
}

@test "a topic that falls silent still gets its last report" {
	start_broker -t iot
	iotsim produce -n 8 -c 80 --delays 0.01 2>/dev/null
	start c "$IOTSIM" consume --interval 1 --idle 500ms --format csv
	wait_for has_counted c.out 80
	signal INT c
	ends c
	[ "$(summary c.err used)" = 80 ]
	[ "$(summary c.err open)" = 0 ]
}

@test "partitions without readings hold no window up" {
	start_broker -t iot
	start p "$IOTSIM" produce -n 2 --delays 0.05
	start c "$IOTSIM" consume --interval 1 --max-reports 3 --format csv
	ends c
	[ "$status" = 0 ]
	[ "$(grep -c ,sensor_0, c.out)" = 3 ]
	[ "$(summary c.err late)" = 0 ]
	# The first may have begun in mid-window; the others are whole.
	[ "$(grep ,sensor_0, c.out | tail -n 2 | cut -d, -f5 | xargs)" = "20 20" ]
}

@test "two producers with a --name-prefix each" {
	start_broker -t iot
	start a "$IOTSIM" produce "${same[@]}" --name-prefix a -c 1000
	start b "$IOTSIM" produce "${same[@]}" --name-prefix b -c 500
	ends a
	ends b
	consume_all --grace 24h
	[ "$(summary err used)" = 1500 ]
	[ "$(grep ,name, out | cut -d, -f4 | sort -u | xargs)" = "a0 a1 b0 b1" ]
	[ "$(counted out a0)" = 500 ]
	[ "$(counted out b1)" = 250 ]
}

@test "Ctrl-C and SIGTERM: orderly end of both, no open window printed" {
	start_broker -t INT -t TERM
	for signal in INT TERM; do
		start p "$IOTSIM" produce -t "$signal" --delays 0.01 --seed 1
		start c "$IOTSIM" consume -t "$signal" --interval 1 --format csv
		wait_for has_line c.out ,name,
		signal "$signal" p
		ends p
		[ "$status" = 0 ]
		balanced p.err
		[ "$(summary p.err failed)" = 0 ]

		start c2 "$IOTSIM" consume -t "$signal" --interval 1h --idle off
		wait_for settled "$signal" "$(summary p.err sent)"
		signal "$signal" c c2
		ends c
		[ "$status" = 0 ]
		balanced c.err
		[ "$(counted c.out)" = "$(summary c.err used)" ]
		ends c2
		[ "$status" = 0 ]
		balanced c2.err
		[ ! -s c2.out ]
		[ "$(summary c2.err used)" = 0 ]
	done
}

# All that was sent can be read.
settled() { # TOPIC SENT
	iotsim consume -e -t "$1" >/dev/null 2>some.err
	[ "$(summary some.err read)" = "$2" ]
}

@test "--time kafka: the record's timestamp is the event time" {
	start_broker -t iot
	iotsim produce "${same[@]}" -c 1000 2>/dev/null
	consume_all
	mv out event
	consume_all --time kafka
	cmp event out
}

@test "--time arrival: windows of the wall clock" {
	start_broker -t iot
	iotsim produce "${same[@]}" -c 1000 2>/dev/null
	consume_all --time arrival --interval 365d
	[ "$(summary err used)" = 1000 ]
	[ "$(grep -c sensor_0 out)" -le 2 ]
}

@test "what is too far ahead is future, counted, and the option named" {
	start_broker -t iot
	iotsim produce -n 1 -c 10 --delays 100 --start now --speed max 2>/dev/null
	try consume -e
	balanced err
	[ "$(summary err future)" -ge 9 ]
	grep -q -e '--max-ahead off' err
	consume_all
	[ "$(summary err used)" = 10 ]
}

@test "--to: a span of the past, read from the beginning" {
	start_broker -t iot
	iotsim produce -q -c 4000 --delays 0.1 --speed max --seed 7 \
		--start 2026-11-24T00:00:00Z --late 10%:5s
	consume_all --max-ahead off
	mv out whole
	consume_all --max-ahead off --from 2026-11-24T00:00:30Z \
		--to 2026-11-24T00:02:15Z
	awk -F, 'NR == 1 || $1 >= "2026-11-24T00:00:40Z" &&
		$2 <= "2026-11-24T00:02:00Z"' whole | cmp - out
	[ "$(wc -l <out)" -gt 16 ]
	[ "$(summary err skipped)" -gt 1000 ]
}
