#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is said on standard error: text that cannot run wild, or JSON.

load ../common

# Every line of err is such an object; EXPRESSION holds of the list of them.
lines_are() { # EXPRESSION
	"$PYTHON" - "$1" <<-'END'
		import datetime, json, sys
		lines = [json.loads(line) for line in open("err")]
		for m in lines:
		    assert list(m)[:3] == ["time", "level", "message"], m
		    assert m["time"].endswith("Z")
		    datetime.datetime.fromisoformat(m["time"][:-1])
		    assert m["level"] in ("error", "warn", "info", "debug"), m
		    assert isinstance(m["message"], str) and m["message"], m
		    assert not m["message"].startswith("iotsim"), m
		last = lines[-1]
		assert eval(sys.argv[1]), lines
	END
}

@test "json: the summary of a producer has its numbers" {
	try produce "${FIXED[@]}" --log-format json -c 30 --speed 1000
	[ "$status" = 0 ]
	lines_are 'len(lines) == 1'
	lines_are 'last["level"] == "info" and last["event"] == "summary"'
	lines_are '(last["sent"], last["delivered"], last["failed"]) == (30, 30, 0)'
	lines_are 'last["message"].startswith("sent 30: delivered 30, failed 0; ")'
	lines_are 'last["asked_per_second"] > last["achieved_per_second"] > 0'
	lines_are 'last["behind_seconds"] >= 0'
}

@test "json: the summary of a consumer has its books, a warning is one" {
	{
		reading 1 t a 1
		reading 1 t a '"x"'
		reading 99 t a 1
		reading 1 t a 1
	} >in
	try consume --from - --log-format json <in
	[ "$status" = 0 ]
	lines_are '[m["level"] for m in lines] == ["warn", "info"]'
	lines_are '"line 2" in lines[0]["message"] and len(lines[0]) == 3'
	lines_are '[last[k] for k in ("read", "used", "open", "late", "future",
		"malformed", "skipped", "reports")] == [4, 2, 0, 1, 0, 1, 0, 2]'
	lines_are 'last["message"].startswith("read 4: used 2, open 0, late 1, ")'
}

@test "json: the check has its numbers" {
	produce --count 100 --truth truth.csv
	head -n 99 out >in
	try consume --from - --check truth.csv --log-format json <in
	[ "$status" = 1 ]
	lines_are 'lines[-2]["event"] == "check" and lines[-2]["differences"] > 0'
	lines_are 'lines[-2]["windows"] > 0 and lines[-2]["means"] > 0'
	lines_are 'all(m["level"] == "warn" for m in lines[:-2])'
}

@test "json: notes, and what fails" {
	try produce --to - --log-format json -c 1 --speed max
	lines_are 'lines[0]["level"] == "info" and "seed" in lines[0]["message"]'
	try produce --to - --log-format json -c 1 --speed max -q
	lines_are 'len(lines) == 1'
	try consume -b 127.0.0.1:1 --connect-timeout 100ms --log-format json
	[ "$status" = 1 ]
	lines_are 'last["level"] == "error" and "127.0.0.1:1" in last["message"]'
	try consume -b 127.0.0.1:1 --connect-timeout 100ms --log-format json -v
	lines_are 'any(m["level"] == "debug" for m in lines)'
}

@test "json: wrong usage, once it is known that JSON is wanted" {
	try produce --log-format json --fleet nosuch
	[ "$status" = 2 ]
	lines_are 'len(lines) == 1 and last["level"] == "error"'
	refused "'--count'" "'many'" -- produce --log-format json --count many
	refused "'--log-format'" "'xml'" text json -- produce --log-format xml
}

@test "json: other commands too" {
	try broker --log-format json -- /nosuch
	[ "$status" = 127 ]
	lines_are 'len(lines) == 1 and "/nosuch" in last["message"]'
	try group show g --log-format json -b 127.0.0.1:1 --connect-timeout 100ms
	[ "$status" = 1 ]
	lines_are 'len(lines) == 1'
	try preview --log-format json --readings 10 --span 1m
	[ "$status" = 0 ]
	lines_are 'len(lines) == 1 and "seed" in last["message"]'
}

@test "a name with a terminal escape is shown escaped, as text and as JSON" {
	produce --count 20 --truth truth.csv
	reading '"2026-11-24T00:00:05Z"' t 'a\u001b[31mb\u009bc' 1 >in
	try consume --from - --check truth.csv <in
	run ! grep -qP '\x1b|\xc2\x9b' err
	grep -qF 'name a\x1b[31mb\x9bc: count 1' err
	try consume --from - --check truth.csv --log-format json <in
	run ! grep -q $'\e' err
	lines_are 'any(r"name a\x1b[31mb\x9bc: " in m["message"] for m in lines)'
}
