#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Calls that fail, signals at any moment, a disk that is full: with a broker.
# See test/fail/each_call.py.

load ../common
load ../failing

setup_file() {
	use_failing
}

@test "produce: what was delivered is there" {
	start_full
	each_call --jobs 4 --rounds 40 --dump "$DUMP" alloc write open thread -- \
		produce -t @ -n 3 -c 3000 "${READINGS[@]}" --speed max \
		--truth truth --threads 2
}

@test "produce, at any moment: what was delivered is there" {
	start_full
	any_moment --jobs 4 --rounds 20 --dump "$DUMP" -- \
		produce -t @ -n 20 --delays 0.05 --duration 300ms "${READINGS[@]}"
	any_moment --jobs 4 --rounds 20 --dump "$DUMP" -- \
		produce -t @ -n 20 -c 50k --speed max "${READINGS[@]}"
}

@test "a private view" {
	start_full
	each_call --jobs 4 --rounds 30 alloc write open thread intr -- \
		consume -e --idle off --format json --late-to late
}

@test "group show, and a demo that cannot start its threads" {
	need_failing
	start_full
	iotsim consume -g g -e >out
	each_call --rounds 30 alloc open -- group show g
	for n in 1 9 17; do
		IOTSIM_FAIL=thread:$n try demo -q --seed 1
		[ "$status" = 1 ]
		[ ! -s out ]
		[ "$(grep -c thread err)" = 1 ]
	done
}
