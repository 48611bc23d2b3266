#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Members that are killed over and over: nothing is lost, doubled or different.

load ../common

# A round takes this broker 4 s, with two members 10 s.
setup_file() {
	export BATS_TEST_TIMEOUT=600
	[ -z "${IOTSIM_LONG:-}" ] || BATS_TEST_TIMEOUT=3600
}

@test "killed at all places and at any moment, each share is there once" {
	start_broker
	rounds=(whole:20 idle:20 files:20 move:8 topics:15)
	[ "${FLAVOUR:-release}" = release ] ||
		rounds=(whole:6 idle:6 files:6 move:3 topics:6)
	[ -z "${IOTSIM_LONG:-}" ] ||
		rounds=(whole:200 idle:200 files:200 move:100 topics:100)
	"$IOTSIM_ROOT/test/kill_rounds" "${rounds[@]}" >found || {
		cat found
		false
	}
	sed 's/^/# /' found >&3
}
