#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# consume --verify on a real Kafka: what live runs have printed is found again.

# shellcheck disable=SC2154 # topic is of common.bash

load common

verified() { # STATUS LINE ARG...
	local status=0
	iotsim consume -t "$topic" --verify file "${@:3}" >out 2>err ||
		status=$?
	tail -n 5 err
	[ "$status" = "$1" ]
	[ ! -s out ]
	balanced err
	[ "$(tail -n 2 err | head -n 1)" = "iotsim: verify: $2" ]
}

# How many there are: "N reports, N means agree".
all_of() { # FILE
	echo "$(cut -d'"' -f4 "$1" | sort -u | wc -l) reports, $(wc -l <"$1") means agree"
}

@test "a live view that closes by force, verified while more comes and after" {
	iotsim produce -q -c 1 --speed max --start -1h -t "$topic" --partitions 8
	# Each sensor pauses for longer than --idle, and half of what it sends
	# has been under way for longer than that.
	start produce "$IOTSIM" produce -t "$topic" -n 6 --delays 0.25 \
		--late 50%:400ms
	start view "$IOTSIM" consume -t "$topic" --format json --interval 500ms \
		--grace 100ms --idle 100ms --max-reports 20
	ended_with 0 view
	[ "$(summary view.err late)" -gt 0 ]
	grep -q '"cuts"' view.out
	cp view.out file
	verified 0 "$(all_of file)" --grace 100ms
	signal INT produce
	ended_with 0 produce
	verified 0 "$(all_of file)" --grace 100ms
	# That the cuts are needed is shown by test/mock/verify.bats.
}

@test "records that were deleted: what could not be verified is said" {
	iotsim produce -q -n 20 --delays 0.1 --duration 2m --speed max \
		--start 2026-11-24T00:00:00Z -t "$topic" --partitions 1
	iotsim consume -e -t "$topic" --format json >file
	verified 0 "$(all_of file)"
	# A third, within the third window.
	printf '{"version":1,"partitions":[{"topic":"%s","partition":0,"offset":%d}]}' \
		"$topic" 9000 >offsets
	tool org.apache.kafka.tools.DeleteRecordsCommand \
		--offset-json-file offsets
	verified 1 "3 reports, 69 means agree, 3 reports could not be verified"
	has "verify: partition 0: the log begins at offset 9000, what was before it is gone; it is whole from 2026-11-24T00:01:01Z on" err
}
