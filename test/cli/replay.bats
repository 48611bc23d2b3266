#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Recordings, played again.

load ../common

data=$IOTSIM_ROOT/test/data
office=$data/ambient_temperature.csv
machine=$data/machine_temperature.csv

# Plays it as fast as possible. Must succeed.
replay() { # ARG...
	try produce --to - --speed max "$@" </dev/null
	[ "$status" = 0 ]
	balanced err
}

# What stands in a file of these columns, as readings (of 6 decimals).
readings() { # FILE NAME [TYPE [SECONDS-LATER]]
	"$PYTHON" - "$@" <<-'END'
	import csv, datetime, sys
	file, name, kind, later = (sys.argv[1:] + ["replay", "0"][len(sys.argv) - 3:])[:4]
	for row in csv.DictReader(open(file)):
	    t = datetime.datetime.fromisoformat(row["timestamp"])
	    t += datetime.timedelta(seconds=float(later))
	    print('{"time":"%sZ","type":"%s","name":"%s","value":%s}' % (
	        t.isoformat(timespec="microseconds"), kind, name,
	        repr(round(float(row["value"]), 6))))
	END
}

# The times in out.
times() {
	cut -d'"' -f4 out
}

@test "a recording as it is: times, values, gaps; no seed is told" {
	replay --replay "$office"
	readings "$office" ambient_temperature | diff - out
	[ "$(cat err)" = "iotsim: sent 40: delivered 40, failed 0" ]
}

@test "moved to --start, gaps kept" {
	replay --replay "$office" --start 2026-11-24T00:00:00Z
	# from 2013-07-04 00:00:00
	readings "$office" ambient_temperature replay 422582400 | diff - out
	replay --replay "$office" --start now
	first=$(date -d "$(times | head -n 1)" +%s)
	last=$(date -d "$(times | tail -n 1)" +%s)
	[ $((last - first)) = $((39 * 3600)) ]
	[ $(($(date +%s) - first)) -lt 60 ]
}

@test "several files are one schedule, and keep their distance" {
	replay --replay "$machine" --replay "$office"
	{
		readings "$office" ambient_temperature
		readings "$machine" machine_temperature
	} | sort | diff - out
	replay --replay "$machine" --replay "$office" --start 2030-01-01
	[ "$(times | head -n 1)" = 2030-01-01T00:00:00.000000Z ]
	grep -c ambient_temperature out
	[ "$(grep machine out | head -n 1 | cut -c10-28)" = 2030-06-01T21:15:00 ]
}

@test "--name and --type" {
	replay --replay "$office" --name 'Büro "3"' --type '°F'
	[ "$(grep -c '"type":"°F","name":"Büro \\"3\\""' out)" = 40 ]
}

@test "--count, --duration, --speed, --slice and --threads" {
	replay --replay "$office" --count 7
	readings "$office" ambient_temperature | head -n 7 | diff - out
	replay --replay "$office" --duration 3h
	readings "$office" ambient_temperature | head -n 3 | diff - out
	try produce --to - --replay "$office" --speed 1M # 39 h in 0.14 s
	readings "$office" ambient_temperature | diff - out
	replay --replay "$office" --replay "$machine" --threads 2
	mv out whole
	: >union
	for i in 1 2; do
		replay --replay "$office" --replay "$machine" --slice "$i/2"
		[ "$(wc -l <out)" = 40 ]
		cat out >>union
	done
	sort union | cmp whole -
}

@test "names and types from columns; a sensor may have several types" {
	cat >r.csv <<-'END'
		when,room,what,reading
		2020-01-01T00:00:00Z,a,temperature,20.5
		2020-01-01T00:00:01Z,b,temperature,21
		2020-01-01T00:00:01Z,a,humidity,40
		2020-01-01T00:00:02Z,a,temperature,20.25
	END
	replay --replay r.csv --time-column when --name-column room \
		--type-column what --value-column reading
	diff - out <<-'END'
		{"time":"2020-01-01T00:00:00.000000Z","type":"temperature","name":"a","value":20.5}
		{"time":"2020-01-01T00:00:01.000000Z","type":"temperature","name":"b","value":21.0}
		{"time":"2020-01-01T00:00:01.000000Z","type":"humidity","name":"a","value":40.0}
		{"time":"2020-01-01T00:00:02.000000Z","type":"temperature","name":"a","value":20.25}
	END
}

@test "CRLF, a byte order mark, quotes, blanks, and no line end at the end" {
	printf '\xef\xbb\xbf"time",value\r\n1577836800, 1.5 \r\n\r\n"1577836801.25","2"\r\n1577836802000,3' >r.csv
	replay --replay r.csv
	diff - out <<-'END'
		{"time":"2020-01-01T00:00:00.000000Z","type":"replay","name":"r","value":1.5}
		{"time":"2020-01-01T00:00:01.250000Z","type":"replay","name":"r","value":2.0}
		{"time":"2020-01-01T00:00:02.000000Z","type":"replay","name":"r","value":3.0}
	END
}

@test "empty cells are passed over, and told" {
	printf 'time,value\n2020-01-01,1\n2020-01-02,\n2020-01-03, \n2020-01-04,4\n' >r.csv
	replay --replay r.csv
	[ "$(wc -l <out)" = 2 ]
	grep -qx 'iotsim: replay: 2 rows without a value passed over' err
	replay --replay r.csv -q
	[ "$(wc -l <err)" = 1 ]
}

@test "times that go back are put in order, and told" {
	printf 'time,value\n2020-01-02,2\n2020-01-01,1\n2020-01-03,3\n' >r.csv
	replay --replay r.csv
	[ "$(times | cut -c1-10 | xargs)" = "2020-01-01 2020-01-02 2020-01-03" ]
	grep -qx 'iotsim: replay: 1 row went back in time and was put in order' err
}

@test "a mix of a fleet and a recording: one schedule, from the recording's start" {
	replay --replay "$machine" --sensor name=s,every=600s --seed 7 \
		--duration 195m
	[ "$(grep -c machine_temperature out)" = 39 ]
	[ "$(grep -c '"s"' out)" -ge 19 ]
	times | sort -c
	[[ "$(grep '"s"' out | head -n 1 | cut -d'"' -f4)" > 2013-12-02T21:15 ]]
	[[ "$(grep '"s"' out | tail -n 1 | cut -d'"' -f4)" < 2013-12-03T00:30 ]]
	grep machine_temperature out | diff - <(
		readings "$machine" machine_temperature | head -n 39)
	# The fleet is random: its seed is told.
	replay --replay "$machine" --sensor name=s,every=600s --duration 1h
	grep -q '^iotsim: seed [0-9]*, chosen now' err
}

@test "faults go over recordings too" {
	replay --replay "$office" --seed 7 --fault duplicate:100%
	[ "$(wc -l <out)" = 80 ]
	replay --replay "$office" --seed 7 --late 100%:30m
	readings "$office" ambient_temperature | diff - out
}

@test "windows of a recording are those of its values" {
	replay --replay "$office"
	iotsim consume --from - --interval 24h --format csv <out >windows
	"$PYTHON" - "$office" >expected <<-'END'
	import csv, math, sys
	days = {}
	for row in csv.DictReader(open(sys.argv[1])):
	    days.setdefault(row["timestamp"][:10], []).append(round(float(row["value"]), 6))
	for day in sorted(days):
	    print(day, len(days[day]), math.fsum(days[day]) / len(days[day]))
	END
	awk -F, '$3 == "name" { print substr($1, 1, 10), $5, $6 }' windows |
		diff expected -
}

@test "a wrong recording: one line with file, line, and what would be right" {
	refused "'--replay'" "'gone.csv'" "No such file" -- produce --replay gone.csv
	refused "'--replay'" "'.'" directory -- produce --replay .
	: >r.csv
	refused "'--replay'" r.csv header -- produce --replay r.csv
	echo time,value >r.csv
	refused "'--replay'" r.csv "no row has a value" -- produce --replay r.csv
	printf 'time,value\n,1\n' >r.csv
	refused "'--replay'" r.csv:2 time empty -- produce --replay r.csv
	printf 'time,value\n2020-01-01,1\nyesterday,1\n' >r.csv
	refused "'--replay'" r.csv:3 "'yesterday'" 2026-11-24 -- produce --replay r.csv
	printf 'time,value\n2020-02-30,1\n' >r.csv
	refused "'--replay'" r.csv:2 "'2020-02-30'" -- produce --replay r.csv
	printf 'time,value\n2020-01-01,warm\n' >r.csv
	refused "'--replay'" r.csv:2 "'warm'" -- produce --replay r.csv
	printf 'time,value\n2020-01-01,nan\n' >r.csv
	refused "'--replay'" r.csv:2 "'nan'" -- produce --replay r.csv
	printf 'time,value\n2020-01-01\n' >r.csv
	refused "'--replay'" r.csv:2 "1 field" 2 -- produce --replay r.csv
	printf 'time,value\n2020-01-01,1,5\n' >r.csv
	refused "'--replay'" r.csv:2 "3 fields" 2 -- produce --replay r.csv
	printf 'time,value\n2020-01-01,"1\n' >r.csv
	refused "'--replay'" r.csv:2 -- produce --replay r.csv
}

@test "a column that is not there names those that are, and the nearest" {
	refused "'--replay'" "'temp'" timestamp value -- \
		produce --replay "$office" --value-column temp
	refused "'--replay'" "'timestam'" "'timestamp'" -- \
		produce --replay "$office" --time-column timestam
	refused "'--replay'" "'room'" -- produce --replay "$office" --name-column room
	refused "'--replay'" "'what'" -- produce --replay "$office" --type-column what
	printf 'when,value\n2020-01-01,1\n' >r.csv
	refused "'--replay'" "'time'" when -- produce --replay r.csv
}

@test "a recording of one name with a sensor is refused, with both places" {
	refused "'ambient_temperature'" --replay --sensor -- \
		produce --replay "$office" --sensor name=ambient_temperature
}

@test "before 1970 there is no Kafka timestamp: it has to be moved" {
	printf 'time,value\n1969-07-20T20:17:40Z,1\n' >r.csv
	refused "'--replay'" 1970 --start -- produce --replay r.csv
	replay --replay r.csv
	[ "$(times)" = 1969-07-20T20:17:40.000000Z ]
}
