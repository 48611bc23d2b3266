#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --stats-interval: lines of numbers while a run goes on, for logs.

load ../common

has_lines() { # FILE N
	[ "$(wc -l <"$1")" -ge "$2" ]
}

@test "a line of a producer so often, in the form of the summary, also with -q" {
	start p "$IOTSIM" produce --to - --delays 0.01 -q --stats-interval 1s
	wait_for has_lines p.err 2
	signal INT p
	ends p
	[ "$status" = 0 ]
	balanced p.err
	head -n -1 p.err >lines
	form='^iotsim: sent [0-9]+: delivered [0-9]+, failed 0, on their way '
	form+='[0-9]+; [0-9]+\.[0-9]/s, behind by [0-9]+\.[0-9]{3}s$'
	run ! grep -qvE "$form" lines
	# What was sent is sent = delivered + failed + on their way, and grows.
	awk '{ gsub(/[^0-9. ]/, ""); bad += $1 != $2 + $3 + $4 || $1 <= last
		last = $1 } END { exit bad > 0 }' lines
	[ "$(summary p.err sent)" -ge "$(awk 'END { print $3 + 0 }' lines)" ]
}

@test "a line of a consumer" {
	mkfifo readings
	start p sh -c 'exec "$IOTSIM" produce --to - --delays 0.01 >readings'
	start c sh -c 'exec "$IOTSIM" consume --from - -q --interval 500ms \
		--stats-interval 1 <readings'
	wait_for has_lines c.err 2
	signal INT c
	ends c
	[ "$status" = 0 ]
	balanced c.err
	head -n -1 c.err >lines
	form='; [0-9]+ reports?; [0-9]+\.[0-9]/s, lag 0(, behind by -?[0-9]+\.[0-9]{3}s)?$'
	run ! grep -qvE "$form" lines
	while read -r line; do # in the middle of a run the books balance too
		sed -E 's/; [0-9]+\.[0-9].*//' <<<"$line" >line.err
		balanced line.err
	done <lines
}

@test "as JSON the numbers are members" {
	start p "$IOTSIM" produce --to - --delays 0.01 --duration 1h \
		--stats-interval 1s --log-format json
	wait_for has_lines p.err 3
	signal INT p
	ends p
	"$PYTHON" - <<-'END'
		import json
		lines = [json.loads(line) for line in open("p.err")]
		stats = [m for m in lines if m.get("event") == "stats"]
		assert lines[-1]["event"] == "summary" and len(stats) >= 2
		for m in stats:
		    assert m["level"] == "info"
		    assert m["sent"] == m["delivered"] + m["failed"] + m["on_their_way"]
		    assert m["per_second"] > 0 and m["behind_seconds"] >= 0
		    assert 0 < m["share"] < 1
		    assert m["message"].startswith(f"sent {m['sent']}: delivered ")
	END
}

@test "an interval out of bounds" {
	refused "'--stats-interval'" "1s to 1d" -- produce --stats-interval 500ms
	refused "'--stats-interval'" "1s to 1d" -- consume --stats-interval 2d
	refused "'--stats-interval'" "'often'" -- demo --stats-interval often
}
