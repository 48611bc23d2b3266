#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What happens to a topic, and to a group's offsets, under its feet.

# shellcheck disable=SC2154 # topic is of common.bash

load group
load ../saved

# Readings of a minute that begins at that hour, at once.
fill() { # HOUR [ARG...]
	iotsim produce -q -t "$topic" -n 40 --delays 0.1 --duration 1m \
		--speed max --start "2026-11-24T$1:00:00Z" "${@:2}"
}

# It has printed that window, with readings of that partition.
has_share() { # NAME START PARTITION
	grep -qE "\"start\":\"2026-11-24T$2Z\".*\"$3\":[1-9]" "$1.out"
}

@test "partitions that are added are read from their beginning, whoever comes" {
	topics --create --partitions 2
	fill 01
	start_member a "${FAST[@]}"
	wait_for has_share a 01:00:57 1
	topics --alter --partitions 3
	fill 02
	wait_for has_share a 02:00:57 2
	stops a
	# And while nobody is there, for who does not want what was before.
	topics --alter --partitions 4
	fill 03
	start_member b "${FAST[@]}" --from end
	wait_for has_share b 03:00:57 3
	stops b
	read_rest --from end
	each_once
}

# $1 of the first row of `group show` for partition 0.
shown() { # COLUMN
	iotsim group show "$topic" -t "$topic" |
		awk -v column="$1" '$1 == 0 { print $column; exit }'
}

# All records of partition 0 below that.
delete_to() { # OFFSET
	cat >delete.json <<-EOT
		{"partitions":[{"topic":"$topic","partition":0,"offset":$1}],
		"version":1}
	EOT
	tool org.apache.kafka.tools.DeleteRecordsCommand \
		--offset-json-file delete.json
}

@test "records that are deleted before the group is done with them: said, and reset helps" {
	topics --create --partitions 1
	fill 01
	start_member a --exit-at-end
	ended_with 0 a
	local first next
	first=$(shown 5) next=$(shown 2)
	[ "$next" = 24000 ]
	# What is done with may go.
	delete_to "$first"
	start_member b --exit-at-end
	ended_with 0 b
	[ ! -s b.out ]
	delete_to $((first + 7))
	start_member c --exit-at-end
	ended_with 1 c
	[ ! -s c.out ]
	grep -q "^iotsim: group '$topic', topic '$topic', partition 0: 7 records are gone, deleted before the group was done with them (offsets $first to $((first + 6))); 'iotsim group reset $topic -t $topic' starts anew$" c.err
	iotsim group show "$topic" -t "$topic" >shown
	has "partition 0: 7 records are gone that the open windows need" shown
	iotsim group reset "$topic" -t "$topic"
	fill 02
	forget_printed
	read_rest
	each_once
}

# It is stuck in its output, and has fetched little.
@test "records that are deleted before a member has read them: it ends, and says so" {
	topics --create --partitions 1
	fill 01 --duration 5m
	mkfifo pipe
	exec 5<>pipe # so that it can be opened
	# shellcheck disable=SC2016 # for that shell
	start a sh -c 'exec "$@" >pipe' sh "$IOTSIM" consume -g "$topic" \
		-t "$topic" --idle off --interval 1 --format json \
		-X queued.max.messages.kbytes=1 -X fetch.message.max.bytes=10000
	has_begun() { [ "$(shown 2)" -gt 0 ]; }
	wait_for has_begun
	delete_to 119999
	start cat cat pipe 5>&-
	ended_with 1 a
	balanced a.err
	grep -q "^iotsim: topic '$topic', partition 0: the records at offset $(summary a.err read) are gone, deleted before they were read$" a.err
	# And so for who comes next.
	local first
	first=$(shown 5)
	start_member b --exit-at-end
	ended_with 1 b
	has "partition 0: $((119999 - first)) records are gone, deleted before the group was done with them (offsets $first to 119998)" b.err
	exec 5>&-
	ended_with 0 cat
}

# Kafka forgets what a group had of a topic that is deleted.
@test "a topic that was deleted and made again is another, from its beginning" {
	topics --create --partitions 2
	fill 01
	start_member a --exit-at-end
	ended_with 0 a
	topics --delete
	topics --create --partitions 2
	run -1 iotsim group show "$topic" -t "$topic"
	[[ $output = *"has nothing stored"* ]]
	fill 02
	forget_printed
	read_rest
	each_once
}

# What is committed for the topic, as PARTITION TAB OFFSET TAB TEXT. Of a group
# that ended in order the last is the one that counts.
committed() {
	tool org.apache.kafka.tools.consumer.ConsoleConsumer \
		--topic __consumer_offsets --from-beginning --timeout-ms 3000 \
		--formatter org.apache.kafka.tools.consumer.OffsetsMessageFormatter |
		"$PYTHON" -c '
import json, sys
text, last, at = sys.stdin.read(), {}, 0
decoder = json.JSONDecoder()
while at < len(text):
    row, at = decoder.raw_decode(text, at)
    key, value = row["key"]["data"], row["value"]
    if key.get("topic") == sys.argv[1] and value:
        last[key["partition"]] = value["data"]
for partition, v in sorted(last.items()):
    print(partition, v["offset"], v["metadata"], sep="\t")' "$topic"
}

# As who mirrors a cluster does, or saves and restores offsets.
put_back() {
	local partition offset text
	while IFS=$'\t' read -r partition offset text; do
		commit "$topic" "$topic" "$partition" "$offset" "$text"
	done <offsets
}

@test "offsets that mean other records now are found out by a timestamp, or the end" {
	topics --create --partitions 2
	fill 01
	start_member a --exit-at-end
	ended_with 0 a
	committed >offsets
	[ "$(wc -l <offsets)" = 2 ]
	put_back # which is no harm
	start_member b --exit-at-end
	ended_with 0 b
	[ ! -s b.out ]
	topics --delete
	topics --create --partitions 2
	put_back
	fill 02 --duration 30s # fewer
	start_member c --exit-at-end
	ended_with 1 c
	grep -qE "partition [01]: [0-9]+ records had been read and the topic has [0-9]+: it was deleted and made again; 'iotsim group reset " c.err
	fill 03 # more
	start_member d --exit-at-end
	ended_with 1 d
	grep -qE "partition [01]: the record at offset [0-9]+ is not the one that was read: the topic was deleted and made again; 'iotsim group reset " d.err
	[ ! -s c.out ]
	[ ! -s d.out ]
	iotsim group reset "$topic" -t "$topic"
	forget_printed
	read_rest
	each_once
}

@test "a topic that is deleted while a member reads: it waits, and begins anew" {
	topics --create --partitions 2
	fill 01
	start_member a "${FAST[@]}" -v
	wait_for has_share a 01:00:57 1
	topics --delete
	wait_for has "topic '$topic' is gone; waiting for it" a.err
	# Made again before that, it would be taken for what it was, and refused.
	wait_for has "joining anew" a.err
	fill 02 --partitions 3
	wait_for has_share a 02:00:57 2
	grep -v 2026-11-24T01: a.out >b.out
	# That it had seen the topic go keeps it from ending neither now
	stops a
	forget_printed b
	read_rest
	each_once
	# nor while there is none.
	start_member c "${FAST[@]}" -v
	wait_for has "are ours" c.err
	topics --delete
	wait_for has "topic '$topic' is gone; waiting for it" c.err
	wait_for has "joining anew" c.err
	fill 03 --partitions 2
	wait_for has_share c 03:00:57 1
	topics --delete
	is_gone_again() { [ "$(grep -c 'is gone; waiting for it$' c.err)" = 2 ]; }
	wait_for is_gone_again
	is_anew() { [ "$(grep -c 'joining anew$' c.err)" -ge "$1" ]; }
	wait_for is_anew 2
	# Of another topic, though the window has the same id: printed.
	fill 04 --partitions 2 --duration 2200ms
	has_times() {
		[ "$(grep -c '"start":"2026-11-24T04:00:00Z".*"key":"sensor_0"' c.out)" = "$1" ]
	}
	wait_for has_times 1
	topics --delete
	wait_for is_anew 3
	fill 04 --partitions 2 --duration 2200ms
	wait_for has_times 2
	stops c
}

@test "offsets that Kafka's own tool has moved: a first start there, and said" {
	topics --create --partitions 2
	fill 01
	start_member a --exit-at-end
	ended_with 0 a
	local n0 n1
	n0=$(shown 2)
	n1=$((24000 - n0))
	tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand \
		--group "$topic" --topic "$topic" --reset-offsets \
		--shift-by -1000 --execute # of what is committed
	local at0 at1
	at0=$(shown 2) at1=$((n1 - (n0 - at0)))
	iotsim group show "$topic" -t "$topic" >shown
	has "partitions 0-1: the offset was not committed by iotsim; read from there on" shown
	start_member b --exit-at-end --format csv
	ended_with 0 b
	[ "$(grep -c "by another tool: a first start, there$" b.err)" = 2 ]
	has "partition 0: its offset was moved to $at0 by another tool" b.err
	balanced b.err
	# From the first window that starts after both, as a view has them.
	local first
	dump
	first=$(awk -F'\t' -v a="$at0" -v b="$at1" \
		'$1 == 0 && $2 == a || $1 == 1 && $2 == b' log |
		grep -o '2026[^.Z]*' | sort | tail -n 1)
	first=$(date -ud "${first/T/ } 1 second" +%FT%TZ)
	iotsim consume -e -t "$topic" --idle off --interval 1 --format csv |
		awk -F, -v first="$first" '$1 >= first' >view
	sed 's/,[^,]*$//' b.out | tail -n +2 >reports
	[ "$(cut -d, -f2 reports | tail -n 1)" = 2026-11-24T01:00:58Z ]
	head -n "$(wc -l <reports)" <(tail -n +2 view) | diff - reports
}
