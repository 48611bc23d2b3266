#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A broker that stops, or is gone, in mid-run; messages that are no readings.

load ../common

has_line() { # FILE PATTERN
	grep -q -e "$2" "$1"
}

# A broker, and a producer in mid-run: some of its readings were delivered.
start_run() { # PRODUCER-ARG...
	start_broker -t iot
	start p "$IOTSIM" produce --seed 1 --delays 0.01 "$@"
	wait_for some_delivered
}

some_delivered() {
	iotsim consume -e >/dev/null 2>some.err
	[ "$(summary some.err read)" -gt 0 ]
}

# Milliseconds since $1, a date +%s%N.
since() {
	echo $((($(date +%s%N) - $1) / 1000000))
}

put() { # KCAT-ARG...
	timeout 20 kcat -P -b "$KAFKA_BOOTSTRAP_SERVERS" -t iot "$@"
}

@test "a broker that is killed: produce says once that it waits, and Ctrl-C ends it" {
	start_run
	signal KILL broker
	wait_for has_line p.err "waiting for it"
	began=$(date +%s%N)
	signal INT p
	ends p
	ms=$(since "$began")
	echo "after $ms ms"
	[ "$ms" -lt 13000 ] # 10 s for what is on its way
	[ "$status" = 1 ]
	balanced p.err
	[ "$(summary p.err failed)" -gt 0 ]
	[ "$(summary p.err delivered)" -gt 0 ]
	[ "$(grep -c "waiting for it" p.err)" = 1 ]
	[ "$(wc -l <p.err)" = 2 ]
}

@test "a second Ctrl-C ends it at once" {
	start_run
	signal KILL broker
	wait_for has_line p.err "waiting for it"
	began=$(date +%s%N)
	while [ ! -s p.status ]; do # two that come too close are one
		[ "$(since "$began")" -lt 5000 ] # the orderly end takes 10 s
		signal INT p 2>/dev/null || true
		sleep 0.1
	done
	ends p
	[ "$status" = 130 ]
}

@test "a broker that is killed: consume says once that it waits, and Ctrl-C ends it" {
	start_run
	start c "$IOTSIM" consume --interval 500ms --format csv
	wait_for has_line c.out ,name,
	signal KILL broker
	wait_for has_line c.err "waiting for it"
	began=$(date +%s%N)
	signal INT c
	ends c
	[ "$(since "$began")" -lt 5000 ]
	[ "$status" = 0 ]
	balanced c.err
	[ "$(grep -c "waiting for it" c.err)" = 1 ]
	[ "$(wc -l <c.err)" = 2 ]
}

@test "while the broker is gone no window is closed by silence" {
	start_run
	start c "$IOTSIM" consume --interval 500ms --idle 200ms --format csv
	wait_for has_line c.out ,name,
	signal KILL broker
	wait_for has_line c.err "waiting for it"
	before=$(wc -l <c.out)
	sleep 1.5 # however long
	[ "$(wc -l <c.out)" = "$before" ]
}

@test "a broker that stands still for 3 s: nothing is lost or doubled" {
	start_run --duration 5s
	start c "$IOTSIM" consume --interval 500ms
	signal STOP broker
	sleep 3
	signal CONT broker
	ends p
	[ "$status" = 0 ]
	balanced p.err
	sent=$(summary p.err sent)
	[ "$sent" = 1000 ]
	[ "$(summary p.err delivered)" = "$sent" ]
	try consume -e
	balanced err
	[ "$(summary err used)" = "$sent" ]

	# And for the consumer that was there all the time.
	wait_for has_printed "$sent"
	signal INT c
	ends c
	[ "$status" = 0 ]
	balanced c.err
	[ "$(summary c.err read)" = "$sent" ]
}

has_printed() { # READINGS
	[ "$(awk '/^Time: / { n += $5 } END { print n + 0 }' c.out)" = "$1" ]
}

@test "messages that are no readings: counted, and told with their place" {
	need_kcat
	start_broker -t iot --partitions 2
	echo 'no JSON' | put -p 1
	echo 'k:' | put -p 1 -K: -Z # a tombstone
	echo 'k:' | put -p 1 -K:    # empty
	echo '{"time":1,"type":"t","name":"n"}' | put -p 0
	reading 1 t n 1 | put -p 0
	try consume -e
	[ "$status" = 0 ]
	[ "$(tail -n 1 err)" = "iotsim: read 5: used 1, open 0, late 0, future 0, malformed 4, skipped 0; 1 report" ]
	grep -q "^iotsim: malformed: topic iot, partition 1, offset 0: not JSON" err
	grep -q "^iotsim: malformed: topic iot, partition 1, offset 1: no payload" err
	grep -q "^iotsim: malformed: topic iot, partition 1, offset 2: empty" err
	grep -q "^iotsim: malformed: topic iot, partition 0, offset 0: no 'value'" err
	grep -q '^n  *1\.0' out
}

@test "a megabyte of nested brackets, bytes that are no UTF-8, a line break" {
	need_kcat
	start_broker -t iot --partitions 1
	head -c 900000 /dev/zero | tr '\0' '[' | put -p 0 -D '|'
	printf '{"time":1,"type":"t","name":"\xff","value":1}' | put -p 0
	printf '{"a":1,\n\n"b"\n\e[31m}' | put -p 0 -D '|'
	try consume -e
	[ "$status" = 0 ]
	balanced err
	[ "$(summary err malformed)" = 3 ]
	[ "$(wc -l <err)" = 4 ]
	run ! grep -q $'\e' err
}

@test "a reading without a time has the record's" {
	need_kcat
	start_broker -t iot
	before=$(date +%s)
	echo '{"type":"t","name":"n","value":1}' | put
	after=$(date +%s)
	try consume -e --interval 1 --format csv
	[ "$(summary err used)" = 1 ]
	start=$(date -d "$(awk -F, 'NR == 2 { print $1 }' out)" +%s)
	[ "$start" -ge "$before" ]
	[ "$start" -le "$after" ]
}

@test "a batch that was compressed by another client is read" {
	need_kcat
	start_broker -t iot
	for i in {1..200}; do reading "$i" t n "$i"; done >in
	iotsim consume --from - --format csv <in >expected 2>/dev/null
	for codec in gzip lz4 snappy; do
		start_broker -t iot
		put -p 0 -z "$codec" <in
		try consume -e --format csv
		cmp expected out
	done
}

@test "a queue that is full behind a broker that is gone: the lines of numbers go on" {
	start_run --speed max --delays 1ms --stats-interval 1s \
		-X queue.buffering.max.messages=1000
	signal KILL broker
	wait_for has_line p.err "waiting for it"
	wait_for has_line p.err '^iotsim: sent .*; no broker answers: '
	signal INT p
	ends p
	[ "$status" = 1 ]
	balanced p.err
}

@test "while the last ones are waited for it is not further behind" {
	start_broker -t iot
	start p "$IOTSIM" produce -n 1 --delays 0.05 -c 60 --log-format json \
		--stats-interval 1s
	wait_for grep -q '"delivered":[1-9]' p.err
	signal STOP broker
	wait_for all_sent 60 p
	signal CONT broker
	ends p
	[ "$status" = 0 ]
	[ "$(behind_after 60 p | sort -u | wc -l)" = 1 ]
}

# What the lines of statistics say once so many were sent.
behind_after() { # N NAME
	sed -nE "/\"event\":\"stats\",\"sent\":$1,/s/.*\"behind_seconds\":([^,}]*).*/\1/p" "$2.err"
}

all_sent() { # N NAME
	[ "$(behind_after "$@" | wc -l)" -ge 3 ]
}
