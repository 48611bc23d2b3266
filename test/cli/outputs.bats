#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Where consume writes to: what does not go together, and what cannot be.

load ../common

@test "a report goes to one place, and in a topic it is json" {
	refused --output --output-topic -- consume -g g --output o --output-topic t
	refused --output-topic --format json -- \
		consume --output-topic t --format table
	refused --output-topic --format json -- \
		consume --output-topic t --format csv
	for format in "" "--format json"; do # is not what is wrong with this
		# shellcheck disable=SC2086 # words
		refused "'a b'" -- consume --output-topic 'a b' $format
	done
}

@test "a topic that is written to has a name, and is not the one that is read" {
	refused --output-topic empty -- consume --output-topic ''
	refused --output-topic "'a/b'" -- consume --output-topic a/b
	refused --output-topic "'iot' is the topic that is read" -- \
		consume --output-topic iot
	refused --output-topic "'x' is the topic that is read" -- \
		consume -g g -t x --output-topic x
}

@test "what a producer may not be told is refused with a topic to write to" {
	refused "'acks'" -- consume --from - --output-topic t -X acks=1
	refused "'nonsense'" -- consume --from - --output-topic t -X nonsense=1
}

@test "without a broker: status 1, and what to do, before anything is read" {
	reading 1 t n 1 >in
	try consume --from - --output-topic t -b 127.0.0.1:1 \
		--connect-timeout 0.2 <in
	[ "$status" = 1 ]
	[ ! -s out ]
	[ "$(wc -l <err)" = 1 ]
	grep -q '^iotsim: no Kafka answers at 127.0.0.1:1 within 200ms' err
}
