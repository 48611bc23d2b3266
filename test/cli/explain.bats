#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --explain and SIGUSR1, as far as standard input (one partition) can show
# them. Each sentence has its case in test/unit/test_explain.c.

load ../common

# Starts to consume a fifo that stays open as descriptor 7. What is in it
# comes by one write, so all was read when the first report is there.
consume_fifo() { # ARG...
	mkfifo fifo
	exec 7<>fifo # a fifo that is opened on one side only waits
	start c "$IOTSIM" consume --from - --interval 10 "$@" <fifo 7>&-
	{ reading 5 humidity a 1
	reading 12 humidity b 1.5
	reading 13 pressure a 20; } >in
	cat in >&7
	wait_for has_line c.out "^Time: 1970-01-01 00:00:10"
}

has_line() { # FILE PATTERN
	grep -q -e "$2" "$1"
}

# A table to its last line: the rules of it are three.
shown() {
	[ "$(grep -c '^iotsim: open: -*$' c.err)" = 3 ]
}

# More than LINES by five.
grows() { # FILE LINES
	[ "$(wc -l <"$1")" -gt $(($2 + 5)) ]
}

waits='^iotsim: explain: window 1970-01-01T00:00:10Z to 00:00:20Z waits for partition 0: '
waits+='its last event time is 00:00:13Z, 8s before 00:00:21Z (end and grace)'

@test "SIGUSR1 says what the next window waits for, and what is in it until now" {
	consume_fifo --idle off -q --stats sd,count
	cp c.out before
	signal USR1 c
	wait_for shown
	grep -qE '^iotsim: explain: +0 +4 +- +- +1970-01-01T00:00:13Z +(votes|silent for .*)$' c.err
	[ "$(grep -c "$waits" c.err)" = 1 ]
	[ "$(grep -v '^iotsim: ' c.err)" = "" ]
	cmp before c.out
	reading 21 humidity a 7 >&7
	wait_for has_line c.out "^Time: 1970-01-01 00:00:20"
	signal TERM c
	ends c
	exec 7>&-
	[ "$status" = 0 ]
	# What was open until then is what was closed: nothing came in between.
	head -n 1 c.err | grep -q '^iotsim: explain: partition  position '
	[ "$(grep '^iotsim: open: ' c.err | head -n 1)" = "iotsim: open: window 1970-01-01T00:00:10Z to 1970-01-01T00:00:20Z, 2 readings until now:" ]
	diff <(sed -n 's/^iotsim: open: //p' c.err | tail -n +2) \
		<(tail -n +"$(($(wc -l <before) + 1))" c.out)
	[ "$(tail -n 1 c.err)" = "iotsim: read 4: used 3, open 1, late 0, future 0, malformed 0, skipped 0; 2 reports" ]
}

@test "--explain says it every 5 s with the way out, and prints no open window" {
	consume_fifo --idle off --explain
	wait_for has_line c.err "$waits; it has been silent for .*--idle 5s would let go of it after 5s$"
	exec 7>&-
	[ "$(grep -c "open: " c.err)" = 0 ]
}

@test "--explain says it at the end" {
	reading 5 t n 1 >in
	try consume --from - --explain <in
	[ "$status" = 0 ]
	grep -qx "iotsim: explain: no window is open" err
	balanced err
	try consume --from - <in
	[ "$(wc -l <err)" = 1 ]
}

@test "other commands take no notice of SIGUSR1" {
	start p "$IOTSIM" produce --to - --delays 0.05
	wait_for [ -s p.out ]
	signal USR1 p
	n=$(wc -l <p.out)
	wait_for grows p.out "$n"
	signal TERM p
	ends p
	[ "$status" = 0 ]
	start b "$IOTSIM" broker
	wait_for grep -q = b.out
	signal USR1 b
	signal TERM b
	ends b
	[ "$status" = 0 ]
}
