#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# consume as a filter: what is read, and what is printed. The windows have
# a file of their own.

load ../common

# Four readings of the first 20 s of 1970, one of the next.
sample() {
	reading 1 temperature sensor_0 1
	reading 2 humidity sensor_1 10.5
	reading 3 temperature sensor_1 10
	reading 4 pressure sensor_0 2.25
	reading 21 humidity sensor_0 0.000001
}

# The mean of a name in CSV.
mean_of() { # NAME
	awk -F, -v name="$1" '$3 == "name" && $4 == name { print $6 }' out
}

# Stdin holds one line that is malformed for this reason: told and counted.
malformed() { # REASON
	try consume --from - --format csv
	[ "$status" = 0 ]
	[ "$(cat out)" = "start,end,by,key,count,mean" ]
	[ "$(wc -l <err)" = 2 ]
	head -n 1 err | grep -qF "iotsim: malformed: line 1: $1"
	[ "$(tail -n 1 err)" = "iotsim: read 1: used 0, open 0, late 0, future 0, malformed 1, skipped 0; 0 reports" ]
}

@test "the two tables of a window" {
	sample | try consume --from -
	tr % ' ' >expected <<-'END'
		----------------------------------------------------------------------
		Time: 1970-01-01 00:00:20.000000, collected 4 sensor records
		Statistics by Sensor Type:
		             value
		type%%%%%%%%%%%%%%
		humidity     10.50
		pressure      2.25
		temperature   5.50
		--------------------------------------------------
		Statistics by Sensor Name:
		           value
		name%%%%%%%%%%%%
		sensor_0   1.625
		sensor_1  10.250
		----------------------------------------------------------------------
		----------------------------------------------------------------------
		Time: 1970-01-01 00:00:40.000000, collected 1 sensor records
		Statistics by Sensor Type:
		             value
		type%%%%%%%%%%%%%%
		humidity  0.000001
		--------------------------------------------------
		Statistics by Sensor Name:
		             value
		name%%%%%%%%%%%%%%
		sensor_0  0.000001
		----------------------------------------------------------------------
	END
	diff expected out
}

@test "the same as CSV" {
	sample | try consume --from - --format csv
	diff - out <<-'END'
		start,end,by,key,count,mean
		1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,type,humidity,1,10.5
		1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,type,pressure,1,2.25
		1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,type,temperature,2,5.5
		1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,name,sensor_0,2,1.625
		1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,name,sensor_1,2,10.25
		1970-01-01T00:00:20Z,1970-01-01T00:00:40Z,type,humidity,1,1e-06
		1970-01-01T00:00:20Z,1970-01-01T00:00:40Z,name,sensor_0,1,1e-06
	END
}

@test "the same as JSON" {
	sample | head -n 4 | try consume --from - --format json
	diff - out <<-'END'
		{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:00:20Z","by":"type","key":"humidity","count":1,"mean":10.5,"cuts":{"0":5}}
		{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:00:20Z","by":"type","key":"pressure","count":1,"mean":2.25,"cuts":{"0":5}}
		{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:00:20Z","by":"type","key":"temperature","count":2,"mean":5.5,"cuts":{"0":5}}
		{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:00:20Z","by":"name","key":"sensor_0","count":2,"mean":1.625,"cuts":{"0":5}}
		{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:00:20Z","by":"name","key":"sensor_1","count":2,"mean":10.25,"cuts":{"0":5}}
	END
}

@test "the summary is the last line on stderr, in its exact form" {
	sample | try consume --from -
	[ "$(cat err)" = "iotsim: read 5: used 5, open 0, late 0, future 0, malformed 0, skipped 0; 2 reports" ]
	sample | head -n 1 | try consume --from - -q
	[ "$(cat err)" = "iotsim: read 1: used 1, open 0, late 0, future 0, malformed 0, skipped 0; 1 report" ]
}

@test "nothing read is nothing printed" {
	try consume --from - </dev/null
	[ "$status" = 0 ]
	[ ! -s out ]
	[ "$(cat err)" = "iotsim: read 0: used 0, open 0, late 0, future 0, malformed 0, skipped 0; 0 reports" ]
	try consume --from - --format csv </dev/null
	[ "$(cat out)" = "start,end,by,key,count,mean" ]
}

@test "a last line without its newline counts" {
	printf '%s' "$(sample)" | try consume --from -
	[ "$(summary err used)" = 5 ]
}

@test "a line over many reads, and lines that end in CR LF" {
	{ reading 1 t "$(printf '%0200000d' 0)" 1; reading 2 t n 2; } |
		sed 's/$/\r/' | try consume --from -
	[ "$(summary err used)" = 2 ]
}

@test "Time is in the zone of TZ, CSV in UTC" {
	sample | TZ=XYZ-5:30 try consume --from -
	grep -q '^Time: 1970-01-01 05:30:20\.000000, ' out
	sample | TZ=XYZ-5:30 try consume --from - --format csv
	grep -q '^1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,' out
}

@test "rows are sorted by code point" {
	# As UTF-16 the last two would change places.
	for name in z 'é' B '～' a '😀' '中' _ ''; do
		reading 1 t "$name" 1
	done >in
	printf '%s\n' '' B _ a z 'é' '中' '～' '😀' >expected
	try consume --from - --format csv <in
	awk -F, '$3 == "name" { print $4 }' out | diff expected -
	try consume --from - <in
	sed '1,/^name/d; /^---/d; s/ *1\.0$//' out | diff expected -
}

@test "more than 60 rows are cut to the first and last five, unless told" {
	for i in {100..160}; do reading 1 t "n$i" 1; done >in
	try consume --from - <in
	grep -q '^\[61 rows x 1 columns\]$' out
	[ "$(grep -c '^n1' out)" = 10 ]
	try consume --from - --max-rows 61 <in
	[ "$(grep -c '^n1' out)" = 61 ]
	try consume --from - --max-rows all <in
	[ "$(grep -c '^n1' out)" = 61 ]
	run ! grep -q columns out
	try consume --from - --max-rows 4 <in
	[ "$(grep -c '^n1' out)" = 4 ]
	head -n 60 in | try consume --from -
	[ "$(grep -c '^n1' out)" = 60 ]
}

@test "CSV and JSON are never cut" {
	for i in {100..299}; do reading 1 t "n$i" 1; done >in
	try consume --from - --format csv <in
	[ "$(wc -l <out)" = 202 ]
	try consume --from - --format json --max-rows 1 <in
	[ "$(wc -l <out)" = 201 ]
}

@test "--stats names the columns of the tables, in its order" {
	sample | head -n 4 | try consume --from - --stats count,mean,sd,min,max
	tr % ' ' >expected <<-'END'
		----------------------------------------------------------------------
		Time: 1970-01-01 00:00:20.000000, collected 4 sensor records
		Statistics by Sensor Type:
		             count   mean        sd    min    max
		type%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%
		humidity         1  10.50       NaN  10.50  10.50
		pressure         1   2.25       NaN   2.25   2.25
		temperature      2   5.50  6.363961   1.00  10.00
		--------------------------------------------------
		Statistics by Sensor Name:
		          count    mean        sd   min    max
		name%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%
		sensor_0      2   1.625  0.883883   1.0   2.25
		sensor_1      2  10.250  0.353553  10.0  10.50
		----------------------------------------------------------------------
	END
	diff expected out
	sample | try consume --from - --stats max sd --empty
	grep -qx 'sensor_0   2.25  0.883883' out
	sample | try consume --from - --stats mean
	mv out mean
	sample | try consume --from -
	cmp mean out
}

@test "--stats in CSV and JSON, behind the count" {
	sample | try consume --from - --format csv --stats sd,count,max
	diff - <(head -n 4 out) <<-'END'
		start,end,by,key,count,sd,max
		1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,type,humidity,1,,10.5
		1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,type,pressure,1,,2.25
		1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,type,temperature,2,6.363961030678928,10.0
	END
	sample | try consume --from - --format json --stats sd,count,max
	diff - <(sed -n '2,3p' out) <<-'END'
		{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:00:20Z","by":"type","key":"pressure","count":1,"sd":null,"max":2.25}
		{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:00:20Z","by":"type","key":"temperature","count":2,"sd":6.363961030678928,"max":10.0}
	END
	sample | try consume --from - --format csv --stats count
	head -n 2 out | diff - <(printf '%s\n' start,end,by,key,count \
		1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,type,humidity,1)
}

@test "--stats with --accumulate goes over the windows" {
	sample | try consume --from - --accumulate --format csv --stats sd,min,max
	grep -qx '1970-01-01T00:00:00Z,1970-01-01T00:00:40Z,type,humidity,2,7.4246204[0-9]*,1e-06,10.5' out
}

@test "--by leaves a table out" {
	sample | head -n 4 | try consume --from - --by name
	tr % ' ' >expected <<-'END'
		----------------------------------------------------------------------
		Time: 1970-01-01 00:00:20.000000, collected 4 sensor records
		Statistics by Sensor Name:
		           value
		name%%%%%%%%%%%%
		sensor_0   1.625
		sensor_1  10.250
		----------------------------------------------------------------------
	END
	diff expected out
	sample >in
	for format in table csv json; do
		try consume --from - --format $format <in
		mv out both
		try consume --from - --format $format --by name,type <in
		cmp both out
		try consume --from - --format $format --by type <in
		mv out types
		try consume --from - --format $format --by name <in
		mv out names
		case $format in
		csv) grep -v ,type, both | cmp - names
			grep -v ,name, both | cmp - types ;;
		json) cat types names | sort | cmp - <(sort both) ;;
		table) sed '/^-\{50\}$/,/^-\{70\}$/{ /^-\{70\}$/!d; }' both |
			cmp - types ;;
		esac
	done
}

@test "--by with --empty, and nothing in a window" {
	{ reading 1 t n 1; reading 41 t n 1; } |
		try consume --from - --empty --by type --stats sd,count
	diff <(sed -n '/00:00:40/,/^---/p' out) - <<-'END'
		Time: 1970-01-01 00:00:40.000000, collected 0 sensor records
		Statistics by Sensor Type:
		Empty DataFrame
		Columns: [sd, count]
		Index: []
		----------------------------------------------------------------------
	END
}

@test "values at the ends of the doubles have their sd, or an infinite one" {
	{
		reading 1 t two 1.7e308
		reading 2 t two -1.7e308
		reading 3 t near 1.7e308
		reading 4 t near 1.6e308
		reading 5 t tiny 1e-310
		reading 6 t tiny 0
	} >in
	try consume --from - --format csv --stats sd,min,max <in
	grep -q ',name,two,2,inf,-1.7e+308,1.7e+308$' out
	grep -q ',name,near,2,7.0710678118654[0-9]*e+306,1.6e+308,1.7e+308$' out
	grep -q ',name,tiny,2,0.0,0.0,1e-310$' out
	try consume --from - --format json --stats sd <in
	grep -q '"key":"two","count":2,"sd":null,"cuts":{"0":7}}$' out
	try consume --from - --stats sd <in
	grep -Eqx 'two +inf' out
}

@test "members in any order, among others, with blanks and escapes" {
	cat >in <<-'END'
		 { "value" : 3.0e0 , "x" : [ { "time" : 9 } ] , "name" : "\u0061\t" , "type":"\ud83d\ude00","time":1 } 
		{"value":1,"time":1,"name":"a\t","type":"😀","nested":{"value":7}}
	END
	try consume --from - --format csv <in
	[ "$(mean_of $'a\t')" = 2.0 ]
	grep -q ',type,😀,2,2.0$' out
}

# A time in each form, with what it is.
@test "every form of time" {
	while read -r time expected; do
		echo "$time"
		reading "${time//_/ }" t n 1 |
			try consume --from - --interval 1ms --format csv
		[ "$(awk -F, 'NR == 2 { print $1 }' out)" = "$expected" ]
	done <<-'END'
		"2026-01-01T00:00:01Z" 2026-01-01T00:00:01Z
		"2026-01-01T00:00:01.5Z" 2026-01-01T00:00:01.5Z
		"2026-01-01T00:00:01.123456789Z" 2026-01-01T00:00:01.123Z
		"2026-01-01T02:30:01+02:30" 2026-01-01T00:00:01Z
		"2025-12-31T23:00:01-01:00" 2026-01-01T00:00:01Z
		"2026-01-01T00:00:01" 2026-01-01T00:00:01Z
		"2026-01-01_00:00:01" 2026-01-01T00:00:01Z
		"2026-01-01_00:00:01.250000" 2026-01-01T00:00:01.25Z
		"2026-01-01_00:00:01.250000+00:00" 2026-01-01T00:00:01.25Z
		"2024-02-29T23:59:59.999Z" 2024-02-29T23:59:59.999Z
		"1969-12-31T23:59:59.999Z" 1969-12-31T23:59:59.999Z
		1767225601 2026-01-01T00:00:01Z
		1767225601.5 2026-01-01T00:00:01.5Z
		1767225601500 2026-01-01T00:00:01.5Z
		1767225601500000 2026-01-01T00:00:01.5Z
		1767225601500000000 2026-01-01T00:00:01.5Z
		1.7672256015e9 2026-01-01T00:00:01.5Z
		99999999999 5138-11-16T09:46:39Z
		100000000000 1973-03-03T09:46:40Z
		0 1970-01-01T00:00:00Z
		-1 1969-12-31T23:59:59Z
	END
}

@test "--field reads other people's names" {
	cat >in <<-'END'
		{"ts":1,"device_id":"a","kind":"t","v":3,"time":"x","name":0,"value":0}
	END
	try consume --from - --format csv --field time=ts --field name=device_id \
		--field type=kind --field=value=v <in
	[ "$(mean_of a)" = 3.0 ]
	grep -q '^1970-01-01T00:00:00Z,.*,type,t,1,3.0$' out
}

@test "the years 1 and 9999 are times like others" {
	{ reading '"0001-01-01T00:00:00Z"' t n 1
	reading '"9999-12-31T23:59:59.999999Z"' t n 2; } >in
	for format in table csv json; do
		try consume --from - --interval 7d --format "$format" <in
		[ "$status" = 0 ]
		balanced err
		[ "$(summary err used)" = 2 ]
		tail -n 1 err | grep -q '; 2 reports'
	done
	iotsim consume --from - --interval 7d --format csv <in >out 2>err
	grep -q '^9999-12-[0-9]*T00:00:00Z,.*,type,t,1,2.0$' out
	reading '"0001-01-01T00:00:00+00:01"' t n 1 | malformed "'time'"
	reading '"9999-12-31T23:59:59-00:01"' t n 1 | malformed "'time'"
	reading '"10000-01-01T00:00:00Z"' t n 1 | malformed "'time'"
	reading '"0000-01-01T00:00:00Z"' t n 1 | malformed "'time'"
	reading 1e300 t n 1 | malformed "'time'"
}

@test "values: as exact as a double, and no infinity" {
	{ reading 1 t huge 1e308; reading 1 t huge 1.5e308; reading 1 t huge -1e307
	reading 1 t tiny 5e-324
	reading 1 t long 123456789012345678901234567890
	for _ in {1..10}; do reading 1 t tenth 0.1; done
	reading 1 t big 1e16; reading 1 t big 1; reading 1 t big -1e16; } >in
	try consume --from - --format csv <in
	[ "$(mean_of huge)" = 8e+307 ]
	[ "$(mean_of tiny)" = 5e-324 ]
	[ "$(mean_of long)" = 1.2345678901234568e+29 ]
	[ "$(mean_of tenth)" = 0.1 ]
	[ "$(mean_of big)" = 0.3333333333333333 ]
	reading 1 t n 1e999 | malformed "not JSON"
	reading 1 t n NaN | malformed "not JSON"
	reading 1 t n -Infinity | malformed "not JSON"
}

@test "a mean of values that are finite is finite" {
	{ for _ in {1..9}; do reading 1 t n 1.7e308; done; } |
		try consume --from - --format csv
	# Within 1 ulp.
	[[ "$(mean_of n)" =~ ^1\.(7|6999999999999997)e\+308$ ]]
}

@test "control characters of a name: escaped in the table, exact in CSV and JSON" {
	{ reading 1 t 'tab\there' 1; reading 1 t 'line\nbreak' 2
	reading 1 t 'red\u001b[31m' 3; reading 1 t 'nul\u0000x' 4
	reading 1 t 'del\u007f' 5; reading 1 t 'quote\"and,comma' 6; } >in
	try consume --from - <in
	[ "$(summary err used)" = 6 ]
	run ! grep -qP '[^\n\x20-\x7e]' out
	grep -qF 'tab\there ' out
	grep -qF 'line\nbreak ' out
	grep -qF 'red\x1b[31m ' out
	grep -qF 'nul\x00x ' out
	cat >check.py <<-'END'
		import csv, json
		expected = ["del\x7f", "line\nbreak", "nul\0x", 'quote"and,comma',
		            "red\x1b[31m", "tab\there"]
		rows = open("out.csv", newline="").read().replace("\0", "NUL")
		names = [r[3].replace("NUL", "\0") for r in csv.reader(rows.splitlines(True))
		         if r[2] == "name"]
		assert names == expected, names
		rows = [json.loads(line) for line in open("out.json")]
		names = [r["key"] for r in rows if r["by"] == "name"]
		assert names == expected, names
	END
	iotsim consume --from - --format csv <in >out.csv 2>err
	iotsim consume --from - --format json <in >out.json 2>err
	"$PYTHON" check.py
}

@test "control characters of what is malformed do not reach the terminal" {
	{ reading '"\u001b[31m"' t n 1; printf '{"a":\e[31m}\n'; printf '\e[2J\n'
	reading '"\u009b31m"' t n 1; reading '"a\nb"' t n 1; } |
		try consume --from -
	[ "$(summary err malformed)" = 5 ]
	run ! grep -qP '[\x00-\x09\x0b-\x1f\x7f-\x{9f}]' err
	[ "$(grep -vc '^iotsim: ' err)" = 0 ]
	grep -qF "line 1: 'time': '\x1b[31m' is not a time" err
	grep -qF "line 4: 'time': '\x9b31m' is not a time" err
	grep -qF "line 5: 'time': 'a\nb' is not a time" err
	printf '{"\r":\x9b1}\n' | try consume --from -
	[ "$(wc -l <err)" = 2 ]
	run ! grep -qP '[\x00-\x09\x0b-\x1f\x7f-\x{9f}]' err
}

@test "malformed: what is not JSON" {
	echo | malformed empty
	echo x | malformed "not JSON"
	echo '   ' | malformed "not JSON"
	echo '{"time":1,"type":"t","name":"n","value":1' | malformed "not JSON"
	reading 1 t n '1} x' | malformed "not JSON"
	reading 1 t n 01 | malformed "not JSON"
	printf "{'time':1,'type':'t','name':'n','value':1}\n" | malformed "not JSON"
}

@test "malformed: JSON of the wrong shape" {
	echo '[]' | malformed "not a JSON object"
	echo 1 | malformed "not a JSON object"
	echo null | malformed "not a JSON object"
	echo '{}' | malformed "no 'time'"
	echo '{"time":1,"name":"n","value":1}' | malformed "no 'type'"
	echo '{"time":1,"type":"t","value":1}' | malformed "no 'name'"
	echo '{"time":1,"type":"t","name":"n"}' | malformed "no 'value'"
	echo '{"time":1,"type":1,"name":"n","value":1}' |
		malformed "'type' is not a string"
	echo '{"time":1,"type":"t","name":null,"value":1}' |
		malformed "'name' is not a string"
	reading 1 t n '"1"' | malformed "'value' is not a number"
	reading 1 t n null | malformed "'value' is not a number"
	reading true t n 1 | malformed "'time'"
	reading '"soon"' t n 1 | malformed "'time': 'soon' is not a time"
	reading '"2026-02-30T00:00:00Z"' t n 1 | malformed "'time'"
}

@test "malformed: a megabyte of nested brackets" {
	head -c 1000000 /dev/zero | tr '\0' '[' | malformed "not JSON"
	{ head -c 500000 /dev/zero | tr '\0' '['
	head -c 500000 /dev/zero | tr '\0' ']'; } | malformed "not JSON"
	head -c 200000 /dev/zero | tr '\0' '[' | sed 's/\[/{"a":/g' |
		malformed "not JSON"
}

@test "malformed: what is not UTF-8, and zero bytes" {
	printf '{"time":1,"type":"t","name":"\xff\xfe","value":1}\n' |
		malformed "not JSON"
	printf '{"time":1,"type":"t","name":"\xed\xa0\x80","value":1}\n' |
		malformed "not JSON"
	reading 1 t '\ud800' 1 | malformed "not JSON"
	printf '\0\n' | malformed "not JSON: a zero byte"
	printf '{"time":1,"type":"t","name":"n","value":1\0}\n' |
		malformed "not JSON: a zero byte"
}

@test "the first few malformed lines are told, all are counted" {
	{ for _ in {1..20}; do echo x; done; sample; } | try consume --from -
	balanced err
	[ "$(summary err malformed)" = 20 ]
	[ "$(summary err used)" = 5 ]
	[ "$(grep -c 'malformed: line [0-9]*: ' err)" = 5 ]
	grep -q 'malformed: further ones are counted only' err
}

@test "random bytes are malformed and nothing worse" {
	"$PYTHON" -c 'import random, sys
rng = random.Random(1)
sys.stdout.buffer.write(bytes(rng.randrange(256) for _ in range(200000)))' >in
	expected=$("$PYTHON" -c 'print(len(open("in", "rb").read().split(b"\n")))')
	try consume --from - <in
	[ "$status" = 0 ]
	balanced err
	[ "$(summary err malformed)" = "$expected" ]
}
