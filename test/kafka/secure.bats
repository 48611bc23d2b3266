#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A Kafka with TLS, logins and ACLs: who is let in, and what is told to whom is
# not. All tests share one broker, see ./kafka; each has a topic of its own.

# Words are split where at, alice and tls are called.
# shellcheck disable=SC2154,SC2034,SC2046,SC2086 # topic, own: common.bash

load common

# Kafka 4 does not take SCRAM as librdkafka before 2.6.1 speaks it.
setup_file() {
	local version
	version=$("$IOTSIM" --version | sed 's/.*librdkafka \([0-9.]*\).*/\1/')
	if printf '2.6.1\n%s\n' "$version" | sort -CV; then
		unset KAFKA_VERSION
	else
		export KAFKA_VERSION=3.9.1
	fi
	export SECURE=$BATS_FILE_TMPDIR/kafka
	"$KAFKA" fetch || skip "no Kafka ${KAFKA_VERSION:-}"
	"$KAFKA" secure "$SECURE" >/dev/null
}

teardown_file() {
	"$KAFKA" kill "$SECURE"
}

# The broker of the suite is none of ours.
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset KAFKA_BOOTSTRAP_SERVERS
	topic=t-$BATS_TEST_NUMBER-$RANDOM$RANDOM
	own=
}

# Where a listener is.
at() { # LISTENER
	echo "-b $(cat "$SECURE/$1") -X ssl.ca.location=$SECURE/tls/ca.crt"
}

# As alice, with her password or another one.
alice() { # MECHANISM [PASSWORD]
	echo "$(at sasl) -X security.protocol=sasl_ssl -X sasl.mechanism=$1" \
		"-X sasl.username=alice -X sasl.password=${2:-alice-secret}"
}

tls() { # LISTENER
	echo "$(at "$1") -X security.protocol=ssl"
}

# By an administrator.
acl() { # ARG...
	local class=org.apache.kafka.tools.AclCommand
	[ -z "${KAFKA_VERSION:-}" ] || class=kafka.admin.AclCommand
	timeout 60 "$KAFKA" tool $class --force \
		--bootstrap-server "$(cat "$SECURE/brokers")" "$@"
}

allow() { # OPERATION RESOURCE...
	acl --add --allow-principal "${user:-User:alice}" --operation "$@"
}

# There and back, by a view and by a group.
goes() { # ARG...
	iotsim produce -q -c 20 --speed max -t "$topic" "$@"
	iotsim consume -q -e --max-ahead off -t "$topic" "$@" >/dev/null 2>view
	[ "$(summary view read)" = 20 ]
	iotsim consume -q -e --max-ahead off -g "$topic" -t "$topic" "$@" \
		>/dev/null 2>group
	[ "$(summary group read)" = 20 ]
}

# May do all that there is.
allow_all() {
	allow All --topic "$topic"
	allow All --group "$topic"
}

# Each command ends with status 1 and one line that has the patterns. What is
# wrong for good is not tried until the timeout of a minute.
told() { # PATTERN... -- ARG...
	local patterns=() command
	while [ "$1" != -- ]; do
		patterns+=("$1")
		shift
	done
	shift
	for command in produce consume; do
		try $command -q -t "$topic" "$@" </dev/null
		[ "$status" = 1 ]
		[ ! -s out ]
		# What produce has counted comes behind it.
		grep -v -e 'iotsim: sent .*: delivered 0' err >line
		[ "$(wc -l <line)" = 1 ]
		local pattern
		for pattern in "${patterns[@]}"; do
			grep -qF -e "$pattern" line
		done
	done
}

hides() { # SECRET FILE
	run ! grep -e "$1" "$2"
}

@test "by SCRAM and by PLAIN" {
	allow_all
	goes $(alice SCRAM-SHA-256)
	topic+=-512
	allow_all
	goes $(alice SCRAM-SHA-512)
	topic+=-plain
	allow_all
	goes $(alice PLAIN)
}

@test "by a token" {
	allow_all
	goes $(at sasl) -X security.protocol=sasl_ssl \
		-X sasl.mechanism=OAUTHBEARER \
		-X enable.sasl.oauthbearer.unsecure.jwt=true \
		-X sasl.oauthbearer.config=principal=alice
}

@test "by a certificate: in PEM, with a password, or PKCS#12" {
	local user=User:CN=client crt=$SECURE/tls/client.crt
	allow_all
	goes $(tls mutual) -X ssl.certificate.location="$crt" \
		-X ssl.key.location="$SECURE/tls/client.key"
	try produce -q -c 1 -t "$topic" $(tls mutual) \
		-X ssl.certificate.location="$crt" \
		-X ssl.key.location="$SECURE/tls/locked.key" \
		-X ssl.key.password=key-secret
	[ "$status" = 0 ]
	try produce -q -c 1 -t "$topic" $(tls mutual) \
		-X ssl.keystore.location="$SECURE/tls/client.p12" \
		-X ssl.keystore.password=p12-secret
	[ "$status" = 0 ]
}

@test "a key that its password does not open is named" {
	told ssl.key.location ssl.key.password -- $(tls mutual) \
		-X ssl.certificate.location="$SECURE/tls/client.crt" \
		-X ssl.key.location="$SECURE/tls/locked.key" \
		-X ssl.key.password=hunter2
	hides hunter2 err
	told ssl.keystore.password -- $(tls mutual) \
		-X ssl.keystore.location="$SECURE/tls/client.p12" \
		-X ssl.keystore.password=hunter2
	hides hunter2 err
}

@test "by a Java client's file, which Java takes too" {
	allow_all
	cat >java <<-END
		bootstrap.servers=$(cat "$SECURE/sasl")
		security.protocol=SASL_SSL
		sasl.mechanism=SCRAM-SHA-512
		sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule \\
		    required username="alice" password="alice-secret";
		ssl.truststore.type=PEM
		ssl.truststore.location=$SECURE/tls/ca.crt
	END
	IOTSIM_COMMAND_CONFIG=java goes
	timeout 60 "$KAFKA" tool org.apache.kafka.tools.TopicCommand --list \
		--bootstrap-server "$(cat "$SECURE/sasl")" \
		--command-config java >topics
	grep -qx "$topic" topics
}

@test "by a Java client's certificate in PEM, or in a store" {
	local user=User:CN=client
	allow_all
	cat >pem <<-END
		bootstrap.servers=$(cat "$SECURE/mutual")
		security.protocol=SSL
		ssl.truststore.type=PEM
		ssl.truststore.location=$SECURE/tls/ca.crt
		ssl.keystore.type=PEM
		ssl.keystore.location=$SECURE/tls/client.pem
	END
	goes -F pem
	sed -e 's/keystore.type=PEM/keystore.type=PKCS12/' \
		-e 's/client.pem/client.p12/' pem >store
	echo ssl.keystore.password=p12-secret >>store
	try produce -q -c 1 -t "$topic" -F store
	[ "$status" = 0 ]
}

@test "a Java trust store is refused with the way out, which is one" {
	command -v keytool >/dev/null || skip "no keytool: make deps-kafka"
	local user=User:CN=client
	allow_all
	keytool -importcert -noprompt -alias ca -file "$SECURE/tls/ca.crt" \
		-keystore trust.jks -storepass store-secret 2>/dev/null
	cat >java <<-END
		bootstrap.servers=$(cat "$SECURE/mutual")
		security.protocol=SSL
		ssl.truststore.location=trust.jks
		ssl.truststore.password=store-secret
		ssl.keystore.location=$SECURE/tls/client.p12
		ssl.keystore.password=p12-secret
	END
	refused "java:3" "'ssl.truststore.location'" \
		"'keytool -list -rfc -keystore STORE >ca.pem'" \
		ssl.ca.location -- produce -F java
	keytool -list -rfc -keystore trust.jks -storepass store-secret >ca.pem
	echo ssl.ca.location=ca.pem >>java
	try produce -q -c 1 -t "$topic" -F java
	[ "$status" = 0 ]
}

@test "a wrong password: who, how, and what to look at" {
	told "'alice' by SCRAM-SHA-256" sasl.password -- \
		$(alice SCRAM-SHA-256 hunter2) --connect-timeout 1m
	hides hunter2 err
	told "'alice' by PLAIN" sasl.password -- \
		$(alice PLAIN hunter2) --connect-timeout 1m
}

@test "a SCRAM that Kafka 4 does not take is told of" {
	[ "${KAFKA_VERSION:-}" ] || skip "this librdkafka's is taken"
	told "from librdkafka 2.6.1 on" -- \
		$(alice SCRAM-SHA-512 hunter2) --connect-timeout 1m
}

@test "a login in a way that the broker does not know" {
	told "no login by SCRAM-SHA-1" "SCRAM-SHA-512" -- \
		$(alice SCRAM-SHA-1) --connect-timeout 1m
	told GSSAPI sasl.mechanism -- $(at sasl) -X security.protocol=sasl_ssl
}

@test "certificates: of an unknown authority, expired, of another host" {
	told "authority that is not known here" stranger.crt -- $(tls mutual) \
		-X ssl.ca.location="$SECURE/tls/stranger.crt" \
		--connect-timeout 1m
	told "authority that is not known here" ssl.ca.location -- \
		$(alice PLAIN) -X ssl.ca.location= --connect-timeout 1m
	told "has expired" -- $(tls expired) --connect-timeout 1m
	told "for another host" -- $(tls elsewhere) --connect-timeout 1m
}

@test "a host that is not looked at, a certificate that is not" {
	goes $(tls elsewhere) -X ssl.endpoint.identification.algorithm=none
	topic+=-2
	goes $(tls expired) -X enable.ssl.certificate.verification=false
}

@test "a broker that wants a certificate of ours" {
	told "wants a certificate of ours" ssl.certificate.location -- \
		$(tls mutual) --connect-timeout 1m
}

@test "the wrong protocol for a port" {
	local short="--connect-timeout 3s" # the reason is to come before
	told "security.protocol ssl" -- -b "$(cat "$SECURE/mutual")" $short
	told "sasl_ssl" -- -b "$(cat "$SECURE/sasl")" $short
	told "sasl_ssl" -- $(alice PLAIN) $short \
		-X security.protocol=sasl_plaintext
	told "sasl_ssl" -- $(tls sasl) $short
	told "speaks no TLS" "to plaintext" -- $(tls brokers) $short
	told "takes no login" "to plaintext" -- $(alice PLAIN) $short \
		-b "$(cat "$SECURE/brokers")" -X security.protocol=sasl_plaintext
}

@test "files that cannot be read" {
	local file
	for file in ssl.ca.location ssl.certificate.location ssl.key.location \
		ssl.keystore.location; do
		refused "'$file'" "'gone'" "No such file" -- \
			produce -X security.protocol=ssl -X $file=gone
	done
}

@test "without an ACL for the topic" {
	local words="--allow-principal User:alice"
	told "$words" "--topic $topic" -- $(alice PLAIN)
	allow Describe --topic "$topic"
	iotsim produce -q -c 4 -t "$topic" -b "$(cat "$SECURE/brokers")"
	told "$words" "--topic $topic" -- $(alice PLAIN)
	grep -qF -e "--operation Read" err
	try produce -q -c 4 -t "$topic" $(alice PLAIN)
	grep -qF -e "--operation Write --topic $topic" err
	allow Write --topic "$topic"
	try produce -q -c 4 -t "$topic" $(alice PLAIN)
	[ "$status" = 0 ]
	allow Read --topic "$topic"
	try consume -q -e -t "$topic" $(alice PLAIN)
	[ "$status" = 0 ]
	try consume -q -e -t "$topic" --output-topic "$topic-out" $(alice PLAIN)
	[ "$status" = 1 ]
	grep -qF -e "--topic $topic-out'" err
	try consume -q -e -t "$topic" --late-to "topic:$topic-late" \
		$(alice PLAIN)
	[ "$status" = 1 ]
	grep -qF -e "--topic $topic-late'" err
}

@test "without an ACL for the group" {
	iotsim produce -q -c 4 -t "$topic" -b "$(cat "$SECURE/brokers")"
	allow Read --topic "$topic"
	local verb
	for verb in "consume -e --group $topic" "group show $topic" \
		"group reset $topic"; do
		try $verb -q -t "$topic" $(alice PLAIN) --connect-timeout 50s
		[ "$status" = 1 ]
		[ "$(wc -l <err)" = 1 ]
		grep -qF -e "--operation Read --group $topic'" err
	done
}

@test "an ACL that is taken away ends a run, with its books" {
	allow Write --topic "$topic"
	iotsim produce -q -c 4 -t "$topic" -b "$(cat "$SECURE/brokers")"
	start p "$IOTSIM" produce -q --delays 0.01 -t "$topic" $(alice PLAIN)
	wait_for topic_has 50
	acl --remove --allow-principal User:alice --operation Write \
		--topic "$topic"
	ends p
	[ "$status" = 1 ]
	grep -qF -e "--operation Write --topic $topic'" p.err
	balanced p.err
	[ "$(summary p.err failed)" -gt 0 ]
	try consume -q -e --max-ahead off -t "$topic" \
		-b "$(cat "$SECURE/brokers")"
	[ "$(summary err read)" = $((4 + $(summary p.err delivered))) ]
}

topic_has() { # N
	iotsim consume -q -e --max-ahead off -t "$topic" \
		-b "$(cat "$SECURE/brokers")" >/dev/null 2>n.err
	[ "$(summary n.err read)" -ge "$1" ]
}

@test "secrets are said nowhere" {
	allow_all
	{
		iotsim produce -v -c 4 -t "$topic" $(alice PLAIN) -X debug=all
		iotsim consume -v -e -t "$topic" $(alice PLAIN) -X debug=all
		iotsim produce --show-config $(alice PLAIN)
	} >all 2>&1
	run ! iotsim produce -v -t "$topic" $(alice PLAIN wrong-secret) \
		-X debug=all
	echo "$output" >>all
	grep -q 'sasl.password ' all
	hides alice-secret all
	hides wrong-secret all
}
