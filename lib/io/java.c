/* SPDX-License-Identifier: MIT */
#include "io/java.h"

#include <string.h>
#include <strings.h>

#include "io/jaas.h"

/* clang-format off */
static const char *const only[] = {
	"key.serializer", "value.serializer", "key.deserializer",
	"value.deserializer", "interceptor.classes", "partitioner.class",
	"metric.reporters", "metrics.num.samples", "metrics.recording.level",
	"metrics.sample.window.ms",
	"max.poll.records", "max.block.ms", "buffer.memory",
	"security.providers", "auto.include.jmx.reporter",
	"enable.metrics.push", "default.api.timeout.ms",
	"max.request.size", "send.buffer.bytes", "receive.buffer.bytes",
	"exclude.internal.topics", "config.providers", "client.dns.lookup",
	"ssl.protocol", "ssl.enabled.protocols", "ssl.provider",
	"ssl.keymanager.algorithm", "ssl.trustmanager.algorithm",
	"ssl.secure.random.implementation", "ssl.engine.factory.class",
	"ssl.truststore.type",
	"ssl.truststore.password", "ssl.keystore.type",
	"sasl.login.class", "sasl.login.callback.handler.class",
	"sasl.client.callback.handler.class",
	NULL
};
/* clang-format on */

bool java_is_only(const char *name)
{
	for (const char *const *p = only; *p; p++) {
		if (!strcmp(*p, name))
			return true;
	}
	return false;
}

/* What is translated. */
struct translation {
	const struct properties *file;
	const struct property *from;
	struct properties *ours;
	struct err *e;
};

static void give(const struct translation *t, const char *name,
		 const char *value)
{
	properties_add(t->ours, name, value, t->from->line);
}

static int fail(const struct translation *t, const char *why)
{
	return err_set(t->e, "%zu: property '%s': %s", t->from->line,
		       t->from->name, why);
}

/* ---- certificates ---- */

static bool store_is(const struct translation *t, const char *property,
		     const char *type)
{
	const char *is = properties_get(t->file, property);

	return is && !strcasecmp(is, type);
}

/* In Java a store is one of its own kind unless it is said to be another. */
static int trust_store(const struct translation *t)
{
	if (properties_get(t->file, "ssl.ca.location"))
		return 0;
	if (!store_is(t, "ssl.truststore.type", "PEM"))
		return fail(t,
			    "librdkafka reads certificates in PEM, and no "
			    "store of Java's: write them by 'keytool -list "
			    "-rfc -keystore STORE >ca.pem', and name that file "
			    "with ssl.ca.location");
	give(t, "ssl.ca.location", t->from->value);
	return 0;
}

static int trusted(const struct translation *t)
{
	give(t, "ssl.ca.pem", t->from->value);
	return 0;
}

/* One that is said to be nothing is PKCS#12, as librdkafka has it. */
static int key_store(const struct translation *t)
{
	if (store_is(t, "ssl.keystore.type", "JKS"))
		return fail(t,
			    "librdkafka reads no store of type JKS: make it "
			    "PKCS12 by 'keytool -importkeystore -srckeystore "
			    "STORE -destkeystore STORE.p12 -deststoretype "
			    "PKCS12'");
	if (!store_is(t, "ssl.keystore.type", "PEM")) {
		give(t, t->from->name, t->from->value);
		return 0;
	}
	give(t, "ssl.certificate.location", t->from->value);
	give(t, "ssl.key.location", t->from->value);
	return 0;
}

/* A file in PEM has a password for its key alone. */
static int key_store_password(const struct translation *t)
{
	if (!store_is(t, "ssl.keystore.type", "PEM"))
		give(t, t->from->name, t->from->value);
	return 0;
}

static int certificate(const struct translation *t)
{
	give(t, "ssl.certificate.pem", t->from->value);
	return 0;
}

static int key(const struct translation *t)
{
	give(t, "ssl.key.pem", t->from->value);
	return 0;
}

/* Java says by nothing that the host's name is not to be looked at. */
static int host_check(const struct translation *t)
{
	give(t, t->from->name, *t->from->value ? t->from->value : "none");
	return 0;
}

/* ---- the login ---- */

/* What an option of a login module is called by librdkafka. */
struct login {
	const char *module, *option, *property;
	bool needed;
};

/* clang-format off */
static const struct login logins[] = {
	{ "PlainLoginModule", "username", "sasl.username", true },
	{ "PlainLoginModule", "password", "sasl.password", true },
	{ "ScramLoginModule", "username", "sasl.username", true },
	{ "ScramLoginModule", "password", "sasl.password", true },
	{ "OAuthBearerLoginModule", "clientId", "sasl.oauthbearer.client.id", false },
	{ "OAuthBearerLoginModule", "clientSecret", "sasl.oauthbearer.client.secret", false },
	{ "OAuthBearerLoginModule", "scope", "sasl.oauthbearer.scope", false },
	{ "Krb5LoginModule", "principal", "sasl.kerberos.principal", false },
	{ "Krb5LoginModule", "keyTab", "sasl.kerberos.keytab", false },
	{ NULL, NULL, NULL, false }
};
/* clang-format on */

/* A token from a server, or one that nobody signed, for tests. */
static void oauth(const struct translation *t, const struct jaas *j)
{
	const char *sub =
		properties_get(&j->options, "unsecuredLoginStringClaim_sub");
	struct str config = STR_INIT;

	if (properties_get(&j->options, "clientId"))
		give(t, "sasl.oauthbearer.method", "oidc");
	if (!sub)
		return;
	give(t, "enable.sasl.oauthbearer.unsecure.jwt", "true");
	str_addf(&config, "principal=%s", sub);
	give(t, "sasl.oauthbearer.config", config.p);
	str_release(&config);
}

/* clang-format off */
static const struct {
	const char *module, *mechanism; /* how its name begins */
} modules[] = {
	{ "PlainLoginModule", "PLAIN" },
	{ "ScramLoginModule", "SCRAM-" },
	{ "OAuthBearerLoginModule", "OAUTHBEARER" },
	{ "Krb5LoginModule", "GSSAPI" },
};
/* clang-format on */

/* The mechanism may be set elsewhere. */
static int check_module(const struct translation *t, const char *module)
{
	const char *is = properties_get(t->file, "sasl.mechanism");

	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++) {
		const char *begins = modules[i].mechanism;

		if (strcmp(modules[i].module, module))
			continue;
		if (!is || !strncasecmp(is, begins, strlen(begins)))
			return 0;
		return err_set(t->e,
			       "%zu: property '%s': %s is no login for "
			       "sasl.mechanism=%.80s",
			       t->from->line, t->from->name, module, is);
	}
	return err_set(t->e,
		       "%zu: property '%s': librdkafka has no login like %.80s "
		       "(only Plain, Scram, OAuthBearer and Krb5LoginModule)",
		       t->from->line, t->from->name, module);
}

static int give_login(const struct translation *t, const struct jaas *j)
{
	if (check_module(t, j->module.p))
		return -1;
	for (const struct login *l = logins; l->module; l++) {
		const char *value;

		if (strcmp(l->module, j->module.p))
			continue;
		value = properties_get(&j->options, l->option);
		if (value)
			give(t, l->property, value);
		else if (l->needed)
			return err_set(t->e, "%zu: property '%s': no %s in it",
				       t->from->line, t->from->name, l->option);
	}
	if (!strcmp(j->module.p, "OAuthBearerLoginModule"))
		oauth(t, j);
	return 0;
}

static int login(const struct translation *t)
{
	struct err why = ERR_INIT;
	struct jaas j;
	int rc;

	if (jaas_parse(&j, t->from->value, &why))
		rc = fail(t, why.msg);
	else
		rc = give_login(t, &j);
	jaas_release(&j);
	return rc;
}

/* ---- all ---- */

/* clang-format off */
static const struct {
	const char *name;
	int (*translate)(const struct translation *t);
} translated[] = {
	{ "sasl.jaas.config", login },
	{ "ssl.truststore.location", trust_store },
	{ "ssl.truststore.certificates", trusted },
	{ "ssl.keystore.location", key_store },
	{ "ssl.keystore.password", key_store_password },
	{ "ssl.keystore.certificate.chain", certificate },
	{ "ssl.keystore.key", key },
	{ "ssl.endpoint.identification.algorithm", host_check },
};
/* clang-format on */

static int translate(const struct translation *t)
{
	for (size_t i = 0; i < sizeof(translated) / sizeof(*translated); i++) {
		if (!strcmp(translated[i].name, t->from->name))
			return translated[i].translate(t);
	}
	give(t, t->from->name, t->from->value);
	return 0;
}

int java_translate(const struct properties *file, struct properties *ours,
		   struct err *e)
{
	for (size_t i = 0; i < file->n; i++) {
		const struct translation t = {file, &file->v[i], ours, e};

		if (translate(&t))
			return -1;
	}
	return 0;
}
