/* SPDX-License-Identifier: MIT */
#include "io/reason.h"

#include <stdio.h>
#include <string.h>

/* ---- how we come ---- */

static void get(const rd_kafka_conf_t *rkconf, const char *name, char *value,
		size_t size)
{
	if (rd_kafka_conf_get(rkconf, name, value, &size))
		value[0] = '\0';
}

static void find_certificate(struct entry *en, const rd_kafka_conf_t *rkconf)
{
	static const char *const names[] = {"ssl.keystore.location",
					    "ssl.certificate.location",
					    "ssl.certificate.pem"};
	char value[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		get(rkconf, names[i], value, sizeof(value));
		if (*value)
			snprintf(en->certificate, sizeof(en->certificate), "%s",
				 names[i]);
	}
}

void entry_init(struct entry *en, const rd_kafka_conf_t *rkconf)
{
	*en = (struct entry){.protocol = ""};
	get(rkconf, "security.protocol", en->protocol, sizeof(en->protocol));
	get(rkconf, "sasl.mechanism", en->mechanism, sizeof(en->mechanism));
	get(rkconf, "sasl.username", en->user, sizeof(en->user));
	get(rkconf, "ssl.ca.location", en->authority, sizeof(en->authority));
	find_certificate(en, rkconf);
}

static bool uses_tls(const struct entry *en)
{
	return strstr(en->protocol, "ssl");
}

static bool uses_login(const struct entry *en)
{
	return !strncmp(en->protocol, "sasl", 4);
}

bool entry_add_principal(struct str *out, const struct entry *en)
{
	if (uses_login(en) && *en->user)
		str_addf(out, "User:%s", en->user);
	else if (!strcmp(en->protocol, "plaintext"))
		str_adds(out, "User:ANONYMOUS");
	else
		return false;
	return true;
}

/* ---- trouble ---- */

/*
 * "sasl_ssl://host:9093/1: SSL handshake failed: REASON (after 5ms in state
 * SSL_HANDSHAKE)" is REASON to a person, and "host:9092/1: Disconnected: verify
 * that ..." is "Disconnected": what to do is said by us.
 */
static const char *find_reason(const char *text, size_t *len)
{
	static const char *const before[] = {"failed: ", "error: ", ": "};
	static const char *const behind[] = {" (after ", ": verify that ",
					     ": might be "};
	const char *end = NULL;

	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		const char *p = strstr(text, before[i]);

		if (p) {
			text = p + strlen(before[i]);
			break;
		}
	}
	for (size_t i = 0; i < sizeof(behind) / sizeof(*behind); i++) {
		const char *p = strstr(text, behind[i]);

		if (p && (!end || p < end))
			end = p;
	}
	*len = end ? (size_t)(end - text) : strlen(text);
	return text;
}

static void find_broker(struct trouble *t, const char *text)
{
	const char *scheme = strstr(text, "://");
	const char *p = scheme ? scheme + 3 : text;
	size_t len = strcspn(p, "/ ");

	if (p[len] == '/')
		snprintf(t->broker, sizeof(t->broker), "%.*s", (int)len, p);
}

void trouble_set(struct trouble *t, rd_kafka_resp_err_t err, int x509,
		 const char *text)
{
	size_t len;
	const char *reason = find_reason(text, &len);

	*t = (struct trouble){
		.err = err,
		.x509 = x509,
		.no_token = strstr(text, "OAUTHBEARER token"),
	};
	find_broker(t, text);
	snprintf(t->text, sizeof(t->text), "%.*s", (int)len, reason);
}

/* One of the words is in it. The list ends with NULL. */
static bool says(const struct trouble *t, const char *const *words)
{
	for (; *words; words++) {
		if (strstr(t->text, *words))
			return true;
	}
	return false;
}

/* OpenSSL's words, of which librdkafka makes no codes. */
static bool wants_certificate(const struct trouble *t)
{
	static const char *const words[] = {"alert bad certificate",
					    "certificate required",
					    "alert handshake failure",
					    "alert unknown ca",
					    "alert certificate",
					    "alert unsupported certificate",
					    NULL};

	return says(t, words); /* it may come behind the handshake */
}

static bool speaks_no_tls(const struct trouble *t)
{
	static const char *const words[] = {"wrong version number",
					    "unexpected eof", "http request",
					    "PLAINTEXT broker listener", NULL};

	return says(t, words);
}

static bool speaks_no_kafka(const struct trouble *t)
{
	static const char *const words[] = {"Invalid response size",
					    "Read underflow",
					    "broker version < 0.10", NULL};

	return says(t, words);
}

static bool hangs_up(const struct trouble *t)
{
	static const char *const words[] = {
		"Disconnected", "closed", "reset by peer", "Broken pipe", NULL};

	return t->err == RD_KAFKA_RESP_ERR__TRANSPORT && says(t, words);
}

static bool is_login(const struct trouble *t)
{
	return t->err == RD_KAFKA_RESP_ERR__AUTHENTICATION;
}

bool trouble_is_final(const struct trouble *t, const struct entry *en)
{
	static const char *const starting[] = {"unexpected eof", NULL};

	return t->x509 || is_login(t) ||
	       (uses_tls(en) && (wants_certificate(t) || speaks_no_tls(t)) &&
		!says(t, starting));
}

/* ---- what to do ---- */

/* By the numbers of x509_vfy.h, which do not change. */
static void add_certificate(struct str *out, const struct trouble *t,
			    const struct entry *en)
{
	switch (t->x509) {
	case 9:
		str_adds(out, "shows a certificate that is not valid yet: look "
			      "at the clocks");
		break;
	case 10:
		str_adds(out, "shows a certificate that has expired: it has to "
			      "be renewed there");
		break;
	case 62: /* host name */
	case 64: /* address */
		str_adds(out,
			 "shows a certificate for another host: name it in -b "
			 "as the certificate does, or trust any host with -X "
			 "ssl.endpoint.identification.algorithm=none");
		break;
	case 18: /* signed by itself */
	case 19: /* by one of its chain */
	case 20: /* by one that is not there */
	case 21:
		str_adds(out, "shows a certificate of an authority that is not "
			      "known here: set ssl.ca.location to the file of "
			      "that authority's own certificate");
		if (*en->authority)
			str_addf(out, " (it is '%s')", en->authority);
		break;
	default:
		str_addf(out,
			 "shows a certificate that cannot be trusted (X509 "
			 "error %d): see 'openssl verify'",
			 t->x509);
	}
}

/* What librdkafka before 2.6.1 gets wrong in SCRAM, Kafka 4 looks at. */
static bool is_old_scram(const struct entry *en)
{
	return !strncmp(en->mechanism, "SCRAM", 5) &&
	       rd_kafka_version() < 0x02060100;
}

static void add_refused_login(struct str *out, const struct trouble *t,
			      const struct entry *en)
{
	str_adds(out, "does not take the login");
	if (*en->user)
		str_addf(out, " of '%s'", en->user);
	str_addf(out, " by %s (%s): look at ", en->mechanism, t->text);
	if (!strcmp(en->mechanism, "OAUTHBEARER"))
		str_adds(out, "the sasl.oauthbearer properties");
	else
		str_adds(out, "sasl.username and sasl.password");
	if (is_old_scram(en))
		str_addf(out,
			 "; if they are right: Kafka 4 and newer take SCRAM "
			 "from librdkafka 2.6.1 on, and this is %s",
			 rd_kafka_version_str());
}

/* "...: broker's supported mechanisms: PLAIN,OAUTHBEARER", or none. */
static void add_login(struct str *out, const struct trouble *t,
		      const struct entry *en)
{
	const char *list = strstr(t->text, "supported mechanisms:");

	if (!list) {
		add_refused_login(out, t, en);
		return;
	}
	list += strcspn(list, ":") + 1;
	list += strspn(list, " ");
	if (*list)
		str_addf(out, "knows no login by %s: set sasl.mechanism (%s)",
			 en->mechanism, list);
	else
		str_addf(out,
			 "takes no login on that port: set security.protocol "
			 "to %s, or name another port",
			 uses_tls(en) ? "ssl" : "plaintext");
}

static void add_client_certificate(struct str *out, const struct trouble *t,
				   const struct entry *en)
{
	if (*en->certificate)
		str_addf(out, "does not take our certificate (%s): look at %s",
			 t->text, en->certificate);
	else
		str_addf(out,
			 "wants a certificate of ours (%s): set "
			 "ssl.certificate.location and ssl.key.location",
			 t->text);
}

static void add_hang_up(struct str *out, const struct entry *en)
{
	const char *with = uses_login(en) ? "sasl_ssl" : "ssl";

	if (!uses_tls(en))
		str_addf(out,
			 "hangs up: a port for TLS takes security.protocol %s"
			 "%s",
			 with,
			 uses_login(en) ? ""
					: ", one for logins sasl_ssl or "
					  "sasl_plaintext");
	else
		str_adds(out, "hangs up after the handshake: a port for logins "
			      "takes security.protocol sasl_ssl");
}

bool trouble_add(struct str *out, const struct trouble *t,
		 const struct entry *en)
{
	struct str what = STR_INIT;
	bool any;

	if (t->no_token) {
		str_addf(out,
			 "no token could be had to log in with (%s): look at "
			 "the sasl.oauthbearer properties",
			 t->text);
		return true;
	}
	if (t->x509)
		add_certificate(&what, t, en);
	else if (is_login(t))
		add_login(&what, t, en);
	else if (wants_certificate(t))
		add_client_certificate(&what, t, en);
	else if (speaks_no_tls(t))
		str_addf(&what,
			 "speaks no TLS on that port: set security.protocol to "
			 "%s, or name another port",
			 uses_login(en) ? "sasl_plaintext" : "plaintext");
	else if (speaks_no_kafka(t))
		str_addf(&what,
			 "does not speak as Kafka does (%s): is the "
			 "port another one's?",
			 t->text);
	else if (hangs_up(t))
		add_hang_up(&what, en);
	if (what.len)
		str_addf(out, "the broker%s%s %s", *t->broker ? " at " : "",
			 t->broker, what.p);
	any = what.len;
	str_release(&what);
	return any;
}

/* ---- a client that cannot be made ---- */

void reason_add_unmade(struct str *out, const char *text)
{
	/* clang-format off */
	static const struct {
		const char *begins, *advice;
	} known[] = {
		{ "ssl.key.location", "is it a key in PEM, and ssl.key.password its password?" },
		{ "ssl.key.pem", "is it a key in PEM, and ssl.key.password its password?" },
		{ "ssl.certificate", "is it a certificate in PEM?" },
		{ "ssl.ca", "is it a certificate in PEM?" },
		{ "Failed to parse ssl.keystore", "is ssl.keystore.password its password?" },
		{ "Invalid sasl.kerberos", "sasl.mechanism is GSSAPI unless it is set" },
	};
	/* clang-format on */

	str_addf(out, "cannot make a Kafka client: %s", text);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!strncmp(text, known[i].begins, strlen(known[i].begins))) {
			str_addf(out, "; %s", known[i].advice);
			return;
		}
	}
}

/* ---- what is denied ---- */

bool reason_is_denied(rd_kafka_resp_err_t err)
{
	return err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
	       err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
	       err == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

void denial_add(struct str *out, const struct denial *d, const struct entry *en)
{
	struct str who = STR_INIT;
	bool known = entry_add_principal(&who, en);

	str_addf(out, "%s '%s': the broker does not let %s", d->kind, d->name,
		 known ? who.p : "us");
	for (int i = 0; d->operations[i]; i++)
		str_addf(out, "%s%s", i ? " or " : " ", d->operations[i]);
	str_addf(out, "; it would after 'kafka-acls --add --allow-principal %s",
		 known ? who.p : "User:NAME");
	for (int i = 0; d->operations[i]; i++)
		str_addf(out, " --operation %s", d->operations[i]);
	str_addf(out, " --%s %s'", d->kind, d->name);
	str_release(&who);
}
