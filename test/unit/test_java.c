/* SPDX-License-Identifier: MIT */
/* A Java client's login and certificates under the names of librdkafka. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "io/jaas.h"
#include "io/java.h"

#define SCRAM "org.apache.kafka.common.security.scram.ScramLoginModule"
#define OAUTH \
	"org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"

/* What the file becomes, as "name=value;" each, then the error. */
static void check(const char *text, const char *want)
{
	struct properties file = {NULL, 0, 0}, ours = {NULL, 0, 0};
	struct err e = ERR_INIT;
	struct str got = STR_INIT;

	assert_int_equal(properties_parse(&file, text, &e), 0);
	if (!java_translate(&file, &ours, &e)) {
		for (size_t i = 0; i < ours.n; i++)
			str_addf(&got, "%s=%s;", ours.v[i].name,
				 ours.v[i].value);
	}
	str_adds(&got, e.msg);
	assert_string_equal(got.p, want);
	str_release(&got);
	properties_release(&file);
	properties_release(&ours);
}

/* It begins so. */
static void fails(const char *text, const char *want)
{
	struct properties file = {NULL, 0, 0}, ours = {NULL, 0, 0};
	struct err e = ERR_INIT;

	assert_int_equal(properties_parse(&file, text, &e), 0);
	assert_int_equal(java_translate(&file, &ours, &e), -1);
	assert_memory_equal(e.msg, want, strlen(want));
	assert_null(strstr(e.msg, "hunter"));
	properties_release(&file);
	properties_release(&ours);
}

/* "module[name|value]...", or the error. */
static void check_jaas(const char *text, const char *want)
{
	struct err e = ERR_INIT;
	struct str got = STR_INIT;
	struct jaas j;

	if (jaas_parse(&j, text, &e)) {
		str_adds(&got, e.msg);
	} else {
		str_adds(&got, j.module.p);
		for (size_t i = 0; i < j.options.n; i++)
			str_addf(&got, "[%s|%s]", j.options.v[i].name,
				 j.options.v[i].value);
	}
	assert_string_equal(got.p, want);
	str_release(&got);
	jaas_release(&j);
}

static void reads_a_login(void **state)
{
	(void)state;
	check_jaas("a.b.C required;", "C");
	check_jaas(" C required u=v w = \"x y\" z='\"'; ",
		   "C[u|v][w|x y][z|\"]");
	check_jaas("C required u=\"a\\\"b\\\\c\\td\";", "C[u|a\"b\\c\td]");
	check_jaas("C required u=\"a;b=c\";", "C[u|a;b=c]");
	check_jaas("", "it begins with a class and 'required'");
	check_jaas("a. required u=v;", "it begins with a class and 'required'");
	check_jaas("C OPTIONAL u=v;", "C[u|v]");
	check_jaas("C requird u=v;", "it begins with a class and 'required'");
	check_jaas("C;", "it begins with a class and 'required'");
	check_jaas("C required u=v", "its end, a ';', is missing");
	check_jaas("C required u;",
		   "behind the class and 'required' it has NAME=VALUE");
	check_jaas("C required u=\"hunter2;", "the value of 'u' has no end");
	check_jaas("C required u=;", "the value of 'u' has no end");
	check_jaas("C required; D required;", "it has more than one class");
}

static void takes_what_has_the_same_name(void **state)
{
	(void)state;
	check("security.protocol=SASL_SSL\nlinger.ms=5",
	      "security.protocol=SASL_SSL;linger.ms=5;");
}

static void logs_in_with_a_password(void **state)
{
	(void)state;
	check("sasl.jaas.config=" SCRAM " required username=\"me\" "
	      "password=\"a=b;c\";",
	      "sasl.username=me;sasl.password=a=b;c;");
	check("sasl.jaas.config=PlainLoginModule required \\\n"
	      "  password='x' \\\n  username=me;",
	      "sasl.username=me;sasl.password=x;");
	fails("\nsasl.jaas.config=" SCRAM " required username=\"me\";",
	      "2: property 'sasl.jaas.config': no password in it");
	fails("sasl.jaas.config=" SCRAM " required pasword=hunter2;",
	      "1: property 'sasl.jaas.config': no username in it");
	fails("sasl.mechanism=PLAIN\n"
	      "sasl.jaas.config=" SCRAM
	      " required username=u password=hunter2;",
	      "2: property 'sasl.jaas.config': ScramLoginModule is no login "
	      "for sasl.mechanism=PLAIN");
	check("sasl.mechanism=SCRAM-SHA-512\n"
	      "sasl.jaas.config=" SCRAM " required username=u password=p;",
	      "sasl.mechanism=SCRAM-SHA-512;sasl.username=u;sasl.password=p;");
	fails("sasl.jaas.config=" SCRAM " required password=\"hunter2",
	      "1: property 'sasl.jaas.config': the value of 'password' has");
	fails("sasl.jaas.config=a.AWSLogin required password=hunter2;",
	      "1: property 'sasl.jaas.config': librdkafka has no login like "
	      "AWSLogin");
}

static void logs_in_with_a_token(void **state)
{
	(void)state;
	check("sasl.jaas.config=" OAUTH " required clientId=\"c\" "
	      "clientSecret=\"s\" scope=\"x\";",
	      "sasl.oauthbearer.client.id=c;sasl.oauthbearer.client.secret=s;"
	      "sasl.oauthbearer.scope=x;sasl.oauthbearer.method=oidc;");
	check("sasl.jaas.config=" OAUTH
	      " required unsecuredLoginStringClaim_sub=\"me\";",
	      "enable.sasl.oauthbearer.unsecure.jwt=true;"
	      "sasl.oauthbearer.config=principal=me;");
	check("sasl.jaas.config=com.sun.Krb5LoginModule required "
	      "keyTab=\"/k\" principal=\"p@R\";",
	      "sasl.kerberos.principal=p@R;sasl.kerberos.keytab=/k;");
}

static void trusts_certificates(void **state)
{
	(void)state;
	check("ssl.truststore.type=PEM\nssl.truststore.location=/ca.pem",
	      "ssl.truststore.type=PEM;ssl.ca.location=/ca.pem;");
	check("ssl.truststore.certificates=-----BEGIN",
	      "ssl.ca.pem=-----BEGIN;");
	fails("ssl.truststore.location=/ca.jks",
	      "1: property 'ssl.truststore.location': librdkafka reads "
	      "certificates in PEM");
	check("ssl.truststore.location=/ca.jks\nssl.ca.location=/ca.pem",
	      "ssl.ca.location=/ca.pem;");
	check("ssl.endpoint.identification.algorithm=\n",
	      "ssl.endpoint.identification.algorithm=none;");
}

static void has_certificates_of_its_own(void **state)
{
	(void)state;
	check("ssl.keystore.type=PEM\nssl.keystore.location=/me.pem\n"
	      "ssl.keystore.password=x\nssl.key.password=y",
	      "ssl.keystore.type=PEM;ssl.certificate.location=/me.pem;"
	      "ssl.key.location=/me.pem;ssl.key.password=y;");
	check("ssl.keystore.location=/me.p12\nssl.keystore.password=x",
	      "ssl.keystore.location=/me.p12;ssl.keystore.password=x;");
	check("ssl.keystore.key=K\nssl.keystore.certificate.chain=C",
	      "ssl.key.pem=K;ssl.certificate.pem=C;");
	fails("ssl.keystore.type=jks\nssl.keystore.location=/me.jks",
	      "2: property 'ssl.keystore.location': librdkafka reads no store "
	      "of type JKS");
}

static void knows_what_only_java_has(void **state)
{
	(void)state;
	assert_true(java_is_only("key.serializer"));
	assert_true(java_is_only("ssl.truststore.password"));
	assert_false(java_is_only("linger.ms"));
	assert_false(java_is_only("no.such"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_login),
		cmocka_unit_test(takes_what_has_the_same_name),
		cmocka_unit_test(logs_in_with_a_password),
		cmocka_unit_test(logs_in_with_a_token),
		cmocka_unit_test(trusts_certificates),
		cmocka_unit_test(has_certificates_of_its_own),
		cmocka_unit_test(knows_what_only_java_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
