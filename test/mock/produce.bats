#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What produce leaves in a topic: keys, partitions, timestamps, headers, their
# order; and the truth of it.

load ../common

same=(--seed 7 --start 2026-11-24T00:00:00Z --speed max)

setup_file() {
	command -v kcat >/dev/null || skip "no kcat: apt-get install kcat"
}

# All messages of the topic, as kcat tells them, a line of JSON each, those of
# a partition in its order.
messages() { # [TOPIC]
	timeout 30 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t "${1:-iot}" \
		-o beginning -e -q -J >messages
}

# The same as PARTITION TAB payload.
payloads() {
	timeout 30 kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t iot \
		-o beginning -e -q -f '%p\t%s\n'
}

# A program over m, the list of the messages with their headers as h.
python() { # PROGRAM
	"$PYTHON" -c '
import collections, datetime, json
def pairs(list):
    return dict(zip(list[::2], list[1::2]))
m = [json.loads(line) for line in open("messages", encoding="utf-8")]
for x in m:
    x["h"] = pairs(x.get("headers", []))
def micros(text):
    t = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (t - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)
'"$1"
}

# Sends it. Must succeed.
send() { # ARG...
	try produce "${same[@]}" "$@"
	[ "$status" = 0 ]
	balanced err
	[ "$(summary err failed)" = 0 ]
}

@test "without --headers there are none" {
	start_broker -t iot
	send -c 500
	messages
	python 'assert len(m) == 500 and not any("headers" in x for x in m)'
}

@test "--headers: one run, the number of each sensor's reading, when it was sent" {
	start_broker -t iot
	began=$(date +%s%N)
	send -n 9 -c 3000 --headers
	ended=$(date +%s%N)
	messages
	python '
assert all(list(x["h"]) == ["run", "seq", "sent"] for x in m)
assert len({x["h"]["run"] for x in m}) == 1 and len(m[0]["h"]["run"]) == 16
assert all(int(x["h"]["sent"]) in range('"$((began / 1000)), $((ended / 1000 + 1))"') for x in m)
seq = collections.defaultdict(list)
for x in m:
    seq[x["key"]].append(int(x["h"]["seq"]))
assert len(seq) == 9
assert all(s == list(range(len(s))) for s in seq.values())
'
	send -n 1 -c 1 --headers
	messages
	python 'assert len({x["h"]["run"] for x in m}) == 2'
}

@test "the fault header, and numbers: a duplicate has the first one's, silence none" {
	start_broker -t iot
	send -n 4 --duration 1000s --headers --fault duplicate:5% \
		--fault dropout:1%:5s --fault malformed:3% --late 4%:3s
	messages
	python '
seen = collections.defaultdict(dict)
kinds = collections.Counter()
for x in m:
    h, key = x["h"], x["key"]
    faults = h.get("fault", "").split(",")
    kinds.update(faults)
    n = int(h["seq"])
    if "duplicate" in faults:
        assert x["payload"] == seen[key][n]
    else:
        assert n not in seen[key]
        seen[key][n] = x["payload"]
    try:
        r = json.loads(x["payload"])
        bad = not isinstance(r["value"], float) or "fault" in r
    except ValueError:
        bad = True
    assert bad == ("malformed" in faults), x
assert all(sorted(s) == list(range(len(s))) for s in seen.values())
assert set(kinds) == {"", "duplicate", "malformed", "late"}, kinds
assert 3000 < sum(map(len, seen.values())) < 4000 # of 4000, but for the silent
assert all(kinds[k] > 50 for k in kinds)
'
}

@test "faults are labelled in a header without --headers, and with --labels in both" {
	start_broker -t a -t b
	send -t a -c 1000 --fault spike:10%
	messages a
	python '
labelled = [x for x in m if x["h"]]
assert len(labelled) > 50
assert all(x["h"] == {"fault": "spike"} for x in labelled)
assert not any("fault" in json.loads(x["payload"]) for x in m)'
	send -t b -c 1000 --fault spike:10% --labels
	messages b
	python 'assert all(json.loads(x["payload"]).get("fault") == x["h"].get("fault") for x in m)'
}

@test "the Kafka timestamp is the true time, when the sensor's clock is wrong too" {
	start_broker -t iot
	send -n 3 --duration 1000s --fault skew:1%:20s:1h --late 5%:10s \
		--fault malformed:2%
	messages
	iotsim produce --to - "${same[@]}" -n 3 --duration 1000s >plain 2>/dev/null
	python '
true = collections.defaultdict(list)
for line in open("plain"):
    r = json.loads(line)
    true[r["name"]].append(micros(r["time"]) // 1000)
skewed = 0
got = collections.defaultdict(list)
for x in m:
    got[x["key"]].append(x["ts"])
    faults = x["h"].get("fault", "").split(",")
    if "malformed" in faults:
        continue
    off = micros(json.loads(x["payload"])["time"]) // 1000 - x["ts"]
    assert off == (3600000 if "skew" in faults else 0)
    skewed += off > 0
assert skewed > 100
assert {k: sorted(v) for k, v in got.items()} == true'
}

@test "--timestamps: of the event, or of sending: the first of a partition, too" {
	for options in "" --headers "--fault spike:20%" "--threads 2 --labels" \
		"-X linger.ms=0" "--fault duplicate:5% --rate 20k"; do
		start_broker -t event -t send --partitions 3
		run=(--seed 7 --speed max --start -30d -n 20 -c 3000)
		# shellcheck disable=SC2086 # words
		try produce -t event "${run[@]}" $options
		[ "$status" = 0 ]
		messages event
		python '
assert len(m) == 3000
assert all(x["ts"] == micros(json.loads(x["payload"])["time"]) // 1000 for x in m)'
		began=$(date +%s%3N)
		# shellcheck disable=SC2086 # words
		try produce -t send "${run[@]}" --timestamps send $options
		[ "$status" = 0 ]
		ended=$(date +%s%3N)
		messages send
		python '
assert len(m) == 3000 and len({x["partition"] for x in m}) == 3
old = [x for x in m if x["ts"] not in range('"$began, $((ended + 1))"')]
assert not old, (len(old), old[0])'
	done
}

# Java: (murmur2(key) & 0x7fffffff) % partitions.
@test "keys and partitions are as a Java client would have them" {
	start_broker -t iot --partitions 7
	send -n 300 -c 900 --fault malformed:10%
	messages
	python '
def murmur2(data):
    mask, mul = 0xffffffff, 0x5bd1e995
    h = 0x9747b28c ^ len(data)
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i:i + 4], "little") * mul & mask
        k = (k ^ k >> 24) * mul & mask
        h = h * mul & mask ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * mul & mask
    h = (h ^ h >> 13) * mul & mask
    return h ^ h >> 15
assert len({x["key"] for x in m}) == 300
assert all(x["partition"] == (murmur2(x["key"].encode()) & 0x7fffffff) % 7 for x in m)
assert len({x["partition"] for x in m}) == 7'
}

@test "a partition has its messages in the order in which they were to be sent" {
	for options in "" "--threads 3" "-X queue.buffering.max.messages=100" \
		"-X linger.ms=0 --headers" "-X batch.num.messages=3"; do
		start_broker -t iot --partitions 3
		run=(-n 40 --delays 0.1 -c 4000 --late 5%:2s
			--fault duplicate:5% --labels)
		# shellcheck disable=SC2086 # words
		send "${run[@]}" $options
		payloads >got
		iotsim produce --to - "${same[@]}" "${run[@]}" >sent 2>/dev/null
		"$PYTHON" - <<-'END'
		import collections
		place, parts = {}, collections.defaultdict(list)
		for line in open("got"):
		    part, line = line.split("\t")
		    parts[part].append(line)
		    place[line.split('"')[11]] = part # by name
		assert len(parts) == 3
		want = collections.defaultdict(list)
		for line in open("sent"):
		    want[place[line.split('"')[11]]].append(line)
		assert want == parts
		END
	done
}

@test "at a pace, too: what waits for its time is let go, in order" {
	start_broker -t iot --partitions 2
	try produce --seed 7 --start 2026-11-24T00:00:00Z -n 10 --delays 0.02 \
		-c 500 --speed max --rate 1k --headers
	[ "$status" = 0 ]
	tail -n 1 err | grep -q 'delivered 500, failed 0; asked 1000/s, achieved '
	messages
	python '
seq = collections.Counter()
for x in m:
    assert int(x["h"]["seq"]) == seq[x["key"]]
    seq[x["key"]] += 1
assert sum(seq.values()) == 500'
}

@test "the truth of several partitions is what is in each" {
	for partitions in 1 4; do
		start_broker -t iot --partitions "$partitions"
		send -n 20 --delays 0.2 --delay-distribution exponential \
			--duration 200s --late '5%:exponential(10)' \
			--fault duplicate:3% --fault malformed:2% \
			--fault skew:1%:5s:1m --truth truth.csv --truth-interval 5s
		payloads | is_truth_of truth.csv 5 1
		iotsim consume -e --max-ahead off --interval 5s >/dev/null 2>books
		[ "$(tail -n 1 truth.csv | cut -d, -f9)" = "$(summary books malformed)" ]
		[ "$(tail -n 1 truth.csv | cut -d, -f8)" = "$(summary books late)" ]
		[ "$(tail -n 1 truth.csv | cut -d, -f5)" = "$(summary books used)" ]
	done
}

@test "the truth of slices that fill one topic adds up" {
	start_broker -t iot
	for i in 1 2 3; do
		start "p$i" "$IOTSIM" produce "${same[@]}" -n 30 --duration 100s \
			--slice "$i/3" --truth "truth.$i" --truth-grace 24h
	done
	for i in 1 2 3; do
		ends "p$i"
		[ "$status" = 0 ]
		grep -q '^,,end,complete,1000,,,0,0$' "truth.$i"
	done
	iotsim consume -e --max-ahead off --grace 24h --format csv >windows 2>books
	[ "$(summary books used)" = 3000 ]
	"$PYTHON" - <<-'END'
	import csv, fractions
	total = {}
	for i in 1, 2, 3:
	    for r in csv.DictReader(open(f"truth.{i}")):
	        if r["by"] != "end":
	            t = total.setdefault((r["start"], r["by"], r["key"]), [0, 0])
	            t[0] += int(r["count"])
	            t[1] += sum(fractions.Fraction(float(x)) for x in r["sum"].split())
	got = {(r["start"], r["by"], r["key"]): r for r in csv.DictReader(open("windows"))}
	assert got.keys() == total.keys()
	for k, (n, s) in total.items():
	    assert n == int(got[k]["count"])
	    assert abs(float(s / n) - float(got[k]["mean"])) <= float(s / n) * 2**-52
	END
}

@test "Ctrl-C closes the truth, which is that of what is in the topic" {
	start_broker -t iot
	start p "$IOTSIM" produce --seed 7 --delays 0.01 --truth truth.csv \
		--truth-interval 1 --fault duplicate:10%
	wait_for some_delivered
	signal INT p
	ends p
	[ "$status" = 0 ]
	payloads | is_truth_of truth.csv 1 1
	[ "$(tail -n 1 truth.csv | cut -d, -f5)" = "$(summary p.err delivered)" ]
}

some_delivered() {
	iotsim consume -e >/dev/null 2>some.err
	[ "$(summary some.err read)" -gt 0 ]
}

@test "a broker that is killed: the truth is invalid" {
	start_broker -t iot
	start p "$IOTSIM" produce --seed 7 --delays 0.01 --truth truth.csv
	wait_for some_delivered
	signal KILL broker
	wait_for grep -q "waiting for it" p.err
	signal INT p
	ends p
	[ "$status" = 1 ]
	balanced p.err
	[ "$(summary p.err failed)" -gt 0 ]
	tail -n 1 truth.csv | grep -q '^,,end,invalid: messages failed,'
	tail -n 1 p.err | grep -q "; the last one: "
}

@test "a full disk under the truth: what was sent is there, and counted" {
	start_broker -t iot
	try produce "${same[@]}" -c 1000 --truth /dev/full
	[ "$status" = 1 ]
	balanced err
	[ "$(head -n 1 err)" = "iotsim: cannot write to '/dev/full': No space left on device" ]
	[ "$(summary err delivered)" = 1000 ]
	[ "$(payloads | wc -l)" = 1000 ]
}

# Messages of one sensor are larger than librdkafka takes.
@test "single messages that are refused: the others are there, once, and counted" {
	printf -v long '%01100d' 0
	run=("${same[@]}" -c 2000 --sensor 'name=a,every=0.001')
	for every in 0.7 0.05; do
		iotsim produce --to - "${run[@]}" \
			--sensor "name=$long,every=$every" >all 2>/dev/null
		for options in "--timestamps event" "--timestamps send" \
			"--timestamps event --headers" \
			"--timestamps send --headers" \
			"--timestamps send --rate 10k"; do
			echo "$every $options"
			start_broker -t iot --partitions 1
			# shellcheck disable=SC2086 # words
			try produce "${run[@]}" -X message.max.bytes=1000 \
				--sensor "name=$long,every=$every" $options
			[ "$status" = 1 ]
			balanced err
			[ "$(wc -l <err)" = 2 ]
			grep -qx "iotsim: cannot send to topic 'iot': .*too large" err
			head -n "$(summary err sent)" all >put
			grep -v "$long" put >small
			[ "$(summary err failed)" = "$(grep -c "$long" put)" ]
			[ "$(summary err failed)" -gt 0 ]
			payloads | cut -f2- | cmp small -
			[ "$(summary err delivered)" = "$(wc -l <small)" ]
			iotsim consume -e --max-ahead off >/dev/null 2>books
			[ "$(summary books used)" = "$(wc -l <small)" ]
		done
	done
}
