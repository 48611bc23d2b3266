#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Topics that mean no good, on a real Kafka. Tombstones, headers of any kind
# and large messages are in records.bats.

# shellcheck disable=SC2154,SC2034 # topic is of common.bash, LIMIT for it

load common

# A batch for each partition, again and again, is much for a busy broker.
LIMIT=300

setup_file() {
	export BATS_TEST_TIMEOUT=600
}

@test "a thousand partitions: a view, a group, and its end" {
	topics --create --partitions 1000
	iotsim produce -q -t "$topic" -n 2000 --delays 1 --duration 20s \
		--speed max --seed 1 --start 2026-11-24T00:00:00Z
	within 1500 consume -t "$topic" -e --interval 10 --format csv
	[ "$status" = 0 ]
	[ "$(summary err used)" = 40000 ]
	mv out view
	within 1500 consume -t "$topic" -g "$topic" -e --interval 10 --format csv
	[ "$status" = 0 ]
	[ "$(summary err used)" = 20000 ]
	diff <(cut -d, -f1-6 out) <(grep -v '^2026-11-24T00:00:10Z' view)
	iotsim group show "$topic" -t "$topic" >out
	[ "$(tail -n 1 out | awk '{ print $1, $2, $3 }')" = "all 40000 20000" ]
	iotsim group reset "$topic" -t "$topic" 2>err
	has "partitions 0-999: it begins as --from says" err
}

# Ten in each window; 600 MB of them.
@test "names of a megabyte, new ones in each window: memory stays" {
	need_kcat
	topics --create --partitions 1
	"$PYTHON" -c '
for i in range(600):
    print("{\"time\":%d,\"type\":\"t\",\"value\":%d,\"name\":\"%d%s\"}" %
          (1 + i // 10 * 20, i, i, "x" * 999000))
' | timeout 60 kcat -P -b "$KAFKA_BOOTSTRAP_SERVERS" -t "$topic" \
		-X message.max.bytes=1100000
	within 750 consume -t "$topic" -e
	[ "$status" = 0 ]
	[ "$(summary err used)" = 600 ]
	within 1100 consume -t "$topic" -e --chart
	[ "$status" = 0 ]
	[ "$(wc -L <out)" -le 80 ]
	within 750 consume -t "$topic" -g "$topic" -e
	[ "$status" = 0 ]
	[ "$(summary err read)" = 600 ]
}
