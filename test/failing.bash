# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# failing.bash - a program whose calls fail, or that gets signals
#
# To be loaded after common. What is well is told in test/fail/each_call.py and
# test/fail/any_moment.py.

# The program is one of which calls can be made to fail: for setup_file.
use_failing() {
	export IOTSIM=$FAILING
	[ -z "${IOTSIM_LONG:-}" ] || export BATS_TEST_TIMEOUT=3600
}

need_failing() {
	[ "${FLAVOUR:-release}" != tsan ] || skip "no calls fail in this flavour"
}

# It says what it did; the status is 0 when all was well.
each_call() { # [OPTION]... KIND... -- ARG...
	need_failing
	"$PYTHON" "$IOTSIM_ROOT/test/fail/each_call.py" "$@"
}

any_moment() { # [OPTION]... -- ARG...
	"$PYTHON" "$IOTSIM_ROOT/test/fail/any_moment.py" "$@"
}

READINGS=(--seed 7 --start 2026-11-24T00:00:00Z)

# A broker with 2000 readings in the topic iot, 17 windows, some of them late.
start_full() {
	start_broker -t iot
	try produce -n 6 -c 2000 "${READINGS[@]}" --speed max --late 5%:25s
	[ "${status:?}" = 0 ]
	DUMP="$IOTSIM_ROOT/build/${FLAVOUR:-release}/tools/dump"
	DUMP+=" $KAFKA_BOOTSTRAP_SERVERS"
}
