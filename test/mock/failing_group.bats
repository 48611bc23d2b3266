#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Members whose calls fail, that get signals at any moment, whose disk is full:
# who is run again makes up for it. See test/fail/each_call.py.

load ../common
load ../failing

setup_file() {
	use_failing
}

# To be joined costs 3 s, one that died holds the next up for its session.
GROUP=(consume -g @ --exit-at-end --idle off -X session.timeout.ms=3500
	-X heartbeat.interval.ms=200 --format csv)

@test "a member: nothing is committed that was not written" {
	start_full
	each_call --jobs 24 --rounds 12 --again alloc write open -- \
		"${GROUP[@]}" --late-to late
}

@test "a member with a directory: each report is there as a whole" {
	start_full
	each_call --jobs 24 --rounds 12 --again alloc write open -- \
		"${GROUP[@]}" --output reports
}

@test "a member, at any moment" {
	start_full
	any_moment --jobs 24 --rounds 24 --again -- "${GROUP[@]}" --late-to late
}

# The last row is torn; who comes next ends it, and prints its window again. (The
# counts that FLAVOUR=coverage leaves at its end are files too, of up to 8 KB.)
@test "a member whose file may not grow" {
	start_full
	group=("${GROUP[@]/@/g}")
	status=0
	(ulimit -f 8 && exec "$IOTSIM" "${group[@]}") >file 2>err || status=$?
	[ "$status" = 1 ]
	[ "$(said err | head -n 1)" = \
		"iotsim: cannot write to standard output: File too large" ]
	balanced err
	run ! grep -q '; 16 reports' err
	iotsim "${group[@]}" >>file
	grep ',g_[^,]*_0-3$' file | sort -u | sed 's/,g_[^,]*$//' >means
	iotsim consume -e --idle off --format csv | tail -n +2 >all
	last=$(tail -n 1 all | cut -d, -f1)
	grep -v "^$last," all | sort | cmp - means
}
