#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Readings that mean no good: consume says what they are, keeps the books,
# and stays within bounds. More of what is malformed is in consume.bats.

load ../common

# try, in so much memory at the most. A sanitizer's is beyond all bounds.
within() { # MB ARG...
	local ulimit=true
	[ "${FLAVOUR:-release}" != release ] || ulimit="ulimit -v $(($1 * 1024))"
	status=0
	(
		$ulimit
		iotsim "${@:2}" >out 2>err
	) || status=$?
	tail -n 20 out err | cut -c1-300
	balanced err
}

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

@test "names of a megabyte, new ones in each window: memory stays" {
	local chart
	for chart in "" --chart; do
		# shellcheck disable=SC2086
		within 500 consume --from - $chart < <(names 150 4 1000000)
		[ "$status" = 0 ]
		[ "$(summary err used)" = 600 ]
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
