/* SPDX-License-Identifier: MIT */
#include "io/client.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/when.h"
#include "io/room.h"

#define ADMIN_TIMEOUT_MS 5000
#define SLICE_MS	 250	  /* how long a stop request may go unseen */
#define SLICE_MOST_MS	 2000	  /* the same, when brokers are far away */
#define LOOK_US		 US_PER_S /* between looks for a broker */
#define DESTROY_S	 3	  /* what it may take; it takes milliseconds */

/* A certificate was looked at by who got as far as that. */
static void keep_trouble(struct client *c, rd_kafka_resp_err_t err,
			 const char *text)
{
	bool met = err != RD_KAFKA_RESP_ERR__RESOLVE &&
		   !strstr(text, "Connect to ");

	trouble_set(&c->trouble, err, met ? atomic_exchange(&c->x509, 0) : 0,
		    text);
}

static void on_all_down(struct client *c)
{
	c->all_down = true;
	if (!c->connected || c->down)
		return;
	c->down = true;
	say(c->conf->say, SAY_WARN,
	    "no broker answers at %s any more (%s); waiting for it", c->brokers,
	    c->trouble.text);
}

static void on_error(rd_kafka_t *rk, int err, const char *text, void *opaque)
{
	struct client *c = opaque;
	char fatal[256];

	if (err == RD_KAFKA_RESP_ERR__FATAL) {
		c->fatal_err = rd_kafka_fatal_error(rk, fatal, sizeof(fatal));
		if (!c->fatal)
			c->fatal = mem_dup(fatal);
		return;
	}
	if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		on_all_down(c);
	else
		keep_trouble(c, err, text);
	/* That all are down is said once, and why perhaps only then. */
	c->refused = c->all_down && trouble_is_final(&c->trouble, &c->entry);
}

/*
 * OpenSSL has looked at a certificate of the broker's chain; what it found is
 * left as it is, and kept, for librdkafka does not say it. Called from its
 * own threads.
 */
static int on_certificate(rd_kafka_t *rk, const char *broker, int32_t id,
			  int *x509, int depth, const char *bytes, size_t len,
			  char *text, size_t size, void *opaque)
{
	struct client *c = opaque;

	(void)rk;
	(void)broker;
	(void)id;
	(void)depth;
	(void)bytes;
	(void)len;
	if (*x509 == 0)
		return 1;
	c->x509 = *x509;
	snprintf(text, size, "X509 error %d", *x509);
	return 0;
}

void client_is_up(struct client *c)
{
	if (!c->down)
		return;
	c->down = false;
	say(c->conf->say, SAY_WARN, "the broker is back");
}

/* Called from librdkafka's own threads. */
static void on_log(const rd_kafka_t *rk, int level, const char *fac,
		   const char *text)
{
	struct client *c = rd_kafka_opaque(rk);

	(void)level;
	if (c->conf->verbose)
		say(c->conf->say, SAY_DEBUG, "librdkafka: %s: %s", fac, text);
}

static int least(int64_t a, int64_t b)
{
	return (int)(a < b ? a : b);
}

/* Nobody answered, or nobody wants us: why, and what to do. */
static int unanswered(const struct client *c, struct err *e)
{
	struct str why = STR_INIT, span = STR_INIT;

	num_add_span(&span, c->conf->connect_timeout_us);
	if (trouble_add(&why, &c->trouble, &c->entry))
		err_set(e, "%s", why.p);
	else
		err_set(e,
			"no Kafka answers at %s within %s%s%s%s; start one "
			"with 'docker compose up -d', name another with -b, or "
			"try 'iotsim demo', which needs none",
			c->brokers, span.p, *c->trouble.text ? " (" : "",
			c->trouble.text, *c->trouble.text ? ")" : "");
	str_release(&why);
	str_release(&span);
	return -1;
}

/*
 * Waits in slices, so that Ctrl-C ends it; they grow, as an answer that comes
 * after its slice is lost.
 */
static int wait_for_broker(struct client *c, struct err *e)
{
	int64_t end = when_mono_us() + c->conf->connect_timeout_us, left_us;
	int slice_ms = SLICE_MS;
	const struct rd_kafka_metadata *md;

	while ((left_us = end - when_mono_us()) > 0 && !c->refused &&
	       !stop_requested()) {
		rd_kafka_resp_err_t err;

		err = rd_kafka_metadata(c->rk, 0, NULL, &md,
					least(slice_ms, left_us / 1000 + 1));
		rd_kafka_poll(c->rk, 0);
		if (!err) {
			rd_kafka_metadata_destroy(md);
			c->connected = true;
			return 0;
		}
		slice_ms = least(2 * slice_ms, SLICE_MOST_MS);
	}
	if (stop_requested())
		return err_set(e, "stopped before a broker answered");
	return unanswered(c, e);
}

/* Takes the conf. */
static int make_handle(struct client *c, rd_kafka_conf_t *rkconf, struct err *e)
{
	rd_kafka_type_t type = c->role == KAFKA_PRODUCER ? RD_KAFKA_PRODUCER
							 : RD_KAFKA_CONSUMER;
	struct str why = STR_INIT;
	char text[256];

	if (room_check("a Kafka client", e))
		goto fail;
	c->rk = rd_kafka_new(type, rkconf, text, sizeof(text));
	if (c->rk)
		return 0;
	reason_add_unmade(&why, text);
	err_set(e, "%s", why.p);
	str_release(&why);
fail:
	rd_kafka_conf_destroy(rkconf);
	return -1;
}

int client_open(struct client *c, const struct kafka_conf *conf,
		enum kafka_role role, rd_kafka_conf_t *rkconf, char *brokers,
		struct err *e)
{
	mem_keep(); /* each message is a piece, each batch some large ones */
	*c = (struct client){.conf = conf, .role = role, .brokers = brokers};
	entry_init(&c->entry, rkconf);
	rd_kafka_conf_set_opaque(rkconf, c);
	rd_kafka_conf_set_error_cb(rkconf, on_error);
	rd_kafka_conf_set_log_cb(rkconf, on_log);
	rd_kafka_conf_set_ssl_cert_verify_cb(rkconf, on_certificate);
	rd_kafka_conf_enable_sasl_queue(rkconf, 1);
	if (!make_handle(c, rkconf, e)) {
		/* So that tokens are fetched whatever we are at. */
		rd_kafka_error_destroy(
			rd_kafka_sasl_background_callbacks_enable(c->rk));
		if (!wait_for_broker(c, e))
			return 0;
	}
	client_close(c);
	return -1;
}

/* A group has been left by now, or cannot be. */
static void *destroy_thread(void *rk)
{
	rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	return NULL;
}

/*
 * A member of a group whose topic was deleted is never done (librdkafka 2.0.2
 * keeps a reference to the broker for each partition). It is left behind for
 * the end of the process, and may say nothing: who would hear it is gone.
 */
static void destroy(rd_kafka_t *rk)
{
	struct timespec end;
	pthread_t thread;

	rd_kafka_set_log_level(rk, 0);
	if (pthread_create(&thread, NULL, destroy_thread, rk)) {
		destroy_thread(rk);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += DESTROY_S;
	if (pthread_timedjoin_np(thread, NULL, &end))
		pthread_detach(thread);
}

void client_close(struct client *c)
{
	if (c->rk)
		destroy(c->rk);
	free(c->brokers);
	free(c->fatal);
	*c = (struct client){.rk = NULL};
}

/* Of the cluster nothing is asked but to take a producer's numbers. */
bool client_denied(const struct client *c, rd_kafka_resp_err_t err,
		   struct err *e)
{
	struct denial d = {"topic", c->conf->topic, {"Read", NULL}};
	struct str text = STR_INIT;

	if (!reason_is_denied(err))
		return false;
	if (c->role == KAFKA_PRODUCER) {
		d.operations[0] = "Write";
		d.operations[1] = c->create_denied ? "Create" : NULL;
	} else if (err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
		d.kind = "group";
		d.name = c->conf->group;
	}
	denial_add(&text, &d, &c->entry);
	if (err == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
		str_adds(&text, "; before Kafka 2.8 that of the cluster is "
				"IdempotentWrite");
	err_set(e, "%s", text.p);
	str_release(&text);
	return true;
}

const char *client_hides(const struct client *c)
{
	return strcmp(c->entry.protocol, "plaintext")
		       ? ", or an ACL (Describe) hides it from us"
		       : "";
}

/* The partition count that the metadata tells of the topic; 0: none. */
static int count_partitions(const struct client *c,
			    const struct rd_kafka_metadata *md, struct err *e)
{
	const char *topic = c->conf->topic;

	for (int i = 0; i < md->topic_cnt; i++) {
		const struct rd_kafka_metadata_topic *t = &md->topics[i];

		if (strcmp(t->topic, topic))
			continue;
		if (!t->err || t->err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
			return t->partition_cnt;
		if (t->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
		    t->err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
			return 0;
		if (client_denied(c, t->err, e))
			return -1;
		return err_set(e, "topic '%s': %s", topic,
			       rd_kafka_err2str(t->err));
	}
	return 0;
}

int client_partitions(struct client *c, rd_kafka_topic_t *rkt, int timeout_ms,
		      struct err *e)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err;
	int n;

	err = rd_kafka_metadata(c->rk, rkt ? 0 : 1, rkt, &md, timeout_ms);
	if (err)
		return CLIENT_NOT_NOW;
	n = count_partitions(c, md, e);
	rd_kafka_metadata_destroy(md);
	return n;
}

void client_look(struct client *c, rd_kafka_topic_t *rkt, int timeout_ms)
{
	struct err e = ERR_INIT;

	if (!c->down || when_mono_us() < c->look_us)
		return;
	if (client_partitions(c, rkt, timeout_ms, &e) != CLIENT_NOT_NOW)
		client_is_up(c);
	c->look_us = when_mono_us() + LOOK_US;
}

/* ---- the admin API ---- */

/*
 * Only the controller answers. The embedded broker names one that is not
 * there, which librdkafka would wait for in vain.
 */
static bool has_controller(struct client *c)
{
	int id = rd_kafka_controllerid(c->rk, 0);
	const struct rd_kafka_metadata *md;
	bool found = false;

	if (rd_kafka_metadata(c->rk, 0, NULL, &md, 1000))
		return true; /* who knows */
	for (int i = 0; i < md->broker_cnt; i++)
		found = found || md->brokers[i].id == id;
	rd_kafka_metadata_destroy(md);
	return found;
}

/* A question to the controller, and the queue that the answer comes to. */
struct question {
	rd_kafka_AdminOptions_t *options;
	rd_kafka_queue_t *queue;
};

static struct question question_new(struct client *c, rd_kafka_admin_op_t op)
{
	struct question q = {
		.options = rd_kafka_AdminOptions_new(c->rk, op),
		.queue = rd_kafka_queue_new(c->rk),
	};
	char text[256];

	rd_kafka_AdminOptions_set_request_timeout(q.options, ADMIN_TIMEOUT_MS,
						  text, sizeof(text));
	return q;
}

/* NULL where there was none in time. In slices, so that Ctrl-C ends it. */
static rd_kafka_event_t *answer(const struct question *q)
{
	int64_t end = when_mono_us() + ADMIN_TIMEOUT_MS * 1000;
	rd_kafka_event_t *ev = NULL;

	while (!ev && when_mono_us() < end && !stop_requested())
		ev = rd_kafka_queue_poll(q->queue, SLICE_MS);
	return ev;
}

static void question_free(struct question *q, rd_kafka_event_t *ev)
{
	if (ev)
		rd_kafka_event_destroy(ev);
	rd_kafka_queue_destroy(q->queue);
	rd_kafka_AdminOptions_destroy(q->options);
}

/* What CreateTopics answered for the one topic that was asked. */
static rd_kafka_resp_err_t created_result(rd_kafka_event_t *ev,
					  const char **text)
{
	const rd_kafka_CreateTopics_result_t *res;
	const rd_kafka_topic_result_t *const *topics;
	rd_kafka_resp_err_t err;
	size_t n;

	*text = "no answer";
	if (!ev)
		return RD_KAFKA_RESP_ERR__TIMED_OUT;
	*text = rd_kafka_event_error_string(ev);
	err = rd_kafka_event_error(ev);
	res = rd_kafka_event_CreateTopics_result(ev);
	if (err || !res)
		return err;
	topics = rd_kafka_CreateTopics_result_topics(res, &n);
	if (n != 1)
		return RD_KAFKA_RESP_ERR__FAIL;
	*text = rd_kafka_topic_result_error_string(topics[0]);
	return rd_kafka_topic_result_error(topics[0]);
}

/* Tells in -v why it could not: then the broker may still do it itself. */
static void create_topic(struct client *c, int partitions)
{
	char text[256] = "";
	const char *why;
	rd_kafka_NewTopic_t *t = rd_kafka_NewTopic_new(
		c->conf->topic, partitions, -1, text, sizeof(text));
	struct question q = question_new(c, RD_KAFKA_ADMIN_OP_CREATETOPICS);
	rd_kafka_event_t *ev;
	rd_kafka_resp_err_t err;

	rd_kafka_AdminOptions_set_operation_timeout(q.options, ADMIN_TIMEOUT_MS,
						    text, sizeof(text));
	rd_kafka_CreateTopics(c->rk, &t, 1, q.options, q.queue);
	ev = answer(&q);
	err = created_result(ev, &why);
	c->create_denied = reason_is_denied(err);
	if (!err && partitions < 0)
		say(c->conf->say, SAY_NOTE, "created topic '%s'",
		    c->conf->topic);
	else if (!err)
		say(c->conf->say, SAY_NOTE,
		    "created topic '%s' with %d partitions", c->conf->topic,
		    partitions);
	else if (err != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
		say(c->conf->say, SAY_DEBUG,
		    "cannot create topic '%s' (%s); leaving it to the broker",
		    c->conf->topic, why ? why : rd_kafka_err2name(err));
	question_free(&q, ev);
	rd_kafka_NewTopic_destroy(t);
}

/* The entries of the one resource that was asked; NULL where there is none. */
static const rd_kafka_ConfigEntry_t **described_result(rd_kafka_event_t *ev,
						       size_t *n)
{
	const rd_kafka_DescribeConfigs_result_t *res;
	const rd_kafka_ConfigResource_t **resources;

	if (!ev || rd_kafka_event_error(ev))
		return NULL;
	res = rd_kafka_event_DescribeConfigs_result(ev);
	resources = rd_kafka_DescribeConfigs_result_resources(res, n);
	if (*n != 1 || rd_kafka_ConfigResource_error(resources[0]))
		return NULL;
	return rd_kafka_ConfigResource_configs(resources[0], n);
}

/* Milliseconds; what is negative or too large is without bound. */
static int64_t limit_us(const char *text)
{
	struct err e = ERR_INIT;
	int64_t ms;

	if (num_parse_int(text, &ms, &e) || ms < 0 || ms > SINK_ANY / 1000)
		return SINK_ANY;
	return ms * 1000;
}

static void set_limit(struct sink_limits *l, const char *name,
		      const char *value)
{
	if (!strcmp(name, "retention.ms"))
		l->retention_us = limit_us(value);
	else if (!strcmp(name, "message.timestamp.before.max.ms"))
		l->before_us = limit_us(value);
	else if (!strcmp(name, "message.timestamp.after.max.ms"))
		l->after_us = limit_us(value);
}

/* A broker that puts in its own time does not look at ours. */
static bool lifts_limits(const char *name, const char *value)
{
	return !strcmp(name, "message.timestamp.type") &&
	       strcmp(value, "CreateTime");
}

/* What is compacted, and not deleted too, is not deleted for its age. */
static bool lifts_retention(const char *name, const char *value)
{
	return !strcmp(name, "cleanup.policy") && !strstr(value, "delete");
}

/* False where no limits go. */
static bool read_limits(const rd_kafka_ConfigEntry_t **entries, size_t n,
			struct sink_limits *limits)
{
	bool lifted = false, keeps = false;

	for (size_t i = 0; i < n; i++) {
		const char *name = rd_kafka_ConfigEntry_name(entries[i]);
		const char *value = rd_kafka_ConfigEntry_value(entries[i]);

		if (!value)
			continue;
		set_limit(limits, name, value);
		lifted = lifted || lifts_limits(name, value);
		keeps = keeps || lifts_retention(name, value);
	}
	if (keeps)
		limits->retention_us = SINK_ANY;
	return !lifted;
}

bool client_limits(struct client *c, struct sink_limits *limits)
{
	rd_kafka_ConfigResource_t *topic = rd_kafka_ConfigResource_new(
		RD_KAFKA_RESOURCE_TOPIC, c->conf->topic);
	struct question q = question_new(c, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
	const rd_kafka_ConfigEntry_t **entries = NULL;
	rd_kafka_event_t *ev = NULL;
	bool limited;
	size_t n = 0;

	*limits = (struct sink_limits){SINK_ANY, SINK_ANY, SINK_ANY};
	if (has_controller(c)) {
		rd_kafka_DescribeConfigs(c->rk, &topic, 1, q.options, q.queue);
		ev = answer(&q);
		entries = described_result(ev, &n);
	}
	limited = entries && read_limits(entries, n, limits);
	question_free(&q, ev);
	rd_kafka_ConfigResource_destroy(topic);
	return limited;
}

/* Asks for the topic by name, which makes brokers that do so create it. */
static int wait_for_topic(struct client *c, struct err *e)
{
	int64_t end = when_mono_us() + c->conf->connect_timeout_us;
	rd_kafka_topic_t *rkt = rd_kafka_topic_new(c->rk, c->conf->topic, NULL);
	int n = 0;

	while (n != -1 && n <= 0 && when_mono_us() < end && !stop_requested()) {
		n = client_partitions(c, rkt, 1000, e);
		if (n <= 0)
			rd_kafka_poll(c->rk, 100);
	}
	rd_kafka_topic_destroy(rkt);
	if (n != 0 && n != CLIENT_NOT_NOW)
		return n;
	if (stop_requested())
		return err_set(e, "stopped before topic '%s' was there",
			       c->conf->topic);
	return err_set(e,
		       "topic '%s' does not exist and could not be "
		       "created (see why with -v)",
		       c->conf->topic);
}

int client_ensure_topic(struct client *c, int partitions, struct err *e)
{
	int n = client_partitions(c, NULL, 5000, e);

	if (n == CLIENT_NOT_NOW)
		return err_set(e, "cannot ask %s for its topics", c->brokers);
	if (n)
		return n;
	if (has_controller(c))
		create_topic(c, partitions);
	return wait_for_topic(c, e);
}
