#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a member of a consumer group cannot do, and the bound on open windows.

load ../common

@test "a group does not go together with what it cannot keep" {
	refused --group --accumulate -- consume -g g --accumulate
	refused --group --to -- consume -g g --to now
	refused --group '--time arrival' -- consume -g g --time arrival
	refused --group '--from -' -- consume -g g --from -
	refused --group empty -- consume -g ''
	: >truth.csv
	refused --group --check -- consume -g g --check truth.csv
}

@test "what belongs to a group goes with --group" {
	refused --instance --group -- consume --instance a
	refused --output --group -- consume --output out
	refused --output empty -- consume -g g --output ''
	refused --instance empty -- consume -g g --instance ''
}

@test "properties that a group relies on are refused, with the reason" {
	refused group.id 'use --group' -- consume -X group.id=g
	refused group.instance.id 'use --instance' -- \
		consume -g g -X group.instance.id=a
	refused group.protocol classic -- consume -g g -X group.protocol=consumer
	refused partition.assignment.strategy cooperative -- \
		consume -g g -X partition.assignment.strategy=cooperative-sticky
	refused enable.auto.commit 'what goes with it' -- \
		consume -g g -X enable.auto.commit=true
}

@test "names of fields that are too long for a group are refused" {
	local long
	long=$(printf 'x%.0s' {1..1200})
	refused --field bytes -- consume -g g --field "time=$long"
}

@test "more names than --max-names are an error" {
	produce -c 3000 --num-sensors 1000 --types t
	mv out readings
	try consume --from - --max-names 999 <readings
	[ "$status" = 1 ]
	grep -q '^iotsim: more than 999 types or names are in open windows (--max-names; .*): .* (see --field)?$' err
	balanced err
	try consume --from - --max-names 1000 <readings
	[ "$status" = 0 ]
	balanced err
}

# Each of three windows has sensors of its own.
@test "names of closed windows do not count" {
	local i
	for i in 1 2 3; do
		produce -c 1000 --num-sensors 1000 --types t --name-prefix "run$i-" \
			--start "2026-11-24T00:0$i:00Z"
		cat out >>readings
	done
	"$IOTSIM" consume --from - --format csv <readings >all
	[ "$(grep -c ,name, all)" = 3000 ]
	"$IOTSIM" consume --from - --format csv --max-names 2000 <readings >few
	cmp all few
}

# A window a second, none of which may close for an hour.
@test "more open windows than --max-open are an error" {
	produce -c 100 --num-sensors 1 --delays 1
	mv out readings
	try consume --from - --interval 1s --grace 1h --max-open 50 <readings
	[ "$status" = 1 ]
	grep -q '^iotsim: .* windows are open, more than --max-open 50' err
	try consume --from - --interval 1s --grace 1h --max-open 101 <readings
	[ "$status" = 0 ]
	balanced err
}
