#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What consume finds out about a topic: whether its windows are the truth, and
# what the headers of the messages tell.

load ../common

put() { # KCAT-ARG...
	timeout 20 kcat -P -b "$KAFKA_BOOTSTRAP_SERVERS" -t iot "$@"
}

# Two minutes of readings in three of four partitions; in each of the four a
# reading and a malformed one behind them, which where there are others is
# late; the truth of them in `truth`.
fill() {
	start_broker -t iot
	iotsim produce -n 20 --delays 0.1 --duration 2m --speed max --seed 7 \
		--start 2026-11-24T00:00:00Z 2>/dev/null
	for p in 0 1 2 3; do
		{ reading '"2026-11-24T00:00:30Z"' t x 1
		reading '"2026-11-24T00:00:31Z"' t x 1 | sed 's/value/v/'; } |
			put -p "$p"
		timeout 20 kcat -C -q -e -b "$KAFKA_BOOTSTRAP_SERVERS" -t iot \
			-p "$p" -o beginning >"p$p"
	done
	[ "$(cat p? | wc -l)" = 24008 ]
	"$PYTHON" "$IOTSIM_ROOT/test/make_truth.py" 1 p? >truth
}

checked() { # STATUS LINE ARG...
	try consume --format csv --check truth "${@:3}"
	[ "$status" = "$1" ]
	balanced err
	[ "$(tail -n 2 err | head -n 1)" = "iotsim: check: $2" ]
}

@test "a topic that is as the truth says, and one that is not" {
	need_kcat
	fill
	checked 0 "6 windows, 140 means agree" -e --max-ahead off
	[ "$(summary err late)" = 3 ]
	[ "$(summary err malformed)" = 4 ]
	# From the middle on: the windows that were seen agree.
	checked 0 "4 windows, 92 means agree" -e --max-ahead off --from 500
	reading '"2026-11-24T00:01:59Z"' t sensor_7 1 | put -p 1
	checked 1 "6 windows, 139 means agree, 2 differences" -e --max-ahead off
	grep -q '^iotsim: check: window 2026-11-24T00:01:40Z type t: count 1, not in the truth$' err
	grep -q '^iotsim: check: window 2026-11-24T00:01:40Z name sensor_7: count 201, truth 200$' err
}

@test "Ctrl-C: what was seen is checked" {
	need_kcat
	fill
	start c "$IOTSIM" consume --check truth --format csv --max-ahead off \
		--idle 500ms
	wait_for grep -q '^2026-11-24T00:01:20Z,.*sensor_9,' c.out
	signal INT c
	ends c
	[ "$status" = 0 ]
	# The sixth may close by itself before.
	grep -qE '^iotsim: check: (5 windows, 117|6 windows, 140) means agree$' c.err
}

@test "readings of the future make a difference, and the option is named" {
	need_kcat
	fill
	reading '"3026-11-24T00:00:00Z"' t x 1 | tee -a p0 | put -p 0
	"$PYTHON" "$IOTSIM_ROOT/test/make_truth.py" 1 p? >truth
	checked 0 "7 windows, 142 means agree" -e --max-ahead off
	checked 1 "6 windows, 140 means agree, 1 difference; readings of the future were left out, which --max-ahead off would take" \
		-e
	grep -q '^iotsim: check: window 3026-11-24T00:00:00Z: not reported, truth count 1$' err
}

# A message with headers: HEADER=VALUE...
message() {
	local headers=() h
	for h in "$@"; do headers+=(-H "$h"); done
	reading 1 t n 1 | sed 's/^/k|/' | put -p 0 -K '|' "${headers[@]}"
}

@test "lost, duplicated and reordered messages" {
	need_kcat
	start_broker -t iot
	for seq in 0 1 2 2 5 4 6 10; do
		message run=0123456789abcdef "seq=$seq"
	done
	message run=fedcba9876543210 seq=100 # another run
	message seq=x                        # not ours
	message other=1
	try consume -e
	[ "$status" = 0 ]
	balanced err
	[ "$(tail -n 1 err)" = "iotsim: read 11: used 11, open 0, late 0, future 0, malformed 0, skipped 0; 1 report; sequence: lost 4, duplicated 1, reordered 1" ]
}

@test "headers that come after many messages without are found" {
	local produce=(produce -q --num-sensors 1 --speed max)
	start_broker -t iot
	"$IOTSIM" "${produce[@]}" --count 300
	"$IOTSIM" "${produce[@]}" --count 100 --headers
	"$IOTSIM" "${produce[@]}" --count 50 # and stay found
	"$IOTSIM" "${produce[@]}" --count 100 --headers --seed 2
	try consume -e --max-ahead off
	[ "$status" = 0 ]
	balanced err
	[[ "$(tail -n 1 err)" == *"; sequence: lost 0, duplicated 0, reordered 0; latency p50 "* ]]
}

@test "the time that messages took" {
	need_kcat
	start_broker -t iot
	now=$(date +%s%6N)
	for s in 1000 2000 3000; do
		message "sent=$((now - s * 1000000))"
	done
	message "sent=$((now + 3600000000))"
	message sent=never
	try consume -e
	[ "$status" = 0 ]
	balanced err
	# A bin is up to 1/32 too high, and some seconds have passed.
	tail -n 1 err | grep -qE '; 1 report; latency p50 10[0-9]0s, p99 (50m|30[0-9]0s), max (50m|30[0-9]0s), 1 negative \(the clocks differ\)$'
}

@test "without headers nothing is said of them" {
	start_broker -t iot
	iotsim produce -c 10 --speed max --start -1m 2>/dev/null
	try consume -e
	run ! grep -qE 'sequence|latency' err
}
