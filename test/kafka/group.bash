# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# group.bash - what tests of groups on a real Kafka share
#
# A producer plays fast: $topic gets 8000 readings a second, and windows of
# 1 s close 20 times a second. The group is called as the topic. What members
# print is NAME.out; in the end the reports of all are compared with the topic.

load common

# The least that a broker takes.
FAST=(-X session.timeout.ms=6000 -X heartbeat.interval.ms=200)

# 20 s in the topic are one of the clock, and not in their order: windows that
# are closed have readings behind the first of one that is open. Before, each
# partition gets some: one that had no record yet is not waited for.
start_producer() {
	iotsim produce -t "$topic" -n 40 --delays 0.1 --start -3h \
		--duration 1s --speed max --partitions 4
	start produce "$IOTSIM" produce -t "$topic" -n 40 --delays 0.1 \
		--start -2h --speed 20 --jitter 900ms
}

start_member() { # NAME [ARG...]
	members+=("$1")
	start "$1" "$IOTSIM" consume -g "$topic" -t "$topic" --idle off \
		--interval 1 --format json "${@:2}"
}

# It has a report that is newer than those that the others had until now.
goes_on() { # NAME
	local before=
	[ ! -s "$1.out" ] || before=$(tail -n 1 "$1.out")
	new_last() {
		[ -s "$1.out" ] && [ "$(tail -n 1 "$1.out")" != "$before" ]
	}
	wait_for new_last "$1"
}

stops() { # NAME
	signal TERM "$1"
	ended_with 0 "$1"
}

# -9
dies() { # NAME
	signal KILL "$1"
	ended_with 137 "$1"
}

# Of what is printed now no topic knows any more, but for these.
forget_printed() { # [NAME...]
	members=("$@")
}

# The last member: it reads all that is left, and ends.
read_rest() { # [ARG...]
	[ -z "${pid[produce]}" ] || stops produce
	start_member rest --exit-at-end "$@"
	ended_with 0 rest
}

# $topic, in log.
dump() {
	timeout 60 "$IOTSIM_ROOT/build/${FLAVOUR:-release}/tools/dump" \
		"$KAFKA_BOOTSTRAP_SERVERS" "$topic" >log
}

# What all members have printed is the share of each partition in each window,
# once, but for what came again under its id; and no reading was counted twice.
each_once() {
	dump
	balanced rest.err
	"$PYTHON" "$IOTSIM_ROOT/test/verify_shares.py" --closed \
		--books "$(tail -n 1 rest.err)" 1 1 log "${members[@]/%/.out}"
}
