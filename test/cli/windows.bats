#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# "Windows, exactly", as far as standard input (one partition) can show it.
# Times are seconds since 1970, windows 10 s long.

load ../common

# A reading of that time; its value and names do not matter here.
at() { # SECONDS...
	local time
	for time; do
		reading "$time" t n 1
	done
}

# From CSV to "START:COUNT ..." of the windows; START in seconds.
windows() {
	awk -F, '
	$3 == "type" { split($1, t, /[T:Z]/); s = (t[2] * 60 + t[3]) * 60 + t[4]
		printf "%s%d:%d", n++ ? " " : "", s, $5 }' "$@"
}

# What becomes of the readings on stdin: CSV in out, the summary in err.
consume() { # ARG...
	try consume --from - --interval 10 --format csv "$@"
	[ "$status" = 0 ]
	balanced err
}

# Starts to consume a fifo that stays open as descriptor 7.
consume_fifo() { # ARG...
	mkfifo fifo
	exec 7<>fifo # a fifo that is opened on one side only waits
	start c "$IOTSIM" consume --from - --format csv "$@" <fifo 7>&-
}

has_windows() { # WINDOWS
	[ "$(windows c.out)" = "$1" ]
}

@test "a reading belongs to the window of its event time" {
	at 0 9.999999 10 19.999999 20 | consume --grace 1h
	[ "$(windows out)" = "0:2 10:2 20:1" ]
}

@test "windows start at multiples of the interval since 1970, before it too" {
	at -10.000001 -10 -0.000001 0 |
		try consume --from - --interval 10 --format csv
	cut -d, -f1,5 out | sort -u >starts
	diff starts - <<-'END'
		1969-12-31T23:59:40Z,1
		1969-12-31T23:59:50Z,2
		1970-01-01T00:00:00Z,1
		start,count
	END
	at 7 | try consume --from - --interval 3500ms --format csv
	grep -q '^1970-01-01T00:00:07Z,1970-01-01T00:00:10.5Z,' out
}

@test "the grace: taken while end + grace is above the watermark, then late" {
	at 5 10.999999 6 11 7 | consume
	[ "$(windows out)" = "0:2 10:2" ]
	[ "$(summary err late)" = 1 ]
}

@test "--grace 0: late as soon as the end is reached" {
	at 5 9.9 6 10 7 | consume --grace 0
	[ "$(windows out)" = "0:3 10:1" ]
	[ "$(summary err late)" = 1 ]
}

@test "a long grace takes readings in any order, and prints in order" {
	at 35 5 15 36 6 | consume --grace 1h
	[ "$(windows out)" = "0:2 10:1 30:2" ]
	[ "$(summary err late)" = 0 ]
}

@test "a late reading opens no window again" {
	at 5 25 15 16 6 | consume
	[ "$(windows out)" = "0:1 20:1" ]
	[ "$(summary err late)" = 3 ]
}

@test "a window never seen before is late all the same" {
	at 100 5 | consume
	[ "$(windows out)" = "100:1" ]
	[ "$(summary err late)" = 1 ]
}

@test "what is malformed moves no watermark" {
	{ at 5; echo '{"time":1000,"type":"t","name":"n"}'; at 6; } | consume
	[ "$(windows out)" = "0:2" ]
	[ "$(summary err malformed)" = 1 ]
}

@test "a window is printed as soon as the watermark reaches end + grace" {
	consume_fifo --interval 10 --idle off
	at 5 11 >&7
	wait_for has_windows 0:1
	at 22 >&7
	wait_for has_windows "0:1 10:1"
	exec 7>&-
	ends c
	[ "$status" = 0 ]
	has_windows "0:1 10:1 20:1"
}

@test "no line for --idle closes a window" {
	consume_fifo --interval 1 --grace 0 --idle 300ms
	at 0.5 >&7
	wait_for has_windows 0:1
	at 0.6 1.7 >&7 # the first is late: its window is closed
	wait_for has_windows "0:1 1:1"
	exec 7>&-
	ends c
	balanced c.err
	[ "$(summary c.err late)" = 1 ]
	[ "$(summary c.err used)" = 2 ]
}

@test "--idle off: silence closes nothing" {
	consume_fifo --interval 1ms --grace 0 --idle off
	at 0.0001 >&7
	sleep 1 # however long the silence
	at 0.0002 >&7
	exec 7>&-
	ends c
	[ "$(summary c.err used)" = 2 ]
	has_windows 0:2
}

@test "the end of stdin closes all windows, in order" {
	at 5 15 25 | consume --grace 1h
	[ "$(windows out)" = "0:1 10:1 20:1" ]
	tail -n 1 err | grep -q '; 3 reports$'
}

@test "Ctrl-C and SIGTERM end in order, and print no open window" {
	for signal in INT TERM; do
		rm -f fifo
		consume_fifo --interval 10 --idle off
		at 5 11 12 >&7
		wait_for has_windows 0:1
		signal "$signal" c
		ends c
		exec 7>&-
		[ "$status" = 0 ]
		has_windows 0:1
		[ "$(cat c.err)" = "iotsim: read 3: used 1, open 2, late 0, future 0, malformed 0, skipped 0; 1 report" ]
	done
}

@test "--max-reports ends after so many, though more could come" {
	consume_fifo --interval 10 --max-reports 2
	at 5 15 25 35 >&7
	ends c
	exec 7>&-
	[ "$status" = 0 ]
	has_windows "0:1 10:1"
	balanced c.err
	[ "$(summary c.err used)" = 2 ]
}

@test "--max-reports more than there are is no error" {
	at 5 | consume --max-reports 9
	[ "$(windows out)" = 0:1 ]
}

@test "--accumulate: everything since the start, at each window's end" {
	{ reading 1 a x 1; reading 12 a x 2; reading 23 b x 6; } |
		try consume --from - --interval 10 --accumulate --format csv
	diff out - <<-'END'
		start,end,by,key,count,mean
		1970-01-01T00:00:00Z,1970-01-01T00:00:10Z,type,a,1,1.0
		1970-01-01T00:00:00Z,1970-01-01T00:00:10Z,name,x,1,1.0
		1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,type,a,2,1.5
		1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,name,x,2,1.5
		1970-01-01T00:00:00Z,1970-01-01T00:00:30Z,type,a,2,1.5
		1970-01-01T00:00:00Z,1970-01-01T00:00:30Z,type,b,1,6.0
		1970-01-01T00:00:00Z,1970-01-01T00:00:30Z,name,x,3,3.0
	END
	{ reading 1 a x 1; reading 12 a x 2; } |
		try consume --from - --interval 10 --accumulate
	grep -q ' 00:00:20.000000, collected 2 sensor records$' out
}

@test "windows without readings are not printed" {
	at 5 45 | try consume --from - --interval 10
	[ "$(grep -c '^Time: ' out)" = 2 ]
}

@test "--empty prints them, with a count of 0" {
	at 5 45 | try consume --from - --interval 10 --empty
	grep '^Time: ' out | cut -d' ' -f3- >printed
	diff printed - <<-'END'
		00:00:10.000000, collected 1 sensor records
		00:00:20.000000, collected 0 sensor records
		00:00:30.000000, collected 0 sensor records
		00:00:40.000000, collected 0 sensor records
		00:00:50.000000, collected 1 sensor records
	END
	balanced err
	tail -n 1 err | grep -q '; 5 reports$'
}

@test "--empty leaves out a gap of ages, and says how many windows" {
	at 5 1000000005 | try consume --from - --interval 10 --empty --format csv
	[ "$(grep -c ,type, out)" = 2 ]
	balanced err
	tail -n 1 err | grep -q '; 2 reports; 99999999 empty windows'
}

@test "--time arrival: windows of the wall clock, whatever the reading says" {
	from=$(date -u +%FT%TZ)
	{ at 5 100; echo '{"type":"t","name":"n","value":1}'
	reading '"nonsense"' t n 1; } |
		try consume --from - --time arrival --interval 1h --format csv
	to=$(date -u -d "+1 hour 1 second" +%FT%TZ)
	balanced err
	[ "$(summary err used)" = 4 ]
	end=$(awk -F, 'NR == 2 { print $2 }' out)
	[[ ! $end < $from && ! $end > $to ]]
}

@test "no reading of stdin is in the future" {
	at 253402300000 | consume --max-ahead 1s
	[ "$(summary err future)" = 0 ]
	[ "$(summary err used)" = 1 ]
}

@test "random readings, late and malformed ones among them: as a naive reference has it" {
	cat >reference.py <<-'END'
		import json, math, random, sys
		seed, interval, grace = map(int, sys.argv[1:4])
		rng = random.Random(seed)
		lines, windows, closed, mark, late, bad = [], {}, -math.inf, -math.inf, 0, 0
		now = 0
		for i in range(2000):
		    if rng.random() < 0.05:
		        bad += 1
		        lines.append(rng.choice(["", "x", "[]", '{"time":1e7}', '"']))
		        continue
		    now += rng.randrange(0, 2000000)
		    us = max(0, now + int(rng.gauss(0, 5e6)))
		    value = rng.choice([rng.gauss(0, 1), rng.gauss(1e9, 1), 1e-9 * i])
		    type_, name = rng.choice("abc"), "n%d" % rng.randrange(20)
		    stamp = "1970-01-01T%02d:%02d:%02d.%06dZ" % (us // 3600000000,
		        us // 60000000 % 60, us // 1000000 % 60, us % 1000000)
		    lines.append(json.dumps({"time": stamp, "type": type_, "name": name,
		                             "value": value}))
		    start = us - us % interval
		    if start + interval + grace <= mark:
		        late += 1
		        continue
		    w = windows.setdefault(start, {})
		    w.setdefault(("type", type_), []).append(value)
		    w.setdefault(("name", name), []).append(value)
		    mark = max(mark, us)
		open("in", "w").write("\n".join(lines) + "\n")
		expected = [(by, key, len(v), math.fsum(v) / len(v))
		            for _, w in sorted(windows.items())
		            for by in ("type", "name")
		            for (b, key), v in sorted(w.items()) if b == by]
		json.dump({"rows": expected, "late": late, "bad": bad}, open("expected", "w"))
	END
	cat >compare.py <<-'END'
		import csv, json, math
		expected = json.load(open("expected"))
		got = list(csv.DictReader(open("out")))
		assert len(got) == len(expected["rows"]), (len(got), len(expected["rows"]))
		for g, (by, key, count, mean) in zip(got, expected["rows"]):
		    assert (g["by"], g["key"], int(g["count"])) == (by, key, count), (g, key)
		    m = float(g["mean"])
		    assert abs(m - mean) <= math.ulp(mean), (g, mean)
		print(expected["late"], expected["bad"])
	END
	for conf in "1 10000000 1000000" "2 1000000 0" "3 60000000 5000000" \
		"4 7300000 20000000"; do
		read -r seed interval grace <<<"$conf"
		"$PYTHON" reference.py "$seed" "$interval" "$grace"
		try consume --from - --interval "${interval}us" --grace "${grace}us" \
			--format csv <in
		balanced err
		[ "$(summary err read)" = 2000 ]
		[ "$(summary err open)" = 0 ]
		read -r late bad < <("$PYTHON" compare.py)
		[ "$(summary err late)" = "$late" ]
		[ "$(summary err malformed)" = "$bad" ]
		[ "$late" -gt 0 ]
	done
}

@test "--to: the windows that end by then, and what comes after is not waited for" {
	consume_fifo --interval 10 --to 1970-01-01T00:00:25Z
	at 1 9 12 20 19 30 >&7 # 20 begins a window that is not whole
	ends c
	[ "$status" = 0 ]
	has_windows "0:2 10:2"
	balanced c.err
	[ "$(summary c.err used)" = 4 ]
	[ "$(summary c.err skipped)" = 2 ]
}

@test "--to that lies behind the end: all is printed, as without it" {
	at 1 9 12 20 11 9 30 >in
	consume <in
	mv out whole
	consume --to 1970-01-01T01:00:00Z <in
	cmp whole out
	consume --to 1970-01-01T00:00:09Z <in
	[ "$(cat out)" = "start,end,by,key,count,mean" ]
}

@test "--to with --empty: windows without readings up to there, none behind" {
	at 1 1000 | consume --empty --format table --to 1970-01-01T00:00:45Z
	[ "$(grep -c '^Time: ' out)" = 4 ]
}

@test "any --to prints the first lines of what the whole prints" {
	produce -n 5 --delays 0.1 --duration 2m --late '10%:exponential(5)' \
		--jitter 2s
	mv out in
	[ "$(wc -l <in)" -gt 5000 ]
	consume <in
	mv out whole
	[ "$(summary err late)" -gt 100 ]
	local to
	for to in 00:00:10 00:00:25 00:00:59.999 00:01:00 00:01:50 00:02:10; do
		consume --to "2026-11-24T${to}Z" <in
		awk -F, -v "to=2026-11-24T${to%.*}Z" \
			'NR == 1 || $2 <= to' whole | cmp - out
	done
}
