#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --metrics: the page, what its numbers say, and /healthz.

load ../common
load ../faulty

need_parser() {
	tools=$IOTSIM_ROOT/build/tools/bin
	"$tools/python" -c 'import prometheus_client' ||
		skip "no prometheus-client: make deps-tools"
}

# What NAME, which was started, serves at; its page goes to NAME.page.
url() { # NAME [PATH]
	sed -nE "s|^iotsim: metrics at (http://.*/)metrics$|\1${2-metrics}|p" \
		"$1.err" | grep .
}

page() { # NAME
	"$tools/python" "$IOTSIM_ROOT/test/metrics_page.py" "$(url "$1")" >"$1.page"
}

# The page of NAME has the sample.
shows() { # NAME SAMPLE
	page "$1" && grep -qxF -e "$2" "$1.page"
}

value() { # NAME SAMPLE
	sed -n "s/^$2 //p" "$1.page" | grep .
}

# The status, and the body into body.
get() { # URL [CURL-LIKE METHOD]
	"$PYTHON" - "$@" <<-'END'
		import sys, urllib.error, urllib.request
		url, method = (sys.argv[1:] + ["GET"])[:2]
		data = b"x" if method in ("POST", "PUT") else None
		try:
		    a = urllib.request.urlopen(urllib.request.Request(
		        url, data, method=method), timeout=20)
		except urllib.error.HTTPError as e:
		    a = e
		open("body", "wb").write(a.read())
		open("headers", "w").write(str(a.headers))
		print(a.status)
	END
}

answers() { # STATUS NAME PATH [METHOD]
	[ "$(get "$(url "$2" "$3")" "${@:4}")" = "$1" ]
}

@test "a producer's page agrees with its summary" {
	need_parser
	need_kcat
	start_broker -t iot
	# 50 messages, then nothing for an hour.
	start p "$IOTSIM" produce --metrics :0 --delays 0.001 -n 7 --seed 1 \
		--stages 1s:50,1h:0
	wait_for url p
	wait_for shows p 'iotsim_readings_delivered_total 50'
	answers 200 p healthz
	[ "$(cat body)" = ok ]
	signal INT p
	ends p
	[ "$status" = 0 ]
	[ "$(summary p.err sent)" = "$(value p iotsim_readings_sent_total)" ]
	[ "$(summary p.err failed)" = "$(value p iotsim_readings_failed_total)" ]
	[ "$(value p iotsim_sensors)" = 7 ]
	[ "$(value p 'iotsim_broker_up{side=produce}')" = 1 ]
	[ "$(value p iotsim_sent_bytes_total)" = "$(topic_bytes)" ]
}

# Of the keys and payloads in the topic.
topic_bytes() {
	kcat -C -b "$KAFKA_BOOTSTRAP_SERVERS" -t iot -e -q -f '%K %S\n' |
		awk '{ n += $1 + $2 } END { print n }'
}

@test "the sensors are those of the slice" {
	for slice in 1/3:4 2/3:3 3/3:3; do
		start p "$IOTSIM" produce "${FIXED[@]}" -n 10 \
			--slice "${slice%:*}" --metrics :0
		wait_for url p
		wait_for tells p "iotsim_sensors ${slice#*:}"
		signal INT p
		ends p
	done
}

# The same, by grep alone: of a sample without labels.
tells() { # NAME SAMPLE
	answers 200 "$1" metrics && grep -qxF -e "$2" body
}

@test "a consumer's page agrees with its summary" {
	need_parser
	need_kcat
	start_broker -t iot
	iotsim produce --seed 1 -c 2000 --speed max --start -1h --delays 0.5 \
		--late 5%:60s --fault malformed:5% -q
	start c "$IOTSIM" consume --metrics 127.0.0.1:0 --interval 1m --idle 500ms
	wait_for url c
	wait_for shows c 'iotsim_consumer_lag_readings{topic=iot,partition=3} 0'
	wait_for all_read c
	wait_for shows c 'iotsim_windows_open 0'
	answers 200 c healthz
	signal INT c
	ends c
	[ "$status" = 0 ]
	balanced c.err
	for verdict in used late future malformed skipped; do
		[ "$(summary c.err "$verdict")" = \
			"$(value c "iotsim_readings_read_total{verdict=$verdict}")" ]
	done
	[ "$(value c 'iotsim_readings_read_total{verdict=late}')" -gt 0 ]
	[ "$(value c 'iotsim_readings_read_total{verdict=malformed}')" -gt 0 ]
	reports=$(value c iotsim_reports_total)
	grep -q "; $reports reports$" c.err
	[ "$(value c iotsim_window_close_delay_seconds_count)" = "$reports" ]
	[ "$(value c iotsim_read_bytes_total)" = "$(topic_bytes)" ]
	[ "$(grep -c '^iotsim_consumer_lag_readings{' c.page)" = 4 ]
	# The watermark is an event time of the last hour.
	awk -v now="$(date +%s)" '$1 == "iotsim_watermark_timestamp_seconds" {
		n++; bad += $2 > now + 5 || $2 < now - 4000 }
		END { exit n != 1 || bad }' c.page
}

all_read() { # NAME
	page "$1" || return
	awk '/^iotsim_readings_read_total/ { n += $2 } END { exit n != 2000 }' \
		"$1.page"
}

@test "a demo has both on one page, and the manual all that is on it" {
	need_parser
	start d "$IOTSIM" demo --interval 500ms --duration 1h --metrics :0
	wait_for url d
	wait_for reports_some d
	grep -q '^iotsim_readings_sent_total [1-9]' d.page
	[ "$(value d 'iotsim_broker_up{side=produce}')" = 1 ]
	[ "$(value d 'iotsim_broker_up{side=consume}')" = 1 ]
	[ "$(value d process_resident_memory_bytes)" -gt 1000000 ]
	awk '$1 == "process_cpu_seconds_total" { n += $2 > 0 }
		END { exit n != 1 }' d.page
	signal INT d
	ends d
	[ "$status" = 0 ]
	diff <(sed -nE 's/^([a-z_]+): counter$/\1_total/p; s/^([a-z_]+): .*/\1/p' \
		d.page | grep -v _total: | sort) \
	    <(sed -nE 's/^\.It Cm ((iotsim|process)_[a-z_]+).*/\1/p' \
		"$IOTSIM_ROOT/man/iotsim.1" | sort)
}

reports_some() { # NAME
	page "$1" && [ "$(value "$1" iotsim_reports_total)" -gt 0 ]
}

@test "healthz: a broker that is gone, and one that never was" {
	start_broker -t iot
	start p "$IOTSIM" produce --delays 0.01 --metrics :0
	start c "$IOTSIM" consume --metrics :0
	for run in p c; do
		wait_for url "$run"
		wait_for answers 200 "$run" healthz
	done
	signal KILL broker
	for run in p c; do
		wait_for answers 503 "$run" healthz
		grep -qE '^(produce|consume): no broker answers: .+' body
	done
	start n "$IOTSIM" produce -b 127.0.0.1:1 --connect-timeout 1m --metrics :0
	wait_for url n
	answers 503 n healthz
	[ "$(cat body)" = "produce: not begun yet" ]
	answers 200 n metrics
	grep -qx 'iotsim_broker_up{side="produce"} 0' body
	run ! grep -q readings body
}

@test "healthz: a broker that is back, while nothing is to be sent" {
	start_faulty
	start p "$IOTSIM" produce --metrics :0 --delays 0.001 --stages 1s:50,1h:0
	wait_for url p
	wait_for answers 200 p healthz
	wait_for tells p 'iotsim_readings_delivered_total 50'
	tell down
	wait_for answers 503 p healthz
	tell up
	wait_for answers 200 p healthz
	tells p 'iotsim_readings_delivered_total 50'
	grep -q '^iotsim: the broker is back$' p.err
}

@test "what is not there, and what is not answered" {
	start p "$IOTSIM" produce --to - --metrics :0
	wait_for url p
	answers 404 p ''
	answers 404 p metrics/
	answers 200 p metrics HEAD
	[ ! -s body ]
	grep -q 'Content-Length: [1-9]' headers
	for method in POST PUT DELETE; do
		answers 405 p metrics "$method"
		grep -q 'Allow: GET, HEAD' headers
	done
	answers 200 p metrics
}

@test "where it listens" {
	for where in 0 :0 127.0.0.1:0 localhost:0 0.0.0.0:0 '*:0' '[::1]:0'; do
		if [[ $where = *::1* ]] && ! "$PYTHON" -c '
import socket
socket.create_server(("::1", 0), family=socket.AF_INET6)'; then
			continue # no IPv6 here
		fi
		start p "$IOTSIM" produce --to - --metrics "$where"
		wait_for url p
		url p
		port=$(url p | sed -E 's|.*:([0-9]+)/.*|\1|')
		case $where in
		'[::1]:0') host='[::1]' ;;
		*) host=127.0.0.1 ;;
		esac
		case $where in
		0 | :0 | 127.*) [ "$(url p)" = "http://127.0.0.1:$port/metrics" ] ;;
		esac
		[ "$(get "http://$host:$port/metrics")" = 200 ]
		signal INT p
		ends p
		[ "$status" = 0 ]
	done
}

@test "a port that was found is told with -q too, and as JSON" {
	start p "$IOTSIM" produce --to - -q --metrics 127.0.0.1:0
	wait_for url p
	signal INT p
	ends p
	start p "$IOTSIM" produce --to - -q --log-format json --metrics :0
	wait_for grep -q '"event":"metrics"' p.err
	"$PYTHON" - <<-'END'
		import json
		m = json.loads(open("p.err").readline())
		assert m["event"] == "metrics" and m["level"] == "info"
		assert m["message"] == f"metrics at http://{m['address']}/metrics"
		assert m["address"].startswith("127.0.0.1:")
	END
}

@test "a port in use: one line, status 1, and nothing is sent" {
	start p "$IOTSIM" produce --to - --metrics :0
	wait_for url p
	port=$(url p | sed -E 's|.*:([0-9]+)/.*|\1|')
	for words in "produce --to - -c 5 --seed 1" "consume --from -" "demo --seed 1"; do
		# shellcheck disable=SC2086 # words
		try $words --metrics ":$port" </dev/null
		[ "$status" = 1 ]
		[ ! -s out ]
		[ "$(wc -l <err)" = 1 ]
		grep -q "^iotsim: option '--metrics': cannot listen at 127.0.0.1, port $port: Address already in use" err
	done
	try consume --from - --metrics "*:$port" </dev/null
	[ "$status" = 1 ]
	grep -qxF "iotsim: option '--metrics': cannot listen at 0.0.0.0, port $port: Address already in use" err
}

@test "where nobody can listen" {
	for where in '' : x host: 127.0.0.1:x :1x; do
		refused "'--metrics'" "'$where' is not HOST:PORT" 127.0.0.1:9100 -- \
			produce --metrics "$where"
	done
	refused "'--metrics'" "65536" "0 to 65535" -- consume --metrics :65536
	refused "'--metrics'" "::1:9100" brackets -- demo --metrics ::1:9100
	try consume --from - --metrics 192.0.2.1:0 </dev/null # RFC 5737
	[ "$status" = 1 ]
	grep -q "cannot listen at 192.0.2.1, port 0: " err
}
