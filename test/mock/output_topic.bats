#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# consume --output-topic: the rows of the reports are in the topic.

load ../common
load ../faulty

setup_file() {
	command -v kcat >/dev/null || skip "no kcat: apt-get install kcat"
}

# KEY TAB ROW of what the topic has, those of a key in their order.
rows() { # TOPIC
	timeout 30 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t "$1" -o beginning \
		-e -q -f '%k\t%s\n' | sort -s -t $'\t' -k 1,1
}

# The same of the lines that --format json has printed.
printed() { # MEMBER-OF-THE-KEY <LINES
	"$PYTHON" -c '
import json, sys
for line in sys.stdin:
    print(json.loads(line)[sys.argv[1]], line, sep="\t", end="")
' "$1" | sort -s -t $'\t' -k 1,1
}

start_filled() { # PARTS
	start_faulty
	for ((part = 0; part < $1; part++)); do fill "$part"; done
}

VIEW=(consume --interval 10s --idle off)

@test "a private view: each row as it would be printed, keyed by its window" {
	start_filled 2
	try "${VIEW[@]}" -e --format json
	[ "$status" = 0 ]
	mv out lines
	try "${VIEW[@]}" -e --output-topic rows
	[ "$status" = 0 ]
	[ ! -s out ]
	balanced err
	[ "$(wc -l <err)" = 1 ]
	printed start <lines >expected
	[ "$(wc -l <expected)" -gt 400 ]
	rows rows | cmp expected -
}

@test "a report is in one partition, its time is the end of its window" {
	start_filled 2
	try "${VIEW[@]}" -e --output-topic rows --format json
	[ "$status" = 0 ]
	timeout 30 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t rows \
		-o beginning -e -q -J >messages
	"$PYTHON" -c '
import collections, datetime, json
where = collections.defaultdict(set)
for line in open("messages", encoding="utf-8"):
    m = json.loads(line)
    end = datetime.datetime.fromisoformat(json.loads(m["payload"])["end"].replace("Z", "+00:00"))
    assert m["ts"] == end.timestamp() * 1000, m
    assert "headers" not in m, m
    where[m["key"]].add(m["partition"])
assert len(where) == 20, where
assert all(len(v) == 1 for v in where.values())
assert len(set.union(*where.values())) > 1
'
}

@test "a window before 1970 has rows too" {
	start_broker
	reading '"1969-12-31T23:00:00Z"' t n 1 >in
	try consume --from - --output-topic rows <in
	[ "$status" = 0 ]
	try consume --from - --format json <in
	printed start <out | cmp - <(rows rows)
}

@test "lines of standard input; what has a consumer's properties has no trouble" {
	start_broker
	produce -c 1000
	mv out in
	try consume --from - --output-topic iot -X session.timeout.ms=7000 \
		-X fetch.max.bytes=1000000 -X linger.ms=1 -X acks=all <in || true
	[ "$status" = 2 ] # acks are ours
	try consume --from - --output-topic iot -X session.timeout.ms=7000 \
		-X fetch.max.bytes=1000000 -X linger.ms=1 <in
	[ "$status" = 0 ]
	try consume --from - --format json <in
	printed start <out | cmp - <(rows iot)
}

@test "a group: keyed by the id, gone on with, nothing twice" {
	start_filled 2
	for _ in 1 2; do
		try "${MEMBER[@]}" -e --format json --output-topic rows
		[ "$status" = 0 ]
		[ ! -s out ]
		fill 2
	done
	try "${MEMBER[@]}" -e --format json -g other
	[ "$status" = 0 ]
	sed 's/"id":"other_/"id":"g_/' out | printed id >expected
	[ "$(wc -l <expected)" -gt 600 ]
	rows rows | cmp expected -
}

# Between the rows and the commit.
@test "a member that is killed: what comes again is the same, and told apart" {
	start_filled 2
	for place in print-after flush-after commit-before; do
		run -137 env IOTSIM_FAILPOINT=$place:1 timeout 60 "$FAILING" \
			"${MEMBER[@]}" --format json --output-topic rows
	done
	try "${MEMBER[@]}" -e --format json --output-topic rows
	[ "$status" = 0 ]
	rows rows | cut -f 2 >rows.all
	awk '!seen[$0]++' rows.all | sort >rows.once # as in the manual
	[ "$(wc -l <rows.all)" -gt "$(wc -l <rows.once)" ]
	try "${MEMBER[@]}" -e --format json -g other
	sed 's/"id":"other_/"id":"g_/' out | sort | cmp - rows.once
}

has_rows() { # COUNT
	[ "$(rows rows | wc -l)" = "$1" ]
}

@test "rows are there while the run goes on; a broker that comes back loses none" {
	start_faulty
	for i in {0..39}; do reading "$((i * 10))" t "n$((i % 7))" "$i"; done >in
	iotsim consume --from - --interval 10s --format json <in >lines 2>/dev/null
	[ "$(wc -l <lines)" = 80 ]
	mkfifo pipe
	exec 7<>pipe
	start view "$IOTSIM" consume --from - --interval 10s --idle off \
		--output-topic rows <pipe 7>&-
	head -n 12 in >&7
	wait_for has_rows 20 # the last two are open
	tell down
	tail -n +13 in >&7
	wait_for grep -q 'no broker answers' view.err
	tell up
	wait_for has_rows 76
	signal INT view
	ends view
	exec 7>&-
	[ "$status" = 0 ]
	head -n 76 lines | printed start | cmp - <(rows rows)
}

@test "Ctrl-C while the broker is away: 10 s, status 1, and why" {
	start_faulty
	mkfifo pipe
	exec 7<>pipe
	start view "$IOTSIM" consume --from - --interval 10s --idle off \
		--output-topic rows <pipe 7>&-
	for i in {0..5}; do reading "$((i * 10))" t n 1; done >&7
	wait_for has_rows 8
	tell down
	for i in {6..9}; do reading "$((i * 10))" t n 1; done >&7
	wait_for is_drained
	wait_for grep -q 'no broker answers' view.err
	local began
	began=$(date +%s%N)
	signal INT view
	ends view
	exec 7>&-
	ms=$((($(date +%s%N) - began) / 1000000))
	echo "after $ms ms"
	[ "$ms" -ge 9000 ]
	[ "$ms" -lt 14000 ]
	[ "$status" = 1 ]
	grep -q "^iotsim: topic 'rows': 8 of 16 messages were not delivered: " view.err
	[ "$(wc -l <view.err)" = 3 ]
	balanced view.err
}

@test "rows that are refused end the run, with one line" {
	start_filled 1
	iotsim consume -e --output-topic rows 2>err
	tell fail Produce TOPIC_AUTHORIZATION_FAILED
	for group in "" "-g g"; do
		# shellcheck disable=SC2086 # words
		try "${VIEW[@]}" $group --output-topic rows
		[ "$status" = 1 ]
		[ "$(said err | wc -l)" = 2 ]
		grep -q "^iotsim: .*topic 'rows': .* let User:ANONYMOUS Write; " err
		balanced err
	done
	tell heal Produce
	try "${VIEW[@]}" -g g -e --output-topic rows2
	[ "$status" = 0 ]
	[ "$(rows rows2 | cut -f 1 | uniq | wc -l)" = 9 ]
}
