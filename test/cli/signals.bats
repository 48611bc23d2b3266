#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Signals: at any moment, of a terminal that is closed, of a file that may not
# grow. What comes from a broker meanwhile is in test/mock/failing.bats.

load ../common
load ../failing

setup_file() {
	[ -z "${IOTSIM_LONG:-}" ] || export BATS_TEST_TIMEOUT=3600
}

# A reading each 2.5 ms.
slowly=(produce "${FIXED[@]}" -n 20 --delays 0.05)

@test "produce, at any moment" {
	any_moment -- "${slowly[@]}" --duration 300ms
}

@test "consume, at any moment" {
	produce -n 100 -c 100k
	mv out in
	any_moment --input in -- consume --from - --format csv
	any_moment --input in -- consume --from - --late-to late
}

# A terminal of its own, which is closed when a reading is there; what it ran
# goes on to write to it. The file has all that was sent.
@test "a terminal that is closed ends a run in order" {
	"$PYTHON" - "$IOTSIM" "${slowly[@]}" <<-'END'
		import os, pty, sys, time
		pid, terminal = pty.fork()
		if pid == 0:
		    out = os.open("readings", os.O_WRONLY | os.O_CREAT)
		    os.dup2(out, 1)
		    os.execv(sys.argv[1], sys.argv[1:])
		while not (os.path.exists("readings") and os.path.getsize("readings")):
		    time.sleep(0.01)
		os.close(terminal)
		_, status = os.waitpid(pid, 0)
		assert status == 0, status
	END
	[ "$(tail -c 1 readings)" = "" ]
	produce -n 20 --delays 0.05 -c "$(wc -l <readings)"
	cmp out readings
}

@test "SIGHUP twice is not too much, and none where it was ignored" {
	start p "$IOTSIM" "${slowly[@]}"
	start hup sh -c 'trap "" HUP; exec "$@"' sh "$IOTSIM" "${slowly[@]}"
	wait_for [ -s p.out ]
	wait_for [ -s hup.out ]
	signal HUP hup p
	signal HUP p || true # it may have ended by now
	ends p
	[ "$status" = 0 ]
	balanced p.err
	n=$(wc -l <hup.out)
	wait_for sh -c "[ \$(wc -l <hup.out) -gt $((n + 100)) ]"
	signal TERM hup
	ends hup
	[ "$status" = 0 ]
	[ "$(summary hup.err delivered)" = "$(wc -l <hup.out)" ]
}

# Of one kind they could become one on the way.
@test "two signals at once are one" {
	for _ in 1 2 3 4 5; do
		start p "$IOTSIM" "${slowly[@]}"
		wait_for [ -s p.out ]
		signal TERM p
		signal INT p || true # it may have ended by now
		ends p
		[ "$status" = 0 ]
		balanced p.err
	done
}

# Of a limit in blocks of 512 or 1024 bytes; a line is shorter than that.
limited() { # ARG...
	status=0
	(ulimit -f 8 && exec "$IOTSIM" "$@") >out 2>err || status=$?
	tail -n 20 err
	[ "$status" = 1 ]
	[ "$(wc -l <err)" = 2 ]
	balanced err
}

@test "a file that may not grow: what is in it was delivered" {
	limited produce "${FIXED[@]}" --speed max -c 1000
	[ "$(head -n 1 err)" = \
		"iotsim: cannot write to standard output: File too large" ]
	[ "$(summary err delivered)" = "$(wc -l <out)" ]
	[ "$(wc -l <out)" -gt 10 ]
}

@test "a truth, reports and late readings that may not grow" {
	limited produce "${FIXED[@]}" --speed max -c 50 --truth truth \
		--truth-interval 10ms
	grep -q "cannot write to 'truth': File too large" err
	produce -n 20 --duration 300s --late 50%:100s
	mv out in
	for format in table csv json; do
		limited consume --from - --interval 5s --format $format <in
		grep -q "standard output: File too large" err
	done
	limited consume --from - --late-to late <in
	grep -q "cannot write to 'late': File too large" err
}
