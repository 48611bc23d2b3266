#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# make bench: that all can be measured, never how fast it is.

load ../common

bench=$IOTSIM_ROOT/test/bench/bench

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	[ -x "$IOTSIM_ROOT/build/${FLAVOUR:-release}/bench/micro" ] ||
		skip "nothing to measure with (make bench-programs)"
	export TMPDIR=$BATS_TEST_TMPDIR SCALE=0.001 ROUNDS=2
}

# The names of the rows in out, up to the empty line; fails at one of another form.
rows() {
	local n='[0-9]+\.[0-9]+' form
	form="^([a-z0-9M-]+k?) +$n +($n|-) +([0-9]+\.[0-9]{2}|-)"
	form+=' +[A-Za-z/-]+ +(-|[<>]=[0-9.]+( missed)?)$'
	tail -n +2 out | grep -v '^skipped: ' |
		while IFS= read -r line && [ -n "$line" ]; do
			[[ $line =~ $form ]] || { echo "$line" >&2; return 1; }
			echo "${BASH_REMATCH[1]}"
		done
}

@test "each row has its numbers, and the settings follow" {
	"$bench" micro stdout million mock consume-mock >out
	grep -qE '^versions .*, Kafka [0-9]+\.[0-9]+\.[0-9]+\)$' out
	"$bench" list | awk '$2 !~ "^(stdin|kafka|consume|consume-live)$" { print $1 }' >names
	rows | diff names -
	grep -E '^ours +1000 sensors, 4000 readings of [0-9]+ bytes' out
	grep -E '^producers .*enable.idempotence=true .*message.timeout.ms=0' out
	grep -E '^consumers .*fetch.message.max.bytes=.*enable.partition.eof=true' out
	grep -E '^machine .+, [0-9]+ cores' out
	[ -z "$(find . -name 'tmp.*')" ]
}

@test "a row can be had alone" {
	"$bench" law-uniform stdout-core >out
	[ "$(rows | xargs)" = "law-uniform stdout-core" ]
}

@test "readings of a file are summed beside mawk" {
	command -v mawk || skip "mawk is missing: make deps-tools"
	"$bench" stdin >out
	[ "$(rows | xargs)" = "stdin stdin-core stdin-others" ]
}

@test "what a reference needs and is not there is told, row by row" {
	mkdir bin
	for command in bash awk cat cut dirname grep mktemp nproc rm sed tail \
		uname xargs; do
		ln -s "$(type -P "$command")" "bin/$command"
	done
	PATH=$PWD/bin "$bench" stdin >out
	grep -qx 'skipped: stdin: mawk is missing: make deps-tools' out
	[ "$(rows)" = stdin-others ]
}

@test "an unknown row is told" {
	run -2 "$bench" micro nonsense
	[ "$output" = "bench: there is no row or group 'nonsense' ('bench list' prints them)" ]
}

@test "what fails ends the run" {
	run -1 env IOTSIM=/bin/false "$bench" stdout
	[[ $output = *"bench: failed: /bin/false produce "* ]]
}

@test "a consumer that has not read them all is told" {
	cat >lazy <<-EOF
		#!/bin/sh
		[ "\$1" = consume ] || exec "$IOTSIM" "\$@"
		echo "read 1: used 1, open 0, late 0, future 0, malformed 0, skipped 0; 1 report" >&2
	EOF
	chmod +x lazy
	run -1 env IOTSIM="$PWD/lazy" "$bench" stdin-others
	[[ $output = *"bench: not all: read 1: "* ]]
}
