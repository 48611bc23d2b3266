#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Members of a group whose broker, and with it the group's coordinator, is not
# there for a while.

# shellcheck disable=SC2154 # topic and own are of common.bash

load group

# Two members that read, on a broker of their own.
start_all() {
	start_own
	start_producer
	start_member a "${FAST[@]}"
	start_member b "${FAST[@]}"
	goes_on a
	goes_on b
}

# It has said that a broker is not there, or does not take commits.
waits() { # NAME
	has "waiting for it" "$1.err"
}

# Longer than a session: when it goes on nobody is a member any more.
@test "a broker that stands still" {
	start_all
	"$KAFKA" freeze "$own"
	sleep 10 # how long it stands still, not a wait for something
	"$KAFKA" thaw "$own"
	goes_on a
	goes_on b
	stops a
	stops b
	read_rest
	each_once
}

@test "a broker that is stopped, and comes back" {
	start_all
	"$KAFKA" stop "$own"
	wait_for waits a
	wait_for waits b
	"$KAFKA" start "$own"
	goes_on a
	goes_on b
	stops a
	stops b
	read_rest
	each_once
}

@test "a broker that is killed, and comes back; meanwhile a member ends" {
	start_all
	"$KAFKA" kill "$own"
	wait_for waits b
	local began=$SECONDS
	signal TERM a
	ended_with 1 a
	# 10 s for a commit, 5 s for leaving
	[ $((SECONDS - began)) -lt 25 ]
	has "group '$topic': cannot commit: " a.err
	"$KAFKA" start "$own"
	goes_on b
	stops b
	read_rest
	each_once
}
