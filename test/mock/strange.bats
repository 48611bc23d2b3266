#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A port at which no Kafka is, but something: one line, in time.

load ../common

# Both kinds of clients, for long enough to hear the reason.
told_of() { # WAY PATTERN
	local command address
	start strange "$PYTHON" "$IOTSIM_ROOT/test/strange_broker.py" "$1"
	wait_for [ -s strange.out ]
	address=$(cat strange.out)
	for command in "produce -c 3" "consume -e -g g"; do
		echo "$1: $command"
		# shellcheck disable=SC2086 # words
		try $command -q -b "$address" --connect-timeout 3s </dev/null
		[ "$status" = 1 ] # 124: it has not ended
		[ ! -s out ]
		[ "$(wc -l <err)" = 1 ]
		grep -q "^iotsim: .*$address.*$2" err
	done
	signal KILL strange
	ends strange
}

@test "a broker that never answers, or closes" {
	told_of mute "within 3s; start one"
	told_of closes "hangs up: .*security.protocol"
}

@test "a broker that speaks another language" {
	told_of http "does not speak as Kafka does .*is the port"
	told_of huge "does not speak as Kafka does"
	told_of random "does not speak as Kafka does"
}

@test "a broker that answers nonsense in Kafka's frames" {
	told_of random-answers ""
	told_of empty-answers "does not speak as Kafka does"
}
