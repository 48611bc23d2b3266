#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The status line: on a terminal, in place, and gone when the run is.

load ../common

need_terminal() {
	"$PYTHON" -c 'import pty; pty.openpty()' || skip "no pseudo terminals"
}

# Its lines in seen; see test/on_terminal.py. $status
on_terminal() { # [OPTION...] CMD...
	need_terminal
	status=0
	timeout -k 5 60 "$PYTHON" "$IOTSIM_ROOT/test/on_terminal.py" "$@" \
		>seen 2>trouble || status=$?
	tail -n 20 seen trouble
	[ ! -s trouble ]
}

# Readings that come until it is killed, through the pipe `readings`.
start_readings() { # ARG...
	mkfifo readings
	start p sh -c 'exec "$IOTSIM" produce --to - "$@" >readings' sh "$@"
}

kept() {
	sed -n 's/^line: //p' seen
}

statuses() {
	sed -n 's/^status: //p' seen
}

@test "produce: a bar, a percentage and the time left" {
	on_terminal --statuses 4 --out out "$IOTSIM" produce --to - --delays 0.01 \
		--count 100000 --seed 1
	[ "$status" = 0 ]
	sent=$(wc -l <out)
	[ "$(kept | wc -l)" = 1 ] # the summary: nothing else is left
	kept | grep -q "^iotsim: sent $sent: delivered $sent, failed 0; "
	run ! grep -qvE '^iotsim: [ 0-9]{3}% \[[█▉▊▋▌▍▎▏ ]*\] (.* left, )?sent [0-9]+(, |$)' \
		<(statuses)
	statuses | grep -qE '\] [0-9ms]+ left, sent [1-9][0-9]*, [0-9.k]+/s, failed 0'
}

@test "produce: --duration and --stages have an end, others none" {
	for end in "--duration 1h" "--stages 1h:100"; do
		# shellcheck disable=SC2086 # words
		on_terminal --statuses 4 --out out "$IOTSIM" produce --to - -q \
			--progress on --delays 0.01 $end
		[ "$status" = 0 ]
		statuses | grep -qE '^iotsim: [ 0-9]{3}% \[.* left, '
	done
	on_terminal --statuses 3 --out out "$IOTSIM" produce --to - --delays 0.01
	[ "$status" = 0 ]
	statuses | grep -qE '^iotsim: sent [0-9]+, .*/s'
	run ! grep -qE '%|left' <(statuses)
}

@test "it is never as wide as the terminal, and follows it" {
	for columns in 79 40 26; do
		on_terminal --columns "$columns" --statuses 3 --out out "$IOTSIM" \
			produce --to - --delays 0.01 --count 100000
		[ "$status" = 0 ]
	done
	for columns in 9 3; do # nothing fits
		on_terminal --columns "$columns" --out out "$IOTSIM" \
			produce -q --progress on --to - --delays 0.01 --count 99
		[ "$status" = 0 ]
		[ -z "$(statuses)" ]
	done
	on_terminal --columns 100 --then 30 --statuses 8 --out out "$IOTSIM" \
		produce --to - --delays 0.01 --count 100000
	[ "$status" = 0 ]
	[ "$(statuses | wc -l)" -ge 2 ]
	statuses | grep -q sent
}

@test "in a locale without UTF-8 the bar is of ASCII" {
	LC_ALL=C on_terminal --out out "$IOTSIM" produce --to - --delays 0.01 \
		--count 200
	[ "$status" = 0 ]
	statuses | grep -qE '^iotsim: [ 0-9]{3}% \[#+ *\] '
	run ! grep -qP '[^\x00-\x7f]' seen
}

@test "consume: tables and the status line on one terminal" {
	start_readings --delays 0.01
	on_terminal --statuses 12 sh -c 'exec "$IOTSIM" consume --from - \
		--interval 500ms --grace 0 <readings'
	[ "$status" = 0 ]
	statuses | grep -qE '^iotsim: read [0-9]+, [0-9.]+/s, lag 0, behind [0-9.]+s'
	kept | tail -n 1 | grep -q '^iotsim: read '
	# The tables are as if there were no status line.
	kept | head -n -1 >tables
	[ "$(grep -c '^Time: ' tables)" -ge 2 ]
	run ! grep -qvE '^-+$|^Time: .* records$|^Statistics by Sensor (Type|Name):$|^ +value$|^(type|name) +$|^(humidity|pressure|temperature|sensor_[01]) +[0-9.]+$' tables
}

@test "consume: --exit-at-end has an end" {
	start_broker -t iot
	iotsim produce -c 50k --speed max --delays 0.01 -q 2>p.err
	on_terminal --out out "$IOTSIM" consume -e --max-ahead off --interval 1h
	[ "$status" = 0 ]
	[ "$(kept | wc -l)" = 1 ]
	kept | grep -q '^iotsim: read 50000: used 50000, '
	statuses | grep -qE '^iotsim: [ 0-9]{3}% \[.*\] .*read [0-9]+'
}

@test "consume: the last one is of all that was read" {
	produce -c 50000
	mv out readings
	try consume --from - --progress on --interval 1h <readings
	[ "$status" = 0 ]
	[ "$(tr '\r' '\n' <err | grep -oE 'read [0-9]+,' | tail -n 1)" = \
		"read 50000," ]
}

@test "demo: the consumer's line, with the producer's end" {
	on_terminal --out out "$IOTSIM" demo --interval 500ms --duration 2s --idle 500ms
	[ "$status" = 0 ]
	statuses | grep -qE '^iotsim: [ 0-9]{3}% \[.*\] .*read [0-9]+'
	run ! grep -q sent <(statuses)
	kept | tail -n 2 | head -n 1 | grep -q '^iotsim: sent '
}

@test "consume: the head of CSV wipes it first" {
	start_readings --delays 0.01
	on_terminal --statuses 3 sh -c 'exec "$IOTSIM" consume --from - \
		--format csv --stats mean --interval 1h <readings'
	[ "$status" = 0 ]
	[ "$(kept | wc -l)" = 2 ] # no report, but the head and the summary
	kept | head -n 1 | grep -q '^start,.*,mean$'
	kept | tail -n 1 | grep -q '^iotsim: read '
}

@test "consume: late readings wipe it first" {
	start_readings --delays 0.01 --late 50%:1s
	on_terminal --statuses 12 sh -c 'exec "$IOTSIM" consume --from - \
		--format json --late-to - --interval 500ms --grace 0 <readings'
	[ "$status" = 0 ]
	[ "$(kept | grep -c '^{"reason":"late",')" -ge 1 ]
	run ! grep -qvE '^\{.*\}$|^iotsim: read [0-9]+: ' <(kept)
}

@test "a line that is said wipes it first" {
	start_readings --delays 0.1 --fault malformed:50%
	on_terminal --statuses 12 --out out sh -c 'exec "$IOTSIM" consume \
		--from - <readings'
	[ "$status" = 0 ]
	[ "$(kept | grep -c '^iotsim: malformed: line [0-9]*: ')" -ge 1 ]
	run ! grep -qvE '^iotsim: (malformed|read [0-9]+): ' <(kept)
	statuses | grep -q 'left out [1-9]'
}

@test "--progress off, -q, JSON, a dumb terminal: none" {
	local run=("$IOTSIM" produce --to - --delays 0.01 --count 150)
	for words in "--progress off" -q "--log-format json"; do
		# shellcheck disable=SC2086 # words
		on_terminal --out out "${run[@]}" $words
		[ "$status" = 0 ]
		[ -z "$(statuses)" ]
	done
	IOTSIM_TEST_TERM=dumb on_terminal --out out "${run[@]}"
	[ -z "$(statuses)" ]
	IOTSIM_TEST_TERM=dumb on_terminal --out out "${run[@]}" --progress on
	[ -n "$(statuses)" ]
	try produce --progress on --log-format json
	[ "$status" = 2 ]
	grep -q "'--progress on' and '--log-format json'" err
}

@test "beside readings on the same terminal, or in a pipe: none but with on" {
	on_terminal "$IOTSIM" produce --to - --delays 0.01 --count 150
	[ "$status" = 0 ]
	[ -z "$(statuses)" ]
	[ "$(kept | grep -c '^{"time":')" = 150 ]
	on_terminal sh -c '"$IOTSIM" produce --to - --delays 0.01 --count 150 |
		cat >out'
	[ -z "$(statuses)" ]
	on_terminal sh -c '"$IOTSIM" produce --to - --delays 0.01 --count 150 \
		--progress on | cat >out'
	[ -n "$(statuses)" ]
}

@test "no terminal: none, but with --progress on" {
	produce --delays 0.01 --speed 1 --count 150
	[ "$(wc -l <err)" = 1 ]
	try produce --to - --delays 0.01 --count 150 --progress on
	[ "$status" = 0 ]
	grep -qF $'sent 150' err
	grep -qF $'\r\e[Kiotsim: ' err
	tail -n 1 err | grep -q $'\r\e\[Kiotsim: sent 150: delivered 150, failed 0'
}
