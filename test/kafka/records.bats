#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What records a topic of a real Kafka can hold: of transactions, with holes,
# of all sizes, codecs and keys.

# shellcheck disable=SC2154 # topic is of common.bash

load group

TRANSACT=$IOTSIM_ROOT/build/${FLAVOUR:-release}/tools/transact

# 600 readings of a minute, in the order of their times, of that hour.
lines() { # HOUR [ARG...]
	iotsim produce --to - -q -n 10 --delays 1 --duration 1m --speed max \
		--start "2026-11-24T$1:00:00Z" "${@:2}"
}

# Lines to transactions of 100. Every third is aborted, also the last; what was
# not flushed before would not come to the log.
in_transactions() {
	awk 'NR % 100 == 1 { print "begin" }
	{ print }
	NR % 100 == 0 { print "flush"; print NR % 300 ? "commit" : "abort" }'
}

# Lines without those of transactions that were aborted.
committed_lines() {
	awk 'int((NR - 1) / 100) % 3 < 2'
}

# The reports of lines on stdin, as a view has them.
expected() {
	iotsim consume --from - --interval 1 --format csv
}

transact() {
	timeout 60 "$TRANSACT" "$KAFKA_BOOTSTRAP_SERVERS" "$topic" 0 "$topic" >/dev/null
}

# The reports of a view, which ends at the end, are those in FILE.
view_is() { # FILE [ARG...]
	iotsim consume -e -t "$topic" --idle off --interval 1 --format csv \
		"${@:2}" >view
	diff "$1" view
}

# What a group has printed until now are the first reports in FILE: all but
# the last two, which are open.
group_is() { # FILE [ARG...]
	iotsim consume -g "$topic" -e -t "$topic" --idle off --interval 1 \
		--format csv "${@:2}" 2>group.err |
		sed 's/,[^,]*$//' >>reports
	cat group.err
	balanced group.err
	awk 'NR == 1 || !/^start,/' reports >printed
	head -n "$(wc -l <printed)" "$1" | diff - printed
	local last
	last=$(tail -n 1 "$1" | cut -d, -f1)
	[ "$(tail -n 1 printed | cut -d, -f1)" = \
		"$(date -ud "${last%Z} 2 seconds ago" +%FT%TZ)" ]
}

# What of the lines counts, where those that were aborted do not.
counted() { # LEVEL
	if [ "$1" = read_committed ]; then committed_lines; else cat; fi
}

# The last thing in the log is each time the mark of an aborted transaction.
transactions() { # LEVEL
	local level=isolation.level=$1 hour
	topics --create --partitions 1
	for hour in 01 02; do
		lines $hour >new
		in_transactions <new | transact
		counted "$1" <new >>all
		expected <all >want
		view_is want -X "$level"
		group_is want -X "$level"
		group_is want -X "$level" # to which nothing comes
	done
}

@test "transactions: what was aborted is not read" {
	transactions read_committed
}

@test "transactions: what was aborted is read by who asks for it" {
	transactions read_uncommitted
}

@test "a transaction that is open is not waited for, and read when it is committed" {
	topics --create --partitions 1
	lines 01 >all
	mkfifo pipe
	start transact "$TRANSACT" "$KAFKA_BOOTSTRAP_SERVERS" "$topic" 0 \
		"$topic" <>pipe
	{
		echo begin
		head -n 300 all
		printf '%s\n' commit begin
		tail -n 300 all
		echo flush
	} >pipe
	wait_for grep -q flush transact.out
	head -n 300 all | expected >want
	view_is want
	group_is want
	expected <all >want-all
	view_is want-all -X isolation.level=read_uncommitted
	start view "$IOTSIM" consume -t "$topic" --idle off --interval 1 \
		--format csv
	wait_for has 2026-11-24T01:00:27Z view.out
	run ! has 2026-11-24T01:00:29Z view.out
	echo commit >pipe
	wait_for has 2026-11-24T01:00:57Z view.out
	signal INT view
	ended_with 0 view
	view_is want-all
	group_is want-all
}

# A topic of an own broker, for the cleaner of Kafka looks every 15 s by default.
create_compacted() {
	start_own
	tool kafka.admin.ConfigCommand --entity-type brokers \
		--entity-default --alter --add-config log.cleaner.backoff.ms=100
	topics --create --partitions 1 --config cleanup.policy=compact \
		--config segment.ms=100 --config min.cleanable.dirty.ratio=0.01 \
		--config delete.retention.ms=0
}

# KEY TAB reading lines to it.
put() {
	timeout 20 kcat -P -b "$KAFKA_BOOTSTRAP_SERVERS" -t "$topic" -p 0 \
		-K '	' "$@"
}

# What is in it: OFFSET...
offsets() {
	timeout 20 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t "$topic" \
		-o beginning -e -q -f '%o '
}

are_left() { # OFFSET...
	[ "$(offsets)" = "$* " ]
}

second() { # SECOND
	reading "\"2026-11-24T00:00:$1Z\"" t n 1
}

@test "a compacted topic: a group goes on over holes, and says what open windows lack" {
	need_kcat
	create_compacted
	local i
	for i in 0{0..9}; do printf 'k%s\t%s\n' "$i" "$(second "$i")"; done | put
	start_member a --exit-at-end --interval 10s
	ended_with 0 a
	[ ! -s a.out ] # the window of 10 s is open
	printf 'k0%s\t%s\n' 0 "$(second 05)" 3 "$(second 05)" | put
	sleep 0.2 # segment.ms
	printf 'x\t%s\n' "$(second 06)" | put
	wait_for are_left 1 2 4 5 6 7 8 9 10 11 12
	printf 'y\t%s\n' "$(second 11)" | put
	start_member b --exit-at-end --interval 10s
	ended_with 0 b
	has "group '$topic', partition 0: 2 readings of open windows are gone, compacted away; their means lack them" b.err
	balanced b.err
	cat b.out
	grep -q '"by":"type","key":"t","count":11,' b.out
}

# Raw bytes: a key of all that is not UTF-8, one with a NUL, an empty one and
# none; headers that are no numbers, have no value, or are there twice.
@test "keys and headers of any kind, and messages that are no readings" {
	need_kcat
	topics --create --partitions 1
	second 01 >in
	printf '\xff\xfe\x80\t%s\n' "$(cat in)" | put
	printf 'a\0b\t%s\n' "$(cat in)" | put
	printf '\t%s\n' "$(cat in)" | put
	printf '\t%s\n' "$(cat in)" | put -Z # no key
	put -H seq=x -H run= -H sent -H $'\xff=\xff' <in
	printf 'k\t%s\n' "$(cat in)" | put -H run=r -H seq=1 -H seq=2
	printf 'k\t%s\n' "$(cat in)" | put -H run=r -H seq=3 \
		-H seq=99999999999999999999
	put -H seq=-1 -H sent=-1 <in
	printf 'k\t\n' | put    # empty
	printf 'k\t\n' | put -Z # a tombstone
	printf '\t\n' | put -Z  # nothing at all
	iotsim consume -e -t "$topic" --interval 10s --format csv >view 2>err
	cat view err
	grep -q ',type,t,8,1.0$' view
	has "read 11: used 8, open 0, late 0, future 0, malformed 3, skipped 0; 1 report;" err
	[[ "$(tail -n 1 err)" = *"; sequence: lost 0, duplicated 0, reordered 0"* ]]
	[ "$(grep -c ': no payload$' err)" = 2 ]
	has "offset 8: empty" err
	start_member a --exit-at-end --interval 10s
	ended_with 0 a
	has "read 11: used 0, open 8, late 0, future 0, malformed 3, skipped 0; 0 reports" a.err
}

@test "batches of all codecs, of Kafka's own producer and ours" {
	topics --create --partitions 1
	local codec hour=10
	for codec in none gzip snappy lz4 zstd; do
		lines $((++hour)) >new
		cat new >>all
		tool org.apache.kafka.tools.ConsoleProducer --topic "$topic" \
			--compression-codec $codec <new
		lines $((++hour)) --seed 7 >>all
		lines $hour --seed 7 --to kafka -t "$topic" \
			-X compression.codec=$codec
	done
	[ "$(wc -l <all)" = 6000 ]
	dump
	cut -f3- log | diff - all
	expected <all >want
	view_is want
	group_is want
}

# Members that readings may have beside their own make them large.
@test "messages of a megabyte, and of five" {
	need_kcat
	topics --create --partitions 1 --config max.message.bytes=6000000
	local i size
	for i in 0{1..9}; do
		size=$((10#$i % 3 ? 1000000 : 5000000))
		printf '{"note":"%s",' "$(head -c $size /dev/zero | tr '\0' x)"
		second "$i" | cut -c2-
	done >in
	put -X message.max.bytes=6000000 <in
	expected <in >want
	[ "$(grep -c ,name, want)" = 9 ]
	view_is want
	group_is want
}
