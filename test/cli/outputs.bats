#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Where consume writes to: what does not go together, and what cannot be.

load ../common

@test "a report goes to one place, and in a topic it is json" {
	refused --output --output-topic -- consume -g g --output o --output-topic t
	refused --output-topic --format json -- \
		consume --output-topic t --format table
	refused --output-topic --format json -- \
		consume --output-topic t --format csv
	for format in "" "--format json"; do # is not what is wrong with this
		# shellcheck disable=SC2086 # words
		refused "'a b'" -- consume --output-topic 'a b' $format
	done
}

@test "a topic that is written to has a name, and is not the one that is read" {
	refused --output-topic empty -- consume --output-topic ''
	refused --output-topic "'a/b'" -- consume --output-topic a/b
	refused --output-topic "'iot' is the topic that is read" -- \
		consume --output-topic iot
	refused --output-topic "'x' is the topic that is read" -- \
		consume -g g -t x --output-topic x
}

@test "what a producer may not be told is refused with a topic to write to" {
	refused "'acks'" -- consume --from - --output-topic t -X acks=1
	refused "'nonsense'" -- consume --from - --output-topic t -X nonsense=1
}

@test "without a broker: status 1, and what to do, before anything is read" {
	reading 1 t n 1 >in
	try consume --from - --output-topic t -b 127.0.0.1:1 \
		--connect-timeout 0.2 <in
	[ "$status" = 1 ]
	[ ! -s out ]
	[ "$(wc -l <err)" = 1 ]
	grep -q '^iotsim: no Kafka answers at 127.0.0.1:1 within 200ms' err
}

@test "--late-to: wrong usage" {
	refused --late-to empty -- consume --late-to ''
	refused --late-to empty -- consume --late-to topic:
	refused --late-to "'a b'" -- consume --late-to 'topic:a b'
	refused --late-to "'iot' is the topic that is read" -- \
		consume --late-to topic:iot
	refused --late-to --output-topic -- \
		consume --late-to topic:t --output-topic t
	refused "'acks'" -- consume --from - --late-to topic:t -X acks=1
}

# Lines 1 to 6 are used, late, malformed, no UTF-8, used and late.
mixed() {
	reading 0 t n 1
	reading 100 t n 1
	reading 5 t 'ä' 1
	echo '{"time":'
	printf '{"time":1,"type":"t","name":"\xff","value":1}\n'
	reading 101 t n 1
	reading 30 t n 1
}

@test "--late-to FILE: a line for each that is left out, with why" {
	try consume --from - --late-to late.ndjson --format csv < <(mixed)
	[ "$status" = 0 ]
	balanced err
	[ "$(summary err late)" = 2 ]
	[ "$(summary err malformed)" = 2 ]
	cp out with
	"$PYTHON" - late.ndjson <<-'EOF'
	import base64, json, sys
	got = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
	assert [(r["reason"], r["line"]) for r in got] == [
	    ("late", 3), ("malformed", 4), ("malformed", 5), ("late", 7)], got
	assert got[0]["time"] == "1970-01-01T00:00:05Z"
	assert got[0]["watermark"] == "1970-01-01T00:01:40Z"
	assert json.loads(got[0]["payload"])["name"] == "ä"
	assert got[1]["why"].startswith("not JSON") and "time" not in got[1]
	assert got[1]["payload"] == '{"time":'
	assert base64.b64decode(got[2]["payload_base64"]) == \
	    b'{"time":1,"type":"t","name":"\xff","value":1}'
	EOF
	try consume --from - --format csv < <(mixed)
	cmp with out
}

@test "--late-to FILE is appended to; - is standard output" {
	for n in 4 8; do
		try consume --from - --late-to late -q < <(mixed)
		[ "$(wc -l <late)" = "$n" ]
	done
	try consume --from - --late-to - --format csv < <(mixed)
	[ "$(grep -c '^{"reason":' out)" = 4 ]
	[ "$(grep -c ',name,' out)" = 2 ]
	rm late
	reading 1 t n 1 >in
	try consume --from - --late-to late <in
	[ -e late ] # and nothing is in it
	[ ! -s late ]
}

@test "what is in the file can be read again" {
	produce -c 2000 --late 5%:1m
	mv out in
	try consume --from - --late-to late -i 10s <in
	late=$(summary err late)
	[ "$late" -gt 20 ]
	"$PYTHON" -c '
import json, sys
for line in sys.stdin:
    print(json.loads(line)["payload"])
' <late >again
	[ "$(wc -l <again)" = "$late" ]
	[ "$(sort in again | uniq -d | wc -l)" = "$late" ]
	try consume --from - --grace 1h <again
	[ "$(summary err used)" = "$late" ]
}

@test "what cannot be written ends the run, with one line" {
	for to in /dev/full none/late; do
		try consume --from - --late-to "$to" --format csv < <(mixed)
		[ "$status" = 1 ]
		grep -q "^iotsim: .*'$to': No s" err
		[ "$(grep -vc 'malformed: line' err)" -le 2 ]
	done
	try consume --from - --late-to topic:late -b 127.0.0.1:1 \
		--connect-timeout 0.2 < <(mixed)
	[ "$status" = 1 ]
	grep -q '^iotsim: no Kafka answers' err
}
