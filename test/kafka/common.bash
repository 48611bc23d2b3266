# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# common.bash - what the bats files of the kafka suite share
#
# IOTSIM_TEST_BROKERS names the broker of the suite. A test has a topic and a
# group of its own there; what has to break a broker starts one of its own.

load ../common

KAFKA=$IOTSIM_ROOT/test/kafka/kafka

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export KAFKA_BOOTSTRAP_SERVERS=$IOTSIM_TEST_BROKERS
	topic=t-$BATS_TEST_NUMBER-$RANDOM$RANDOM
	own=
}

teardown() {
	[ ${#pid[@]} = 0 ] || kill -KILL "${pid[@]}" 2>/dev/null || true
	[ ${#waiting[@]} = 0 ] || wait "${waiting[@]}" || true
	[ -z "$own" ] || "$KAFKA" kill "$own"
}

# A broker of this test alone.
start_own() {
	own=$BATS_TEST_TMPDIR/kafka
	KAFKA_BOOTSTRAP_SERVERS=$("$KAFKA" start "$own")
}

tool() { # CLASS ARG...
	timeout 60 "$KAFKA" tool "$@" \
		--bootstrap-server "$KAFKA_BOOTSTRAP_SERVERS"
}

has_partitions() { # N
	[ "$("$IOTSIM_ROOT/build/${FLAVOUR:-release}/tools/partitions" \
		"$KAFKA_BOOTSTRAP_SERVERS" "$topic")" = "$1" ]
}

# Kafka's tool ends when the controller has done it. The broker tells clients
# of it later, by seconds while another test makes a thousand partitions.
topics() { # --create|--alter --partitions N [ARG...] | --delete
	tool org.apache.kafka.tools.TopicCommand --topic "$topic" "$@"
	wait_for has_partitions "${3:-0}"
}

ended_with() { # STATUS NAME
	ends "$2"
	[ "$status" = "$1" ]
}

has() { # TEXT FILE
	grep -qF "$1" "$2" 2>/dev/null
}

# Readings used by type, in the csv on stdin.
used() {
	awk -F, '$3 == "type" { n += $5 } END { print n + 0 }'
}
