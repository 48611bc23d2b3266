#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Every example of the documentation does what it should: see test/examples.

bats_require_minimum_version 1.5.0 # run !

setup_file() {
	export BATS_TEST_TIMEOUT=300
}

setup() {
	root=${IOTSIM_ROOT:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
	examples=$root/test/examples
	cd "$BATS_TEST_TMPDIR"
}

# All that fail are told, not only the first.
try_all() { # FILE
	local line lines failed=0
	lines=$("$examples" list "$root/$1")
	[ -n "$lines" ] || { echo "no examples in $1"; return 1; }
	for line in $lines; do
		"$examples" try "$root/$1:$line" 3>&- || failed=1
	done
	return $failed
}

@test "README.md" {
	try_all README.md
}

@test "CONTRIBUTING.md" {
	try_all CONTRIBUTING.md
}

@test "iotsim(1)" {
	try_all man/iotsim.1
}

@test "iotsim-produce(1)" {
	try_all man/iotsim-produce.1
}

@test "iotsim-preview(1)" {
	try_all man/iotsim-preview.1
}

@test "iotsim-consume(1)" {
	try_all man/iotsim-consume.1
}

@test "iotsim-group(1)" {
	try_all man/iotsim-group.1
}

@test "iotsim-broker(1)" {
	try_all man/iotsim-broker.1
}

@test "iotsim-demo(1)" {
	try_all man/iotsim-demo.1
}

@test "iotsim-completion(1)" {
	try_all man/iotsim-completion.1
}

@test "iotsim-fleet(5)" {
	try_all man/iotsim-fleet.5
}

@test "iotsim-readings(5)" {
	try_all man/iotsim-readings.5
}

@test "iotsim-truth(5)" {
	try_all man/iotsim-truth.5
}

@test "no page of the manual is left out" {
	for page in "$root"/man/*.[1-9]; do
		grep -qF "try_all man/${page##*/}" "$BATS_TEST_FILENAME" || {
			echo "${page##*/} has no test here"
			return 1
		}
	done
}

# ---- that an example can fail ----

# An example of its own, in page.md: example CODE [OUTPUT]
example() {
	printf '# A page\n\n```sh\n%s\n```\n' "$1" >page.md
	[ $# = 1 ] || printf '\n```text\n%s\n```\n' "$2" >>page.md
}

try_page() {
	EXAMPLE_LIMIT=3 "$examples" try page.md:3 3>&-
}

@test "an example is run, and may print what the page says" {
	example 'echo a; false || echo b' $'a\nb'
	[ "$("$examples" list page.md)" = 3 ]
	try_page
}

@test "an example that fails is noticed" {
	example 'iotsim produce --count none'
	run -1 try_page
	[[ "$output" = *"page.md:3: status 2"* ]]
}

@test "an example that prints something else is noticed" {
	example 'echo a' 'b'
	run -1 try_page
	[[ "$output" = *"it prints something else"* ]]
}

@test "an example that does not end is noticed" {
	example 'iotsim produce --to - --seed 1'
	run -1 try_page
	[[ "$output" = *"status 124"* ]]
}

@test "an example that should go on and does not is noticed" {
	example $'# until Ctrl-C\niotsim produce --to - --count 1 --speed max'
	run -1 try_page
	[[ "$output" = *"it ended by itself"* ]]
}

@test "an example that goes on and says nothing is noticed" {
	example $'# until Ctrl-C\niotsim consume -t empty'
	run -1 try_page
	[[ "$output" = *"no output within"* ]]
}

@test "an example that ends badly after Ctrl-C is noticed" {
	example $'# until Ctrl-C\niotsim produce --to - --delays 0.1 | (head -1; sleep 9; exit 3)'
	run -1 try_page
	[[ "$output" = *"after SIGINT"* ]]
}

@test "a target, a profile, a page that is not there is noticed" {
	for code in 'make nonsense' 'docker compose --profile none up' \
		'man iotsim-none' 'test/none' 'test/run test/cli/none.bats'; do
		example "$code"
		run -1 try_page
	done
	example $'make\niotsim demo'
	run -1 try_page
	[[ "$output" = *"stands among lines that are not run"* ]]
}

@test "a block of another kind is noticed" {
	printf '```console\n$ iotsim\n```\n' >page.md
	run ! "$examples" list page.md
	printf '.Sh EXAMPLES\n.Dl iotsim demo\n' >page.1
	run ! "$examples" list page.1
}
