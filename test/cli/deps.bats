#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# test/deps: what it says and runs where packages are missing. Nothing is
# installed here: apt-get, sudo and id are stand-ins that write down the call.

load ../common

# A PATH with these commands of the system only, and the stand-ins.
only() { # COMMAND...
	mkdir bin
	for command; do
		ln -s "$(type -P "$command")" "bin/$command"
	done
}

stand_in() { # NAME <SCRIPT
	{
		echo '#!/bin/sh'
		cat
	} >"bin/$1"
	chmod +x "bin/$1"
}

as_user() { # UID
	echo "echo $1" | stand_in id
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	only sh cc make env dirname xargs sort cat grep echo
	export CALLS=$PWD/calls
	: >"$CALLS"
	as_user 0
	stand_in apt-get <<-'EOF'
		echo "apt-get $*" >>"$CALLS"
		case "$*" in *" install "* | "install "*) : >"$CALLS.done" ;; esac
	EOF
	# What was not there is found once it was installed.
	stand_in pkg-config <<-'EOF'
		[ -e "$CALLS.done" ]
	EOF
}

deps() {
	status=0
	PATH=$PWD/bin "$IOTSIM_ROOT/test/deps" "$@" </dev/null >out 2>err ||
		status=$?
	cat out err "$CALLS"
}

libraries="libgsl-dev libjansson-dev libmicrohttpd-dev librdkafka-dev"

@test "what is missing is named and installed, by root" {
	deps build
	[ "$status" = 0 ]
	grep -qx "installing: $libraries (apt-get)" err
	grep -q "^apt-get .*install --no-install-recommends $libraries$" calls
}

@test "where all is there, neither the system nor the network is touched" {
	: >"$CALLS.done"
	deps build
	[ "$status" = 0 ]
	[ ! -s err ]
	[ ! -s calls ]
}

@test "who is not root goes through sudo" {
	as_user 1000
	stand_in sudo <<-'EOF'
		echo "sudo $*" >>"$CALLS"
		[ "$1" != -n ] || exit 0
		exec "$@"
	EOF
	deps build
	[ "$status" = 0 ]
	grep -qx "installing: $libraries (sudo apt-get)" err
	grep -q "^sudo env .* apt-get .*install .* $libraries$" calls
}

@test "without sudo it names the packages and stops" {
	as_user 1000
	deps build
	[ "$status" = 1 ]
	[ "$(cat err)" = "missing: $libraries; as root: apt-get install $libraries" ]
	[ ! -s calls ]
}

@test "without apt-get it names the packages and stops" {
	rm bin/apt-get
	deps build
	[ "$status" = 1 ]
	[ "$(cat err)" = "missing: $libraries; install what your system calls these" ]
}

@test "-n installs nothing and says what would" {
	deps -n build
	[ "$status" = 1 ]
	[ "$(cat err)" = "missing: $libraries; to install: make deps" ]
	[ ! -s calls ]
}
