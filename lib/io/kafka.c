/* SPDX-License-Identifier: MIT */
#include "io/kafka.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/client.h"

#define DEFAULT_BROKERS "localhost:9092"

struct property {
	const char *name, *value;
};

/* clang-format off */
static const struct property producer_defaults[] = {
	{ "client.id", "iotsim" },
	{ "compression.codec", "lz4" },
	{ "queue.buffering.max.messages", "50000" },
	{ "reconnect.backoff.max.ms", "1000" },
	{ "enable.idempotence", "true" },
	{ "acks", "all" },
	{ "message.timeout.ms", "0" },
	{ NULL, NULL }
};

static const struct property consumer_defaults[] = {
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
static const struct property to_end_defaults[] = {
	{ "fetch.wait.max.ms", "10" },
	{ NULL, NULL }
};

/* Of a member of a consumer group. */
static const struct property group_defaults[] = {
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
static const struct property newer_defaults[] = {
	{ "fetch.queue.backoff.ms", "5" },
	{ NULL, NULL }
};

/* What iotsim relies on, and why. */
static const struct property relied_on[] = {
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

/* Properties of Java clients that have no meaning here. */
static const char *const java_only[] = {
	"key.serializer", "value.serializer", "key.deserializer",
	"value.deserializer", "interceptor.classes", "partitioner.class",
	"metric.reporters", "metrics.num.samples", "metrics.recording.level",
	"max.poll.records", "max.block.ms", "buffer.memory",
	"security.providers", "auto.include.jmx.reporter",
	"enable.metrics.push", "default.api.timeout.ms",
	"max.request.size", "send.buffer.bytes", "receive.buffer.bytes",
	"exclude.internal.topics", "config.providers",
	NULL
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
	for (const struct property *p = relied_on; p->name; p++) {
		if (!strcmp(p->name, name))
			return p->value;
	}
	return NULL;
}

static bool is_java_only(const char *name)
{
	for (const char *const *p = java_only; *p; p++) {
		if (!strcmp(*p, name))
			return true;
	}
	return false;
}

/* 0 on success; 1 when librdkafka does not know the property. */
static int set(rd_kafka_conf_t *rkconf, const char *name, const char *value,
	       struct err *e)
{
	char text[256];
	rd_kafka_conf_res_t res;

	res = rd_kafka_conf_set(rkconf, name, value, text, sizeof(text));
	if (res == RD_KAFKA_CONF_OK)
		return 0;
	if (res == RD_KAFKA_CONF_UNKNOWN)
		return 1;
	return err_set(e, "property '%s': %s", name, text);
}

static int set_all(rd_kafka_conf_t *rkconf, const struct property *p,
		   struct err *e)
{
	for (; p->name; p++) {
		if (set(rkconf, p->name, p->value, e) < 0)
			return -1;
	}
	return 0;
}

/* -X KEY=VALUE */
static int set_option(rd_kafka_conf_t *rkconf, const char *word, struct err *e)
{
	const char *eq = strchr(word, '=');
	const char *why;
	char *name;
	int rc;

	if (!eq || eq == word)
		return err_set(e,
			       "option '-X': '%s' is not KEY=VALUE "
			       "('-X list' prints all of them)",
			       word);
	name = mem_ndup(word, (size_t)(eq - word));
	why = reason_refused(name);
	if (why)
		rc = err_set(e, "option '-X': '%s' is not yours to set: %s",
			     name, why);
	else
		rc = set(rkconf, name, eq + 1, e);
	if (rc < 0 && !why)
		err_prefix(e, "option '-X'");
	if (rc > 0)
		rc = err_set(e,
			     "option '-X': librdkafka knows no property '%s' "
			     "('-X list' prints all of them)",
			     name);
	free(name);
	return rc;
}

/* The value of key="..." in a JAAS line; NULL where there is none. */
static char *jaas_value(const char *jaas, const char *key)
{
	const char *p = strstr(jaas, key);
	const char *end;

	if (!p)
		return NULL;
	p += strlen(key);
	p += strspn(p, " \t");
	if (*p++ != '=')
		return NULL;
	p += strspn(p, " \t");
	if (*p == '"' || *p == '\'') {
		end = strchr(p + 1, *p);
		p++;
	} else {
		end = p + strcspn(p, " \t;");
	}
	return end ? mem_ndup(p, (size_t)(end - p)) : NULL;
}

/* A Java client's user and password: sasl.jaas.config=...username="u"... */
static int set_jaas(rd_kafka_conf_t *rkconf, const char *jaas, struct err *e)
{
	char *user = jaas_value(jaas, "username");
	char *password = jaas_value(jaas, "password");
	int rc = 0;

	if (!user || !password)
		rc = err_set(e, "property 'sasl.jaas.config': no username "
				"and password in it");
	else if (set(rkconf, "sasl.username", user, e) ||
		 set(rkconf, "sasl.password", password, e))
		rc = -1;
	free(user);
	free(password);
	return rc;
}

/* One property of the file; what only other clients need is passed over. */
static int set_from_file(const struct kafka_conf *conf, rd_kafka_conf_t *rkconf,
			 const char *name, const char *value, char **brokers,
			 struct err *e)
{
	int rc;

	if (!strcmp(name, "bootstrap.servers") ||
	    !strcmp(name, "metadata.broker.list")) {
		free(*brokers);
		*brokers = mem_dup(value);
		return 0;
	}
	if (!strcmp(name, "sasl.jaas.config"))
		return set_jaas(rkconf, value, e);
	if (reason_refused(name) || is_java_only(name)) {
		say(conf->say, SAY_DEBUG, "%s: '%s' is passed over",
		    conf->config_file, name);
		return 0;
	}
	rc = set(rkconf, name, value, e);
	if (rc > 0)
		return err_set(e, "librdkafka knows no property '%s'", name);
	return rc;
}

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t\r\f");
	len = strlen(s);
	while (len && strchr(" \t\r\n\f", s[len - 1]))
		len--;
	s[len] = '\0';
	return s;
}

/* A logical line of a properties file: name=value, name:value. */
static int set_line(const struct kafka_conf *conf, rd_kafka_conf_t *rkconf,
		    char *line, char **brokers, struct err *e)
{
	char *name = trim(line);
	char *end, *value;

	if (!*name || *name == '#' || *name == '!')
		return 0;
	end = name + strcspn(name, "=:");
	if (!*end)
		return err_set(e, "'%s' is not name=value", name);
	value = trim(end + 1);
	*end = '\0';
	return set_from_file(conf, rkconf, trim(name), value, brokers, e);
}

static bool is_continued(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && line[len - 1 - n] == '\\')
		n++;
	return n % 2;
}

static int set_stream(const struct kafka_conf *conf, rd_kafka_conf_t *rkconf,
		      FILE *f, char **brokers, struct err *e)
{
	struct str line = STR_INIT;
	char *buf = NULL;
	size_t cap = 0;
	ssize_t n;
	int number = 0, rc = 0;

	while (!rc && (n = getline(&buf, &cap, f)) >= 0) {
		number++;
		while (n && strchr("\r\n", buf[n - 1]))
			n--;
		if (is_continued(buf, (size_t)n)) {
			str_add(&line, buf, (size_t)n - 1);
			continue;
		}
		str_add(&line, buf, (size_t)n);
		rc = set_line(conf, rkconf, line.p, brokers, e);
		str_clear(&line);
	}
	if (!rc && line.len)
		rc = set_line(conf, rkconf, line.p, brokers, e);
	if (rc)
		err_prefix(e, "%s:%d", conf->config_file, number);
	str_release(&line);
	free(buf);
	return rc;
}

static int set_file(const struct kafka_conf *conf, rd_kafka_conf_t *rkconf,
		    char **brokers, struct err *e)
{
	FILE *f;
	int rc;

	if (!conf->config_file)
		return 0;
	f = fopen(conf->config_file, "re");
	if (!f)
		return err_set(e,
			       "option '--command-config': cannot read "
			       "'%s': %s",
			       conf->config_file, strerror(errno));
	rc = set_stream(conf, rkconf, f, brokers, e);
	if (!rc && ferror(f))
		rc = err_set(e, "option '--command-config': cannot read '%s'",
			     conf->config_file);
	fclose(f);
	return rc;
}

rd_kafka_conf_t *kafka_make_conf(const struct kafka_conf *conf,
				 enum kafka_role role, char **brokers,
				 struct err *e)
{
	rd_kafka_conf_t *rkconf = rd_kafka_conf_new();
	char *list = mem_dup(DEFAULT_BROKERS);

	if (set_all(rkconf,
		    role == KAFKA_PRODUCER ? producer_defaults
					   : consumer_defaults,
		    e) < 0 ||
	    (role == KAFKA_TO_END && set_all(rkconf, to_end_defaults, e) < 0) ||
	    set_all(rkconf, newer_defaults, e) < 0 ||
	    (conf->group && set_all(rkconf, group_defaults, e) < 0) ||
	    set_file(conf, rkconf, &list, e) < 0)
		goto fail;
	if (conf->brokers) {
		free(list);
		list = mem_dup(conf->brokers);
	}
	for (size_t i = 0; i < conf->props.n; i++) {
		if (set_option(rkconf, conf->props.v[i], e) < 0)
			goto fail;
	}
	if (set(rkconf, "bootstrap.servers", list, e) < 0 ||
	    (conf->group && set(rkconf, "group.id", conf->group, e) < 0) ||
	    (conf->instance &&
	     set(rkconf, "group.instance.id", conf->instance, e) < 0))
		goto fail;
	*brokers = list;
	return rkconf;
fail:
	free(list);
	rd_kafka_conf_destroy(rkconf);
	return NULL;
}

static void say_nothing(enum say_level level, const char *text)
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

	quiet.say = say_nothing;
	rkconf = kafka_make_conf(&quiet, role, &brokers, e);
	if (!rkconf)
		return -1;
	rd_kafka_conf_destroy(rkconf);
	free(brokers);
	return 0;
}
