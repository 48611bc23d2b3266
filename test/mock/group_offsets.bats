#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A member of a group that finds offsets and texts that are not what they
# should be. They are put there by test/tools/commit, before the first member
# comes: the embedded broker lets nobody commit from outside after that.

load ../common
load ../faulty
load ../saved

# All that the tests are about happens in the one partition.
start_topic() {
	start_broker -t iot --partitions 1
	fill 0
}

# The member of GROUP, started under its name, has ended: with status 1 and
# one line, REASON (a pattern) and the way out; and it has printed nothing.
refuses() { # GROUP REASON
	ends "$1"
	[ "$status" = 1 ]
	[ ! -s "$1.out" ]
	[ "$(said "$1.err" | wc -l)" = 1 ]
	grep -q "^iotsim: group '$1', topic 'iot', partition 0: $2; 'iotsim group reset $1 -t iot' starts anew$" "$1.err"
}

@test "an offset that another tool has moved is a first start there" {
	start_topic
	commit g iot 0 777 ''
	commit far iot 0 5000 ''
	start_member far -g far --exit-at-end
	member
	[ "$status" = 0 ]
	[ "$(said err | head -n 1)" = "iotsim: group 'g', partition 0: its offset was moved to 777 by another tool: a first start, there" ]
	balanced err
	cp out reports
	complete reports -- --from 777
	ends far
	[ "$status" = 0 ]
	grep -q "^iotsim: group 'far', partition 0: its offset was moved to 5000 by another tool" far.err
	[ "$(summary far.err read)" = 0 ]

	# It has begun there, and another one goes on.
	fill 1
	member
	[ "$status" = 0 ]
	run ! grep -q 'another tool' err
	cat out >>reports
	once reports
	complete reports -- --from 777
}

@test "what is not ours, of a newer one, or wrong is refused" {
	start_topic
	local reasons=() n=0 random offset text reason
	# Kafka takes any UTF-8; argv no NUL.
	random=$("$PYTHON" -c 'import random
r = random.Random(7)
print("".join(chr(r.choice([r.randint(1, 31), r.randint(127, 2000)]))
	for _ in range(500)), end="")')
	while IFS='|' read -r offset text reason; do
		[ "$text" != RANDOM ] || text=$random
		[[ $text != OURS* ]] || eval "text=\$(saved ${text#OURS})"
		reasons[++n]=$reason
		commit "g$n" iot 0 "$offset" "$text"
		start_member "g$n" -g "g$n"
	done <<-'EOT'
		0|RANDOM|'?*\.\.\.' is not what iotsim keeps with an offset
		0|iotsim|'iotsim' is not what iotsim keeps with an offset
		0|iotsim one|'iotsim one' is not what iotsim keeps with an offset
		0|iotsim 2 next=1|it was written by a newer iotsim (form 2; this one knows 1)
		0|iotsim 0 next=1|what iotsim keeps with the offset is damaged, at byte 8
		101|OURS 100|what iotsim keeps with the offset is damaged, at byte [0-9]*
		4000|OURS 5000|5000 records had been read and the topic has 2000: it was deleted and made again
		10|OURS 11 seen=10 seen-at=1234567|the record at offset 10 is not the one that was read: the topic was deleted and made again
	EOT
	for ((i = 1; i <= n; i++)); do
		refuses "g$i" "${reasons[i]}"
	done
}

@test "a text that is cut short anywhere is refused" {
	start_topic
	local text groups=()
	text=$(saved 100 used=90 open=10)
	while [[ $text == *' '*' '* ]]; do
		text=${text% *}
		commit "g${#groups[@]}" iot 0 0 "$text"
		start_member "g${#groups[@]}" -g "g${#groups[@]}"
		groups+=("g${#groups[@]}")
	done
	[ ${#groups[@]} = 21 ]
	for group in "${groups[@]}"; do
		refuses "$group" 'what iotsim keeps with the offset is damaged, at byte [0-9]*'
	done
}

# The embedded broker lets nobody reset what a member had to do with.
@test "after a reset it begins anew" {
	start_topic
	commit g iot 0 100 'iotsim 2 next=200'
	commit h iot 0 100 'something else'
	for group in g h; do
		try group reset $group
		[ "$status" = 0 ]
		start_member $group -g $group --exit-at-end
	done
	for group in g h; do
		ends $group
		[ "$status" = 0 ]
		[ "$(said $group.err | wc -l)" = 1 ]
		sed "s/,${group}_/,g_/" $group.out >reports
		complete reports
	done
}

@test "a group that has another topic as well" {
	start_broker -t iot -t other
	fill 0
	fill 1 -t other
	for part in 1 2; do
		for topic in iot other; do
			member -t $topic
			[ "$status" = 0 ]
			balanced err
			cat out >>$topic
		done
		[ $part = 2 ] || fill 1
		[ $part = 2 ] || fill 2 -t other
	done
	once iot
	once other
	complete iot
	complete other -- -t other
}

# The embedded broker keeps 5 MB of a partition.
flood() {
	iotsim produce -q -c 100k -n 50 --seed 1 --speed max \
		--start "$(at 1000)" -X compression.codec=none
}

@test "records that are lost while nobody is there are counted" {
	start_topic
	member
	[ "$status" = 0 ]
	flood
	start_member g
	refuses g '[0-9]* records are gone, deleted before the group was done with them (offsets [0-9]* to [0-9]*)'
	[[ $(cat g.err) =~ \ ([0-9]+)\ records.*\(offsets\ ([0-9]+)\ to\ ([0-9]+)\) ]]
	[ "${BASH_REMATCH[2]}" = 1800 ] # the open window has the last 200
	[ "${BASH_REMATCH[1]}" = $((BASH_REMATCH[3] - 1800 + 1)) ]
	try group show g
	grep -q "^partition 0: ${BASH_REMATCH[1]} records are gone" out
}

@test "records that are lost before they were read end it" {
	start_topic
	start_member g
	start v "$IOTSIM" consume --idle off --interval 10s --format csv
	wait_for has_part g 0
	wait_for has_part v 0
	signal STOP g v
	flood
	signal CONT g v
	for name in g v; do
		ends $name
		[ "$status" = 1 ]
		grep -Eq '^iotsim: .*records (at offset [0-9]+ )?are gone, deleted before' $name.err
		balanced $name.err
		run ! grep -v -e '^start,' -e '^2026-11-24T00:0[01]' $name.out
	done
}
