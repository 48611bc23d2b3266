#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The truth file against the bytes that were sent, by an independent program.

load ../common

@test "it is what the bytes say: windows, means to the last bit, late ones" {
	while read -r interval grace options; do
		# shellcheck disable=SC2086 # words
		produce $options --truth truth.csv \
			--truth-interval "$interval" --truth-grace "$grace"
		[ -s out ]
		is_truth_of truth.csv "$interval" "$grace" <out
	done <<-END
		20 1 -n 3 -c 5000
		5 0 -n 20 -c 5000 --delays 0.1
		20 1 -n 5 -c 5000 --late 10%:30s --fault out-of-order:5%
		20 1 -n 2 -c 5000 --fault duplicate:20% --late 5%:2s --jitter 3s
		20 1 -n 2 -c 5000 --fault skew:1%:20s:-1h --fault spike:3%:0:1e17
		3600 60 -n 7 -c 5000 --delays 50 --labels --fault stuck:3%:10m
		0.001 1 -n 1000 -c 5000 --delays 100 --threads 3
		86400 1 --replay $IOTSIM_ROOT/test/data/machine_temperature.csv
	END
}

@test "malformed ones are counted where they would have been" {
	produce -n 3 -c 3000
	mv out plain
	produce -n 3 -c 3000 --fault malformed:10% --truth truth.csv
	is_truth_of truth.csv 20 1 plain <out
	tail -n 1 truth.csv | grep -qE '^,,end,complete,[0-9]+,,,0,[0-9]+$'
	iotsim consume --from - <out >/dev/null 2>books
	[ "$(tail -n 1 truth.csv | cut -d, -f9)" = "$(summary books malformed)" ]
	[ "$(tail -n 1 truth.csv | cut -d, -f5)" = "$(summary books used)" ]
}

@test "everything at once" {
	produce -n 30 --delays 0.2 --delay-distribution exponential --duration 400s \
		--late '5%:exponential(20)' --fault duplicate:3% \
		--fault malformed:2% --fault skew:1%:5s:1m --fault out-of-order:2% \
		--fault dropout:1%:3s --fault noise:1%:9s --jitter 1s --labels \
		--truth truth.csv --truth-interval 10s
	is_truth_of truth.csv 10 1 <out
	[ "$(tail -n 1 truth.csv | cut -d, -f8)" -gt 1000 ]
}

@test "consume finds what the truth says, when it has its interval and grace" {
	produce -n 5 -c 20000 --late 10%:30s --fault duplicate:2% --truth truth.csv \
		--truth-interval 10s --truth-grace 2s
	iotsim consume --from - -i 10s --grace 2s --format csv <out >windows 2>books
	[ "$(tail -n 1 truth.csv | cut -d, -f5)" = "$(summary books used)" ]
	[ "$(tail -n 1 truth.csv | cut -d, -f8)" = "$(summary books late)" ]
	[ "$(summary books late)" -gt 100 ]
	# The rows of a window may come in several goes: add them up.
	"$PYTHON" - <<-'END'
	import csv, fractions
	total = {}
	for r in csv.DictReader(open("truth.csv")):
	    if r["by"] == "end":
	        continue
	    t = total.setdefault((r["start"], r["end"], r["by"], r["key"]), [0, 0])
	    t[0] += int(r["count"])
	    t[1] += sum(fractions.Fraction(float(x)) for x in r["sum"].split())
	want = {k: (str(n), float(s / n)) for k, (n, s) in total.items() if n}
	got = {(r["start"], r["end"], r["by"], r["key"]): (r["count"], float(r["mean"]))
	    for r in csv.DictReader(open("windows"))}
	assert want.keys() == got.keys()
	for k in want:
	    assert want[k][0] == got[k][0]
	    assert abs(want[k][1] - got[k][1]) <= abs(want[k][1]) * 2**-52, (k, want[k], got[k])
	END
}

@test "the rows of slices are those of the whole, together" {
	run=(-n 30 --delays 0.2 --duration 200s --fault duplicate:5%)
	produce "${run[@]}" --truth whole.csv
	n=$(wc -l <out)
	: >rows
	for i in 1 2 3; do
		produce "${run[@]}" --slice "$i/3" --truth part.csv
		is_truth_of part.csv 20 1 <out
		cat part.csv >>rows
	done
	"$PYTHON" - "$n" <<-'END'
	import csv, fractions, sys
	def read(lines):
	    total = {}
	    for r in csv.reader(lines):
	        if r[0] == "start" or r[2] == "end":
	            continue
	        t = total.setdefault(tuple(r[:4]), [0, 0])
	        t[0] += int(r[4])
	        t[1] += sum(fractions.Fraction(float(x)) for x in r[6].split())
	    return total
	whole = read(open("whole.csv"))
	assert whole == read(open("rows"))
	assert sum(n for k, (n, s) in whole.items() if k[2] == "name") == int(sys.argv[1])
	END
}

@test "Ctrl-C closes the file" {
	for signal in INT TERM; do
		start p "$IOTSIM" produce --to - --delays 0.01 --seed 7 \
			--truth truth.csv --truth-interval 100ms --truth-grace 0
		wait_for [ -s p.out ]
		signal "$signal" p
		ends p
		[ "$status" = 0 ]
		balanced p.err
		is_truth_of truth.csv 0.1 0 <p.out
	done
}

@test "a file that was there is overwritten" {
	seq 100000 >truth.csv
	produce -c 10 --truth truth.csv
	is_truth_of truth.csv 20 1 <out
}

@test "a full disk: an error, status 1, and what was sent is counted" {
	# At the end, and in mid-run.
	for count in 100 200000; do
		try produce "${FIXED[@]}" --speed max -n 100 -c "$count" \
			--truth /dev/full
		[ "$status" = 1 ]
		balanced err
		[ "$(head -n 1 err)" = "iotsim: cannot write to '/dev/full': No space left on device" ]
		[ "$(grep -c . err)" = 2 ]
		[ "$(summary err sent)" -ge 100 ]
		[ "$(summary err delivered)" = "$(wc -l <out)" ]
		[ "$(summary err failed)" = 0 ]
	done
	[ "$(wc -l <out)" -lt 200000 ]
}

@test "readings that could not be written make it invalid" {
	status=0
	iotsim produce "${FIXED[@]}" --speed max -c 10 --truth truth.csv \
		>/dev/full 2>err || status=$?
	[ "$status" = 1 ]
	balanced err
	[ "$(tail -n 1 truth.csv)" = ",,end,invalid: messages failed,0,,,0,0" ]
}

@test "a file that cannot be made: status 1, and nothing is sent" {
	try produce "${FIXED[@]}" --speed max -c 10 --truth no/such/truth.csv
	[ "$status" = 1 ]
	[ ! -s out ]
	[ "$(head -n 1 err)" = "iotsim: cannot write to 'no/such/truth.csv': No such file or directory" ]
	balanced err
}

@test "names and types with commas, quotes and line breaks are CSV" {
	produce -c 100 --name-prefix $'a,"b"\n' --types 'x"y' --truth truth.csv
	is_truth_of truth.csv 20 1 <out
}

@test "a wrong interval or grace names its bounds" {
	refused "'--truth-interval'" "1ms to" -- produce --truth t --truth-interval 0
	refused "'--truth-interval'" "'soon'" -- produce --truth t --truth-interval soon
	refused "'--truth-grace'" "0s to" -- produce --truth t --truth-grace=-1s
	refused "'--truth'" FILE -- produce --truth
}
