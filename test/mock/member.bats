#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A member of a consumer group, through the embedded broker.

load ../common

# The embedded broker takes 3 s to let a first member in, and lets a group that
# was left wait for a session's time.
member() { # NAME ARG...
	try consume -g "$1" -X session.timeout.ms=3500 -X heartbeat.interval.ms=200 "${@:2}"
}

fill() { # [ARG...]
	produce --to kafka -c 4000 --num-sensors 20 "$@"
}

# A view's reports as those of a group would be, but for the id.
view() { # ARG...
	try consume --exit-at-end --idle off --format csv "$@"
	[ "$status" = 0 ]
	mv out view
}

@test "a group prints each window once, and leaves the last one open" {
	start_broker
	fill
	view --interval 10s
	for _ in 1 2; do
		member g --exit-at-end --idle off --interval 10s --format csv
		[ "$status" = 0 ]
		balanced err
		grep -q 'since the group began, 4 of its 4 partitions$' err
		[ "$(summary err read)" = 4000 ]
		[ "$(summary err open)" -gt 0 ]
		cat out >>reports
	done
	[ "$(grep -c '^start,' reports)" = 2 ]
	grep -v '^start,' reports | sed 's/,g_[^,]*$//' >means
	[ -s means ]
	head -n "$(wc -l <means)" <(tail -n +2 view) | cmp - means
	cut -d, -f7 out | head -n 1 | grep -qx id
}

@test "--stats of a group are those of a view, to the last bit" {
	start_broker
	fill
	view --interval 10s --stats mean,sd,min,max
	member g --exit-at-end --idle off --interval 10s --format csv \
		--stats mean,sd,min,max --max-reports 2
	[ "$status" = 0 ]
	tail -n +2 out >reports
	# What is open is read again, and may be printed otherwise.
	member g --exit-at-end --idle off --interval 10s --format csv --stats sd
	[ "$status" = 0 ]
	cut -d, -f 1-9 reports >first
	head -n "$(wc -l <first)" <(tail -n +2 view) | cmp - first
	tail -n +2 out | cut -d, -f 1-6 >second
	[ -s second ]
	tail -n +$(($(wc -l <first) + 2)) view | cut -d, -f 1-5,7 |
		head -n "$(wc -l <second)" | cmp - second
}

@test "what comes later is read by who comes later" {
	start_broker
	fill --duration 20s --num-sensors 4
	member g --exit-at-end --idle off --format csv
	mv out first
	produce --to kafka -c 200 --num-sensors 4 --start 2026-11-24T00:10:00Z
	member g --exit-at-end --idle off --format csv
	[ "$status" = 0 ]
	balanced err
	view
	{ tail -n +2 first; tail -n +2 out; } | sed 's/,g_[^,]*$//' >means
	head -n "$(wc -l <means)" <(tail -n +2 view) | cmp - means
}

@test "SIGTERM hands over: no half window, nothing lost" {
	start_broker
	fill
	view --interval 1m
	start a "$IOTSIM" consume -g g -X session.timeout.ms=3500 -X heartbeat.interval.ms=200 --idle off \
		--interval 1m --format csv
	wait_for grep -q '00:02:00Z' a.out
	signal TERM a
	ends a
	[ "$status" = 0 ]
	balanced a.err
	member g --exit-at-end --idle off --interval 1m --format csv
	{ tail -n +2 a.out; tail -n +2 out; } | sed 's/,g_[^,]*$//' >means
	[ -s means ]
	head -n "$(wc -l <means)" <(tail -n +2 view) | cmp - means
}

@test "other options than the group was begun with are refused" {
	start_broker
	fill -c 100
	member g --exit-at-end
	[ "$status" = 0 ]
	local args
	for args in '--interval 10s' '--grace 2s' '--time kafka' '--field type=kind'
	do
		# shellcheck disable=SC2086 # two words
		member g --exit-at-end $args
		[ "$status" = 1 ]
		[ "$(said err | wc -l)" = 1 ]
		grep -q "^iotsim: group 'g', topic 'iot', partition 0: " err
		grep -q "'iotsim group reset g -t iot' starts anew$" err
	done
	grep -q "with other fields (--field): none, not type=kind; " err
}

@test "in a directory each report is a file, once" {
	start_broker
	fill
	for _ in 1 2; do
		member g --exit-at-end --idle off --interval 10s --format csv \
			--output reports
		[ "$status" = 0 ]
		[ ! -s out ]
	done
	member h --exit-at-end --idle off --interval 10s --format csv
	[ "$(find reports -name 'g_*.csv' | wc -l)" -gt 1 ]
	sort -u reports/*.csv | sed 's/,g_/,h_/' | cmp - <(sort -u out)
}

@test "a member that has some of the partitions says so" {
	start_broker
	fill
	start a "$IOTSIM" consume -g g --idle off -v
	# Two that come at once can keep this broker busy for half a minute.
	wait_for grep -q '4 of 4 partitions are ours$' a.err
	start b "$IOTSIM" consume -g g --idle off
	wait_for grep -q 'has several members: .* 2 of 4 partitions' a.err
	wait_for grep -q 'has several members: .* 2 of 4 partitions' b.err
	# The first has had all there was.
	fill --start 2026-11-24T01:00:00Z
	wait_for grep -qE 'records?, partitions 0 1 of 4$' a.out b.out
	wait_for grep -qE 'records?, partitions 2 3 of 4$' a.out b.out
	signal TERM a b
	ends a
	[ "$status" = 0 ]
	ends b
	[ "$status" = 0 ]
}

# 10000 windows with a reading of the one partition and ten of the other. Of one
# partition 1000 readings are taken at a time, which here open 1000 windows.
@test "catching up on an uneven topic opens few windows" {
	start_broker -t iot --partitions 2
	produce --to kafka -n 1 --name-prefix a --delays 10 -c 10000 # partition 0
	produce --to kafka -n 1 --name-prefix e --delays 1 -c 100000 # partition 1
	try consume --exit-at-end --idle off --interval 10s --max-open 1100
	[ "$status" = 0 ]
	[ "$(summary err used)" = 110000 ]
	member g --exit-at-end --idle off --interval 10s --max-open 1100
	[ "$status" = 0 ]
	[ "$(summary err read)" = 110000 ]
	[ "$(summary err open)" -lt 20 ]
}

@test "who is refused takes no partitions away from those who are not" {
	start_broker
	fill
	start a "$IOTSIM" consume -g g --idle off -v
	wait_for grep -q '4 of 4 partitions are ours$' a.err
	member g --interval 10s
	[ "$status" = 1 ]
	grep -q 'it was begun with --interval 20s, not 10s' err
	fill --start 2026-11-24T01:00:00Z
	wait_for grep -q '^Time: 2026-11-24 01:00:20' a.out
	[ "$(grep -c 'partitions are ours' a.err)" = 1 ]
	signal TERM a
	ends a
	[ "$status" = 0 ]
}
