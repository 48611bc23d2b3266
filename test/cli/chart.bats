#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# consume --chart: what stands under the tables, how wide, in what letters.

load ../common

# Six windows of 10 s: one without readings, one that lacks a name.
sample() {
	reading 1 temperature boiler 20
	reading 2 pressure pump 1013.5
	reading 11 temperature boiler 22
	reading 12 pressure pump 1013.5
	reading 21 temperature boiler 24
	reading 41 temperature boiler 28
	reading 42 pressure pump 1013.5
	reading 51 temperature boiler 24
	reading 52 pressure pump 1013.5
}

chart() { # ARG...
	try consume --from - --interval 10 --chart "$@"
	[ "$status" = 0 ]
	balanced err
}

# The charts alone, of all reports, without their headings.
charts() {
	awk '/^---/ { on = 0 } on; /^Chart of / { on = 1 }' out
}

# The widest line of the charts in FILE, in characters.
widest() { # FILE
	tr -d '\r' <"$1" |
		awk '/^---/ { on = 0 } on; /^Chart of / { on = 1 }' | wc -L
}

# A fleet of the same readings each time, in 100 windows.
many_windows() {
	"$IOTSIM" produce "${FIXED[@]}" -q --speed max -n 3 --duration 1000s
}

@test "golden: the last report" {
	sample | chart
	tail -n 22 out | tr ' ' % | diff - <(tr ' ' % <<-'END'
		----------------------------------------------------------------------
		Time: 1970-01-01 00:01:00.000000, collected 2 sensor records
		Statistics by Sensor Type:
		              value
		type               
		pressure     1013.5
		temperature    24.0

		Chart of the mean, last 6 windows of 10s:
		pressure     ▄▄  ▄▄  1013.5
		temperature  ▁▃▅ █▅      20 to 28
		--------------------------------------------------
		Statistics by Sensor Name:
		         value
		name          
		boiler    24.0
		pump    1013.5

		Chart of the mean, last 6 windows of 10s:
		boiler  ▁▃▅ █▅      20 to 28
		pump    ▄▄  ▄▄  1013.5
		----------------------------------------------------------------------
	END
	)
}

@test "the first report has one window" {
	sample | chart --max-reports 1
	grep -qx 'Chart of the mean, last window of 10s:' out
	[ "$(charts | head -n 2)" = "pressure     ▄  1013.5
temperature  ▄      20" ]
}

@test "LC_ALL=C: ASCII alone, also of names" {
	{ sample; reading 53 temperature büro 1; } >in
	for locale in C POSIX no_SUCH.UTF-8; do
		LC_ALL=$locale chart --by name <in
		charts >got
		[ "$(tail -n 3 got)" = "boiler  .-+ @+      20 to 28
b?ro         =       1
pump    ==  ==  1013.5" ]
		run ! grep -qP '[^\x00-\x7f]' got
		grep -q '^büro' out # in the table as it was
	done
}

@test "the locale changes nothing else" {
	localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 2>/dev/null || true
	[ "$(LOCPATH=$PWD LC_ALL=de_DE.UTF-8 locale charmap 2>/dev/null)" = UTF-8 ] ||
		skip "no localedef, or no de_DE: apt-get install locales"
	# The C library loses a copy of LOCPATH.
	sample | LSAN_OPTIONS=detect_leaks=0 LOCPATH=$PWD LC_ALL=de_DE.UTF-8 chart
	grep -q '▄  1013\.5$' out
	grep -q '^pump    1013\.5$' out
}

@test "the tables are those without it" {
	many_windows >in
	for args in "" "--max-rows 2" "--by type" "--stats count,sd" --accumulate \
		"--empty --stats count"; do
		# shellcheck disable=SC2086
		try consume --from - --interval 10 $args <in
		mv out plain
		# shellcheck disable=SC2086
		chart $args <in
		run ! cmp -s plain out
		perl -0pe 's/\nChart of .*\n([^-].*\n)+//g' out | cmp - plain
	done
}

@test "the rows of a cut table, with its dots" {
	for i in {10..19}; do
		reading 1 t "s$i" "$i"
	done | chart --by name --max-rows 5
	[ "$(charts | cut -c1-3 | xargs)" = "s10 s11 ... s18 s19" ]
}

@test "--stats: the first that is not the count, or the count" {
	many_windows >in
	chart --stats count,max,mean <in
	grep -q '^Chart of the max, ' out
	chart --stats count <in
	grep -q '^Chart of the count, ' out
	[ "$(charts | tail -n 1 | awk '{ print $NF }')" = 10 ]
}

@test "--accumulate: the means so far" {
	sample | chart --accumulate --by name
	[ "$(charts | tail -n 2)" = "boiler  ▁▃▅ ██      20 to 23.6
pump    ▄▄▄ ▄▄  1013.5" ]
}

@test "--empty: nothing under an empty table, and a blank above it" {
	sample | chart --empty --by name --max-reports 4
	tail -n 6 out | grep -q '^Empty DataFrame$'
	run ! grep -q Chart <(tail -n 6 out)
	sample | chart --empty
	[ "$(charts | tail -n 2 | head -n 1)" = "boiler  ▁▃▅ █▅      20 to 28" ]
}

@test "in a pipe 80 columns, or those of COLUMNS" {
	many_windows >in
	chart <in
	[ "$(widest out)" = 80 ]
	COLUMNS=120 chart <in
	[ "$(widest out)" = 120 ]
	COLUMNS=40 chart <in
	[ "$(widest out)" = 40 ]
	COLUMNS=nonsense chart <in
	[ "$(widest out)" = 80 ]
}

@test "a terminal says how wide it is, COLUMNS knows better" {
	command -v script >/dev/null || skip "no script"
	many_windows >in
	for cols in 50 80 120; do
		script -qec "stty cols $cols
			'$IOTSIM' consume -q --from - --interval 10 --chart <in" \
			tty.out </dev/null
		[ "$(widest tty.out)" = "$cols" ]
	done
	COLUMNS=70 script -qec "stty cols 120
		'$IOTSIM' consume -q --from - --interval 10 --chart <in" \
		tty.out </dev/null
	[ "$(widest tty.out)" = 70 ]
	run ! grep -q $'\033' tty.out
}

@test "a terminal that changes its size" {
	command -v script >/dev/null || skip "no script"
	many_windows >in
	mkfifo pipe
	exec 7<>pipe
	start c script -qfec "stty cols 60; tty >tty; exec '$IOTSIM' consume -q \
		--from - --interval 10 --chart <pipe" tty.out
	sed '/01:03\./q' in | head -n -1 >&7
	wait_for grep -q 'Time: .* 00:01:00' tty.out
	wait_for is_drained
	[ "$(widest tty.out)" -le 60 ]
	stty -F "$(cat tty)" cols 100
	tail -n 400 in >&7
	wait_for grep -q 'Time: .* 00:16:30' tty.out
	[ "$(widest tty.out)" = 100 ]
}

@test "names of a topic that are hostile" {
	reading 1 t '\u001b[31mred' 1 >in
	reading 1 t 'nul\u0000' 2 >>in
	reading 1 t "$(printf 'x%.0s' {1..1000})" 3 >>in
	chart --by name <in
	run ! grep -qP '[\x00-\x09\x0b-\x1f\x7f]' out
	charts | grep -q '^\\x1b\[31mred  *▄  1$'
	[ "$(widest out)" -le 80 ]
}

@test "refused where there is no table" {
	refused "'--chart'" "'--format'" -- consume --from - --chart --format csv
	refused "'--chart'" "'--format'" -- demo --chart --format json
	refused "'--chart'" "'--output'" -- consume -g g --chart --output d
	refused "'--chart'" "'--output-topic'" json -- consume --chart --output-topic x
	refused "'--chart'" "'--verify'" -- consume --chart --verify /dev/null
}
