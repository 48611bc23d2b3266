#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a person asks first.

load ../common

commands=(produce preview consume group broker demo completion)

@test "iotsim alone lists the commands" {
	try
	[ "$status" = 0 ]
	[ ! -s err ]
	for command in "${commands[@]}" help; do
		grep -q "^  $command  *[a-z]" out
	done
}

@test "iotsim help, --help and -h say the same as iotsim alone" {
	iotsim >alone
	for word in help --help -h; do
		try "$word"
		[ "$status" = 0 ]
		cmp out alone
	done
}

@test "help CMD, CMD --help and CMD -h say the same" {
	for command in "${commands[@]}"; do
		iotsim help "$command" >expected
		head -n 1 expected | grep -q "^usage: iotsim $command "
		for word in --help -h; do
			try "$command" "$word"
			[ "$status" = 0 ]
			[ ! -s err ]
			cmp out expected
		done
	done
}

@test "help goes before what is wrong with the other options" {
	try produce --no-such-option --help
	[ "$status" = 0 ]
	grep -q '^usage: iotsim produce' out
}

@test "no line of help is wider than 80 columns" {
	for command in "" "${commands[@]}"; do
		iotsim help ${command:+"$command"}
	done >out
	run ! grep -nE '^.{81,}' out
}

@test "help shows the defaults of the contract" {
	iotsim consume --help >out
	grep -qF '[20s]' out
	grep -qF 'if not as a table' out
	grep -qF '[iot]' out
	grep -qF '[KAFKA_BOOTSTRAP_SERVERS]' out
	grep -qF 'localhost:9092' out
}

@test "help of a command that is not there names the nearest" {
	try help prodce
	[ "$status" = 2 ]
	[ ! -s out ]
	grep -q "did you mean 'produce'" err
}

@test "--version names itself and its libraries" {
	try --version
	[ "$status" = 0 ]
	v='[0-9]+(\.[0-9]+)+'
	grep -qE "^iotsim $v.* \(librdkafka $v.*, jansson $v, GSL $v, libmicrohttpd $v\)$" out
	[ "$(wc -l <out)" = 1 ]
	[[ "$(cat out)" = "iotsim $(cat "$IOTSIM_ROOT/VERSION") "* ]]
}

@test "help that cannot be written is status 1" {
	for words in "" help "help produce" "consume --help" --version \
		"produce -X list"; do
		status=0
		# shellcheck disable=SC2086 # words
		iotsim $words >/dev/full 2>err || status=$?
		[ "$status" = 1 ]
		[ "$(cat err)" = \
			"iotsim: cannot write to standard output: No space left on device" ]
	done
}
