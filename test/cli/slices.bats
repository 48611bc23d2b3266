#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# One fleet, made by many: threads, slices, and groups that come and go.

load ../common

# Groups of all kinds, with all that can go wrong.
fleet=(-n 11 --delays 0.3 --delay-distribution exponential
	--sensor 'name=alike-{:02},count=20,every=0.5,late=5%:exponential(3),duplicate=3%'
	--sensor 'name=layers-{},count=4,type=wind rain,type-per-sensor=true,ar.phi=0.9,ar.sd=1,walk.sd=0.1,factor.coefficient=0.7,day.amplitude=3,day.peak=15h,dropout=2/h:1m'
	--sensor 'name=alone,every=1s,jitter=400ms,malformed=5%,skew=1%:10s:1h'
	--fault spike:2% --fault out-of-order:1% --labels)

@test "threads change no byte" {
	produce "${fleet[@]}" --duration 5m
	n=$(wc -l <out)
	[ "$n" -gt 10000 ]
	sum=$(sha256sum <out)
	for threads in 2 7; do
		produce "${fleet[@]}" --duration 5m --threads "$threads"
		[ "$(sha256sum <out)" = "$sum" ]
	done
}

@test "threads change no byte at any speed, either" {
	produce "${fleet[@]}" --duration 2s
	sum=$(sha256sum <out)
	for threads in 1 3; do
		try produce "${FIXED[@]}" "${fleet[@]}" --duration 2s --speed 10 \
			--threads "$threads"
		[ "$(sha256sum <out)" = "$sum" ]
	done
}

@test "threads change no byte where due times are alike" {
	# Thousands to a nanosecond.
	tied=(-n 5000 --delays 0.0000010004 --seed 5 --start 2026-01-01
		--count 20000)
	produce "${tied[@]}"
	[ "$(wc -l <out)" = 20000 ]
	sum=$(sha256sum <out)
	for threads in 3 7; do
		produce "${tied[@]}" --threads "$threads"
		[ "$(sha256sum <out)" = "$sum" ]
	done
}

@test "--count is exact with threads" {
	produce "${fleet[@]}" --duration 5m
	for count in 1 2047 2048 2049 5000; do
		head -n "$count" out >"expected.$count"
	done
	for count in 1 2047 2048 2049 5000; do
		produce "${fleet[@]}" --count "$count" --threads 3
		cmp "expected.$count" out
		[ "$(summary err sent)" = "$count" ]
	done
}

@test "the union of the slices is the whole" {
	produce "${fleet[@]}" --duration 5m
	sort out >whole
	for n in 1 2 3 7; do
		: >union
		for ((i = 1; i <= n; i++)); do
			produce "${fleet[@]}" --duration 5m --slice "$i/$n" \
				--threads $((i % 3 + 1))
			[ -s out ]
			[ "$n" = 1 ] || [ "$(wc -l <out)" -lt "$(wc -l <whole)" ]
			cat out >>union
		done
		sort union | cmp whole -
	done
}

@test "more slices than sensors: some are empty, the union is the whole" {
	produce -n 3 --duration 1m
	sort out >whole
	: >union
	for i in {1..5}; do
		produce -n 3 --duration 1m --slice "$i/5"
		cat out >>union
	done
	[ ! -s out ]
	[ "$(cat err)" = "iotsim: sent 0: delivered 0, failed 0" ]
	sort union | cmp whole -
}

@test "a slice with --count is refused: it would not be exact" {
	refused "'--count'" --duration -- produce --slice 1/2 --count 10
	produce --slice 1/1 --count 10
}

@test "a sensor's readings depend on nothing but itself" {
	spec='name=me-{},count=2,every=exponential(0.4),ar.phi=0.5,ar.sd=1,late=5%:2s,stuck=1%:5s'
	alone=(--sensor "$spec" --duration 5m --labels)
	produce "${alone[@]}"
	mv out expected
	for others in "-n 1" "-n 1000 --delays 10" \
		"--sensor name=x --sensor name=y-{},count=9,duplicate=5%" \
		"--replay $IOTSIM_ROOT/test/data/ambient_temperature.csv"; do
		# shellcheck disable=SC2086 # words
		produce $others "${alone[@]}"
		[ "$(wc -l <out)" -gt "$(wc -l <expected)" ]
		grep '"name":"me-' out | cmp expected -
	done
	# Nor on which of them it is.
	produce --sensor "${spec/count=2/count=30}" --duration 5m --labels
	grep '"name":"me-[01]"' out | cmp expected -
}

@test "faults change nothing of the readings that they do not touch" {
	produce -n 5 --duration 10m
	mv out plain
	produce -n 5 --duration 10m --labels --fault spike:3% --fault stuck:1%:20s \
		--late 2%:5s --fault out-of-order:1%
	[ "$(wc -l <out)" = "$(wc -l <plain)" ]
	grep -v '"fault":' out >untouched
	[ "$(wc -l <untouched)" -gt 1000 ]
	[ "$(sort untouched | comm -13 <(sort plain) - | wc -l)" = 0 ]
}

@test "a wrong --slice or --threads names its bounds" {
	for slice in 0/2 3/2 1/0 1 1/ /2 a/b 1/2/3 -1/2 1.5/2 1/20000000 ''; do
		refused "'--slice'" "'$slice'" "I/N" "I from 1 to N, N to 10000000" -- \
			produce --to - --slice="$slice"
	done
	refused "'--threads'" "1 to 64" -- produce --threads 0
	refused "'--threads'" "1 to 64" -- produce --threads 65
	refused "'--threads'" "'two'" -- produce --threads two
}
