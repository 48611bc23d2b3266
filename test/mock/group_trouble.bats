#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A member of a group, and a broker that answers with errors that pass.

load ../common
load ../faulty

@test "errors that pass, when a member begins" {
	start_faulty
	fill 0
	fill 1
	tell error FindCoordinator COORDINATOR_NOT_AVAILABLE 1
	tell error JoinGroup COORDINATOR_LOAD_IN_PROGRESS 1
	tell error SyncGroup REBALANCE_IN_PROGRESS 1
	tell error ListOffsets NOT_LEADER_FOR_PARTITION 1
	tell error ListOffsets REQUEST_TIMED_OUT 1
	tell error OffsetFetch COORDINATOR_LOAD_IN_PROGRESS 1
	tell error OffsetFetch NOT_COORDINATOR 1
	tell error OffsetCommit COORDINATOR_LOAD_IN_PROGRESS 1
	tell error OffsetCommit NOT_COORDINATOR 1
	tell error OffsetCommit REQUEST_TIMED_OUT 1
	tell error Fetch NOT_LEADER_FOR_PARTITION 1
	tell error Fetch REQUEST_TIMED_OUT 1
	member
	[ "$status" = 0 ]
	balanced err
	[ "$(said err | wc -l)" = 1 ]
	cp out reports
	had FindCoordinator JoinGroup SyncGroup ListOffsets OffsetFetch OffsetCommit Fetch
	once reports
	complete reports
}

@test "errors that pass, in mid-run" {
	start_faulty
	fill 0
	start_member m
	wait_for has_part m 0
	part=0
	while read -r api code; do
		tell error "$api" "$code" 3
		fill $((++part))
		wait_for has_part m "$part"
		had "$api"
	done <<-'EOT'
		Fetch NOT_LEADER_FOR_PARTITION
		Fetch REQUEST_TIMED_OUT
		Fetch _TRANSPORT
		OffsetCommit COORDINATOR_LOAD_IN_PROGRESS
		OffsetCommit NOT_COORDINATOR
		OffsetCommit REQUEST_TIMED_OUT
		OffsetCommit _TRANSPORT
		Heartbeat NOT_COORDINATOR
		Heartbeat COORDINATOR_NOT_AVAILABLE
	EOT
	signal TERM m
	ends m
	[ "$status" = 0 ]
	balanced m.err
	complete m.out
}

@test "errors that pass, for a private view" {
	start_faulty
	fill 0
	tell error ListOffsets NOT_LEADER_FOR_PARTITION 2
	tell error Fetch NOT_LEADER_FOR_PARTITION 2
	tell error Fetch REQUEST_TIMED_OUT 2
	tell error Fetch _TRANSPORT 2
	start v "$IOTSIM" consume --idle off --interval 10s --format csv
	wait_for has_part v 0
	tell error Fetch UNKNOWN_TOPIC_OR_PART 2
	fill 1
	wait_for has_part v 1
	had ListOffsets Fetch
	signal TERM v
	ends v
	[ "$status" = 0 ]
	balanced v.err
	once v.out
	complete v.out
}
