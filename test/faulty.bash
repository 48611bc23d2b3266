# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# faulty.bash - a member of a group, and a broker that is told to make trouble
#
# To be loaded after common. The readings come in parts of 100 s of 20 sensors,
# so of the windows of 10 s each part closes the last one of the part before it
# and all of its own but its last, in every partition.

FAULTY=$IOTSIM_ROOT/build/${FLAVOUR:-release}/tools/faulty

# What the tests have in common. A broker that does not hear of a member for a
# session's time gives its partitions away.
MEMBER=(consume -g g -X session.timeout.ms=3500
	-X heartbeat.interval.ms=200 --idle off --interval 10s --format csv)

# A broker of this test alone; its commands are those of test/tools/faulty.c.
start_faulty() {
	mkfifo commands
	exec 8<>commands
	start broker "$FAULTY" iot <commands 8>&-
	wait_for grep -q = broker.out || return
	KAFKA_BOOTSTRAP_SERVERS=$(sed 's/.*=//' broker.out)
	export KAFKA_BOOTSTRAP_SERVERS
}

tell() { # COMMAND...
	local lines
	lines=$(wc -l <broker.out)
	echo "$*" >&8
	wait_for is_longer broker.out "$lines" || return
	echo "$*: $(tail -n 1 broker.out)"
	[ "$(tail -n 1 broker.out)" = ok ]
}

is_longer() { # FILE LINES
	[ "$(wc -l <"$1")" -gt "$2" ]
}

# All errors of that kind have been answered.
had() { # API...
	local api
	for api in "$@"; do
		wait_for tell left "$api" || return
	done
}

at() { # SECONDS
	date -ud "2026-11-24 + $1 seconds" +%Y-%m-%dT%H:%M:%SZ
}

fill() { # PART [ARG...]
	produce --to kafka --num-sensors 20 --duration 100s \
		--start "$(at $(($1 * 100)))" "${@:2}"
}

# What was started as NAME has printed all that it can of that part.
has_part() { # NAME PART
	grep -q "^$(at $(($2 * 100 + 80)))" "$1.out"
}

# Runs it to the end of what there is; out and err.
member() { # ARG...
	try "${MEMBER[@]}" --exit-at-end "$@" </dev/null
}

start_member() { # NAME ARG...
	start "$1" "$IOTSIM" "${MEMBER[@]}" "${@:2}"
}

# Beside their ids the reports in the files, repeated ones once, are those of a
# private view, byte for byte, without the last window, which is open.
complete() { # FILE... [-- VIEW-ARG...]
	local files=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		files+=("$1")
		shift
	done
	awk '!/^start,/ && !had[$0]++' "${files[@]}" | sed 's/,g_[^,]*$//' >means
	try consume --exit-at-end --idle off --interval 10s --format csv "${@:2}"
	[ "$status" = 0 ] || return
	awk -F, 'NR > 1 { if ($1 != start) { printf "%s", rows; rows = "" }
		start = $1; rows = rows $0 "\n" }' out >expected
	[ -s expected ] && cmp expected means
}

# No report in the files came twice.
once() { # FILE...
	[ -z "$(grep -hv '^start,' "$@" | sort | uniq -d)" ]
}
