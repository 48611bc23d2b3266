#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# iotsim broker: the embedded broker, alone and around a command.

load ../common

# The partitions of a topic that is there, as kcat or iotsim sees them.
partitions() { # TOPIC
	if command -v kcat >/dev/null; then
		timeout 20 kcat -b "$KAFKA_BOOTSTRAP_SERVERS" -L |
			sed -n "s/^ *topic \"$1\" with \([0-9]*\) partitions:.*/\1/p"
	else
		iotsim consume -e -v -t "$1" 2>&1 |
			sed -n "s/.*topic '$1': reading partitions 0 to //p" |
			awk '{ print $1 + 1 }'
	fi
}

@test "it prints its address, and nothing else" {
	start_broker
	[ "$(wc -l <broker.out)" = 1 ]
	grep -qxE 'KAFKA_BOOTSTRAP_SERVERS=127\.0\.0\.1:[0-9]+' broker.out
	[ ! -s broker.err ]
}

@test "two brokers have two ports" {
	start_broker
	start other "$IOTSIM" broker
	wait_for grep -q = other.out
	run ! cmp -s broker.out other.out
}

@test "Ctrl-C and SIGTERM end it, status 0" {
	for signal in INT TERM; do
		start_broker
		signal "$signal" broker
		ends broker
		[ "$status" = 0 ]
		[ ! -s broker.err ]
	done
}

@test "--until-eof lives until the end of stdin" {
	mkfifo fifo
	exec 7<>fifo
	start_broker --until-eof -t x <fifo 7>&-
	echo "what comes is not looked at" >&7
	iotsim produce -c 1 --speed max -b "$KAFKA_BOOTSTRAP_SERVERS" -t x
	exec 7>&-
	ends broker
	[ "$status" = 0 ]
	try broker --until-eof </dev/null
	[ "$status" = 0 ]
}

@test "-t makes topics beforehand, --partitions for all of them" {
	start_broker -t a --partitions 3 -t b
	[ "$(partitions a)" = 3 ]
	[ "$(partitions b)" = 3 ]
	[ "$(partitions c)" = "" ]
	start_broker -t a
	[ "$(partitions a)" = 4 ]
}

@test "broker -- CMD: CMD has the variable" {
	try broker -- sh -c 'echo "$KAFKA_BOOTSTRAP_SERVERS"'
	[ "$status" = 0 ]
	grep -qxE '127\.0\.0\.1:[0-9]+' out
	[ ! -s err ]
}

@test "broker -- CMD: its words, its stdin and its stdout are left alone" {
	echo input | try broker -t iot -- sh -c 'cat; printf "<%s>" "$@"' sh -t 'a b' ''
	[ "$(cat out)" = "$(printf 'input\n<-t><a b><>')" ]
}

@test "broker -- CMD: ends with the status of CMD" {
	for expected in 0 1 7 255; do
		try broker -- sh -c "exit $expected"
		[ "$status" = "$expected" ]
		[ ! -s err ]
	done
	try broker -- sh -c 'kill -KILL $$'
	[ "$status" = 137 ]
}

@test "broker -- CMD: 127 when it is not there, 126 when it cannot be run" {
	try broker -- no-such-command
	[ "$status" = 127 ]
	[ "$(cat err)" = "iotsim: cannot run 'no-such-command': No such file or directory" ]
	echo >file
	try broker -- ./file
	[ "$status" = 126 ]
	[ "$(wc -l <err)" = 1 ]
}

@test "broker -- CMD: CMD dies of a broken pipe as it does in a shell" {
	try broker -- sh -c 'yes | head -n 1; kill -PIPE $$'
	[ "$status" = 141 ]
}

@test "broker -- CMD: SIGTERM goes on to CMD" {
	start b "$IOTSIM" broker -- sh -c 'trap "echo told; exit 3" TERM
		echo ready
		while :; do sleep 0.05; done'
	wait_for grep -q ready b.out
	signal TERM b
	ends b
	[ "$status" = 3 ]
	grep -q told b.out
}

@test "broker -- CMD: the whole job inside" {
	try broker -t iot -- sh -c '"$IOTSIM" produce -c 100 --seed 1 --speed max &&
		"$IOTSIM" consume --exit-at-end --max-ahead off'
	[ "$status" = 0 ]
	[ "$(head -n 1 err)" = "iotsim: sent 100: delivered 100, failed 0" ]
	balanced err
	[ "$(summary err used)" = 100 ]
	grep -q '^sensor_1 ' out
}

@test "a topic that is missing is made, with --partitions" {
	start_broker
	try produce -c 10 --speed max --seed 1 -t new
	[ "$status" = 0 ]
	[ "$(summary err delivered)" = 10 ]
	[ "$(partitions new)" = 4 ]
}

@test "Ctrl-C, which a terminal sends to both, lets CMD end in order" {
	start b setsid "$IOTSIM" broker -t iot -- "$IOTSIM" consume -v
	wait_for grep -q 'reading partitions' b.err
	# shellcheck disable=SC2154 # of common.bash
	kill -INT -- "-${pid[b]}"
	ends b
	[ "$status" = 0 ]
	balanced b.err
}
