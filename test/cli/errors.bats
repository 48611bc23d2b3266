#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Wrong usage: status 2, exactly one line that helps, nothing on stdout. What
# fails while running: status 1.

load ../common

@test "an unknown command names the nearest" {
	refused "'prodce'" "'produce'" -- prodce
	refused "'cosume'" "'consume'" -- cosume --from -
	refused "'xyzzy'" "iotsim help" -- xyzzy
}

@test "an unknown option names the nearest" {
	refused "'--intervall'" "'--interval'" -- consume --intervall 20
	refused "'--num-sensor'" "'--num-sensors'" -- produce --num-sensor 2
	refused "'--sensors-value-mean'" "'--sensors-values-mean'" -- \
		produce --sensors-value-mean=2
	refused "'--dleays'" "'--delays'" -- demo --dleays 1
	refused "'--partition'" "'--partitions'" -- broker --partition 3
}

@test "an unknown option with nothing near is named" {
	refused "'--xyzzy'" -- produce --xyzzy
	refused "'-Z'" -- consume -Z
}

@test "a word that is no option is refused" {
	refused "'now'" -- produce now
	refused "'20'" -- consume --accumulate 20
	refused "'x'" -- broker x
}

@test "an option without its value is refused" {
	refused "'--interval'" TIME -- consume --interval
	refused "'--interval'" TIME -- consume -i
	refused "'--count'" N -- produce --count --to -
	refused "'--delays'" LIST -- produce --delays --count 1
	refused "'--topic'" NAME -- broker -t
}

@test "a flag takes no value" {
	refused "'--quiet'" -- produce --quiet=3
	refused "'--exit-at-end'" -- consume --exit-at-end=yes
}

@test "numbers out of bounds are named with the bounds" {
	refused "'--count'" 0 "1 to" -- produce --count 0
	refused "'--num-sensors'" 0 "1 to 10000000" -- produce --num-sensors 0
	refused "'--num-sensors'" "1 to 10000000" -- produce -n 10000001
	refused "'--partitions'" "1 to 100000" -- produce --partitions 0
	refused "'--interval'" 0 "1ms to" -- consume --interval 0
	refused "'--max-reports'" "1 to" -- consume --max-reports 0
	refused "'--max-rows'" "1 and more" -- consume --max-rows 0
	refused "'--connect-timeout'" "100ms to 1h" -- \
		consume --connect-timeout 2h
	refused "'--speed'" "0.000001 to 1000000" -- produce --speed 0
}

@test "what is not a number is named with what would be one" {
	refused "'--count'" "'many'" "10k" -- produce --count many
	refused "'--count'" "'1.5'" -- produce --count 1.5
	refused "'--count'" "'-1'" -- produce --count -1
	refused "'--count'" "'12x'" -- produce --count 12x
	refused "'--seed'" "'x'" -- produce --seed x
	refused "'--speed'" "'fast'" max -- produce --speed fast
	refused "'--max-rows'" "'x'" -- consume --max-rows x
	refused "--delays" "'often'" -- produce --delays often
	refused "--delays" "'1.5.2'" -- produce --delays 1.5.2
}

@test "what is not a time, or a span of it, is named with examples" {
	refused "'--interval'" "'soon'" 20s -- consume --interval soon
	refused "'--grace'" -1s "0s to" -- consume --grace -1s
	refused "'--idle'" "'never'" "'off'" -- consume --idle never
	refused "'--max-ahead'" "'x'" "'off'" -- consume --max-ahead x
	refused "'--duration'" "'long'" -- produce --duration long
	refused "'--start'" "'yesterday'" "-24h" -- produce --start yesterday
	refused "'--start'" "'2026-02-30'" -- produce --start 2026-02-30
	refused "'--from'" "'yesterday'" beginning end -- consume --from yesterday
	refused "'--to'" "'tomorrow'" "-24h" -- consume --to tomorrow
	refused "'--to'" "'-'" "-24h" -- consume --to -
	refused --to '--time arrival' -- consume --to now --time arrival
}

@test "a word that is not among the choices is told them" {
	refused "'--format'" "'xml'" table csv json -- consume --format xml
	refused "'--time'" "'wall'" event kafka arrival -- consume --time wall
	refused "'--to'" "'file'" kafka -- produce --to file
}

@test "a list of choices takes each once, and nothing else" {
	refused "'--stats'" "'median'" "count, mean, sd, min, max" -- \
		consume --stats mean,median
	refused "'--stats'" "'sdt'" "did you mean 'sd'?" -- consume --stats sdt
	refused "'--stats'" "'maen'" "did you mean 'mean'?" -- demo --stats maen
	refused "'--stats'" "'sd' is given twice" -- consume --stats sd,min,sd
	refused "'--stats'" "empty word" -- consume --stats ''
	refused "'--stats'" "empty word" -- consume --stats sd,,min
	refused "'--stats'" LIST -- consume --stats
	refused "'--by'" "'nmae'" "did you mean 'name'?" -- demo --by nmae
	refused "'--by'" "'sensor'" "type, name" -- consume --by sensor
	refused "'--by'" "'type' is given twice" -- consume --by type,name,type
	refused "'--by'" "empty word" -- consume --by=
}

@test "a list of the wrong length names both numbers" {
	refused "'--delays'" "2 values" "3 sensors" -- \
		produce --num-sensors 3 --delays 1 2
	refused "'--sensors-values-mean'" "3 values" "2 sensors" -- \
		produce --sensors-values-mean=1,2,3
	refused "'--sensors-values-std'" "2 values" "1000 sensors" -- \
		produce --num-sensors 1k --sensors-values-std 1 2
	refused "'--distribution'" "2 values" "3 sensors" -- \
		produce -n 3 --distribution normal uniform
	refused "'--delay-distribution'" "3 values" "2 sensors" -- \
		produce --delay-distribution constant constant constant
	refused "'--delays-std'" "3 values" "2 sensors" -- \
		produce --delay-distribution gamma --delays-std 1 1 1
}

@test "an empty word in a list is refused" {
	refused "'--delays'" -- produce --delays 1,,2
	refused "'--distribution'" -- produce --distribution 'uniform(1,2'
}

@test "an unknown law names the nearest, or all" {
	refused "'normall'" "'normal'" -- produce --distribution normall
	refused "'zipf'" exponential uniform -- produce --distribution zipf
	refused "'zipf(3)'" -- produce --distribution 'zipf(3)'
	refused "'zipf'" gamma -- produce --delay-distribution zipf
}

@test "a law with wrong parameters is refused" {
	law=(produce --to - --count 1 --distribution)
	refused "sd -1" -- "${law[@]}" 'normal(1,-1)'
	refused "3" "1" -- "${law[@]}" 'uniform(3,1)'
	refused "mean 0" -- "${law[@]}" 'exponential(0)'
	refused "mean -1" -- "${law[@]}" 'exponential(-1)'
	refused "'nan'" -- "${law[@]}" 'normal(nan,1)'
	refused "'inf'" -- "${law[@]}" 'normal(1,inf)'
	refused "'-inf'" -- "${law[@]}" 'constant(-inf)'
	refused "normal" -- "${law[@]}" 'normal(1)'
	refused "uniform" -- "${law[@]}" 'uniform(1,2,3)'
	refused "--sensors-values-std" "-1" -- produce --sensors-values-std -1
	refused "--sensors-values-mean" "'nan'" -- produce --sensors-values-mean nan
	refused "--sensors-values-mean" "inf'" -- produce --sensors-values-mean -inf
	refused "--sensors-values-std" "mean -1" -- \
		produce --distribution exponential --sensors-values-mean -1
	refused "--sensors-values-std" "mean 0" -- \
		produce --distribution exponential --sensors-values-mean 0
}

@test "the sensor with the wrong law is named" {
	refused "sensor_1" -- produce --sensors-values-std 1 -1
}

@test "a written law together with means or deviations is refused" {
	refused "--distribution" "--sensors-values-mean" -- \
		produce --distribution 'normal(1,1)' --sensors-values-mean 2
	refused "--distribution" "--sensors-values-std" -- \
		produce --distribution 'constant(1)' --sensors-values-std 2
}

@test "a delay that could go below 0 is refused and gamma named" {
	refused "exponential" "at most 1 s" gamma -- \
		produce --delay-distribution exponential --delays-std 1.01
	refused "uniform" "0.577" gamma -- \
		produce --delay-distribution uniform --delays-std 0.58
	refused "normal" "0.333" gamma -- \
		produce --delay-distribution normal --delays-std 0.34
	refused "--delays" "-1" -- produce --delays -1
}

@test "a delay of 0 is refused and --speed max named" {
	refused "--delays" "--speed max" -- produce --delays 0
}

@test "a --sensor that is wrong is named, with the member" {
	sensor=(produce --to - --sensor)
	refused "'--sensor'" "'nam'" "'name'" -- "${sensor[@]}" nam=x
	refused "'--sensor'" value "'norml'" "'normal'" -- \
		"${sensor[@]}" 'name=x,value=norml(1,2)'
	refused "'--sensor'" "'value'" MEMBER=VALUE -- "${sensor[@]}" name=x,value
	refused "'--sensor'" "''" MEMBER=VALUE -- "${sensor[@]}" ''
	refused "'--sensor'" "name is empty" -- "${sensor[@]}" name=
	refused "'--sensor'" "3 sensors" "'x'" "{}" -- "${sensor[@]}" name=x,count=3
	refused "'--sensor'" "count 0" "1 to 10000000" -- "${sensor[@]}" name=x,count=0
	refused "'--sensor'" every "--speed max" -- "${sensor[@]}" name=x,every=0
	refused "'--sensor'" late RATE:TIME -- "${sensor[@]}" name=x,late=3%
	refused "'--sensor'" "min 5" "max 1" -- "${sensor[@]}" name=x,min=5,max=1
}

@test "two sensors of one name are refused, with both places" {
	refused "'a'" "--sensor 'name=a,type=t'" "--sensor 'name=a'" -- \
		produce --sensor name=a --sensor name=a,type=t
	refused "'sensor_1'" --num-sensors "--sensor 'name=sensor_1'" -- \
		produce -n 2 --sensor name=sensor_1
	printf '{"groups":[\n{"name":"x"},\n{"name":"x"}]}' >f.json
	refused "'x'" "f.json:2:1: groups[0]" "f.json:3:1: groups[1]" -- \
		produce --fleet f.json
}

@test "a fleet that is not there names the nearest, or how to list them" {
	first=$(iotsim produce --fleet list | awk '{ print $1; exit }')
	[ -n "$first" ]
	refused "'--fleet'" "'${first}x'" "did you mean '$first'" -- \
		produce --fleet "${first}x"
	refused "'--fleet'" "'gone.json'" "No such file" "--fleet list" -- \
		produce --fleet gone.json
	refused "'--fleet'" "'.'" directory -- produce --fleet .
}

@test "a fleet file: all that is wrong with it is told, each with its place" {
	cat >f.json <<-'END'
		{"groups": [
		  {"name": "x", "coun": 3},
		  {"name": "y", "value": "normal(1"}
		]}
	END
	try produce --fleet f.json
	[ "$status" = 2 ]
	[ ! -s out ]
	[ "$(wc -l <err)" = 3 ]
	grep -q "^iotsim: f.json:2:[0-9]*: groups\[0\].coun: .*'count'" err
	grep -q "^iotsim: f.json:3:[0-9]*: groups\[1\].value: 'normal(1'" err
	[ "$(tail -n 1 err)" = "iotsim: option '--fleet': 'f.json' has 2 mistakes" ]
	for text in '' '{' '[]' '{"groups":[]}' '{"groups":{}}' '{"groups":[1]}'; do
		echo "$text" >f.json
		try produce --fleet f.json
		[ "$status" = 2 ]
		[ "$(wc -l <err)" = 2 ]
		grep -qE '^iotsim: f.json(:[0-9]+:[0-9]+)?: ' err
	done
}

@test "lists without --num-sensors beside other sensors are refused" {
	for list in "--delays 1" "--name-prefix x" "--distribution normal" \
		"--sensors-values-mean 1" "--sensors-values-std 1" \
		"--delay-distribution gamma" "--delays-std 1" "--types a" \
		--type-per-sensor; do
		# shellcheck disable=SC2086 # words
		refused "'${list% *}'" --num-sensors -- produce --sensor name=a $list
	done
}

@test "a topic that Kafka does not take is refused" {
	long=$(printf 'x%.0s' {1..250})
	for command in produce consume broker; do
		refused "'--topic'" "'a/b'" -- "$command" --topic a/b
		refused "'--topic'" "'ä'" -- "$command" -t ä
		refused "'--topic'" empty -- "$command" -t ''
		refused "'--topic'" "'..'" -- "$command" -t ..
		refused "'--topic'" 250 249 -- "$command" -t "$long"
	done
}

@test "a property that iotsim relies on is refused with the reason" {
	refused "'acks'" replicas -- produce -X acks=1
	refused "'enable.idempotence'" once -- produce -X enable.idempotence=false
	refused "'bootstrap.servers'" "-b" -- produce -X bootstrap.servers=x:1
	refused "'auto.offset.reset'" "--from" -- consume -X auto.offset.reset=latest
	refused "'group.id'" -- consume -X group.id=x
	refused "'enable.partition.eof'" windows -- \
		consume --property=enable.partition.eof=false
}

@test "a property that is unknown or wrong is refused" {
	refused "'no.such'" "-X list" -- produce -X no.such=1
	refused "'linger.ms'" "KEY=VALUE" -- produce -X linger.ms
	refused "linger.ms" -- produce -X linger.ms=soon
	refused "KEY=VALUE" -- consume -X =1
	refused "'sasl.jaas.config'" "file of -F" -- \
		produce -X sasl.jaas.config=hunter2
	run ! grep hunter2 err
}

@test "the manual names each property that is refused" {
	local name
	while read -r name; do
		refused "'$name' is not yours to set" -- consume -X "$name=x"
	done < <(sed -n '/^these are refused/,/^and those of them/s/^\.Cm \([a-z.]*\).*/\1/p' \
		"$IOTSIM_ROOT/man/iotsim.1" | tee names)
	[ "$(wc -l <names)" -ge 15 ]
	# Without their second names.
	sed -n '/relied_on\[\]/,/NULL, NULL/s/^\t{ "\([a-z.]*\)".*/\1/p' \
		"$IOTSIM_ROOT/lib/io/kafka.c" |
		grep -vx -e bootstrap.servers -e metadata.broker.list \
			-e request.required.acks -e delivery.timeout.ms |
		sort >relied
	sort names | diff relied -
}

@test "-X list prints the properties" {
	for command in produce consume; do
		try "$command" -X list
		[ "$status" = 0 ]
		[ ! -s err ]
		grep -q fetch.wait.max.ms out
		grep -q linger.ms out
	done
}

@test "a file of properties that is not there is named" {
	refused "'--command-config'" "'gone'" "No such file" -- produce -F gone
	IOTSIM_COMMAND_CONFIG=gone refused "'gone'" -- consume
}

@test "a bad line of a file of properties is named with file and line" {
	printf '# comment\n\nlinger.ms=5\nno.such=1\n' >conf
	refused "conf:4" "'no.such'" -- produce -F conf
	printf 'linger.ms=5\nnonsense\n' >conf
	refused "conf:2" "'nonsense'" -- produce -F conf
	printf 'linger.ms=soon\n' >conf
	refused "conf:1" linger.ms -- produce -F conf
	printf '\nbootstrap.servers=\n' >conf
	refused "conf:2" "'bootstrap.servers'" HOST:PORT -- produce -F conf
	# A byte order mark, as editors put it there.
	printf '\357\273\277linger.ms=5\n' >conf
	try produce --show-config -F conf
	[ "$status" = 0 ]
	shows queue.buffering.max.ms conf:1 5
}

@test "a broker that is none is refused at once, with what named it" {
	local command
	for command in produce "consume -g g" "group show g"; do
		# shellcheck disable=SC2086 # words
		refused "'--bootstrap-server'" "'http://h:1' is no broker" -- \
			$command -b http://h:1
		# shellcheck disable=SC2086
		refused "'--bootstrap-server'" "no broker (HOST:PORT" -- \
			$command -b ,
		# shellcheck disable=SC2086
		KAFKA_BOOTSTRAP_SERVERS=h:1,h:99999 refused \
			"'KAFKA_BOOTSTRAP_SERVERS'" "'h:99999'" 65535 -- $command
	done
}

@test "a bad login in a file says nothing of the secret" {
	echo 'sasl.jaas.config=a.PlainLoginModule required password="hunter2' \
		>conf
	refused "conf:1" "'sasl.jaas.config'" "no end" -- produce -F conf
	run ! grep hunter2 err
	printf 'x=1\0' >conf
	refused "'conf'" "a byte of 0" -- produce -F conf
	refused "'sasl.password'" KEY=VALUE -- produce -X sasl.password:hunter2
	run ! grep hunter2 err
}

# The row of a property, its cells with one blank between them.
shows() { # PROPERTY SET-BY VALUE
	tr -s ' ' <out | grep -xF -e "$*"
}

@test "--show-config prints what is in force, and what it was set by" {
	cat >conf <<-'END'
		security.protocol=sasl_ssl
		sasl.mechanism=PLAIN
		sasl.jaas.config=PlainLoginModule required \
		    username="me" password="hunter2";
		linger.ms=7
	END
	export IOTSIM_COMMAND_CONFIG=conf KAFKA_BOOTSTRAP_SERVERS=h:1
	try produce --show-config -X batch.size=1000 -n 3
	[ "$status" = 0 ]
	[ ! -s err ]
	shows --num-sensors option 3
	shows --bootstrap-server KAFKA_BOOTSTRAP_SERVERS h:1
	shows --command-config IOTSIM_COMMAND_CONFIG conf
	shows --topic default iot
	shows metadata.broker.list KAFKA_BOOTSTRAP_SERVERS h:1
	shows sasl.username conf:3 me
	shows sasl.password conf:3 '***'
	shows queue.buffering.max.ms conf:5 7
	shows batch.size option -X 1000
	shows enable.idempotence iotsim true
	shows socket.timeout.ms librdkafka 60000
	run ! grep -e hunter2 -e group.id -e '^  ' out
	try consume --show-config -g x --instance y -X sasl.password=hunter3
	shows group.id --group x
	shows group.instance.id --instance y
	shows sasl.password option -X '***'
	run ! grep -e hunter -e ' linger' -e enable.idempotence out
	try group show x --show-config
	shows group.id --group x
}

@test "--show-config shows the beginning of a long value" {
	{ printf ssl.ca.pem=; head -c 6000 /dev/zero | tr '\0' x; } >conf
	try produce --show-config -F conf
	[ "$status" = 0 ]
	grep -qE '^ssl.ca.pem  *conf:1  *x{200}\.\.\.$' out
}

@test "--show-config shows no Kafka where there is none, and what is wrong" {
	try produce --to - --show-config
	[ "$status" = 0 ]
	shows --to option -
	run ! grep librdkafka out
	refused "'no.such'" -- produce --show-config -X no.such=1
	refused "'-2h' is before" -- \
		consume --show-config --from -1h --to -2h
}

@test "a Java client's file is taken" {
	cat >java.properties <<-'END'
		# a comment
		! another
		bootstrap.servers = 127.0.0.1:1
		key.serializer: org.apache.kafka.common.serialization.StringSerializer
		acks=all
		security.protocol=SASL_PLAINTEXT
		sasl.mechanism=PLAIN
		sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
		    required username="me" password="secret";
		linger.ms=5
	END
	for command in produce consume; do
		try "$command" -v -F java.properties --connect-timeout 300ms
		[ "$status" = 1 ]
		grep -q 'no Kafka answers at 127.0.0.1:1 ' err
		[ "$(grep -c "'key.serializer' is passed over" err)" = 1 ]
	done
}

@test "-b goes before the environment, and that before the file" {
	echo bootstrap.servers=127.0.0.1:3 >conf
	try consume --connect-timeout 200ms -F conf
	grep -q '127.0.0.1:3 ' err
	export KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:2
	try consume --connect-timeout 200ms -F conf
	grep -q '127.0.0.1:2 ' err
	try consume --connect-timeout 200ms -F conf -b 127.0.0.1:1
	grep -q '127.0.0.1:1 ' err
}

@test "options that do not go together are refused" {
	refused "'--time'" -- consume --from - --time kafka
	refused "'--start'" 1970 -- produce --start 1960-01-01T00:00:00Z
}

@test "a wrong --field is refused" {
	refused "'--field'" "'tim'" "'time'" -- consume --field tim=ts
	refused "'--field'" "time=ts" -- consume --field time
	refused "'--field'" -- consume --field time=
}

@test "nobody at the broker's address: one line with what to do, status 1" {
	for command in "produce --seed 1" consume; do
		started=$SECONDS
		# shellcheck disable=SC2086 # words
		try $command -b 127.0.0.1:1 --connect-timeout 1s
		[ "$status" = 1 ]
		[ $((SECONDS - started)) -lt 8 ]
		[ ! -s out ]
		[ "$(wc -l <err)" = 1 ]
		grep -q '127\.0\.0\.1:1 within 1s' err
		grep -q 'docker compose up -d' err
		grep -q 'iotsim demo' err
	done
}

# Status 1, one line that says why, and the summary.
says_cannot_write() { # REASON
	[ "$status" = 1 ]
	[ "$(wc -l <err)" = 2 ]
	[ "$(head -n 1 err)" = "iotsim: cannot write to standard output: $1" ]
	balanced err
}

@test "produce to a full disk is status 1" {
	status=0
	iotsim produce --to - -c 1000 --speed max --seed 1 \
		>/dev/full 2>err || status=$?
	says_cannot_write "No space left on device"
	[ "$(summary err failed)" = "$(summary err sent)" ]
}

@test "consume to a full disk is status 1" {
	for format in table csv json; do
		status=0
		reading 0 a n 1 | iotsim consume --from - --format "$format" \
			>/dev/full 2>err || status=$?
		says_cannot_write "No space left on device"
		grep -q '; 0 reports$' err
	done
}

@test "a closed stdout is status 1" {
	status=0
	iotsim produce --to - -c 1 --speed max --seed 1 >&- 2>err || status=$?
	says_cannot_write "Bad file descriptor"
	status=0
	reading 0 a n 1 | iotsim consume --from - >&- 2>err || status=$?
	says_cannot_write "Bad file descriptor"
}

@test "a closed stdin is status 1, where it is read" {
	status=0
	iotsim consume --from - <&- >out 2>err || status=$?
	[ "$status" = 1 ]
	[ "$(head -n 1 err)" = "iotsim: cannot read standard input: Bad file descriptor" ]
	status=0
	iotsim produce --to - -c 1 --speed max <&- >out 2>err || status=$?
	[ "$status" = 0 ]
	balanced err
}

@test "a reader that goes away ends produce with status 1" {
	{ iotsim produce --to - --speed max --seed 1 2>err || echo $? >status; } |
		head -n 1 >out
	[ "$(wc -l <out)" = 1 ]
	[ "$(cat status)" = 1 ]
	grep -q 'cannot write to standard output: Broken pipe' err
	balanced err
}

@test "a span that has no readings is refused" {
	local day=2026-11-24
	refused "'--from'" "'--to'" "window of 20s" -- consume \
		--from $day --to ${day}T00:00:19Z
	refused "window of 1h" -- consume -i 1h \
		--from ${day}T00:00:01Z --to ${day}T01:59:59Z
	: >none
	try consume --from - --to ${day}T01:00:00Z <none
	[ "$status" = 0 ]
	refused "'--to'" "'-2h' is before '-1h'" -- consume --from -1h --to -2h
	refused "'--from end'" "'--to'" -- consume --from end --to now
}

@test "a file to verify that is none, and what does not go with it" {
	local row='"by":"type","key":"t","count":1,"mean":1.0}'
	row='{"start":"2026-11-24T00:00:00Z","end":"2026-11-24T00:00:20Z",'$row
	echo "$row" >rows
	: >empty
	echo start,end,by,key,count,mean >csv
	local option
	for option in "--group g" "--from -" "--from end" "--check csv" "--to now" \
		"--max-reports 1" --accumulate "--time arrival" "--output-topic t" \
		"--late-to f"; do
		# shellcheck disable=SC2086 # an option and its argument
		refused "'--verify'" "'${option%% *}" -- \
			consume --verify rows $option
	done
	refused "'--verify'" "'none'" "No such file" -- consume --verify none
	refused "'--verify'" "empty: it has no row" -- consume --verify empty
	refused "'--verify'" "--format json" "csv:1:" -- consume --verify csv
	refused "'--interval'" 1m 20s -- consume --verify rows --interval 1m
	refused "'--from'" -- consume --verify rows --from 2026-11-24T00:00:01Z
}

@test "a broker that cannot say its address is status 1" {
	status=0
	iotsim broker >/dev/full 2>err || status=$?
	[ "$status" = 1 ]
	[ "$(wc -l <err)" = 1 ]
}

@test "Ctrl-C while a file is read ends the run before it has begun" {
	local pid
	mkfifo fifo
	exec 5<>fifo
	"$IOTSIM" consume --verify fifo >out 2>err 3>&- 5>&- &
	pid=$!
	# Before it is iotsim it has our descriptors.
	wait_for sh -c "grep -q iotsim /proc/$pid/comm &&
		ls -l /proc/$pid/fd | grep -q fifo"
	kill -INT $pid
	echo '{"start":"2026-11-24T00:00:00Z","end":"2026-11-24T00:00:20Z","by":"type","key":"t","count":1,"mean":1.0}' >&5
	exec 5>&-
	status=0
	wait $pid || status=$?
	[ "$(cat err)" = "iotsim: stopped before anything was consumed" ]
	[ "$status" = 1 ]
}

# In 20 files the Kafka library aborts the process, or says of a broker that it
# does not answer.
@test "too low a limit of open files is told, and which" {
	local command
	for command in "produce --seed 1" consume "consume --group g" \
		"group show g" "broker -- true" "demo -q --seed 1"; do
		status=0
		# shellcheck disable=SC2086 # words
		(ulimit -n 20 && exec timeout 20 "$IOTSIM" $command) >out 2>err ||
			status=$?
		cat err
		[ "$status" = 1 ]
		[ ! -s out ]
		[ "$(grep -vc ' seed ' err)" = 1 ]
		grep -qE '(Kafka client|embedded broker) may open 32 files' err
		grep -q 'ulimit -n' err
	done
	(ulimit -n 20 && reading 0 a n 1 | iotsim consume --from -)
}
