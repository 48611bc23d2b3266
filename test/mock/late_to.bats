#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# consume --late-to: what is left out is kept, at least once.

load ../common
load ../faulty

VIEW=(consume --interval 10s --idle off)

# With all that goes wrong.
fill_badly() { # PART
	fill "$1" --late 5%:15s --fault malformed:3% --seed "$1"
}

# PARTITION TAB OFFSET TAB REASON TAB KEY TAB PAYLOAD of the lines on stdin.
places() {
	"$PYTHON" -c '
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    print(r["partition"], r["offset"], r["reason"], r["key"], r["payload"], sep="\t")
'
}

# The same of the messages of a topic, from their headers.
sent_places() { # TOPIC
	timeout 30 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t "$1" \
		-o beginning -e -q -J | "$PYTHON" -c '
import json, sys
for line in sys.stdin:
    m = json.loads(line)
    h = dict(zip(m["headers"][::2], m["headers"][1::2]))
    assert h["topic"] == "iot" and ("why" in h) == (h["reason"] == "malformed")
    print(h["partition"], h["offset"], h["reason"], m["key"], m["payload"], sep="\t")
'
}

# What a private view leaves out.
expect() {
	try "${VIEW[@]}" -e --late-to view.late
	[ "$status" = 0 ]
	[ "$(summary err late)" -gt 0 ]
	[ "$(summary err malformed)" -gt 0 ]
	[ "$(wc -l <view.late)" = $(($(summary err late) + $(summary err malformed))) ]
	places <view.late | sort >expected
}

@test "those of the future are there with the present, skipped ones are not" {
	start_broker -t iot
	iotsim produce -q -c 100 -n 1 --delays 1 --start +1h --speed max
	iotsim produce -q -c 100 -n 1 --delays 1 --start -1h --speed max
	try consume -e --from 40 --late-to late
	[ "$(summary err future)" = 60 ]
	[ "$(summary err skipped)" -gt 0 ]
	"$PYTHON" - <<-'EOF'
	import json
	got = [json.loads(line) for line in open("late")]
	assert len(got) == 60 and all(r["reason"] == "future" for r in got)
	assert all(r["topic"] == "iot" and r["time"] > r["present"] for r in got)
	assert [r["offset"] for r in got] == list(range(40, 100))
	EOF
}

@test "what an idle partition brings too late says until when windows are closed" {
	need_kcat
	start_broker -t iot --partitions 2
	for i in 0 100; do reading "$i" t n 1; done |
		kcat -P -b "$KAFKA_BOOTSTRAP_SERVERS" -t iot -p 0
	start view "$IOTSIM" consume --idle 200ms --interval 10s \
		--late-to late --format csv
	wait_for grep -q ,name, view.out
	reading 3 t n 1 | kcat -P -b "$KAFKA_BOOTSTRAP_SERVERS" -t iot -p 1
	wait_for grep -q '"closed"' late # while the run goes on
	grep -q '"partition":1,"offset":0,.*"time":"1970-01-01T00:00:03Z","closed":"1970-01-01T' late
	run ! grep watermark late
	signal INT view
	ends view
	[ "$status" = 0 ]
	[ "$(wc -l <late)" = 1 ]
}

@test "to a topic: as they were, with headers, to be read again" {
	need_kcat
	start_faulty
	fill_badly 0
	expect
	try "${VIEW[@]}" -e --late-to topic:late
	[ "$status" = 0 ]
	sent_places late | sort | cmp expected -
	timeout 30 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t iot -o beginning \
		-e -q -f '%T %k %s\n' | sort >all
	timeout 30 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t late -o beginning \
		-e -q -f '%T %k %s\n' | sort >kept
	[ -z "$(comm -13 all kept)" ]
	n=$(wc -l <kept)
	try "${VIEW[@]}" -e -t late --grace 1h
	[ "$(summary err read)" = "$n" ]
	[ "$(summary err late)" = 0 ]
}

@test "a tombstone, an empty one, and those without a key stay so" {
	need_kcat
	start_broker -t iot --partitions 2
	put=(kcat -P -b "$KAFKA_BOOTSTRAP_SERVERS" -t iot)
	echo 'k:' | "${put[@]}" -p 0 -K: -Z
	echo 'k:' | "${put[@]}" -p 0 -K:
	for i in 0 1 2; do echo "x$i" | "${put[@]}" -p 1; done
	try consume -e --late-to topic:late
	[ "$status" = 0 ]
	[ "$(summary err malformed)" = 5 ]
	timeout 30 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t late -o beginning \
		-e -q -f '%K %S %s\n' | sort >got
	diff got - <<-'EOT'
		-1 2 x0
		-1 2 x1
		-1 2 x2
		1 -1 
		1 0 
	EOT
}

@test "a group: nothing twice when it is gone on with" {
	start_faulty
	for part in 0 1 2; do
		fill_badly $part
		try "${MEMBER[@]}" -e --late-to late
		[ "$status" = 0 ]
	done
	expect
	places <late | sort | cmp expected -
}

# Before and after each step; what comes again is known by where it was.
@test "a member that is killed: each at least once, and the books are right" {
	need_kcat
	local n=0
	start_faulty
	fill_badly 0
	for place in late-before:2 late-after:2 late-after:3 commit-before:1 \
		intent-after:1 flush-before:1; do
		fill_badly $((++n))
		run -137 env IOTSIM_FAILPOINT=$place timeout 60 "$FAILING" \
			"${MEMBER[@]}" --late-to late
		run -137 env IOTSIM_FAILPOINT=$place timeout 60 "$FAILING" \
			"${MEMBER[@]}" -g h --late-to topic:late
	done
	try "${MEMBER[@]}" -e --late-to late
	[ "$status" = 0 ]
	balanced err
	tail -n 1 err >books
	try "${MEMBER[@]}" -g h -e --late-to topic:late
	[ "$status" = 0 ]
	expect
	[ "$(summary books late)" = "$(summary err late)" ]
	[ "$(summary books malformed)" = "$(summary err malformed)" ]
	places <late | sort >got
	[ "$(wc -l <got)" -gt "$(wc -l <expected)" ]
	uniq got | cmp expected -
	sent_places late | sort >got
	[ "$(wc -l <got)" -gt "$(wc -l <expected)" ]
	uniq got | cmp expected -
}

@test "a topic that refuses them ends the run, and nothing is committed" {
	start_faulty
	fill 0
	try "${MEMBER[@]}" -e --late-to topic:late
	[ "$status" = 0 ]
	fill_badly 1
	tell fail Produce TOPIC_AUTHORIZATION_FAILED
	try "${MEMBER[@]}" -e --late-to topic:late
	[ "$status" = 1 ]
	grep -q "^iotsim: .*topic 'late': .* let User:ANONYMOUS Write; " err
	tell heal Produce
	try "${MEMBER[@]}" -e --late-to late
	[ "$status" = 0 ]
	expect
	places <late | sort | cmp expected -
}

@test "a disk that is full ends a member, and nothing is committed" {
	start_faulty
	fill_badly 0
	try "${MEMBER[@]}" -e --late-to /dev/full
	[ "$status" = 1 ]
	grep -q "^iotsim: cannot write to '/dev/full': No space left" err
	try "${MEMBER[@]}" -e --late-to late
	[ "$status" = 0 ]
	expect
	places <late | sort | cmp expected -
}

@test "Ctrl-C while the broker is away: both wait for the same 10 s" {
	need_kcat
	start_faulty
	mkfifo pipe
	exec 7<>pipe
	start view "$IOTSIM" consume --from - --interval 10s --idle off \
		--output-topic rows --late-to topic:late <pipe 7>&-
	for i in 0 20 40 1; do reading "$i" t n 1; done >&7
	sent() {
		[ "$(timeout 30 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t late \
			-o beginning -e -q | wc -l)" = 1 ]
	}
	wait_for sent
	tell down
	for i in 60 80 100 2; do reading "$i" t n 1; done >&7
	wait_for is_drained
	wait_for grep -q 'no broker answers' view.err
	local began
	began=$(date +%s%N)
	signal INT view
	ends view
	exec 7>&-
	ms=$((($(date +%s%N) - began) / 1000000))
	echo "after $ms ms"
	[ "$ms" -lt 14000 ]
	[ "$status" = 1 ]
	grep -q "^iotsim: topic 'rows': .* messages were not delivered: " view.err
	grep -q "^iotsim: topic 'late': .* messages were not delivered: " view.err
	balanced view.err
}

@test "a run that fails while the broker is away does not wait for it to come back" {
	start_faulty
	mkfifo pipe
	exec 7<>pipe
	start view "$IOTSIM" consume --from - --interval 10s --idle off \
		--max-names 2 --late-to topic:late <pipe 7>&-
	for i in 0 20 40; do reading "$i" t n 1; done >&7
	wait_for is_drained
	tell down
	wait_for grep -q 'no broker answers' view.err
	for name in n n a b c; do reading 1 t "$name" 1; done >&7
	for name in a b c; do reading 60 t "$name" 1; done >&7
	ends view
	exec 7>&-
	[ "$status" = 1 ]
	grep -q "^iotsim: topic 'late': 5 of 5 messages were not delivered: " view.err
	grep -q '^iotsim: more than 2 types or names are in open windows' view.err
	balanced view.err
}
