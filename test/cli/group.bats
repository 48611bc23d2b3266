#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# group: wrong usage, which needs no broker. The rest is in test/mock/group.bats.

load ../common

@test "what is missing is named, with an example" {
	refused "show or reset" "'iotsim group show means -t iot'" -- group
	refused "show or reset" -- group -t iot
	refused "show or reset" -- group -t iot show means
	for verb in show reset; do
		example="'iotsim group $verb means -t iot'"
		refused GROUP "$example" -- group "$verb"
		refused GROUP "$example" -- group "$verb" -t iot
		refused GROUP "$example" -- group "$verb" -t iot means
	done
	refused GROUP empty -- group show ""
	refused GROUP empty -- group show --
}

@test "a verb that is none names the nearest" {
	refused "'shwo'" "did you mean 'show'" -- group shwo means
	refused "'rset'" "did you mean 'reset'" -- group rset means
	refused "'rset'" "did you mean 'reset'" -- group rset
	refused "'delete'" "show, reset" -- group delete means
}

@test "a word too many, an option that is none" {
	refused "'other'" -- group show means other
	refused "'other'" -- group show means -- other
	refused "'other'" -- group show -- means other
	refused "'--tpic'" "'--topic'" -- group show means --tpic iot
	refused "'a b'" -- group show means -t 'a b'
	refused "'group.id'" -- group show means -X group.id=other
}

@test "help goes before what is missing" {
	for words in "" show "show means" delete "-t iot"; do
		# shellcheck disable=SC2086 # words
		try group $words --help
		[ "$status" = 0 ]
		[ ! -s err ]
		grep -q '^usage: iotsim group show|reset GROUP' out
	done
}

@test "without a broker: status 1, and what to do" {
	none=(-b 127.0.0.1:1 --connect-timeout 0.2)
	for verb in show reset; do
		try group "$verb" means "${none[@]}"
		[ "$status" = 1 ]
		[ ! -s out ]
		[ "$(wc -l <err)" = 1 ]
		grep -q '^iotsim: no Kafka answers at 127.0.0.1:1 within 200ms' err
	done
	try group show "${none[@]}" -- -means
	[ "$status" = 1 ]
}
