#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Readings that mean no good: consume says what they are, keeps the books,
# and stays within bounds. More of what is malformed is in consume.bats.

load ../common

# So many windows of 20 s with as many readings each, of names of so many
# bytes that do not come again.
names() { # WINDOWS EACH BYTES
	"$PYTHON" -c '
import sys
windows, each, size = map(int, sys.argv[1:])
for w in range(windows):
    for i in range(each):
        print("{\"time\":%d,\"type\":\"t\",\"value\":%d,\"name\":\"%d-%d-%s\"}" %
              (20 * w + 1, i, w, i, "x" * size))
' "$@" 2>/dev/null
}

# Names of all that a terminal would act on, each with a value of its own.
evil() {
	local at='"1970-01-01T00:00:01Z"'
	reading "$at" t 'esc\u001b[2J' 1
	reading "$at" t 'csi\u009b2J' 2
	reading "$at" t 'osc\u001b]0;title\u0007' 3
	reading "$at" t 'line\nbreak' 4
	reading "$at" t 'return\r' 5
	reading "$at" t 'nul\u0000x' 6
	reading "$at" t 'tab\t' 7
	reading "$at" t 'del\u007f' 8
	reading "$at" t 'quote\",comma' 9
	reading "$at" t '' 10
}

@test "names that talk to the terminal: none does, wherever they are shown" {
	evil >in
	local args
	for args in "" --chart "--chart --stats count,mean,sd,min,max" \
		"--explain" "--accumulate --max-rows 3"; do
		# shellcheck disable=SC2086
		try consume --from - $args <in
		[ "$status" = 0 ]
		balanced err
		tame out err
	done
	try consume --from - <in
	grep -qx 'csi\\x9b2J              2\.0' out
	grep -qx 'osc\\x1b\]0;title\\x07    3\.0' out
}

@test "what is open is shown so too" {
	mkfifo pipe
	exec 7<>pipe
	start c "$IOTSIM" consume --from - --idle off <pipe
	evil >&7
	reading 1 t last 1 >&7
	wait_for is_drained
	shown() { signal USR1 c && sleep 0.1 && grep -q 'open: last' c.err; }
	wait_for shown
	grep -qF 'iotsim: open: esc\x1b[2J' c.err
	tame c.err c.out
}

# A truth is text, which has no zero bytes: such a name has none.
@test "the truth of such names, and differences from it" {
	evil >all
	"$PYTHON" "$IOTSIM_ROOT/test/make_truth.py" 1 all >truth
	try consume --from - --check truth <all
	[ "$status" = 2 ]
	grep -qx "iotsim: option '--check': truth:9:51: a zero byte (is it UTF-16?)" err
	grep -v 'u0000' all >in
	"$PYTHON" "$IOTSIM_ROOT/test/make_truth.py" 1 in >truth
	try consume --from - --format json --check truth <in
	[ "$status" = 0 ]
	grep -qx 'iotsim: check: 1 window, 10 means agree' err
	sed 's/"value":[2-8]}/"value":77}/' all | tail -n +2 >other
	try consume --from - --check truth <other
	[ "$status" = 1 ]
	tame out err
	grep -qx 'iotsim: check: window 1970-01-01T00:00:00Z name esc\\x1b\[2J: missing, truth count 1' err
	grep -qx 'iotsim: check: window 1970-01-01T00:00:00Z name nul\\x00x: count 1, not in the truth' err
	grep -qx 'iotsim: check: window 1970-01-01T00:00:00Z name line\\nbreak: mean 77.0, truth 4.0' err
}

@test "a difference of a long name is told with what differs" {
	local long
	long=$(printf 'x%.0s' {1..1000})
	reading '"1970-01-01T00:00:01Z"' t "$long" 1 >in
	"$PYTHON" "$IOTSIM_ROOT/test/make_truth.py" 1 in >truth
	reading 1 t "$long" 2 >in
	try consume --from - --check truth <in
	[ "$status" = 1 ]
	grep -qE 'name x{60}\.\.\.: mean 2\.0, truth 1\.0$' err
}

@test "names are exact where programs read them" {
	evil >in
	reading 100 t late 1 >>in
	evil >>in
	try consume --from - --format json --late-to kept <in
	[ "$(summary err late)" = 10 ]
	iotsim consume --from - --format csv <in >out.csv 2>err
	"$PYTHON" - <<-'END'
		import csv, json
		names = sorted({json.loads(line)["name"] for line in open("in")})
		rows = [json.loads(line) for line in open("out")]
		assert sorted(r["key"] for r in rows if r["by"] == "name") == names
		text = open("out.csv", newline="").read().replace("\0", "NUL")
		rows = list(csv.reader(text.splitlines(True)))
		assert sorted(r[3].replace("NUL", "\0") for r in rows
		              if r[2] == "name") == names
		lines = open("in").read().splitlines()[-10:]
		kept = [json.loads(line)["payload"] for line in open("kept")]
		assert kept == lines
	END
}

@test "a million names: in bounds" {
	"$PYTHON" -c '
for i in range(1000000):
    print("{\"time\":1,\"type\":\"t\",\"name\":\"%d\",\"value\":1}" % i)
' >in
	within 700 consume --from - --chart <in
	[ "$status" = 0 ]
	grep -qx '\[1000000 rows x 1 columns\]' out
	[ "$(grep -c '▄' out)" = 11 ]
	within 700 consume --from - --format csv <in
	[ "$(grep -c ,name, out)" = 1000000 ]
	for i in {1..2000}; do reading 1 t "x$i" 1; done >>in
	within 700 consume --from - <in
	[ "$status" = 1 ]
	head -n 1 err | grep -q '^iotsim: more than 1000000 types or names are in open windows (--max-names; '
}

# Names of 309 bytes that begin like this had one hash in iotsim 0.4.0, which
# was the same in each run: with so many each took as long as all before it.
@test "names that were chosen to collide" {
	"$PYTHON" -c '
for i in range(200000):
    print("{\"time\":1,\"type\":\"t\",\"value\":1,\"name\":\"Z(uu\u0526@)%08d%s\"}" %
          (i, "x" * 293))
' >in
	within 700 consume --from - <in
	[ "$status" = 0 ]
	[ "$(summary err used)" = 200000 ]
}

@test "values at the edges: exact, none infinite" {
	{ reading 1 t sum 1e308; reading 1 t sum 1e308; reading 1 t sum 1e308
	reading 1 t max 1.7976931348623157e308; reading 1 t max 1.7976931348623157e308
	reading 1 t cancel 1e308; reading 1 t cancel 1; reading 1 t cancel -1e308
	reading 1 t zero -0.0; reading 1 t one -0; reading 1 t under 1e-400; } >in
	try consume --from - --format csv --by name --stats mean,sd,min,max <in
	cut -d, -f4- out | diff - <(cat <<-'END'
		key,count,mean,sd,min,max
		cancel,3,0.3333333333333333,1e+308,-1e+308,1e+308
		max,2,1.7976931348623157e+308,0.0,1.7976931348623157e+308,1.7976931348623157e+308
		one,1,0.0,,0.0,0.0
		sum,3,1e+308,0.0,1e+308,1e+308
		under,1,0.0,,0.0,0.0
		zero,1,0.0,,-0.0,-0.0
	END
	)
	{ reading 1 t n 1e400; reading 1 t n -1e400; } | try consume --from -
	[ "$(summary err malformed)" = 2 ]
	[ "$(grep -c "not JSON: real number overflow near '-*1e400'" err)" = 2 ]
}

# Both readers of a line, the fast one and jansson, have to say the same.
@test "members that are there twice: the last one counts" {
	{ echo '{"time":1,"type":"t","name":"a","value":1,"value":3}'
	echo '{"time":1,"type":"t","name":"b","name":"a","value":5}'
	echo '{"time":9999999,"time":1,"type":"t","name":"a","value":7,"x":1e0}'
	echo '{"value":[1],"time":1,"type":"t","name":"a","v\u0061lue":9}'
	echo '{"time":1,"type":"t","name":"a","value":1,"value":null}'
	echo '{"time":1,"type":"t","name":"a","value":1,"v\u0061lue":"x"}'; } |
		try consume --from - --format csv
	cat err
	grep -q ',name,a,4,6.0$' out
	[ "$(wc -l <out)" = 3 ]
	[ "$(summary err malformed)" = 2 ]
	[ "$(grep -c "'value' is not a number" err)" = 2 ]
}

@test "names of a megabyte, new ones in each window: memory stays" {
	local chart windows=150
	# Where memory has no bounds, see `within`, more would only take time.
	[ "${FLAVOUR:-release}" = release ] || windows=20
	for chart in "" --chart; do
		# shellcheck disable=SC2086
		within 500 consume --from - $chart \
			< <(names $windows 4 1000000)
		[ "$status" = 0 ]
		[ "$(summary err used)" = $((windows * 4)) ]
		[ "$(wc -L <out)" -le 80 ]
	done
}

@test "names of a megabyte in one window: an end, not all memory" {
	within 1000 consume --from - < <(names 1 2000 1000000)
	[ "$status" = 1 ]
	[ "$(head -n 1 err)" = "iotsim: more than 1000000 types or names are in open windows (--max-names; of more than 256 bytes on the average, as many as they take): is that what tells sensors apart (see --field)?" ]
	[ "$(wc -l <err)" = 2 ]
	within 1000 consume --from - --format csv --max-names 2M < <(names 1 100 1000000)
	[ "$status" = 0 ]
	[ "$(wc -c <out)" -gt 100000000 ]
}

@test "a line without an end is malformed, and those behind it are read" {
	{ head -c 100000000 /dev/zero | tr '\0' x; echo; reading 1 t n 1
	# What begins as a reading is none.
	reading 1 t n 2 | tr -d '\n'; head -c 20000000 /dev/zero | tr '\0' ' '
	echo x; reading 1 t n 3; head -c 20000000 /dev/zero; } >in
	within 800 consume --from - --format csv --late-to kept <in
	[ "$status" = 0 ]
	[ "$(tail -n 1 err)" = "iotsim: read 5: used 2, open 0, late 0, future 0, malformed 3, skipped 0; 1 report" ]
	[ "$(grep -c ': longer than 16 MiB$' err)" = 3 ]
	grep -q '^iotsim: malformed: line 3: longer than 16 MiB$' err
	grep -q ',name,n,2,2.0$' out
	[ "$(grep -c '"line":[135],' kept)" = 3 ]
}

@test "a line that is as long as it may be" {
	# 16777216 bytes, and one more.
	{ reading 1 t n 1 | tr -d '\n'; head -c 16777174 /dev/zero | tr '\0' ' '; } >in
	[ "$(wc -c <in)" = 16777216 ]
	within 800 consume --from - <in
	[ "$(summary err used)" = 1 ]
	echo >>in
	within 800 consume --from - <in
	[ "$(summary err used)" = 1 ]
	truncate -s -1 in
	printf ' \n' >>in
	within 800 consume --from - <in
	[ "$(summary err malformed)" = 1 ]
}
