#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# iotsim demo: all three in one process.

load ../common

# The last two lines are the summaries, of the producer and of the consumer.
summed_up() { # FILE
	balanced "$1"
	head -n -1 "$1" >producer.err
	balanced producer.err
}

@test "reports come by themselves, of both sensors; Ctrl-C ends it" {
	start d "$IOTSIM" demo
	# A window that was nearly over may have one sensor alone.
	wait_for grep -qE '^sensor_0 +[0-9.-]+$' d.out
	wait_for grep -qE '^sensor_1 +[0-9.-]+$' d.out
	signal INT d
	ends d
	[ "$status" = 0 ]
	summed_up d.err
	[ "$(summary d.err malformed)" = 0 ]
	[ "$(summary d.err late)" = 0 ]
	[ "$(summary producer.err failed)" = 0 ]
	[ "$(grep -c '^Time: ' d.out)" -le 2 ]
}

@test "three reports, then a clean end" {
	try demo --interval 1 --max-reports 3 --seed 1
	[ "$status" = 0 ]
	[ "$(grep -c '^Time: ' out)" = 3 ]
	summed_up err
	tail -n 1 err | grep -q '; 3 reports$'
	# Nothing is lost, and the sensors are those of the assignment.
	awk '/^Time/ { n[++i] = $5 } END { exit n[2] != 20 || n[3] != 20 }' out
}

@test "--format json and csv" {
	try demo --interval 1 --max-reports 2 --format json
	[ "$status" = 0 ]
	"$PYTHON" -c 'import json
rows = [json.loads(line) for line in open("out")]
assert {r["by"] for r in rows} == {"type", "name"}
assert {r["key"] for r in rows if r["by"] == "name"} == {"sensor_0", "sensor_1"}
assert len({r["start"] for r in rows}) == 2'
	try demo --interval 1 --max-reports 1 --format csv
	[ "$(head -n 1 out)" = start,end,by,key,count,mean ]
}

@test "it takes the options of both sides" {
	try demo -n 3 --name-prefix probe --types wind --delays 0.02 \
		--sensors-values-mean 7 --sensors-values-std 0 \
		--interval 500ms --grace 100ms --accumulate --max-reports 2 -q
	[ "$status" = 0 ]
	grep -qE '^probe2 +7\.0$' out
	grep -qE '^wind +7\.0$' out
	[ "$(wc -l <err)" = 2 ]
}

@test "sensors that are written out, and what goes wrong with them" {
	try demo --seed 7 --sensor 'name=a,type=t,value=constant(4),every=0.01' \
		--fault malformed:20% --fault duplicate:20% --late 5%:3s \
		--interval 1 --max-reports 4 --format csv
	[ "$status" = 0 ]
	summed_up err
	[ "$(cut -d, -f4 out | sort -u | xargs)" = "a key t" ]
	[ "$(summary err malformed)" -gt 10 ]
	[ "$(summary err late)" -gt 0 ]
	tail -n 2 err | head -n 1 | grep -q '; asked .*, achieved .*, behind by '
	try demo --fleet list
	[ "$status" = 0 ]
	iotsim produce --fleet list | diff - out
}

@test "its laws are the assignment's: means 2 and 10, deviations 2 and 3" {
	# A fixed seed; delays short enough for hundreds of readings a second.
	try demo --seed 1 --delays 0.002 --interval 1 --max-reports 2 --format csv
	# Within 5 sigma of n readings.
	awk -F, '
	$4 == "sensor_0" { d = $6 - 2; bad += d * d > 25 * 4 / $5; seen++ }
	$4 == "sensor_1" { d = $6 - 10; bad += d * d > 25 * 9 / $5; seen++ }
	END { exit bad || seen < 4 }' out
}

@test "a full disk: status 1, and it says why" {
	status=0
	iotsim demo --interval 500ms >/dev/full 2>err || status=$?
	[ "$status" = 1 ]
	grep -q 'cannot write to standard output: No space left on device' err
	summed_up err
}

@test "SIGTERM ends it too" {
	start d "$IOTSIM" demo --interval 500ms
	wait_for grep -q '^Time: ' d.out
	signal TERM d
	ends d
	[ "$status" = 0 ]
	summed_up d.err
}

@test "it ends when the schedule has, with its last window" {
	for end in "--count 20 --speed max" "--duration 1s"; do
		# shellcheck disable=SC2086 # words
		try demo --delays 0.05 --interval 1s --idle 500ms $end
		[ "$status" = 0 ]
		balanced err
		[ "$(summary err open)" = 0 ]
		[ "$(summary err used)" -ge 20 ]
	done
}

@test "it ends when the schedule has, without a reading" {
	try demo --seed 1 --duration 2s --fault dropout:100%:1h
	[ "$status" = 0 ]
	summed_up err
	[ "$(summary producer.err sent)" = 0 ]
	[ "$(summary err read)" = 0 ]
}
