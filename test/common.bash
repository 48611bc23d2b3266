# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# common.bash - what the bats files of the cli and mock suites share
#
# A test runs in a folder of its own. What it starts in the background with
# `start` is ended with it. Nothing sleeps for luck: wait_for waits for a
# condition, and fails when it does not come true.

bats_require_minimum_version 1.5.0 # run --separate-stderr

IOTSIM_ROOT=${IOTSIM_ROOT:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
IOTSIM=${IOTSIM:-$IOTSIM_ROOT/build/${FLAVOUR:-release}/iotsim}
# One that can be killed at a named point, and told to fail at a call.
FAILING=${FLAVOUR:-release}
FAILING=$IOTSIM_ROOT/build/${FAILING/#release/fail}/iotsim
PYTHON=${PYTHON:-/usr/bin/python3}
export IOTSIM TZ=UTC LC_ALL=C.UTF-8
unset KAFKA_BOOTSTRAP_SERVERS IOTSIM_COMMAND_CONFIG COLUMNS
declare -gA pid # of what `start` started, by name
declare -ga waiting # the shells that wait for them

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ ${#pid[@]} = 0 ] || kill -KILL "${pid[@]}" 2>/dev/null || true
	[ ${#waiting[@]} = 0 ] || wait "${waiting[@]}" || true
}

iotsim() { # ARG...
	timeout -k 5 "${LIMIT:-60}" "$IOTSIM" "$@"
}

# Runs it with stdout in out, stderr in err; $status. Stdin is the caller's.
try() { # ARG...
	status=0
	iotsim "$@" >out 2>err || status=$?
	tail -n 20 out err
}

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

# What makes the same bytes each time, on stdout.
FIXED=(--to - --seed 7 --start 2026-11-24T00:00:00Z)

# As fast as possible, from a fixed seed and time. Must succeed.
produce() { # ARG...
	try produce "${FIXED[@]}" --speed max "$@" </dev/null
	[ "$status" = 0 ]
	balanced err
}

# Runs it beside the test: NAME.out, NAME.err, and in the end NAME.status,
# which comes from a shell that does nothing but wait.
start() { # NAME CMD...
	rm -f "$1".{out,err,pid,status}
	sh -c 'exec 4<&0
		name=$1
		shift
		"$@" <&4 4<&- >"$name.out" 2>"$name.err" &
		echo $! >"$name.pid"
		wait $!
		echo $? >"$name.status"' sh "$@" <&0 >/dev/null 2>&1 3>&- &
	waiting+=($!)
	wait_for [ -s "$1.pid" ] || return
	pid[$1]=$(cat "$1.pid")
}

wait_for() { # CMD...
	local tries # what is called sees it, too
	for ((tries = 0; tries < 600; tries++)); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.05
	done
	echo "waited in vain for: $*"
	tail -n 20 ./*.err
	return 1
}

# All that was written to the pipe at descriptor 7 was read.
is_drained() {
	"$PYTHON" -c '
import fcntl, sys, termios
sys.exit(any(fcntl.ioctl(7, termios.FIONREAD, bytes(4))))
'
}

signal() { # SIGNAL NAME...
	local name
	for name in "${@:2}"; do
		kill -"$1" "${pid[$name]}" || return
	done
}

# Waits for the end of what was started; $status.
ends() { # NAME
	wait_for [ -s "$1.status" ] || return
	# shellcheck disable=SC2034 # for the test
	status=$(cat "$1.status")
	unset "pid[$1]"
	tail -n 20 "$1.out" "$1.err"
}

# Wrong usage: status 2, nothing on stdout, and one line in which all the
# patterns are.
refused() { # PATTERN... -- ARG...
	local patterns=()
	while [ "$1" != -- ]; do
		patterns+=("$1")
		shift
	done
	shift
	echo "iotsim $*"
	try "$@" </dev/null
	[ "$status" = 2 ]
	[ ! -s out ]
	[ "$(wc -l <err)" = 1 ]
	grep -q '^iotsim: ' err
	local pattern
	for pattern in "${patterns[@]}"; do
		grep -qF -e "$pattern" err
	done
}

# A readings' line: TIME and VALUE are JSON, TYPE and NAME plain.
reading() { # TIME TYPE NAME VALUE
	printf '{"time":%s,"type":"%s","name":"%s","value":%s}\n' "$@"
}

# A number of the last line of FILE, a summary; fails if there is none.
summary() { # FILE WORD
	[[ "$(tail -n 1 "$1")" =~ [\ ]$2\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# The summary in FILE has its form, and its books balance.
balanced() { # FILE
	local line form
	line=$(tail -n 1 "$1")
	form='^iotsim: read ([0-9]+): used ([0-9]+), open ([0-9]+), late ([0-9]+)'
	form+=', future ([0-9]+), malformed ([0-9]+), skipped ([0-9]+)'
	form+='; [0-9]+ reports?(;.*)?$'
	if [[ $line =~ $form ]]; then
		local -a n=("${BASH_REMATCH[@]:1}")
		((n[0] == n[1] + n[2] + n[3] + n[4] + n[5] + n[6])) && return
	fi
	form='^iotsim: sent ([0-9]+): delivered ([0-9]+), failed ([0-9]+)(;.*)?$'
	if [[ $line =~ $form ]]; then
		local -a n=("${BASH_REMATCH[@]:1}")
		((n[0] == n[1] + n[2])) && return
	fi
	echo "does not balance: $line"
	return 1
}

# Nothing in the files but lines of characters that show, none of 8 bits.
tame() { # FILE...
	! LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$@"
}

# A broker of this test alone, named by KAFKA_BOOTSTRAP_SERVERS.
start_broker() { # [ARG...]
	[ -z "${pid[broker]}" ] || kill -KILL "${pid[broker]}"
	start broker "$IOTSIM" broker "$@"
	wait_for grep -q = broker.out || return
	KAFKA_BOOTSTRAP_SERVERS=$(sed 's/.*=//' broker.out)
	export KAFKA_BOOTSTRAP_SERVERS
}

# FILE is the truth of the messages on stdin: each a line of bytes, or, where
# they are in partitions, PARTITION TAB bytes. Malformed ones are counted by
# type and name where PLAIN has, line by line, what they would have been.
is_truth_of() { # FILE INTERVAL GRACE [PLAIN]
	"$PYTHON" "$IOTSIM_ROOT/test/check_truth.py" "$@"
}

# What a member has said, but for that it waits: on a busy machine it may.
said() { # FILE
	grep -v 'waiting for partitions; ' "$1"
}

need_kcat() {
	command -v kcat >/dev/null || skip "no kcat: apt-get install kcat"
}
