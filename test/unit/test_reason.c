/* SPDX-License-Identifier: MIT */
/* What people are told of a broker that does not want them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "io/reason.h"

static const struct entry plain = {.protocol = "plaintext"};
static const struct entry tls = {.protocol = "ssl", .authority = "/etc/ca.pem"};
static const struct entry login = {
	.protocol = "sasl_ssl", .mechanism = "PLAIN", .user = "alice"};

/* What is made of librdkafka's text; "" where it is no more than silence. */
static void check(const struct entry *en, rd_kafka_resp_err_t err, int x509,
		  const char *text, bool final, const char *want)
{
	struct str got = STR_INIT;
	struct trouble t;

	trouble_set(&t, err, x509, text);
	assert_int_equal(trouble_add(&got, &t, en), *want != '\0');
	assert_string_equal(got.p, want);
	assert_int_equal(trouble_is_final(&t, en), final);
	str_release(&got);
}

static void keeps_what_is_said(void **state)
{
	struct trouble t;

	(void)state;
	trouble_set(&t, RD_KAFKA_RESP_ERR__TRANSPORT, 0,
		    "localhost:9092/bootstrap: Connect to ipv4#127.0.0.1:9092 "
		    "failed: Connection refused (after 0ms in state CONNECT)");
	assert_string_equal(t.text, "Connection refused");
	assert_string_equal(t.broker, "localhost:9092");
	trouble_set(&t, RD_KAFKA_RESP_ERR__TRANSPORT, 0, "h:1/1: Disconnected");
	assert_string_equal(t.text, "Disconnected");
	trouble_set(&t, RD_KAFKA_RESP_ERR__TRANSPORT, 0,
		    "h:1/1: Disconnected: verify that security.protocol is "
		    "correctly configured (after 3ms in state UP)");
	assert_string_equal(t.text, "Disconnected");
	trouble_set(&t, RD_KAFKA_RESP_ERR__RESOLVE, 0,
		    "no broker in it at all");
	assert_string_equal(t.text, "no broker in it at all");
	assert_string_equal(t.broker, "");
}

static void tells_nothing_of_silence(void **state)
{
	(void)state;
	check(&plain, RD_KAFKA_RESP_ERR__TRANSPORT, 0,
	      "h:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection "
	      "refused (after 0ms in state CONNECT)",
	      false, "");
	check(&tls, RD_KAFKA_RESP_ERR__RESOLVE, 0,
	      "ssl://h:1/bootstrap: Failed to resolve 'h:1': Name unknown",
	      false, "");
}

static void tells_of_certificates(void **state)
{
	static const char text[] =
		"ssl://h:1/bootstrap: SSL handshake failed: error:0A000086:SSL "
		"routines::certificate verify failed (after 2ms in state "
		"SSL_HANDSHAKE)";
	const rd_kafka_resp_err_t ssl = RD_KAFKA_RESP_ERR__SSL;

	(void)state;
	check(&tls, ssl, 10, text, true,
	      "the broker at h:1 shows a certificate that has expired: it has "
	      "to be renewed there");
	check(&tls, ssl, 9, text, true,
	      "the broker at h:1 shows a certificate that is not valid yet: "
	      "look at the clocks");
	check(&tls, ssl, 64, text, true,
	      "the broker at h:1 shows a certificate for another host: name it "
	      "in -b as the certificate does, or trust any host with -X "
	      "ssl.endpoint.identification.algorithm=none");
	check(&tls, ssl, 20, text, true,
	      "the broker at h:1 shows a certificate of an authority that is "
	      "not known here: set ssl.ca.location to the file of that "
	      "authority's own certificate (it is '/etc/ca.pem')");
	check(&tls, ssl, 23, text, true,
	      "the broker at h:1 shows a certificate that cannot be trusted "
	      "(X509 error 23): see 'openssl verify'");
	check(&tls, RD_KAFKA_RESP_ERR__TRANSPORT, 0,
	      "ssl://h:1/1: Receive failed: error:0A000412:SSL routines::sslv3 "
	      "alert bad certificate: SSL alert number 42",
	      true,
	      "the broker at h:1 wants a certificate of ours "
	      "(error:0A000412:SSL routines::sslv3 alert bad certificate: SSL "
	      "alert number 42): set ssl.certificate.location and "
	      "ssl.key.location");
}

static void tells_of_logins(void **state)
{
	const rd_kafka_resp_err_t auth = RD_KAFKA_RESP_ERR__AUTHENTICATION;

	(void)state;
	check(&login, auth, 0,
	      "sasl_ssl://h:1/bootstrap: SASL authentication error: Wrong "
	      "(after 300ms in state AUTH_REQ)",
	      true,
	      "the broker at h:1 does not take the login of 'alice' by PLAIN "
	      "(Wrong): look at sasl.username and sasl.password");
	check(&login, auth, 0,
	      "sasl_ssl://h:1/1: SASL handshake failed: Broker: Unsupported "
	      "SASL mechanism: broker's supported mechanisms: SCRAM-SHA-256",
	      true,
	      "the broker at h:1 knows no login by PLAIN: set sasl.mechanism "
	      "(SCRAM-SHA-256)");
	check(&login, auth, 0,
	      "sasl_ssl://h:1/1: SASL handshake failed: Broker: Request not "
	      "valid in current SASL state: broker's supported mechanisms: ",
	      true,
	      "the broker at h:1 takes no login on that port: set "
	      "security.protocol to ssl, or name another port");
}

/* Nobody was asked yet: it is not the broker that does not take it. */
static void tells_of_tokens(void **state)
{
	static const struct entry token = {.protocol = "sasl_ssl",
					   .mechanism = "OAUTHBEARER"};
	struct str got = STR_INIT;
	struct trouble t;

	(void)state;
	check(&token, RD_KAFKA_RESP_ERR__AUTHENTICATION, 0,
	      "Failed to acquire SASL OAUTHBEARER token: Unrecognized "
	      "sasl.oauthbearer.config beginning at: x",
	      true,
	      "no token could be had to log in with (Unrecognized "
	      "sasl.oauthbearer.config beginning at: x): look at the "
	      "sasl.oauthbearer properties");
	str_adds(&got, "before");
	trouble_set(&t, RD_KAFKA_RESP_ERR__TRANSPORT, 0, "h:1/1: refused");
	assert_false(trouble_add(&got, &t, &token));
	assert_string_equal(got.p, "before");
	str_release(&got);
}

static void tells_of_wrong_ports(void **state)
{
	(void)state;
	check(&plain, RD_KAFKA_RESP_ERR__TRANSPORT, 0,
	      "h:1/bootstrap: Disconnected while requesting ApiVersion", false,
	      "the broker at h:1 hangs up: a port for TLS takes "
	      "security.protocol ssl, one for logins sasl_ssl or "
	      "sasl_plaintext");
	check(&tls, RD_KAFKA_RESP_ERR__TRANSPORT, 0,
	      "ssl://h:1/bootstrap: Disconnected", false,
	      "the broker at h:1 hangs up after the handshake: a port for "
	      "logins takes security.protocol sasl_ssl");
	check(&login, RD_KAFKA_RESP_ERR__SSL, 0,
	      "sasl_ssl://h:1/1: SSL handshake failed: wrong version number",
	      true,
	      "the broker at h:1 speaks no TLS on that port: set "
	      "security.protocol to sasl_plaintext, or name another port");
	check(&tls, RD_KAFKA_RESP_ERR__SSL, 0,
	      "ssl://h:1/1: SSL handshake failed: unexpected eof while reading",
	      false,
	      "the broker at h:1 speaks no TLS on that port: set "
	      "security.protocol to plaintext, or name another port");
}

static void tells_of_another_language(void **state)
{
	(void)state;
	check(&plain, RD_KAFKA_RESP_ERR__BAD_MSG, 0,
	      "h:1/bootstrap: Receive failed: Invalid response size 1213486160",
	      false,
	      "the broker at h:1 does not speak as Kafka does (Invalid "
	      "response "
	      "size 1213486160): is the port another one's?");
}

static void tells_what_to_allow(void **state)
{
	const struct denial d = {"topic", "t", {"Write", "Create", NULL}};
	const struct denial g = {"group", "g", {"Read", NULL}};
	struct str got = STR_INIT;

	(void)state;
	denial_add(&got, &d, &login);
	assert_string_equal(
		got.p,
		"topic 't': the broker does not let User:alice Write or "
		"Create; it would after 'kafka-acls --add --allow-principal "
		"User:alice --operation Write --operation Create --topic t'");
	str_clear(&got);
	denial_add(&got, &g, &tls);
	assert_string_equal(got.p,
			    "group 'g': the broker does not let us Read; it "
			    "would after 'kafka-acls --add --allow-principal "
			    "User:NAME --operation Read --group g'");
	str_clear(&got);
	denial_add(&got, &g, &plain);
	assert_non_null(strstr(got.p, "let User:ANONYMOUS Read"));
	str_release(&got);
}

static void says_what_may_help(void **state)
{
	struct str got = STR_INIT;

	(void)state;
	reason_add_unmade(&got, "ssl.key.location failed: PEM lib");
	assert_string_equal(got.p,
			    "cannot make a Kafka client: ssl.key.location "
			    "failed: PEM lib; is it a key in PEM, and "
			    "ssl.key.password its password?");
	str_clear(&got);
	reason_add_unmade(&got, "something else");
	assert_string_equal(got.p, "cannot make a Kafka client: something "
				   "else");
	str_release(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_is_said),
		cmocka_unit_test(tells_nothing_of_silence),
		cmocka_unit_test(tells_of_certificates),
		cmocka_unit_test(tells_of_logins),
		cmocka_unit_test(tells_of_tokens),
		cmocka_unit_test(tells_of_wrong_ports),
		cmocka_unit_test(tells_of_another_language),
		cmocka_unit_test(tells_what_to_allow),
		cmocka_unit_test(says_what_may_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
