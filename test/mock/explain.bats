#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A topic of two partitions, one of which holds the windows back.

load ../common

# A reading a second of one sensor, the last in the second before N.
send() { # PREFIX N
	iotsim produce --start 2026-11-24T00:00:00Z --speed max --seed 3 -n 1 \
		--name-prefix "$1" -c "$2" 2>/dev/null
}

has_line() { # FILE PATTERN
	grep -qE -e "$2" "$1"
}

# A consumer that takes SIGUSR1, and from the first moment does not die of it.
consume() { # ARG...
	trap '' USR1
	start c "$IOTSIM" consume "$@"
	trap - USR1
}

# In the end, when it is asked often enough.
says() { # PATTERN
	signal USR1 c && has_line c.err "^iotsim: explain: $1"
}

@test "SIGUSR1 names the partition that holds the next window back" {
	start_broker -t iot --partitions 2
	send a 50 # to partition 0, as its name has it
	send e 12 # to partition 1
	consume --max-ahead off --idle off
	wait_for says " +0 +50 +50 +0  2026-11-24T00:00:49[0-9.]*Z  silent for .*, votes \(--idle off\)$"
	wait_for says "window 2026-11-24T00:00:00Z to 00:00:20Z waits for partition 1: its last event time is 00:00:11\.[0-9]+Z, 9\.[0-9]*s before 00:00:21Z \(end and grace\); it has been silent for [0-9a-z.]+, for which --idle off waits without end; --idle 5s would let go of it after 5s; 3 windows are open$"
	has_line c.err "^iotsim: explain: +1 +12 +12 +0  2026-11-24T00:00:11[0-9.]*Z  silent for .*, votes \(--idle off\)$"
	wait_for has_line c.err "^iotsim: open: window 2026-11-24T00:00:00Z to 2026-11-24T00:00:20Z, 32 readings until now:$"
	[ ! -s c.out ]
	send e 25 # what it waited for; the first ones are late
	wait_for has_line c.out "^Time: 2026-11-24 00:00:20"
	wait_for says "window 2026-11-24T00:00:20Z to 00:00:40Z waits for partition 1: "
	signal TERM c
	ends c
	[ "$status" = 0 ]
	balanced c.err
}

@test "a partition that never had a record is not waited for" {
	start_broker -t iot --partitions 2
	send a 50
	consume --max-ahead off --explain
	wait_for has_line c.out "^Time: 2026-11-24 00:00:40"
	wait_for says " +1 +0 +0 +0  - +empty, does not vote$"
	has_line c.err "^iotsim: explain: +0 +50 +50 +0  2026-11-24T00:00:49"
	signal TERM c
	ends c
	[ "$status" = 0 ]
	balanced c.err
	# The last word before the summary is that of --explain.
	tail -n 2 c.err | has_line - "^iotsim: explain: (window|no window)"
}
