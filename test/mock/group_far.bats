#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A member of a group, and a broker that is far away.

load ../common
load ../faulty

# A leader to whom metadata come while it looks for them joins anew; the
# embedded broker's pauses can be such that this happens again each time.
@test "a broker that is half a second away" {
	start_faulty
	fill 0
	tell rtt 500
	start_member m -X topic.metadata.refresh.interval.ms=60000
	start v "$IOTSIM" consume --interval 10s --format csv --idle off
	wait_for has_part m 0
	wait_for has_part v 0
	tell rtt 0
	fill 1
	tell rtt 500
	wait_for has_part m 1
	wait_for has_part v 1
	signal TERM m v
	ends m
	[ "$status" = 0 ]
	balanced m.err
	ends v
	[ "$status" = 0 ]
	tell rtt 0
	once m.out
	complete m.out
	once v.out
	complete v.out
}

# Each fetch is far away and small. Whoever comes second has its partitions
# before the moment at which it is looked how far behind we are.
@test "a member that is far behind is not told to begin at the end" {
	start_faulty
	fill 0 --duration 1000s -X batch.num.messages=10
	tell rtt 20
	local slow=(-X fetch.message.max.bytes=1000)
	start v "$IOTSIM" consume --idle off "${slow[@]}"
	start_member m "${slow[@]}" -X session.timeout.ms=3200 -v
	wait_for grep -q 'partitions are ours$' m.err
	start_member n "${slow[@]}" -X session.timeout.ms=3200 -v
	wait_for grep -q "readings behind, .* '--from end' starts with what comes now" v.err
	sleep 4 # it would be said after 3 s
	run ! grep 'readings behind' m.err n.err
}
