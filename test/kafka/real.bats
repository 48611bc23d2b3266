#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What only a real Apache Kafka can show. IOTSIM_TEST_BROKERS names it.

# shellcheck disable=SC2154 # topic and own are of common.bash

load common

setup_file() {
	[ -z "${IOTSIM_LONG:-}" ] || export BATS_TEST_TIMEOUT=600
}

@test "the literal invocation, and its windows are what the laws promise" {
	start produce "$IOTSIM" produce --num-sensors 2 --delays 0.1 0.1 \
		--sensors-values-mean 2 10 --sensors-values-std 2 3 \
		-t "$topic"
	iotsim consume --interval 5 -t "$topic" --max-reports 3 --format csv \
		>out.csv 2>consume.err
	signal INT produce
	ended_with 0 produce
	# Whole windows hold 5 s of 2 sensors' 10 readings a second; the
	# means are within 5 standard errors.
	awk -F, 'function off(v, m, s) { d = v - m; return d * d > 25 * s * s / n }
	{ n = $5 }
	$3 == "name" && ++seen[$4] > 1 {
		whole += n
		if ($4 == "sensor_0" && off($6, 2, 2)) exit 1
		if ($4 == "sensor_1" && off($6, 10, 3)) exit 1
	}
	END { exit whole != 200 }' out.csv || { cat out.csv; false; }
	grep -E '^iotsim: sent [0-9]+: delivered [0-9]+, failed 0; asked (19|2[01])(\.[0-9]+)?/s, ' produce.err
}

@test "a topic is made with four partitions, or as many as are asked for" {
	iotsim produce -c 1 --speed max -t "$topic"
	iotsim produce -c 1 --speed max -t "$topic-7" --partitions 7
	tool org.apache.kafka.tools.TopicCommand --describe \
		--topic "$topic.*" >topics
	[ "$(grep -c 'Partition: ' topics)" = 11 ]
}

@test "key, partition and timestamp are as a Java client would have them" {
	iotsim produce -n 50 -c 500 --speed max --start 2026-11-24T00:00:00Z \
		-t "$topic"
	local show=(--property print.key=true
		--property print.partition=true
		--property print.timestamp=true
		--property key.separator=' ')
	tool org.apache.kafka.tools.consumer.ConsoleConsumer --topic "$topic" \
		--from-beginning --max-messages 500 "${show[@]}" >ours
	"$PYTHON" - ours >keys <<-'EOF'
	import datetime, json, re, sys
	for line in open(sys.argv[1]):
	    ms, part, key, value = re.match(
	        r"CreateTime:(\d+) Partition:(\d+) (\S+) (.*)", line).groups()
	    r = json.loads(value)
	    t = datetime.datetime.fromisoformat(r["time"].replace("Z", "+00:00"))
	    epoch = datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
	    assert (t - epoch) // datetime.timedelta(milliseconds=1) == int(ms)
	    assert r["name"] == key
	    print(key, part)
	EOF
	sort -u keys >ours.map
	[ "$(wc -l <ours.map)" = 50 ]
	tool org.apache.kafka.tools.TopicCommand --create --partitions 4 \
		--topic "$topic-java"
	awk '{ print $1 ":x" }' ours.map | tool \
		org.apache.kafka.tools.ConsoleProducer --topic "$topic-java" \
		--property parse.key=true \
		--property key.separator=:
	tool org.apache.kafka.tools.consumer.ConsoleConsumer \
		--topic "$topic-java" --from-beginning --max-messages 50 \
		"${show[@]}" >java
	sed -E 's/.*Partition:([0-9]+) (\S+) .*/\2 \1/' java | sort >java.map
	diff ours.map java.map
}

# The topic as PARTITION TAB payload, each partition in its order.
payloads() {
	tool org.apache.kafka.tools.consumer.ConsoleConsumer --topic "$topic" \
		--from-beginning --max-messages "$1" \
		--property print.partition=true --property key.separator='	' |
		sed 's/^Partition://'
}

@test "the truth is what is in the partitions, with all that goes wrong" {
	iotsim produce -n 20 --delays 0.2 --duration 200s --speed max \
		--start 2026-11-24T00:00:00Z --seed 7 -t "$topic" \
		--late '5%:exponential(10)' --fault duplicate:3% \
		--fault malformed:2% --fault skew:1%:5s:1m --threads 2 \
		--truth truth.csv --truth-interval 5s 2>err
	local n
	n=$(sed -nE 's/^iotsim: sent ([0-9]+): delivered \1, failed 0.*/\1/p' err)
	payloads "$n" | "$PYTHON" "$IOTSIM_ROOT/test/check_truth.py" truth.csv 5 1
	iotsim consume -e --max-ahead off -i 5s -t "$topic" 2>err
	local used late malformed
	IFS=, read -r _ _ _ _ used _ _ late malformed < <(tail -n 1 truth.csv)
	has ": used $used, open 0, late $late, future 0, malformed $malformed," err
}

@test "headers, and a timestamp that is true, as a Java client sees them" {
	iotsim produce -n 3 -c 300 --speed max --start 2026-11-24T00:00:00Z \
		--seed 7 -t "$topic" --headers --fault skew:100%:1s:1h
	tool org.apache.kafka.tools.consumer.ConsoleConsumer --topic "$topic" \
		--from-beginning --max-messages 300 \
		--property print.headers=true --property print.timestamp=true \
		>got
	"$PYTHON" - <<-'EOF'
	import collections, datetime, json, re
	epoch = datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
	seq = collections.Counter()
	for line in open("got"):
	    ms, run, n, sent, fault, value = re.match(
	        r"CreateTime:(\d+)\trun:([0-9a-f]{16}),seq:(\d+),sent:(\d{16}),fault:(\w+)\t(.*)",
	        line).groups()
	    r = json.loads(value)
	    t = datetime.datetime.fromisoformat(r["time"].replace("Z", "+00:00"))
	    assert (t - epoch) // datetime.timedelta(milliseconds=1) == int(ms) + 3600000
	    assert fault == "skew"
	    assert int(n) == seq[r["name"]]
	    seq[r["name"]] += 1
	assert sum(seq.values()) == 300
	EOF
}

@test "event times that are further ahead than the broker takes fail, and why is told" {
	# An hour is Kafka's default; the schedule is of two. A batch fails whole.
	local status=0
	iotsim produce -n 2 --delays 10 --duration 2h --speed max --seed 7 \
		-t "$topic" --truth truth.csv 2>err || status=$?
	cat err
	[ "$status" = 1 ]
	awk -F'[ :,]+' '/sent/ { exit !($3 == 1440 && $3 == $5 + $7 && $7 + 0 >= 720) }' err
	grep -qi 'failed.*; the last one: .*timestamp' err
	has ",,end,invalid: messages failed," truth.csv
}

@test "timestamps of sending are never refused, wherever the event times are" {
	iotsim produce -n 20 -c 300 --speed max --start +2h --seed 7 \
		-t "$topic" --timestamps send 2>err
	cat err
	has "sent 300: delivered 300, failed 0" err
	run ! has "ahead of the clock" err
	iotsim produce -n 20 -c 300 --speed max --start -30d --seed 7 \
		-t "$topic" --timestamps send --headers 2>err
	cat err
	has "sent 300: delivered 300, failed 0" err
	run ! has "older than" err
	iotsim consume -e --max-ahead off -t "$topic" 2>err >out
	has "read 600: " err
}

# Not only the first of a partition, which goes alone: none is taken, and yet
# they do not go one by one.
@test "a broker that refuses all there is: that is counted, and soon" {
	local status=0
	iotsim produce -n 20 -c 50000 --speed max --start +2h --seed 7 \
		-t "$topic" 2>err || status=$?
	cat err
	[ "$status" = 1 ]
	has "sent 50000: delivered 0, failed 50000; the last one: " err
	has "message.timestamp.after.max.ms" err
	[ "$(grep -c 'ahead of the clock' err)" = 1 ]
}

@test "event times older than the topic keeps are told, once" {
	iotsim produce -c 3000 --speed max --start -30d --seed 7 -t "$topic" \
		2>err
	cat err
	[ "$(grep -c 'older than 7d' err)" = 1 ]
	grep 'older than 7d' err | grep -qF retention.ms
	tool org.apache.kafka.tools.TopicCommand --create --partitions 1 \
		--topic "$topic-kept" --config retention.ms=-1
	iotsim produce -c 3000 --speed max --start -30d --seed 7 \
		-t "$topic-kept" 2>err
	cat err
	has "sent 3000: delivered 3000, failed 0" err
	run ! has "older than" err
}

@test "what comes out of Kafka is what went in, to the last bit" {
	local same=(-n 20 -c 20000 --speed max --seed 7 --delays 0.05
		--start 2026-11-24T00:00:00Z)
	iotsim produce "${same[@]}" -t "$topic"
	iotsim consume -e -t "$topic" --format csv >kafka.csv
	iotsim produce "${same[@]}" --to - | LC_ALL=C sort -s -t'"' -k12,12 |
		iotsim consume --from - --grace 24h --format csv >sorted.csv
	[ "$(used <kafka.csv)" = 20000 ]
	diff kafka.csv sorted.csv
}

@test "the windows of a topic are the truth, from a time on too" {
	iotsim produce -n 20 --delays 0.05 --duration 2m --speed max --seed 7 \
		--start 2026-11-24T00:00:00Z --name-prefix t -t "$topic"
	iotsim produce -n 20 --delays 0.05 --duration 2m --speed max --seed 7 \
		--start 2026-11-24T00:00:00Z --name-prefix t --to - >lines
	"$PYTHON" "$IOTSIM_ROOT/test/make_truth.py" 1 lines >truth
	iotsim consume -e -t "$topic" --check truth >out 2>err
	has "check: 6 windows, 138 means agree" err
	iotsim consume -e -t "$topic" --check truth \
		--from 2026-11-24T00:01:00Z >out 2>err
	has "check: 3 windows, 69 means agree" err
	# More messages than the truth knows of; of those behind many without
	# headers one in 16 is asked for some.
	local seq
	for seq in {1..16}; do
		grep -m 1 T00:01:59 lines | kcat -P -b "$IOTSIM_TEST_BROKERS" \
			-t "$topic" -p 0 -z lz4 -H run=r -H "seq=$seq" -H sent=1
	done
	run -1 iotsim consume -e -t "$topic" --check truth
	[[ "$output" = *"136 means agree, 2 differences"* ]]
	[[ "$output" = *"; sequence: lost 0, duplicated 0, reordered 0; latency p50 "* ]]
}

@test "--from a time begins with the first window that starts there" {
	iotsim produce -c 2000 --speed max --delays 0.1 -t "$topic" \
		--start 2026-11-24T00:00:00Z
	iotsim consume -e -t "$topic" --from 2026-11-24T00:00:30Z \
		--format csv >out.csv 2>err
	[ "$(awk -F, 'NR == 2 { print $1 }' out.csv)" = 2026-11-24T00:00:40Z ]
	iotsim consume -e -t "$topic" --format csv |
		awk -F, 'NR == 1 || $1 >= "2026-11-24T00:00:40Z"' >all.csv
	diff all.csv out.csv
	# 10 s before it belong to what is read, see --max-ahead.
	has "skipped 400;" err || has "skipped 401;" err || has "skipped 399;" err
}

# Late ones, jitter, clocks that go wrong; with times of sending too, by which
# a reading can lie ahead of its record.
span_is_as_in_the_whole() { # PRODUCE-ARG...
	iotsim produce -t "$topic" -n 12 --delays 0.2 --duration 10m \
		--start "$start" --speed max --seed 7 --jitter 3s \
		--late '10%:exponential(8)' --fault skew:2%:3s:10s "$@"
	iotsim consume -e -t "$topic" --format csv 2>err >whole.csv
	[ "$(summary err late)" -gt 500 ]
	local from to
	fewer=0
	for span in 0/60 33/95 40/100 119/161 300/900 575/602; do
		from=$(date -ud "$start ${span%/*} sec" +%FT%T.%NZ)
		to=$(date -ud "$start ${span#*/} sec" +%FT%T.%NZ)
		iotsim consume -t "$topic" --from "$from" --to "$to" \
			--format csv >span.csv 2>err
		cat err
		balanced err
		awk -F, -v "from=$from" -v "to=$to" 'NR == 1 {
			gsub(/\.?0*Z/, "", from); gsub(/\.?0*Z/, "", to)
			print; next }
			{ s = $1; e = $2; sub("Z", "", s); sub("Z", "", e) }
			s >= from && e <= to' whole.csv | cmp - span.csv
		[ "$(summary err read)" = 36000 ] || ((fewer += 1))
	done
	[ "$(wc -l <span.csv)" -gt 1 ]
}

@test "a span has the lines of the whole, wherever it begins and ends" {
	start=$(date -ud '2 hours ago' +%FT%H:%M:00Z)
	span_is_as_in_the_whole
	[ "$fewer" = 6 ]
}

@test "a span of a topic whose records have other timestamps" {
	start=$(date -ud '10 minutes ago' +%FT%H:%M:00Z)
	span_is_as_in_the_whole --timestamps send
}

@test "--time kafka makes the windows of the records' timestamps" {
	topics --create --partitions 1 \
		--config message.timestamp.type=LogAppendTime
	iotsim produce -c 500 --speed max -t "$topic" --start -24h
	iotsim consume -e -t "$topic" --format csv --interval 1h >event.csv
	iotsim consume -e -t "$topic" --format csv --interval 1h \
		--time kafka >append.csv
	[ "$(used <event.csv)" = 500 ]
	[ "$(used <append.csv)" = 500 ]
	[[ $(tail -n 1 event.csv) < $(tail -n 1 append.csv) ]]
}

@test "with append times, future is what is ahead of the record's own" {
	topics --create --partitions 1 \
		--config message.timestamp.type=LogAppendTime
	iotsim produce -c 10 --speed max -t "$topic" --start +30m
	iotsim consume -e -t "$topic" 2>err
	has "read 10: used 0, open 0, late 0, future 10," err
	iotsim consume -e -t "$topic" --max-ahead off 2>err >out
	has "read 10: used 10," err
}

@test "a topic that appears later is noticed, and read from its beginning" {
	start view "$IOTSIM" consume -t "$topic" --from end --interval 1 \
		--max-reports 2 --format csv
	wait_for has "topic '$topic' does not exist yet; waiting for it" \
		view.err
	# Two whole seconds are in it wherever in a second it begins.
	iotsim produce -c 80 --delays 0.1 -t "$topic"
	ended_with 0 view
	[ "$(grep -c 'does not exist yet' view.err)" = 1 ]
	[ "$(awk -F, 'NR == 2 { print $1 }' view.out)" != "" ]
}

@test "partitions that are added are read from their beginning" {
	iotsim produce -c 100 --speed max -t "$topic" --partitions 1 \
		--start 2026-11-24T00:00:00Z
	start view "$IOTSIM" consume -v -t "$topic" --format csv \
		--max-ahead off
	wait_for has "reading partitions 0 to 0" view.err
	topics --alter --partitions 4
	wait_for has "reading partitions 1 to 3" view.err
	iotsim produce -n 40 -c 1600 --speed max -t "$topic" \
		--name-prefix new --start 2026-11-24T00:01:00Z
	wait_for has "2026-11-24T00:01:20Z,name,new39,20," view.out
	signal INT view
	ended_with 0 view
	[ "$(grep -c '2026-11-24T00:01:20Z,name,.*,20,' view.out)" = 40 ]
}

@test "a view that ends at the end fails for a topic that is not there" {
	run ! iotsim consume -e -t "$topic"
	[[ $output = "iotsim: topic '$topic' does not exist"* ]]
}

@test "transactions leave marks that are no readings; windows close all the same" {
	# 40 s of readings from the start of a window of 41 s
	iotsim produce -c 4000 --to - --speed max --delays 0.1 \
		--start 2025-11-13T02:13:20Z --num-sensors 10 >payload
	topics --create --partitions 2
	timeout 60 "$KAFKA" tool org.apache.kafka.tools.ProducerPerformance \
		--topic "$topic" --num-records 4000 --throughput -1 \
		--payload-file payload --transactional-id "$topic" \
		--transaction-duration-ms 10 \
		--producer-props bootstrap.servers="$IOTSIM_TEST_BROKERS"
	iotsim consume -e -t "$topic" --format csv --grace 24h >out.csv 2>err
	has "read 4000: used 4000," err
	# And a view that goes on sees the end behind the last mark.
	iotsim consume -t "$topic" -i 41s --grace 0 --idle 1s \
		--max-reports 1 --format csv 2>err >out.csv
	[ "$(used <out.csv)" = 4000 ]
}

@test "messages that are no readings are told and counted" {
	printf '%s\n' 'a:not json' 'b:{"type":"x"}' 'c:' 'd:NULL' \
		'e:{"time":1,"type":"t","name":"n","value":1}' >lines
	tool org.apache.kafka.tools.ConsoleProducer --topic "$topic" \
		--property parse.key=true \
		--property key.separator=: \
		--property null.marker=NULL <lines
	iotsim consume -e -t "$topic" >out 2>err
	has "read 5: used 1, open 0, late 0, future 0, malformed 4, skipped 0; 1 report" err
	[ "$(grep -c "malformed: topic $topic, partition " err)" = 4 ]
	has "no payload" err
}

@test "a broker that is killed and comes back costs nothing, doubles nothing" {
	start_own
	local kills=${IOTSIM_LONG:+4}
	kills=${kills:-1}
	start produce "$IOTSIM" produce -n 10 --delays 0.01 -t "$topic"
	start view "$IOTSIM" consume -t "$topic" --interval 5 --format csv \
		--idle 8s
	wait_for has "sensor_" view.out
	for ((kill = 1; kill <= kills; kill++)); do
		"$KAFKA" kill "$own"
		gone() { [ "$(grep -c 'waiting for it' produce.err)" = "$kill" ]; }
		wait_for gone
		"$KAFKA" start "$own"
		back() { [ "$(grep -c 'is back' produce.err)" = "$kill" ]; }
		wait_for back
	done
	signal INT produce
	ended_with 0 produce
	local n
	n=$(summary produce.err sent)
	has "sent $n: delivered $n, failed 0" produce.err
	all_used() { [ "$(used <view.out)" = "$n" ]; }
	wait_for all_used || { cat view.out; false; }
	signal INT view
	ended_with 0 view
	has "read $n: used $n, open 0, late 0, future 0, malformed 0" view.err
	iotsim consume -t "$topic" -e --format csv --interval 5 >again.csv
	diff view.out again.csv
}

@test "a broker that hangs for a while is waited for" {
	start_own
	start produce "$IOTSIM" produce -n 10 --delays 0.01 -c 5000 \
		-t "$topic"
	sent_some() { iotsim consume -t "$topic" -e 2>&1 | grep -q 'used [1-9]'; }
	wait_for sent_some
	"$KAFKA" freeze "$own"
	sleep 2 # the length of the hang, not a wait for something
	"$KAFKA" thaw "$own"
	ended_with 0 produce
	has "sent 5000: delivered 5000, failed 0" produce.err
	iotsim consume -t "$topic" -e 2>err
	has "read 5000: used 5000," err || { cat err; false; }
}

@test "Ctrl-C while no broker answers: what was not delivered has failed" {
	start_own
	start produce "$IOTSIM" produce -n 10 --delays 0.01 -t "$topic"
	sent_some() { iotsim consume -t "$topic" -e 2>&1 | grep -q 'used [1-9]'; }
	wait_for sent_some
	"$KAFKA" kill "$own"
	wait_for has "waiting for it" produce.err
	signal INT produce
	ended_with 1 produce
	awk -F'[ :,]+' '/sent/ { exit !($3 == $5 + $7 && $7 > 0) }' produce.err ||
		{ cat produce.err; false; }
}
