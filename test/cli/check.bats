#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# consume --check: windows against a truth that Python makes of the readings,
# by fractions.

load ../common

# Two minutes of readings in `in`, with some malformed and some late ones; the
# truth of them in `truth`.
some_readings() {
	iotsim produce -n 5 --delays 0.1 --duration 2m --start 2026-11-24T00:00:00Z \
		--speed max --seed 7 --to - 2>/dev/null >plain
	awk 'NR % 500 == 9 { late[NR + 1501] = $0; next }
		{ print } NR in late { print late[NR] }
		NR % 700 == 3 { sub(/"value":/, "\"v\":"); print }' plain >in
	truth_of in >truth
}

truth_of() { # FILE [GRACE]
	"$PYTHON" "$IOTSIM_ROOT/test/make_truth.py" "${2:-1}" "$1"
}

# try, with the truth; the last line but one is that of the check.
check() { # STATUS LINE ARG...
	try consume --format csv --from - --check truth "${@:3}" <in
	[ "$status" = "$1" ]
	balanced err
	[ "$(tail -n 2 err | head -n 1)" = "iotsim: check: $2" ]
}

# Refused before anything is read.
refused() { # STATUS MESSAGE ARG...
	try consume --format csv --from - --check truth "${@:3}" <in
	[ "$status" = "$1" ]
	[ "$(cat err)" = "iotsim: $2" ]
	[ ! -s out ]
}

@test "windows that are as the truth says, late and malformed ones among them" {
	some_readings
	check 0 "6 windows, 48 means agree"
	[ "$(wc -l <err)" -gt 2 ] # malformed ones are told
	[ "$(summary err late)" -gt 3 ]
	[ "$(summary err malformed)" -gt 3 ]
	[ "$(grep -c ,name, out)" = 30 ]
}

@test "the first columns of the truth are those of --format csv" {
	some_readings
	check 0 "6 windows, 48 means agree"
	# Means may differ by an ulp.
	diff <(awk -F, '$5 && $3 != "end"' truth | cut -d, -f1-5) \
		<(cut -d, -f1-5 out)
	diff <(head -n 1 truth | cut -d, -f1-6) <(head -n 1 out)
}

@test "means are compared whatever is printed" {
	some_readings
	check 0 "6 windows, 48 means agree" --by type
	run ! grep -q ,name, out
	check 0 "6 windows, 48 means agree" --by name
	run ! grep -q ,type, out
	check 0 "6 windows, 48 means agree" --stats sd,count
	head -n 1 out | grep -qx start,end,by,key,count,sd
	sed -i '0,/"value":/s/"value":/&1/' in
	check 1 "6 windows, 46 means agree, 2 differences" --stats max
}

@test "a reading that was removed is found" {
	some_readings
	line=$(awk '/"value"/ && NR >= 700 { print NR; exit }' in)
	name=$(sed -n "${line}s/.*\"name\":\"\([^\"]*\)\".*/\1/p" in)
	sed -i "${line}d" in
	check 1 "6 windows, 46 means agree, 2 differences"
	grep -qE "^iotsim: check: window 2026-11-24T00:00:00Z name $name: count [0-9]+, truth [0-9]+$" err
	grep -qE '^iotsim: check: window 2026-11-24T00:00:00Z type [a-z]+: count [0-9]+, truth [0-9]+$' err
}

@test "a value that was changed is found" {
	some_readings
	sed -i '0,/"value":/s/"value":/&1/' in
	check 1 "6 windows, 46 means agree, 2 differences"
	[ "$(grep -cE '^iotsim: check: window .*: mean [0-9.]+, truth [0-9.]+$' err)" = 2 ]
}

@test "another grace leaves other readings out, and is named" {
	some_readings
	try consume --format csv --from - --check truth --grace 1h <in
	[ "$status" = 1 ]
	grep -qE '^iotsim: check: late 0, truth [0-9]+; is --grace what --truth-grace was\?$' err
	truth_of in 3600 >truth
	check 0 "6 windows, 48 means agree" --grace 1h
}

@test "a window that the truth does not have, and one that never came" {
	some_readings
	grep -v "T00:00:[45]" plain >in
	truth_of in >truth
	cp plain in
	check 1 "6 windows, 40 means agree, 1 difference"
	grep -qE '^iotsim: check: window 2026-11-24T00:00:40Z: count 1000, not in the truth$' err
	truth_of plain >truth
	grep -v "T00:01:[45]" plain >in
	check 1 "5 windows, 40 means agree, 1 difference"
	grep -qE '^iotsim: check: window 2026-11-24T00:01:40Z: not reported, truth count 1000$' err
}

@test "a run that ends before checks what it has seen" {
	some_readings
	check 0 "2 windows, 16 means agree" --max-reports 2
}

@test "the files of slices, one behind the other, are the truth of the whole" {
	some_readings
	grep '"sensor_[01]"' in >a
	grep '"sensor_[234]"' in >b
	# The slices of a partition see each other's watermark; so with a
	# grace by which nothing is late.
	{ truth_of a 3600; truth_of b 3600; } >truth
	check 0 "6 windows, 48 means agree" --grace 1h
	{ truth_of a 3600; truth_of b 3600 | sed '$d'; } >truth
	refused 2 "option '--check': truth:$(($(wc -l <truth) + 1)): no closing row before this line: the file was cut short" \
		--grace 1h
}

@test "a truth that is of no use: status 2, and nothing is read" {
	some_readings
	cp truth whole
	head -n 20 whole >truth
	refused 2 "option '--check': truth:21: no closing row before this line: the file was cut short"
	sed 's/^,,end,complete/,,end,invalid: 3 messages failed/' whole >truth
	refused 2 "option '--check': truth:$(wc -l <whole): the truth is invalid: 3 messages failed"
	cp whole truth
	refused 2 "option '--check': truth:2: a window of 20s, but --interval is 1m" \
		-i 1m
	sed 5d whole >truth
	try consume --from - --check truth <in
	[ "$status" = 2 ]
	grep -q 'rows are missing or changed' err
	cp out truth
	refused 2 "option '--check': truth: it is empty: cut short"
}

@test "wrong usage: status 2" {
	touch in
	refused 2 "option '--check': cannot read 'truth': No such file or directory"
	mkdir truth
	refused 2 "option '--check': cannot read 'truth': Is a directory"
	refused 2 "options '--check' and '--accumulate': the truth is of each window alone" \
		--accumulate
}
