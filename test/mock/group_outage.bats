#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A member of a group, and a broker that is gone for a while.

load ../common
load ../faulty

says() { # TIMES PATTERN NAME
	[ "$(grep -c "$2" "$3.err")" = "$1" ]
}

# Milliseconds since $1, a date +%s%N.
since() {
	echo $((($(date +%s%N) - $1) / 1000000))
}

# Of the 4 partitions one is empty: nothing comes of it that would tell that
# the broker is back.
@test "a broker that is gone for a while" {
	start_faulty
	fill 0
	start_member m
	start v "$IOTSIM" consume --interval 10s --format csv --idle off
	wait_for has_part m 0
	wait_for has_part v 0
	for part in 1 2; do
		tell down
		for name in m v; do
			wait_for says "$part" 'no broker answers at .*; waiting for it$' $name
		done
		sleep 1.5 # however long
		tell up
		fill "$part"
		for name in m v; do
			wait_for has_part $name "$part"
			wait_for says "$part" 'the broker is back$' $name
		done
	done
	signal TERM m v
	ends m
	[ "$status" = 0 ]
	balanced m.err
	ends v
	[ "$status" = 0 ]
	balanced v.err
	once v.out
	complete v.out
	complete m.out
}

@test "a broker that is gone for longer than a session" {
	start_faulty
	fill 0
	start_member m
	wait_for has_part m 0
	tell down
	wait_for says 1 'no broker answers at .*; waiting for it$' m
	sleep 5 # longer than the session timeout
	tell up
	fill 1
	wait_for has_part m 1
	signal TERM m
	ends m
	[ "$status" = 0 ]
	complete m.out
}

# What it has printed last may not be known of, how far it is cannot be
# committed, and the group cannot be left: each is tried for a while.
@test "while the broker is gone, Ctrl-C and SIGTERM end a member" {
	start_faulty
	fill 0
	start_member m
	start_member n -g h
	for name in m n; do
		wait_for has_part $name 0
	done
	tell down
	for name in m n; do
		wait_for says 1 'no broker answers at .*; waiting for it$' $name
	done
	began=$(date +%s%N)
	signal TERM m
	signal INT n
	for name in m n; do
		ends $name
		ms=$(since "$began")
		echo "$name: after $ms ms"
		[ "$ms" -lt 30000 ]
		[ "$status" = 1 ]
		balanced $name.err
		says 1 "^iotsim: group '[gh]': cannot commit: " $name
	done
	tell up
	fill 1
	member
	[ "$status" = 0 ]
	cp out m2.out
	member -g h
	[ "$status" = 0 ]
	cp out n2.out
	complete m.out m2.out
	# complete knows of g alone
	diff <(cat m.out m2.out | sed 's/,g_/,h_/' | sort -u) <(sort -u n.out n2.out)
}
