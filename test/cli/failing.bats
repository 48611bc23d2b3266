#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# One call of the C library fails, each in turn: of those for memory, for
# descriptors, to read, to write, to start a thread. test/fail/each_call.py says
# what is well then.

load ../common
load ../failing

setup_file() {
	use_failing
}

# A run in which no call is wanted to fail did make some of the KIND.
has() { # KIND COUNT : of the last each_call, in `output`
	local n
	n=$(sed -n "s/^$1: \([0-9]*\) calls.*/\1/p" <<<"$output")
	[ "$n" -ge "$2" ]
}

# Nothing in these is chosen by the program, or told by a clock.
produce=(produce "${FIXED[@]}" --speed max)

# 300 readings, in `in`; with other JSON as well, in `others`.
make_input() {
	produce -n 3 -c 300
	mv out in
	sed 's/"type":"/"type":"\\u0041/' in >others
	reading 1 a b 1 >>others
	echo nonsense >>others
}

@test "a call that fails is seen to, or the checker is blind" {
	need_failing
	produce -n 2 -c 10
	IOTSIM_FAIL=write:1 try "${produce[@]}" -n 2 -c 10
	[ "$status" = 1 ]
	[ ! -s out ]
	IOTSIM_FAIL=write:0 IOTSIM_FAILED=count try "${produce[@]}" -n 2 -c 10
	[ "$status" = 0 ]
	[ "$(cat count)" = 1 ]
}

@test "produce" {
	need_failing
	run each_call alloc write open read intr thread -- \
		"${produce[@]}" -n 3 -c 2000 --late 5%:3s --truth truth --threads 2
	echo "$output"
	[ "$status" = 0 ]
	has alloc 100
	has write 3
	has open 1
	has thread 2
}

@test "produce of a fleet, of a recording, of ready-made sensors" {
	cat >fleet.json <<-'END'
		{"groups": [
		  {"name": "x{}", "count": 3, "value": "normal(20,2)"},
		  {"name": "y", "value": "gamma(1,1)", "late": "3%:2s"}
		]}
	END
	cat >recording.csv <<-'END'
		time,name,value
		2026-11-24T00:00:00Z,a,1.5
		2026-11-24T00:00:05Z,b,2.5
	END
	each_call alloc open read intr -- \
		"${produce[@]}" --fleet fleet.json --duration 60s
	each_call alloc open read intr -- \
		"${produce[@]}" --replay recording.csv
	each_call alloc write -- \
		"${produce[@]}" --fleet factory --duration 10s
}

@test "a fleet that is wrong" {
	echo '{"groups": [{"name": "x", "valeu": "normal(20"}, {"nam": 3}]}' \
		>fleet.json
	each_call --status 2 alloc open read -- "${produce[@]}" --fleet fleet.json
}

@test "consume: tables and what was left out" {
	make_input
	need_failing
	run each_call --input others alloc write open read intr -- \
		consume --from - --late-to late
	echo "$output"
	[ "$status" = 0 ]
	has alloc 1000
	has write 4
	has read 2
}

@test "consume: csv of all statistics, json and what was left out" {
	make_input
	each_call --input others alloc write read intr -- \
		consume --from - --format csv --stats count,mean,sd,min,max
	each_call --input others alloc read intr -- \
		consume --from - --format json --late-to -
}

@test "charts, metrics, and what is said as JSON" {
	make_input
	each_call --input in alloc write -- consume --from - --chart
	each_call --input in alloc open -- \
		consume --from - -q --metrics 127.0.0.1:0
	each_call alloc open write -- "${produce[@]}" -q -c 500 \
		--metrics 127.0.0.1:0 --stats-interval 1s
}

@test "no memory is said as JSON too" {
	need_failing
	make_input
	IOTSIM_FAIL=alloc:200 try consume --from - --log-format json <in
	[ "$status" = 1 ]
	"$PYTHON" -c '
import json
line, = map(json.loads, open("err"))
assert list(line) == ["time", "level", "message"]
assert (line["level"], line["message"][:13]) == ("error", "out of memory")
'
}

@test "consume --check" {
	produce -n 3 -c 300 --truth truth
	mv out in
	each_call --input in alloc write open read intr -- \
		consume --from - --check truth
}

@test "consume --verify" {
	make_input
	iotsim consume --from - --format json <in >rows
	each_call --status 1 alloc open read -- \
		consume --verify rows -b 127.0.0.1:1 --connect-timeout 100ms
}

@test "a file of properties" {
	printf '# x\nlinger.ms=5\nacks=\\\nall\nbootstrap.servers=127.0.0.1:1\n' \
		>conf
	need_failing
	run each_call --status 1 alloc open read thread intr -- \
		consume -F conf --connect-timeout 100ms
	echo "$output"
	[ "$status" = 0 ]
	has thread 8
	each_call --status 1 alloc open read thread intr -- \
		produce --seed 1 -F conf --connect-timeout 100ms
}

@test "preview, help, and options that are wrong" {
	each_call alloc -- preview -n 2 --seed 1 --start 2026-11-24T00:00:00Z
	each_call alloc -- help produce
	each_call --status 2 alloc -- produce --to - --sed 3
	each_call --status 2 alloc -- produce --distribution 'normal(1'
}

@test "broker -- CMD: it has the variable, or is not run" {
	# shellcheck disable=SC2016 # for sh
	each_call alloc open thread intr -- \
		broker -- sh -c 'test -n "$KAFKA_BOOTSTRAP_SERVERS"; echo $?'
}

# Who started us may not want to know of children. We do.
@test "broker -- CMD: its status, where SIGCHLD was ignored" {
	status=0
	"$PYTHON" -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$IOTSIM" broker -- sh -c 'exit 3' ||
		status=$?
	[ "$status" = 3 ]
}
