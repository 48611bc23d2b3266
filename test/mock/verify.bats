#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# consume --verify: reports that were printed are found again in the topic.

load ../common

# 40 s of readings, some of them late, a minute after the last ones.
fill() { # SEED
	((minute += 1))
	iotsim produce -q -n 20 --delays 0.1 --duration 40s --speed max \
		--seed "$1" --start "$(printf '2026-11-24T00:%02d:00Z' $minute)" \
		--late 5%:20s
}

# All that is printed by a view that ends at the end.
printed() { # ARG...
	iotsim consume -e --format json "$@" 2>/dev/null
}

# Nothing is printed; the last line but one is that of the verification.
verified() { # STATUS LINE ARG...
	try consume --verify file "${@:3}"
	[ "$status" = "$1" ]
	[ ! -s out ]
	balanced err
	[ "$(tail -n 2 err | head -n 1)" = "iotsim: verify: $2" ]
}

says() { # LINE...
	printf 'iotsim: verify: %s\n' "$@" | diff - <(head -n -2 err)
}

@test "what was printed is found again, and every change to it" {
	start_broker -t iot
	minute=0
	fill 1
	fill 2
	printed -i 5s >good
	rows=$(wc -l <good) # of 16 windows or more, 23 each
	reports=$(cut -d'"' -f4 good | sort -u | wc -l)
	cp good file
	verified 0 "$reports reports, $rows means agree"
	cat good good >file # again
	verified 0 "$reports reports, $rows means agree"

	line=$(grep -n '"key":"sensor_3"' good | sed -n '2s/:.*//p')
	window=$(sed -n "${line}p" good | sed -E 's/.*start":"([^"]*)","end":"([^"]*)".*/\1..\2/')
	count=$(sed -n "${line}p" good | sed -E 's/.*"count":([0-9]+).*/\1/')
	mean=$(sed -n "${line}p" good | sed -E 's/.*"mean":([0-9.]+).*/\1/')
	sed "${line}s/\"mean\":[0-9.]*/\"mean\":99.5/" good >file
	verified 1 "$reports reports, $((rows - 1)) means agree, 1 difference"
	says "window $window, by name, key sensor_3: file:$line says mean 99.5 (count $count), the log gives mean $mean (count $count)"
	sed "${line}d" good >file
	verified 1 "$reports reports, $((rows - 1)) means agree, 1 difference"
	says "window $window, by name, key sensor_3: not in the file, the log gives mean $mean (count $count)"
	sed "${line}s/sensor_3/x/" good >file
	verified 1 "$reports reports, $((rows - 1)) means agree, 2 differences"
	has "key x: file:$line says mean $mean (count $count), the log has none"
	{ cat good; sed -n "${line}s/\"count\":/&1/p" good; } >file
	verified 1 "$reports reports, $rows means agree, 1 difference"
	says "window $window, by name, key sensor_3: file:$((rows + 1)) is not the same as file:$line"
}

has() { # TEXT [FILE]
	grep -qF "$1" "${2:-err}"
}

@test "other statistics than the mean, and one table alone" {
	local reports
	start_broker -t iot
	minute=0
	fill 1
	printed -i 5s --stats max,sd >file
	reports=$(cut -d'"' -f4 file | sort -u | wc -l)
	verified 0 "$reports reports, $(wc -l <file) means agree"
	sed -i -E '7s/"sd":[0-9.]+/"sd":0.5/' file
	try consume --verify file
	[ "$status" = 1 ]
	grep -qE '^iotsim: verify: window .*: file:7 says sd 0.5 \(count [0-9]+\), the log gives sd [0-9.]+ \(count [0-9]+\)$' err
	sed -i -E '7s/"sd":0.5,?//' file
	try consume --verify file
	[ "$status" = 2 ]
	[ "$(cat err)" = "iotsim: option '--verify' (a file of --format json): file:7: no row of a report: it has no 'sd'" ]
	printed -i 5s --stats count --by name >file
	run ! grep -q '"by":"type"' file
	verified 0 "$reports reports, $(wc -l <file) means agree"
	sed -i -E '7s/"count":/&1/' file
	try consume --verify file
	[ "$status" = 1 ]
	grep -qE '^iotsim: verify: window .*, by name, key .*: file:7 says count 1[0-9]+, the log gives count [0-9]+$' err
}

@test "windows that are in one of the two only" {
	start_broker -t iot
	minute=0
	fill 1
	fill 2
	printed -i 5s >good
	start=2026-11-24T00:01:20Z
	grep -v "\"start\":\"$start" good >file
	try consume --verify file
	[ "$status" = 1 ]
	grep -qE "^iotsim: verify: window $start\.\.[^ ]*: not in the file, the log gives [0-9]+ readings$" err
	[ "$(grep -c 'iotsim: verify: ' err)" = 2 ]
	{ cat good; tail -n 1 good | sed 's/T00:0[0-9]/T23:59/g'; } >file
	try consume --verify file
	[ "$status" = 1 ]
	grep -qE "^iotsim: verify: window 2026-11-24T23:59:..Z\.\.[^ ]*: file:$(wc -l <file) says [0-9]+ readings, the log has none$" err
	# What lies before the first report and behind the last is no matter.
	grep "\"start\":\"$start" good >file
	verified 0 "1 report, $(wc -l <file) means agree"
}

@test "the interval is that of the file; the other options have to be the same" {
	start_broker -t iot
	minute=0
	fill 1
	printed -i 5s --grace 0 >file
	verified 0 "8 reports, $(wc -l <file) means agree" --grace 0
	try consume --verify file --grace 10s
	[ "$status" = 1 ]
	try consume --verify file --interval 6s
	[ "$status" = 2 ]
	[ "$(cat err)" = "iotsim: option '--interval': it is 6s, and the windows of the file are of 5s" ]
	printed -i 5s --from 100 >file
	verified 0 "$(cut -d'"' -f4 file | sort -u | wc -l) reports, $(wc -l <file) means agree" --from 100
	try consume --verify file --from 2026-11-25T00:00:00Z
	[ "$status" = 2 ]
	[ "$(cat err)" = "iotsim: option '--from': the file has windows that start before that" ]
}

# What comes for a window that was closed by force is late, though no watermark
# says so.
@test "forced closes agree up to their cuts" {
	need_kcat
	start_broker -t iot
	start view "$IOTSIM" consume --format json --interval 10 --idle 200ms
	for round in 1 2 3; do
		# Partition 0 has some of the window, and then no more.
		reading "\"2026-11-24T00:0$round:01Z\"" t a "$round" | put 0
		reading "\"2026-11-24T00:0$round:12Z\"" t b "$round" | put 1
		wait_for grep -q "\"start\":\"2026-11-24T00:0$round:00Z\",.*\"key\":\"t\",\"count\":1," view.out
		reading "\"2026-11-24T00:0$round:02Z\"" t a 9 | put 0
	done
	wait_for grep -q '"start":"2026-11-24T00:03:10Z"' view.out
	signal INT view
	ends view
	[ "$status" = 0 ]
	[ "$(summary view.err late)" = 3 ]
	cp view.out file
	verified 0 "6 reports, 12 means agree"
	[ "$(summary err late)" = 3 ]
	sed 's/,"cuts":.*}/}/' view.out >file
	verified 1 "6 reports, 6 means agree, 6 differences"
}

put() { # PARTITION
	timeout 20 kcat -P -b "$KAFKA_BOOTSTRAP_SERVERS" -t iot -p "$1"
}

@test "a group's reports: of its partitions, by all of its members" {
	start_broker -t iot
	minute=0
	for seed in 1 2 3; do
		fill $seed
		iotsim consume -g g -e --format json -i 5s >>good 2>member.err
		cat member.err
	done
	[ "$(grep -c partitions good)" -gt 200 ]
	cp good file
	reports=$(sed 's/.*"id":"\([^"]*\)".*/\1/' good | sort -u | wc -l)
	verified 0 "$reports reports, $(wc -l <good) means agree"
	# Of a partition nothing is told any more, in a window among others.
	id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' good | sort -u | sed -n 5p)
	grep -v "\"$id\"" good >file
	try consume --verify file
	[ "$status" = 1 ]
	[ "$(grep -cE 'verify: window [^ ]*, partition [0-9]: not in the file, the log gives [0-9]+ readings$' err)" -ge 2 ]
	# A partition less in a report, with another count in another.
	sed "/\"$id\"/s/\"1\":\([0-9]*\),/\"1\":7\1,/" good >file
	try consume --verify file
	[ "$status" = 1 ]
	grep -qE 'verify: window [^ ]*, partition 1: file:[0-9]+ says 7[0-9]* readings, the log gives [0-9]+$' err
	[ "$(grep -c 'iotsim: verify: ' err)" = 2 ]
}

@test "lines that a killed run has torn are left out, and said" {
	start_broker -t iot
	minute=0
	fill 1
	printed -i 5s >good
	{ head -n 30 good; sed -n '31s/"mean".*//p' good; tail -n +31 good
		sed -n '1s/"key":"h.*//p' good | tr -d '\n'; } >file
	verified 0 "8 reports, $(wc -l <good) means agree"
	[ "$(head -n 1 err)" = "iotsim: file: 2 lines without end, of a run that was killed: left out" ]
	head -c -20 good >file
	verified 1 "8 reports, $(($(wc -l <good) - 1)) means agree, 1 difference"
}

@test "records that are gone: what could not be verified is said" {
	start_broker -t iot --partitions 1
	minute=0
	fill 1
	printed -i 5s >good
	cp good file
	iotsim produce -q -n 100 --delays 0.1 -c 100000 --speed max \
		-X compression.codec=none --start 2026-11-24T01:00:00Z
	try consume --verify file
	[ "$status" = 1 ]
	balanced err
	grep -qE '^iotsim: verify: partition 0: the log begins at offset [0-9]+, what was before it is gone; it is whole from 2026-11-24T0[1-9]:[^ ]* on$' err
	[ "$(tail -n 2 err | head -n 1)" = "iotsim: verify: 0 reports, 0 means agree, 8 reports could not be verified" ]
}
