#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A member of a group that is told that it is one no longer.

load ../common
load ../faulty

# It drops what it holds, and prints nothing again. After NO_ERROR it is the
# second commit that fails, that of what was printed.
@test "a member that is told that it is none joins anew" {
	start_faulty
	fill 0
	start_member m -v
	wait_for has_part m 0
	part=0
	while read -r api code; do
		[ "$api" != OffsetCommit ] || tell error OffsetCommit NO_ERROR $((part % 2))
		tell error "$api" "$code" 1
		fill $((++part))
		wait_for has_part m "$part"
		had "$api"
	done <<-'EOT'
		OffsetCommit ILLEGAL_GENERATION
		OffsetCommit UNKNOWN_MEMBER_ID
		OffsetCommit REBALANCE_IN_PROGRESS
		OffsetCommit ILLEGAL_GENERATION
		Heartbeat ILLEGAL_GENERATION
		Heartbeat UNKNOWN_MEMBER_ID
		Heartbeat REBALANCE_IN_PROGRESS
	EOT
	signal TERM m
	ends m
	[ "$status" = 0 ]
	balanced m.err
	once m.out
	complete m.out
}

# Its last commit is refused in a rebalance, from which it goes.
@test "a member that is told that it is none when it ends" {
	start_faulty
	fill 0
	for code in ILLEGAL_GENERATION UNKNOWN_MEMBER_ID REBALANCE_IN_PROGRESS; do
		start_member $code -g $code
		wait_for has_part $code 0
		tell error OffsetCommit $code 1
		signal TERM $code
		ends $code
		[ "$status" = 0 ]
		[ "$(said $code.err | wc -l)" = 1 ]
		balanced $code.err
		had OffsetCommit
	done
}

# NO_ERROR: so many commits go well: the first, and those of the windows that
# closed before the end was there.
@test "a member that is told that it is none near the end of the log goes on to it" {
	start_faulty
	fill 0 --duration 400s
	for n in 1 3; do
		tell error OffsetCommit NO_ERROR $n
		tell error OffsetCommit ILLEGAL_GENERATION 1
		member -g g$n
		[ "$status" = 0 ]
		had OffsetCommit
		sed "s/,g${n}_/,g_/" out >reports
		complete reports
	done
}
