#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Where consume writes to, on a real Kafka.

# shellcheck disable=SC2154 # topic and own are of common.bash

load common

# PARTITION TAB KEY TAB PAYLOAD, as a Java client reads it.
java_read() { # TOPIC COUNT
	tool org.apache.kafka.tools.consumer.ConsoleConsumer --topic "$1" \
		--from-beginning --max-messages "$2" \
		--property print.partition=true --property print.key=true \
		--property key.separator='	' | sed 's/^Partition://'
}

fill() { # [ARG...]
	iotsim produce -q -n 20 --delays 0.5 --seed 7 --speed max -t "$topic" \
		--start -10m "$@"
}

MEMBER=(consume --interval 10s --idle off --format json
	-X session.timeout.ms=6000)

@test "the rows of a group, in a topic that the broker makes, through its end and return" {
	start_own
	fill --duration 100s
	iotsim "${MEMBER[@]}" -t "$topic" -g view -e >first
	start m "$IOTSIM" "${MEMBER[@]}" -t "$topic" -g g --output-topic rows -v
	wait_for has "created topic 'rows'" m.err
	java_read rows "$(wc -l <first)" >early # waits for so many
	"$KAFKA" kill "$own"
	wait_for has "waiting for it" m.err
	"$KAFKA" start "$own" >/dev/null
	fill --start -5m --duration 100s
	signal TERM m
	ended_with 0 m
	iotsim "${MEMBER[@]}" -t "$topic" -g g --output-topic rows -e
	iotsim "${MEMBER[@]}" -t "$topic" -g view -e >second
	cat first second | sed 's/"id":"view_/"id":"g_/' | sort >expected
	java_read rows "$(wc -l <expected)" >got
	cut -f 3 got | sort | cmp expected -
	# A key has one partition.
	[ "$(cut -f 1,2 got | sort -u | wc -l)" = "$(cut -f 2 got | sort -u | wc -l)" ]
}

@test "rows that are older than the topic keeps them: said once" {
	fill -c 100
	run -0 --separate-stderr iotsim consume -q -t "$topic" -e \
		--output-topic "$topic-rows"
	[[ $stderr != *retention* ]]
	for i in 100 200 300; do reading "$i" t n 1; done >in
	iotsim consume -q --from - --output-topic "$topic-rows" <in 2>err
	[ "$(grep -c retention err)" = 1 ]
	grep -q "^iotsim: topic '$topic-rows': there are timestamps older than 7d, which it may delete at once (retention.ms)$" err
}

@test "rows that the broker does not take end the run, and say why" {
	fill -c 100
	iotsim consume -t "$topic" -e --output-topic "$topic-rows"
	tool kafka.admin.ConfigCommand --alter --entity-type topics \
		--entity-name "$topic-rows" --add-config max.message.bytes=100
	run -1 iotsim consume -t "$topic" -e --output-topic "$topic-rows"
	[[ $output == *"topic '$topic-rows': "*" messages were not delivered: "*"size too large"* ]]
}

# REASON TAB PARTITION TAB OFFSET TAB KEY TAB PAYLOAD of a topic of late ones.
left_out() { # TOPIC COUNT
	tool org.apache.kafka.tools.consumer.ConsoleConsumer --topic "$1" \
		--from-beginning --max-messages "$2" \
		--property print.headers=true --property print.key=true |
		sed -E 's/^reason:(\w+),topic:[^,]*,partition:([0-9]+),offset:([0-9]+)(,why:[^\t]*)?\t/\1\t\2\t\3\t/'
}

# The same of lines in a file.
places() {
	"$PYTHON" -c '
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    print(r["reason"], r["partition"], r["offset"], r["key"], r["payload"], sep="\t")
'
}

@test "what is left out, into a file and a topic, through a broker's end and return" {
	start_own
	fill --duration 100s --late 5%:15s --fault malformed:3%
	for to in late topic:late; do
		start "$to" "$IOTSIM" "${MEMBER[@]}" -t "$topic" -g "$to" \
			--late-to "$to" -v
		wait_for grep -q . "$to.out"
	done
	"$KAFKA" kill "$own"
	for to in late topic:late; do
		wait_for has "waiting for it" "$to.err"
	done
	"$KAFKA" start "$own" >/dev/null
	fill --start -5m --duration 100s --late 5%:15s --fault malformed:3%
	for to in late topic:late; do
		signal TERM "$to"
		ended_with 0 "$to"
		iotsim "${MEMBER[@]}" -t "$topic" -g "$to" --late-to "$to" -e \
			2>"$to.err"
		balanced "$to.err"
	done
	iotsim consume -i 10s --idle off -t "$topic" -e --late-to view 2>err
	n=$(($(summary err late) + $(summary err malformed)))
	[ "$n" -gt 200 ]
	[ "$(wc -l <view)" = "$n" ]
	places <view | sort >expected
	places <late | sort | cmp expected -
	left_out late "$n" | sort | cmp expected -
}
