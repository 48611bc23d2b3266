#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# group: what is stored is shown, and forgotten. It is put there by
# test/tools/commit; the embedded broker keeps it as a real one does, and takes
# it as long as the group never had a member.

load ../common
load ../saved

# A broker with the topic iot of that many partitions, and 2220 readings.
start_topic() { # PARTITIONS
	start_broker -t iot --partitions "$1"
	iotsim produce -q -c 2220 -n 50 --seed 1 --speed max \
		--start 2026-11-24T21:00:00Z
}

us() { # TIME
	date -ud "$1" +%s%6N
}

# As a member of the group `means` stores it, which has closed some windows.
means() { # NEXT KEY=VALUE...
	saved "$1" partitions=2 interval=20000000 \
		greatest="$(us 2026-11-24T21:04:22Z)" \
		closed="$(us 2026-11-24T21:04:00Z)" "${@:2}"
}

# The display below "What is printed" in the manual page.
page() {
	sed -n '/^\.Ss What is printed/,/^\.Ed/p' \
		"$IOTSIM_ROOT/man/iotsim-group.1" | sed '1,2d;$d'
}

shows() { # ARG...
	try group show means "$@"
	[ "$status" = 0 ]
	[ ! -s err ]
}

@test "show prints what the manual says" {
	start_topic 2
	intent=intent=$(us 2026-11-24T21:04:20Z)
	commit means iot 0 730 "$(means 812 "$intent" used=729 open=81 malformed=2 \
		greatest="$(us 2026-11-24T21:04:22.5Z)")"
	commit means iot 1 1006 "$(means 1058 "$intent" used=1005 open=50 late=3 \
		greatest="$(us 2026-11-24T21:04:21.25Z)")"
	shows
	diff <(page) out
}

@test "a group that was never there, and one that was elsewhere" {
	start_broker -t iot -t other
	for verb in show reset; do
		try group "$verb" means
		[ "$status" = 1 ]
		[ ! -s out ]
		[ "$(cat err)" = "iotsim: group 'means' has nothing stored for topic 'iot'" ]
	done
	commit means other 0 0 ''
	try group show means
	[ "$status" = 1 ]
	shows -t other
}

@test "a topic that is not there: said, and not made" {
	start_broker
	for verb in show reset show; do
		try group "$verb" means -t none
		[ "$status" = 1 ]
		[ ! -s out ]
		[ "$(cat err)" = "iotsim: topic 'none' does not exist" ]
	done
}

@test "what is special is said of each partition" {
	start_topic 8
	commit means iot 0 0 "$(means 0 partitions=7)"
	commit means iot 1 0 "AAAAA but no text of ours"
	commit means iot 2 0 "iotsim 2 next=1"
	commit means iot 3 0 "iotsim reset"
	commit means iot 4 0 ""
	commit means iot 5 1000000 "$(means 1000000 partitions=7)"
	shows
	sed '1,/^ *all /d' out >notes
	diff - notes <<-'EOT'

		partition 1: 'AAAAA but no text of ours' is not what iotsim keeps with an offset
		partition 2: it was written by a newer iotsim (form 2; this one knows 1)
		partition 3: reset; read as --from says
		partition 4: the offset was not committed by iotsim; read from there on
		partition 5: the log ends at 178, and was read up to 1000000: the topic was made anew
		partition 6: nothing is stored; read as --from says
		partition 7: nothing is stored; newer than the group, so read from the beginning
		consume does not go on from this; 'iotsim group reset means -t iot' forgets it
	EOT
}

# The embedded broker keeps 5 MB of a partition.
@test "records that fell out of the log are counted" {
	start_broker -t iot --partitions 1
	iotsim produce -q -c 100k -n 50 --seed 1 --speed max \
		-X compression.codec=none
	commit means iot 0 17 "$(means 30 partitions=1)"
	shows
	lost=$(sed -n 's/^partition 0: \([0-9]*\) records are gone that the open windows need$/\1/p' out)
	[ "$lost" -gt 1000 ]
	grep -q '^consume does not go on' out
	begin=$((17 + lost))
	commit means iot 0 "$begin" "$(means $((begin + 1)) partitions=1)"
	shows
	run ! grep -q ' gone ' out
	commit means iot 0 $((begin - 1)) "$(means $((begin + 1)) partitions=1)"
	shows
	grep -q '^partition 0: 1 record is gone that the open windows need$' out
}

@test "reset forgets, and says what" {
	start_topic 4
	commit means iot 0 7 "$(means 9)"
	commit means iot 1 8 "something else"
	commit means iot 3 0 "iotsim 2"
	try group reset means
	[ "$status" = 0 ]
	[ ! -s out ]
	[ "$(cat err)" = "iotsim: group 'means' has forgotten topic 'iot', partitions 0-1, 3: it begins as --from says" ]
	shows
	sed '1,/^ *3 /d' out >notes
	diff - notes <<-'EOT'

		partitions 0-1, 3: reset; read as --from says
		partition 2: nothing is stored; read as --from says
	EOT
	cp out before
	try group reset means # again, and no harm done
	[ "$status" = 0 ]
	shows
	cmp before out
}

# It has begun so far that it hears Ctrl-C.
hears() { # NAME
	local caught
	# shellcheck disable=SC2154 # of common.bash
	caught=$(awk '/^SigCgt:/ { print $2 }' "/proc/${pid[$1]}/status")
	((0x$caught & 2))
}

@test "a broker that does not answer: Ctrl-C ends it" {
	start_broker -t iot
	commit means iot 0 0 "iotsim reset"
	signal STOP broker
	for verb in show reset; do
		start g "$IOTSIM" group "$verb" means --connect-timeout 1h
		wait_for hears g
		signal INT g
		ends g
		[ "$status" = 1 ]
		[ ! -s g.out ]
		[ "$(cat g.err)" = "iotsim: stopped before a broker answered" ]
	done
	try group show means --connect-timeout 0.3
	signal CONT broker
	[ "$status" = 1 ]
	grep -q '^iotsim: no Kafka answers at .* within 300ms' err
}

@test "show that cannot be written is status 1" {
	start_broker -t iot
	commit means iot 0 0 "iotsim reset"
	status=0
	iotsim group show means >/dev/full 2>err || status=$?
	[ "$status" = 1 ]
	[ "$(cat err)" = \
		"iotsim: cannot write to standard output: No space left on device" ]
}
