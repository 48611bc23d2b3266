#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Members that are killed over and over, on a real Kafka.

load common

setup_file() {
	export SESSION_MS=6000 # the least that a broker takes, if not told
	export BATS_TEST_TIMEOUT=600
	[ -z "${IOTSIM_LONG:-}" ] || BATS_TEST_TIMEOUT=3600
}

@test "killed at all places and at any moment, each share is there once" {
	rounds=(whole:20 idle:20 files:20 two:20 move:6 topics:15)
	[ -z "${IOTSIM_LONG:-}" ] ||
		rounds=(whole:200 idle:200 files:200 two:200 move:100
			topics:200)
	"$IOTSIM_ROOT/test/kill_rounds" --static "${rounds[@]}" >found || {
		cat found
		false
	}
	sed 's/^/# /' found >&3
}
