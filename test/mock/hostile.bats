#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Topics that mean no good, on the embedded broker: a thousand partitions,
# headers and names of all kinds. What a line alone can do is in cli.

load ../common

put() { # KCAT-ARG...
	timeout 20 kcat -P -b "$KAFKA_BOOTSTRAP_SERVERS" -t iot "$@"
}

# So many x.
long() { # N
	head -c "$1" /dev/zero | tr '\0' x
}

@test "a thousand partitions: a view, a group, few descriptors" {
	start_broker -t iot --partitions 1000
	try produce -q -n 5000 --delays 1 --duration 20s --speed max --seed 1 \
		--start 2026-11-24T00:00:00Z
	[ "$status" = 0 ]
	try consume -e --interval 10 --format csv
	[ "$status" = 0 ]
	balanced err
	[ "$(summary err used)" = 100000 ]
	mv out view
	try consume -g g -e --interval 10 --format csv
	[ "$status" = 0 ]
	balanced err
	[ "$(summary err used)" = 50000 ]
	tail -n 1 err | grep -q '; since the group began, 1000 of its 1000 partitions$'
	diff <(cut -d, -f1-6 out) <(grep -v '^2026-11-24T00:00:10Z' view)
	try group show g
	[ "$status" = 0 ]
	[ "$(tail -n 1 out | awk '{ print $1, $2, $3 }')" = "all 100000 50000" ]
	ulimit -n 100
	try consume -e --interval 10 --format csv
	[ "$status" = 0 ]
	cmp out view
}

@test "headers of all sizes: numbers are taken, the rest is passed over" {
	need_kcat
	start_broker -t iot --partitions 1
	local run
	run=$(long 100000)
	{ reading 1 t n 1; reading 2 t n 2; } >in
	put -H "run=$run" -H seq=1 <in # the same number twice
	put -H "run=$run" -H "seq=$run" -H "sent=$run" <in
	put -H run= -H seq= -H sent= <in
	put -H run -H seq -H sent <in
	put -H "$run=x" <in
	put -H run=r -H seq=9223372036854775807 -H sent=9223372036854775807 <in
	put -H run=r -H seq=9223372036854775808 -H sent=-1 <in
	put -H run=r -H seq=0x10 -H sent=1e3 <in
	put -H run=r -H seq=00000000000000000000000000000000000001 <in
	# shellcheck disable=SC2046
	put $(printf -- '-H seq=%s ' {1..1000}) <in
	local as
	for as in "" "-g g"; do
		# shellcheck disable=SC2086
		try consume $as -e
		[ "$status" = 0 ]
		balanced err
		[ "$(summary err read)" = 20 ]
		tame err
		# Of seq=1 with a long run, of 2^63 - 1, of the first of a thousand.
		tail -n 1 err |
			grep -q '; sequence: lost 0, duplicated 3, reordered 0; latency p50 '
	done
}

@test "names that talk to the terminal: verified, late, and in a topic of reports" {
	need_kcat
	start_broker -t iot --partitions 1
	{ reading 1 t 'esc\u001b[2J' 1; reading 1 t 'csi\u009b2J' 2
	reading 1 t 'nul\u0000x' 3; reading 1 t 'line\nbreak' 4
	reading 100 'ty\u001bpe' last 5; reading 1 t 'late\u001b[2J' 6; } >in
	put <in
	try consume -e --format json
	tame err
	mv out rows
	try consume --verify rows
	[ "$status" = 0 ]
	grep -qx 'iotsim: verify: 2 reports, 7 means agree' err
	sed 's/"mean":[34]\.0/"mean":9.0/' rows >wrong
	try consume --verify wrong
	[ "$status" = 1 ]
	tame err
	grep -qF ', by name, key nul\x00x: wrong:' err
	grep -qF ', by name, key line\nbreak: wrong:' err

	try consume -e --output-topic rows --late-to topic:late
	[ "$status" = 0 ]
	timeout 20 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t rows -e -q | sort |
		diff <(sort rows) -
	timeout 20 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t late -e -q |
		diff <(tail -n 1 in) -
}

@test "a group of a name that talks to the terminal" {
	local group=$'g\e[2J\n\xc2\x9b2J'
	start_broker -t iot
	try produce -q -c 1000 --speed max --seed 1
	try consume -g "$group" -e -i 10
	[ "$status" = 0 ]
	tame out err
	try group show "$group"
	[ "$status" = 0 ]
	tame out err
	head -n 1 out | grep -qF 'g\x1b[2J\n\x9b2J'
	try group show "$group"x
	[ "$status" = 1 ]
	[ "$(cat err)" = "iotsim: group 'g\\x1b[2J\\n\\x9b2Jx' has nothing stored for topic 'iot'" ]
}

@test "messages without anything, of anything, and as large as they may be" {
	need_kcat
	start_broker -t iot --partitions 1
	echo 'k:' | put -K: -Z # a tombstone
	echo 'k:' | put -K:
	printf 'a\0b|\0|' | put -D '|'
	echo null | put
	reading 1 t "$(long 999000)" 1 | put
	reading 1 t n '3,"x":"'"$(long 999000)"'"' | put
	try consume -e --chart
	[ "$status" = 0 ]
	[ "$(tail -n 1 err)" = "iotsim: read 7: used 2, open 0, late 0, future 0, malformed 5, skipped 0; 1 report" ]
	[ "$(wc -L <out)" -le 80 ]
	[ "$(wc -L <err)" -le 200 ]
	tame err out
	cat err
}
