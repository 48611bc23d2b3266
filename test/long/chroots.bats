#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The Debian package in clean systems: test/chroots.

load ../common

export BATS_TEST_TIMEOUT=3600

clean_system() { # RELEASE
	reason=$("$IOTSIM_ROOT/test/chroots" check) || skip "$reason"
	archive=$(make -s -C "$IOTSIM_ROOT" dist)
	"$IOTSIM_ROOT/test/chroots" "$1" "$IOTSIM_ROOT/$archive" 3>&-
}

@test "Debian 12 builds, tests, installs, runs and purges the package" {
	clean_system bookworm
}

@test "the newest Debian builds, tests, installs, runs and purges the package" {
	clean_system stable
}
