#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# preview: what it prints, and where.

load ../common

fixed=(--seed 7 --start 2026-11-24)
boiler='name=boiler,unit=°C,value=normal(60,1),every=10m,day.amplitude=8,day.peak=14h'

preview() { # ARG...
	try preview "${fixed[@]}" "$@" </dev/null
	[ "$status" = 0 ]
	[ ! -s err ]
}

@test "golden: in ASCII" {
	LC_ALL=C preview --width 60 --sensor "$boiler"
	diff - out <<-'END'
		boiler: 1 sensor of temperature, humidity, pressure in ?C

		  boiler: 144 readings over 1d from 2026-11-24T00:00:00Z
		  value = normal(60,1) + day
		  delay = constant(600) s

		                   mean          sd         min         max
		  values        60.0461     5.98972     50.2749     70.6005
		   promised          60     5.74456        -inf         inf
		  delays, s         600           0         600         600
		   promised         600           0         600         600

		  values, ?C                     delays, s
		  50 ############ 12             600 ################### 143
		  52 #################### 20
		  54 ############## 14
		  56 ############### 15
		  58 ############### 15
		  60 ######### 9
		  62 ########## 10
		  64 ############# 13
		  66 ##################### 21
		  68 ############# 13
		  70 ## 2

		  74 |
		     |                           .:   ..  .
		     |                        ':. .::: ':'... .
		     |                    ..'::. '       ''  ':.
		  62 |                  ..':'                   :'
		     |               .:.'                      ' '''.
		     |            .:.:                              ':::..:
		     |.   .. .:.:''                                    ''.':
		  50 |'':''''. '
		     ++------------+-------------+------------+-------------
		      00:00        06:00         12:00        18:00
	END
}

@test "golden: in UTF-8" {
	preview --width 60 --sensor "$boiler"
	diff - out <<-'END'
		boiler: 1 sensor of temperature, humidity, pressure in °C

		  boiler: 144 readings over 1d from 2026-11-24T00:00:00Z
		  value = normal(60,1) + day
		  delay = constant(600) s

		                   mean          sd         min         max
		  values        60.0461     5.98972     50.2749     70.6005
		   promised          60     5.74456        -inf         inf
		  delays, s         600           0         600         600
		   promised         600           0         600         600

		  values, °C                     delays, s
		  50 ████████████ 12             600 ███████████████████ 143
		  52 ████████████████████ 20
		  54 ██████████████ 14
		  56 ███████████████ 15
		  58 ███████████████ 15
		  60 █████████ 9
		  62 ██████████ 10
		  64 █████████████ 13
		  66 █████████████████████ 21
		  68 █████████████ 13
		  70 ██ 2

		  74 ┤
		     │                           ⣀⡐   ⢄⠤  ⡀
		     │                        ⠐⢈⣀ ⠠⢂⠕⢡ ⠂⠔⠈⡀⡠⣀ ⡀
		     │                    ⢀⠠⠐⠡⡁⠄ ⠁       ⠁⠈  ⠒⢐⠠
		  62 ┤                  ⢀⣀⠂⡂⠉                   ⡒⠂
		     │               ⢀⠡⢄⠃                      ⠁ ⠐⠑⠒⠠
		     │            ⢄⠲⡠⠅                              ⠁⠡⠦⡐⠠⡄⢂
		     │⡄   ⢀⢀ ⢄⡈⣀⢉⠒⠂                                    ⠐⠂⠠⠈⢁
		  50 ┤⠈⠙⢂⠑⠊⠂⠓⢀ ⠁
		     └┬────────────┬─────────────┬────────────┬─────────────
		      00:00        06:00         12:00        18:00
	END
}

@test "no escape sequences, in a pipe and in a terminal" {
	preview --fleet office
	run ! grep -q $'\033' out
	command -v script >/dev/null || skip "no script"
	TERM=xterm-256color script -qec \
		"stty cols 100; '$IOTSIM' preview ${fixed[*]} -n 1" tty.out </dev/null
	run ! grep -q $'\033' tty.out
	grep -q 'mean  ' tty.out
}

@test "a terminal says how wide it is" {
	command -v script >/dev/null || skip "no script"
	for cols in 61 100 132; do
		script -qec "stty cols $cols; '$IOTSIM' preview ${fixed[*]} -n 1" \
			tty.out </dev/null
		[ "$(grep -E '└' tty.out | tr -d '\r' | wc -L)" = "$cols" ]
	done
}

@test "COLUMNS says how wide it is, where it is a number" {
	local asked
	for asked in 77:77 1:60 0:80 wide:80 -5:80 99999999999999999999:80; do
		COLUMNS=${asked%:*} preview -n 1
		[ "$(grep -E '└' out | wc -L)" = "${asked#*:}" ]
	done
	COLUMNS=77 preview -n 1 --width 99
	[ "$(grep -E '└' out | wc -L)" = 99 ]
}

@test "no line is wider than asked" {
	for width in 60 80 133; do
		LC_ALL=C preview --fleet office --width "$width"
		[ "$(wc -L <out)" -le "$width" ]
	done
}

@test "LC_ALL=C: ASCII alone, whatever the names are" {
	LC_ALL=C preview --sensor 'name=büro €,type=tür,unit=°C'
	run ! grep -qP '[^\x00-\x7f]' out
	grep -qF 'b?ro ?: 1 sensor of t?r in ?C' out
	preview --sensor 'name=büro €,type=tür,unit=°C'
	grep -qF 'büro €: 1 sensor of tür in °C' out
}

@test "control characters of a name are escaped" {
	preview --sensor $'name=a\033[31mb\ac'
	grep -qF 'a\x1b[31mb\x07c: 1 sensor' out
	run ! grep -qP '[\x00-\x09\x0b-\x1f]' out
}

@test "the same seed and start make the same pictures" {
	preview --fleet weather
	mv out expected
	preview --fleet weather
	cmp expected out
	try preview --seed 8 --start 2026-11-24 --fleet weather
	run ! cmp -s expected out
}

@test "a seed is told, where something is random" {
	try preview -n 1
	grep -qE "^iotsim: seed [0-9]+, chosen now" err
	printf 'time,value\n2026-11-24,1\n2026-11-25,2\n' >r.csv
	try preview --replay r.csv
	[ ! -s err ]
}

# A number of the table: row, column.
number() { # ROW COLUMN
	awk -v row="$1" -v column="$2" '
		$1 == "values" && NF == 5 { from = 2; on = row == "values" }
		$1 == "promised" && $2 != "without" { from = 2; on = row == last "-promised" }
		$1 == "delays," && $2 == "s" && NF == 6 { from = 3; on = row == "delays" }
		on { print $(from + column); exit }
		NF { last = $1 == "delays," ? "delays" : $1 }
	' out
}

@test "the numbers are those of what produce sends" {
	preview --sensor "$boiler,spike=2%"
	mean=$(number values 0)
	try produce --to - --speed max "${fixed[@]}" --duration 24h \
		--sensor "$boiler,spike=2%"
	"$PYTHON" -c '
import json, statistics, sys
x = [json.loads(line)["value"] for line in open("out")]
mean = statistics.fmean(x)
print(mean, sys.argv[1])
assert f"{mean:.6g}" == sys.argv[1]' "$mean"
}

# Means of n independent draws within 5 standard errors; 5 digits are shown.
@test "what is drawn is near what was promised" {
	for law in 'normal(60,2)' 'exponential(3)' 'gamma(2,5)' 'uniform(0,1)'; do
		preview --sensor "name=a,value=$law,every=exponential(2)"
		"$PYTHON" -c '
import sys
v, vp, vsd, d, dp, dsd, n = map(float, sys.argv[1:])
print(sys.argv)
assert dp == 2 and dsd == 2
assert abs(v - vp) <= 5 * vsd / n ** .5 + 1e-4
assert abs(d - dp) <= 5 * dsd / n ** .5 + 1e-4
' "$(number values 0)" "$(number values-promised 0)" \
			"$(number values-promised 1)" "$(number delays 0)" \
			"$(number delays-promised 0)" "$(number delays-promised 1)" \
			"$(sed -nE 's/^  a: ([0-9]+) readings.*/\1/p' out)"
	done
}

@test "what the promise is without is said" {
	preview --sensor 'name=a,walk.sd=1,walk.min=-5,walk.max=5,spike=1%,min=19'
	grep -qx '  promised without walk, faults, cuts' out
	grep -qE '^  at min 19: [0-9.]+ % of the values$' out
	grep -qE '^  faults: spike [0-9]+$' out
	preview --sensor 'name=a,late=1%:2s'
	run ! grep -q without out
}

@test "one sensor of each group, all with --each, and all of lists" {
	preview --sensor 'name=a{},count=5'
	[ "$(grep -cE '^  a[0-9]: ' out)" = 1 ]
	preview --sensor 'name=a{},count=5' --each
	[ "$(grep -cE '^  a[0-9]: ' out)" = 5 ]
	preview -n 3 --sensors-values-mean 1 2 3
	[ "$(grep -cE '^  sensor_[0-2]: ' out)" = 3 ]
	preview -n 3
	[ "$(grep -cE '^  sensor_[0-2]: ' out)" = 1 ]
}

@test "--span, --readings, and what is too fast for them" {
	preview -n 1 --span 7d --delays 1h
	grep -q 'sensor_0: 168 readings over 7d from' out
	preview -n 1 --readings 10
	grep -qE 'sensor_0: 10 readings over 9[.0-9]*s from ' out
	grep -qx '  the rest of the span is not drawn' out
	preview -n 1 --delays 1us --readings 1000
	grep -qE 'sensor_0: 1000 readings over (999us|1ms) from ' out
	preview -n 1 --delays 2d --span 1h
	grep -qE 'later$|1 reading over' out
}

@test "a recording, in whole and with faults" {
	try preview --replay "$IOTSIM_ROOT/test/data/ambient_temperature.csv"
	[ "$status" = 0 ]
	[ ! -s err ]
	grep -qF 'ambient_temperature: 40 readings over 39h from 2013-07-04T00:00:00Z' out
	grep -qF 'value = as recorded' out
	run ! grep -q promised out
	preview --replay "$IOTSIM_ROOT/test/data/ambient_temperature.csv" \
		--fault spike:20%:0:50
	grep -qF 'from 2026-11-24T00:00:00Z' out
	grep -q 'faults: spike' out
}

@test "a day begins at midnight where nothing is said" {
	try preview -q -n 1
	grep -qE "from $(date -u +%Y)-[0-9]{2}-[0-9]{2}T00:00:00Z$" out
}

@test "wrong options: status 2 and one line" {
	for words in "--width 59" "--span 0" "--readings 0" "--start never" \
		"--count 5" "x" "--fleet nothing" "--replay nothing.csv"; do
		# shellcheck disable=SC2086 # words
		try preview $words
		[ "$status" = 2 ]
		[ ! -s out ]
		[ "$(wc -l <err)" = 1 ]
	done
}

@test "a full disk is status 1" {
	status=0
	iotsim preview "${fixed[@]}" --fleet office >/dev/full 2>err || status=$?
	[ "$status" = 1 ]
	[ "$(cat err)" = \
		"iotsim: cannot write to standard output: No space left on device" ]
}
