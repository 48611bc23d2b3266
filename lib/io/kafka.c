/* SPDX-License-Identifier: MIT */
#include "io/kafka.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/brokers.h"
#include "io/client.h"
#include "io/file.h"
#include "io/java.h"

#define DEFAULT_BROKERS "localhost:9092"

struct setting {
	const char *name, *value;
};

/* clang-format off */
static const struct setting producer_defaults[] = {
	{ "client.id", "iotsim" },
	{ "compression.codec", "lz4" },
	{ "queue.buffering.max.messages", "50000" },
	{ "reconnect.backoff.max.ms", "1000" },
	{ "enable.idempotence", "true" },
	{ "acks", "all" },
	{ "message.timeout.ms", "0" },
	/* so --show-config tells the truth: messages come with a partition */
	{ "partitioner", "murmur2" },
	{ NULL, NULL }
};

static const struct setting consumer_defaults[] = {
	{ "client.id", "iotsim" },
	{ "fetch.wait.max.ms", "100" },
	{ "fetch.message.max.bytes", "262144" },
	/* each has half a kilobyte beside its own bytes: all are to stay in
	   the cache from the thread that makes them to the one that reads */
	{ "queued.min.messages", "10000" },
	{ "reconnect.backoff.max.ms", "1000" },
	{ "enable.partition.eof", "true" },
	{ "auto.offset.reset", "error" },
	{ "allow.auto.create.topics", "false" },
	{ NULL, NULL }
};

/*
 * A broker that is asked for the partitions that are read to their ends, and
 * for no other one, keeps its answer back for so long, and is asked for
 * nothing else.
 */
static const struct setting to_end_defaults[] = {
	{ "fetch.wait.max.ms", "10" },
	{ NULL, NULL }
};

/* Of a member of a consumer group. */
static const struct setting group_defaults[] = {
	{ "enable.auto.commit", "false" },
	{ "enable.auto.offset.store", "false" },
	{ "partition.assignment.strategy", "range" },
	{ "session.timeout.ms", "10000" },
	/* what is unanswered by then keeps us from ending */
	{ "socket.timeout.ms", "10000" },
	{ "heartbeat.interval.ms", "2000" },
	{ "topic.metadata.refresh.interval.ms", "2000" },
	{ NULL, NULL }
};

/* From librdkafka 2.2.0 on: a full queue is looked at again soon. */
static const struct setting newer_defaults[] = {
	{ "fetch.queue.backoff.ms", "5" },
	{ NULL, NULL }
};

/* What iotsim relies on, and why. */
static const struct setting relied_on[] = {
	{ "bootstrap.servers", "use -b" },
	{ "metadata.broker.list", "use -b" },
	{ "enable.idempotence", "readings are sent once, in order" },
	{ "acks", "a reading counts as delivered when all replicas have it" },
	{ "request.required.acks",
	  "a reading counts as delivered when all replicas have it" },
	{ "message.timeout.ms", "a broker that goes away is waited for" },
	{ "delivery.timeout.ms", "a broker that goes away is waited for" },
	{ "transactional.id", "readings are not sent in transactions" },
	{ "partitioner", "a sensor's partition is that of its name by murmur2" },
	{ "enable.partition.eof", "windows close by it" },
	{ "auto.offset.reset", "use --from" },
	{ "allow.auto.create.topics", "a consumer makes no topics" },
	{ "group.id", "use --group" },
	{ "group.instance.id", "use --instance" },
	{ "group.protocol",
	  "in the new protocol partitions move while others are read; here all "
	  "are given up first (classic)" },
	{ "group.remote.assignor", "it belongs to a group.protocol of its own" },
	{ "partition.assignment.strategy",
	  "partitions are given out by range; with a cooperative assignor they "
	  "move while others are read, which librdkafka before 2.6.1 gets wrong" },
	{ "enable.auto.commit", "an offset is committed with what goes with it" },
	{ "enable.auto.offset.store",
	  "an offset is committed with what goes with it" },
	{ NULL, NULL }
};
/* clang-format on */

const char *kafka_library_version(void)
{
	return rd_kafka_version_str();
}

void kafka_list_properties(FILE *f)
{
	rd_kafka_conf_properties_show(f);
}

int kafka_check_topic(const char *option, const char *topic, struct err *e)
{
	static const char legal[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-";
	size_t len = strlen(topic);

	if (!len)
		return err_set(e, "option '--%s': the name is empty", option);
	if (len > 249)
		return err_set(e,
			       "option '--%s': the name has %zu characters "
			       "(at most 249)",
			       option, len);
	if (strspn(topic, legal) != len)
		return err_set(e,
			       "option '--%s': '%s' has characters that "
			       "Kafka does not take (only a-z A-Z 0-9 . _ -)",
			       option, topic);
	if (!strcmp(topic, ".") || !strcmp(topic, ".."))
		return err_set(e,
			       "option '--%s': Kafka does not take '%s' "
			       "for a name",
			       option, topic);
	return 0;
}

static const char *reason_refused(const char *name)
{
	for (const struct setting *p = relied_on; p->name; p++) {
		if (!strcmp(p->name, name))
			return p->value;
	}
	return NULL;
}

/* What is being made, and where the values come from. */
struct maker {
	const struct kafka_conf *conf;
	rd_kafka_conf_t *rkconf;
	char *brokers, *brokers_origin;
	struct err *e;
};

/* 0 on success; 1 when librdkafka does not know the property. */
static int set(struct maker *m, const char *name, const char *value,
	       const char *origin)
{
	char text[256];
	rd_kafka_conf_res_t res;

	res = rd_kafka_conf_set(m->rkconf, name, value, text, sizeof(text));
	if (res == RD_KAFKA_CONF_UNKNOWN)
		return 1;
	if (res != RD_KAFKA_CONF_OK)
		return err_set(m->e, "property '%s': %s", name,
			       kafka_is_secret(name) ? "librdkafka does not "
						       "take it"
						     : text);
	if (m->conf->origins)
		properties_add(m->conf->origins, name, origin, 0);
	return 0;
}

static int set_all(struct maker *m, const struct setting *s)
{
	for (; s->name; s++) {
		if (set(m, s->name, s->value, "iotsim") < 0)
			return -1;
	}
	return 0;
}

static int set_defaults(struct maker *m, enum kafka_role role)
{
	if (set_all(m, role == KAFKA_PRODUCER ? producer_defaults
					      : consumer_defaults) ||
	    (role == KAFKA_TO_END && set_all(m, to_end_defaults)) ||
	    set_all(m, newer_defaults))
		return -1;
	return m->conf->group ? set_all(m, group_defaults) : 0;
}

static void set_brokers(struct maker *m, const char *list, const char *origin)
{
	free(m->brokers);
	free(m->brokers_origin);
	m->brokers = mem_dup(list);
	m->brokers_origin = mem_dup(origin);
}

/* ---- -X ---- */

static int set_named(struct maker *m, const char *name, const char *value)
{
	const char *why = reason_refused(name);
	int rc;

	if (why)
		return err_set(m->e,
			       "option '-X': '%s' is not yours to set: %s",
			       name, why);
	if (!strcmp(name, "sasl.jaas.config"))
		return err_set(m->e,
			       "option '-X': '%s' is of Java clients: put it "
			       "into a file of -F, or set sasl.username and "
			       "sasl.password",
			       name);
	rc = set(m, name, value, "option -X");
	if (rc < 0)
		return err_prefix(m->e, "option '-X'");
	if (rc > 0)
		return err_set(m->e,
			       "option '-X': librdkafka knows no property '%s' "
			       "('-X list' prints all of them)",
			       name);
	return 0;
}

/* KEY=VALUE */
static int set_word(struct maker *m, const char *word)
{
	const char *eq = strchr(word, '=');
	char *name;
	int rc;

	if (!eq || eq == word) /* what is behind the key may be a secret */
		return err_set(m->e,
			       "option '-X': '%.*s' is not KEY=VALUE "
			       "('-X list' prints all of them)",
			       (int)strcspn(word, ":= \t"), word);
	name = mem_ndup(word, (size_t)(eq - word));
	rc = set_named(m, name, eq + 1);
	free(name);
	return rc;
}

/* ---- the file ---- */

/* What only other clients need is passed over. */
static int set_from_file(struct maker *m, const struct property *p)
{
	const char *path = m->conf->config_file;
	struct str origin = STR_INIT;
	int rc = 1;

	str_addf(&origin, "%s:%zu", path, p->line);
	if (!strcmp(p->name, "bootstrap.servers") ||
	    !strcmp(p->name, "metadata.broker.list")) {
		set_brokers(m, p->value, origin.p);
		rc = brokers_check(p->value, m->e);
		if (rc)
			err_prefix(m->e, "property '%s'", p->name);
	} else if (!reason_refused(p->name)) {
		rc = set(m, p->name, p->value, origin.p);
	}
	if (rc > 0 && (reason_refused(p->name) || java_is_only(p->name))) {
		say(m->conf->say, SAY_DEBUG, "%s: '%s' is passed over",
		    origin.p, p->name);
		rc = 0;
	}
	if (rc > 0)
		rc = err_set(m->e, "librdkafka knows no property '%s'",
			     p->name);
	if (rc)
		err_prefix(m->e, "%s", origin.p);
	str_release(&origin);
	return rc;
}

static int set_text(struct maker *m, const char *text)
{
	struct properties all = {NULL, 0, 0}, ours = {NULL, 0, 0};
	struct err why = ERR_INIT;
	int rc = 0;

	if (properties_parse(&all, text, &why) ||
	    java_translate(&all, &ours, &why))
		rc = err_set(m->e, "%s:%s", m->conf->config_file, why.msg);
	for (size_t i = 0; i < ours.n && !rc; i++)
		rc = set_from_file(m, &ours.v[i]);
	properties_release(&all);
	properties_release(&ours);
	return rc;
}

static int set_file(struct maker *m)
{
	const char *path = m->conf->config_file;
	struct str text = STR_INIT;
	int rc;

	if (!path)
		return 0;
	if (file_read(path, &text, m->e))
		rc = err_prefix(m->e, "option '--command-config'");
	else if (memchr(text.p, '\0', text.len))
		rc = err_set(m->e,
			     "option '--command-config': '%s' is no file "
			     "of properties: it has a byte of 0",
			     path);
	else
		rc = set_text(m, text.p);
	str_release(&text);
	return rc;
}

/* ---- all of it ---- */

/* librdkafka says of a file no more than that it did not like it. */
static int check_files(const struct maker *m)
{
	static const char *const names[] = {
		"ssl.ca.location", "ssl.certificate.location",
		"ssl.key.location", "ssl.keystore.location"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t size = sizeof(path);

		if (rd_kafka_conf_get(m->rkconf, names[i], path, &size) ||
		    !*path || !strcmp(path, "probe") || !access(path, R_OK))
			continue;
		return err_set(m->e, "property '%s': cannot read '%s': %s",
			       names[i], path, strerror(errno));
	}
	return 0;
}

static int set_identity(struct maker *m)
{
	const struct kafka_conf *conf = m->conf;

	if (set(m, "bootstrap.servers", m->brokers, m->brokers_origin) < 0)
		return -1;
	if (conf->group && set(m, "group.id", conf->group, "--group") < 0)
		return -1;
	if (conf->instance &&
	    set(m, "group.instance.id", conf->instance, "--instance") < 0)
		return -1;
	return 0;
}

/* What is given goes before what is in a file. */
static int set_given_brokers(struct maker *m)
{
	const char *env = m->conf->brokers_env;

	if (brokers_check(m->conf->brokers, m->e))
		return err_prefix(m->e,
				  env ? "environment variable '%s'"
				      : "option '--%s'",
				  env ? env : "bootstrap-server");
	set_brokers(m, m->conf->brokers, env ? env : "--bootstrap-server");
	return 0;
}

static int make(struct maker *m, enum kafka_role role)
{
	const struct kafka_conf *conf = m->conf;

	set_brokers(m, DEFAULT_BROKERS, "iotsim");
	if (set_defaults(m, role) || set_file(m))
		return -1;
	if (conf->brokers && set_given_brokers(m))
		return -1;
	for (size_t i = 0; i < conf->props.n; i++) {
		if (set_word(m, conf->props.v[i]))
			return -1;
	}
	return set_identity(m) || check_files(m) ? -1 : 0;
}

rd_kafka_conf_t *kafka_make_conf(const struct kafka_conf *conf,
				 enum kafka_role role, char **brokers,
				 struct err *e)
{
	struct maker m = {conf, rd_kafka_conf_new(), NULL, NULL, e};
	int rc = make(&m, role);

	free(m.brokers_origin);
	if (!rc) {
		*brokers = m.brokers;
		return m.rkconf;
	}
	free(m.brokers);
	rd_kafka_conf_destroy(m.rkconf);
	return NULL;
}

void kafka_say_nothing(enum say_level level, const char *text)
{
	(void)level;
	(void)text;
}

/* What is passed over is said by who makes the client. */
int kafka_check(const struct kafka_conf *conf, enum kafka_role role,
		struct err *e)
{
	struct kafka_conf quiet = *conf;
	rd_kafka_conf_t *rkconf;
	char *brokers;

	quiet.say = kafka_say_nothing;
	rkconf = kafka_make_conf(&quiet, role, &brokers, e);
	if (!rkconf)
		return -1;
	rd_kafka_conf_destroy(rkconf);
	free(brokers);
	return 0;
}
