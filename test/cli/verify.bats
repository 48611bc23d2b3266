#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# verify_shares.py, on which the tests that kill members rely, finds what is
# wrong.

load ../common

# Two partitions; windows of 20 s from 0, of which the first is complete.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	put 0 0 1 t a 1
	put 1 0 2 t b 2
	put 0 1 19.5 u a 4
	put 0 2 21 t a 8
	put 1 1 22 t b 16
	printf '0\t3\tno reading\n' >>log
	put 0 4 3 t a 32 # late
	report 0 20 g_0_0-1 '{"0":2,"1":1}' \
		type t 2 1.5 type u 1 4.0 name a 2 2.5 name b 1 2.0 >reports
}

put() { # PARTITION OFFSET SECONDS TYPE NAME VALUE
	printf '%s\t%s\t{"time":"1970-01-01T00:00:%012.9fZ",' "$1" "$2" "$3"
	printf '"type":"%s","name":"%s","value":%s}\n' "$4" "$5" "$6"
} >>log

# CUTS: of a close by force, ,"cuts":{...}
report() { # START END ID COUNTS { BY KEY COUNT MEAN }...
	local start=$1 end=$2 id=$3 counts=$4
	shift 4
	while [ $# -gt 0 ]; do
		printf '{"start":"1970-01-01T00:00:%02dZ",' "$start"
		printf '"end":"1970-01-01T00:00:%02dZ","by":"%s",' "$end" "$1"
		printf '"key":"%s","count":%s,"mean":%s,' "$2" "$3" "$4"
		printf '"id":"%s","partitions":%s%s}\n' "$id" "$counts" \
			"${CUTS:-}"
		shift 4
	done
}

verify() { # ARG...
	run "$PYTHON" "$IOTSIM_ROOT/test/verify_shares.py" "$@"
}

finds() { # "lost N, twice N, different N" [ARG...]
	verify "${@:2}" 20 1 log reports
	echo "$output"
	[ "$status" = 1 ]
	[[ "$output" = *"; $1" ]]
}

@test "reports that are right, and the same ones again" {
	verify --closed --once 20 1 log reports
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" = "7 records, 3 used: 1 reports, 2 shares, 0 rows again; lost 0, twice 0, different 0" ]
	cat reports reports >again
	verify --closed --books "iotsim: read 7: used 3, open 2" 20 1 log again
	[ "$status" = 0 ]
	[[ "$output" = *" 4 rows again; "* ]]
	{ head -c 250 reports; echo; cat again; } >torn
	verify --closed 20 1 log torn
	[ "$status" = 0 ]
}

@test "what is lost" {
	report 0 20 g_0_0 '{"0":2}' \
		type t 1 1.0 type u 1 4.0 name a 2 2.5 >reports
	finds "lost 1, twice 0, different 0" --closed
	finds "lost 1, twice 0, different 0" --books "iotsim: read 7: used 3"
	finds "lost 2, twice 0, different 0" --books "iotsim: read 8: used 3"
	: >reports
	finds "lost 2, twice 0, different 0" --closed
	finds "lost 0, twice 0, different 0" # nothing is no proof
}

@test "what is there twice" {
	report 0 20 g_0_1 '{"1":1}' type t 1 2.0 name b 1 2.0 >>reports
	finds "lost 0, twice 1, different 0" --closed
	report 0 20 g_0_0-1 '{"0":2,"1":1}' \
		type t 2 1.5 type u 1 4.0 name a 2 2.5 name b 1 2.0 >reports
	cat reports reports >both
	mv both reports
	finds "lost 0, twice 1, different 0" --closed --once
}

@test "what is different" {
	cp reports good
	while read -r n edit; do
		sed "$edit" good >reports
		finds "lost 0, twice 0, different $n" --closed
	done <<-'EOT'
		1 s/2\.5/2.5000001/
		2 s/"count":2/"count":1/
		2 s/"key":"b"/"key":"c"/
		1 /"key":"u"/d
	EOT
	sed 's/2\.5/2.6/' good | cat good - >reports # again, but not the same
	finds "lost 0, twice 0, different 1" --closed
	report 20 40 g_20_0 '{"0":1}' type t 1 8.0 name a 1 8.0 |
		cat good - >reports
	finds "lost 0, twice 0, different 2" --closed # too early
	report 0 20 g_0_0-1 '{"0":3,"1":1}' type t 3 11.66 name a 3 12.33 \
		type u 1 4.0 name b 1 2.0 >reports # the late one too
	finds "lost 0, twice 0, different 3"
}

@test "a close by force, and a cut that is another" {
	cp reports good
	CUTS=',"cuts":{"0":3}' report 20 40 g_20_0 '{"0":1}' \
		type t 1 8.0 name a 1 8.0 >forced
	cat good forced >reports
	verify --once 20 1 log reports
	echo "$output"
	[ "$status" = 0 ]
	while read -r n edit; do
		sed "$edit" forced | cat good - >reports
		finds "lost 0, twice 0, different $n"
	done <<-'EOT'
		3 s/"0":3/"0":2/
		1 s/,"cuts":.*}/}/
		1 1s/"0":3/"0":4/
	EOT
	# That has passed the window: no cut is needed.
	sed 's/}}$/},"cuts":{"1":2}}/' good >reports
	finds "lost 0, twice 0, different 1"
}
