#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A member of a group that Kafka refuses for good.

load ../common
load ../faulty

# Status 1, and nothing but the reason, and a summary where there was something
# to sum up.
says() { # FILE REASON
	[ "$status" = 1 ] && [ "$(said "$1" | head -n 1)" = "iotsim: $2" ] || return
	[ "$(said "$1" | wc -l)" = 1 ] || { [ "$(said "$1" | wc -l)" = 2 ] && balanced "$1"; }
}

# What is said where an ACL is missing.
no() { # KIND NAME
	echo "$1 '$2': the broker does not let User:ANONYMOUS Read; it would" \
		"after 'kafka-acls --add --allow-principal User:ANONYMOUS" \
		"--operation Read --$1 $2'"
}

@test "what is not allowed when a member begins is told, and it ends" {
	start_faulty
	fill 0
	while read -r api code reason; do
		tell fail "$api" "$code"
		member
		says err "$reason"
		[ "$(said err | wc -l)" = 1 ]
		[ ! -s out ]
		tell heal "$api"
	done <<-EOT
		FindCoordinator GROUP_AUTHORIZATION_FAILED $(no group g)
		JoinGroup GROUP_AUTHORIZATION_FAILED $(no group g)
		JoinGroup INVALID_SESSION_TIMEOUT group 'g': session.timeout.ms is not one that the broker takes
		JoinGroup INCONSISTENT_GROUP_PROTOCOL group 'g': its members are of another kind: other programs
		JoinGroup GROUP_MAX_SIZE_REACHED group 'g': Broker: Consumer group has reached maximum size
		JoinGroup FENCED_INSTANCE_ID group 'g': another member with the same --instance has taken its place
		ListOffsets TOPIC_AUTHORIZATION_FAILED $(no topic iot)
		OffsetFetch GROUP_AUTHORIZATION_FAILED $(no group g)
		OffsetCommit GROUP_AUTHORIZATION_FAILED $(no group g)
		OffsetCommit TOPIC_AUTHORIZATION_FAILED $(no topic iot)
		Fetch TOPIC_AUTHORIZATION_FAILED $(no topic iot)
	EOT
	member
	[ "$status" = 0 ]
	cp out reports
	once reports
	complete reports
}

@test "what is not allowed any more is told; who comes then prints the rest" {
	start_faulty
	fill 0
	part=0
	while read -r api code reason; do
		start_member m
		wait_for has_part m "$part"
		tell fail "$api" "$code"
		fill $((++part))
		ends m
		says m.err "$reason"
		tell heal "$api"
		cat m.out >>reports
	done <<-EOT
		OffsetCommit GROUP_AUTHORIZATION_FAILED $(no group g)
		Fetch TOPIC_AUTHORIZATION_FAILED $(no topic iot)
		Heartbeat FENCED_INSTANCE_ID group 'g': another member with the same --instance has taken its place
	EOT
	member
	[ "$status" = 0 ]
	cat out >>reports
	complete reports
}

@test "a private view is refused as well" {
	start_faulty
	fill 0
	for api in ListOffsets Fetch; do
		tell fail "$api" TOPIC_AUTHORIZATION_FAILED
		try consume --idle off
		says err "$(no topic iot)"
		tell heal "$api"
	done
}
