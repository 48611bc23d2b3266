#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Members of a group on a real Kafka that come, go, and are killed.

# shellcheck disable=SC2154 # topic is of common.bash

load group

@test "members that come, stop and are killed in turn: each share of a window once" {
	start_producer
	start_member a "${FAST[@]}"
	goes_on a
	start_member b "${FAST[@]}"
	goes_on b
	stops b
	goes_on a
	start_member c "${FAST[@]}"
	goes_on c
	dies c
	goes_on a
	start_member d "${FAST[@]}"
	goes_on d
	dies a
	goes_on d
	stops d
	read_rest
	each_once
}

# All readings are in one partition; when the others are read to their ends,
# which are their beginnings, is told by the broker now and then only.
@test "empty partitions do not keep --exit-at-end from windows that are whole" {
	local i
	iotsim produce --partitions 4 -n 1 --delays 1 --speed max --count 540 \
		--start 2026-11-24
	for ((i = 0; i < 12; i++)); do
		try consume --group "empty-$i" -e --interval 1m --format csv
		[ "$status" = 0 ]
		[ "$(grep -c ,name, out)" = 8 ]
	done
}

# Milliseconds until a member has its first report.
takes() { # NAME [ARG...]
	local began
	began=$(date +%s%N)
	start_member "$@"
	goes_on "$1"
	ms=$((($(date +%s%N) - began) / 1000000))
	echo "$1 goes on after $ms ms"
}

@test "a member that was killed and is started again goes on within 15 s" {
	start_producer
	start_member a
	start_member b
	goes_on a
	goes_on b
	dies b
	takes b2
	[ "$ms" -lt 15000 ]
	has "waiting for partitions; a member that was killed is waited for" b2.err
	stops a
	stops b2
	read_rest
	each_once
}

@test "with --instance it goes on at once, and the others read on" {
	start_producer
	start_member a --instance a "${FAST[@]}"
	start_member b --instance b "${FAST[@]}" -v
	goes_on a
	goes_on b
	dies b
	takes b2 --instance b "${FAST[@]}" -v
	[ "$ms" -lt 3000 ]
	goes_on a
	dies a
	takes a2 --instance a "${FAST[@]}" -v
	[ "$ms" -lt 3000 ]
	stops a2
	stops b2
	read_rest
	each_once
}

# Its last report is of all partitions.
has_all() { # NAME
	tail -n 1 "$1.out" | grep -q '_0-3"'
}

@test "a member that stood still for longer than its session prints nothing of another's" {
	start_producer
	start_member a "${FAST[@]}"
	start_member b "${FAST[@]}" -v
	goes_on a
	goes_on b
	signal STOP b
	wait_for has_all a
	goes_on a
	signal CONT b
	goes_on b
	signal STOP a
	wait_for has_all b
	signal CONT a
	goes_on a
	stops a
	stops b
	read_rest
	each_once
}

@test "of two with the same --instance the older one ends, and says why" {
	start_producer
	start_member a --instance a "${FAST[@]}"
	goes_on a
	start_member b --instance a "${FAST[@]}"
	ended_with 1 a
	grep -q "^iotsim: group '$topic': .*another member with the same --instance has taken its place$" a.err
	goes_on b
	stops b
	read_rest
	each_once
}

# What it has begun to print was committed as an intent: another has printed
# it meanwhile, under the same id.
@test "a member whose output is stuck for longer than it may be silent" {
	start_producer
	mkfifo pipe
	exec 5<>pipe # so that it can be opened
	# shellcheck disable=SC2016 # for that shell
	start stuck sh -c 'exec "$@" >pipe' sh "$IOTSIM" consume -g "$topic" \
		-t "$topic" --idle off --interval 1 --format json \
		"${FAST[@]}" -X max.poll.interval.ms=6000
	start_member a "${FAST[@]}"
	goes_on a
	wait_for has_all a
	start cat cat pipe 5>&-
	wait_for grep -q . cat.out
	goes_on a
	signal TERM stuck
	ended_with 0 stuck
	stops a
	read_rest
	exec 5>&-
	ended_with 0 cat
	members+=(cat)
	each_once
}

@test "a group is not reset while it has members" {
	start_producer
	start_member a "${FAST[@]}"
	goes_on a
	run -1 iotsim group reset "$topic" -t "$topic"
	[ "$output" = "iotsim: group '$topic' has members: stop them first; one that was killed counts until its session ends" ]
	stops a
	iotsim group reset "$topic" -t "$topic"
	stops produce
	iotsim group show "$topic" -t "$topic" >shown
	has "partitions 0-3: reset; read as --from says" shown
}
