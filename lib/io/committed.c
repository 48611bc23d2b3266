/* SPDX-License-Identifier: MIT */
#include "io/committed.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/when.h"
#include "io/client.h"
#include "io/partitions.h"

#define ASK_TIMEOUT_MS 1000
#define SLICE_MS       250 /* how long a stop request may go unseen */
#define PAUSE_MS       100 /* before it is tried again */

typedef rd_kafka_topic_partition_list_t partitions;

struct committed_client {
	struct client client;
	int64_t deadline_us;	   /* of the question that is being asked */
	rd_kafka_resp_err_t error; /* why it was not answered */
};

void committed_release(struct committed_list *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->v[i].text);
	free(all->v);
	*all = (struct committed_list){NULL, 0};
}

struct committed_client *committed_open(const struct kafka_conf *conf,
					struct err *e)
{
	struct committed_client *c = mem_zalloc(1, sizeof(*c));
	rd_kafka_conf_t *rkconf;
	char *brokers;

	rkconf = kafka_make_conf(conf, KAFKA_CONSUMER, &brokers, e);
	if (rkconf &&
	    !client_open(&c->client, conf, KAFKA_CONSUMER, rkconf, brokers, e))
		return c;
	free(c);
	return NULL;
}

void committed_close(struct committed_client *c)
{
	if (!c)
		return;
	client_close(&c->client);
	free(c);
}

/* ---- questions, and waiting for who answers them ---- */

/* It may go well a little later: a broker or coordinator is on its way. */
static bool is_temporary(rd_kafka_resp_err_t err)
{
	switch (err) {
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
	case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
	case RD_KAFKA_RESP_ERR__WAIT_COORD:
	case RD_KAFKA_RESP_ERR__WAIT_CACHE:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
	case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
	case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
	case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
	case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
	case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
		return true;
	default:
		return false;
	}
}

/* What is asked of the brokers: the list, or what is in it, is the answer. */
struct question {
	const char *what; /* "cannot ..." */
	rd_kafka_resp_err_t (*ask)(struct committed_client *c,
				   struct question *q);
	partitions *list;
	int64_t time;  /* for ask_offsets */
	int n;	       /* from ask_partitions */
	struct err *e; /* where an answer that says more puts it */
};

static int unanswered(struct committed_client *c, const struct question *q,
		      struct err *e)
{
	const struct kafka_conf *conf = c->client.conf;
	struct str span = STR_INIT;

	if (stop_requested())
		return err_set(e, "stopped before an answer came");
	if (client_denied(&c->client, c->error, e))
		return -1;
	if (is_temporary(c->error)) {
		str_adds(&span, " within ");
		num_add_span(&span, conf->connect_timeout_us);
	}
	err_set(e, "group '%s', topic '%s': cannot %s%s: %s", conf->group,
		conf->topic, q->what, span.p, rd_kafka_err2str(c->error));
	str_release(&span);
	return -1;
}

/* A coordinator that does not let us ask is told to the group's member. */
static void look_for_denial(struct committed_client *c)
{
	rd_kafka_message_t *m = rd_kafka_consumer_poll(c->client.rk, 0);

	if (m && reason_is_denied(m->err))
		c->error = m->err;
	if (m)
		rd_kafka_message_destroy(m);
}

/* Until there is an answer, or no use in asking again. */
static int insist(struct committed_client *c, struct question *q, struct err *e)
{
	c->deadline_us = when_mono_us() + c->client.conf->connect_timeout_us;
	q->e = e;
	for (;;) {
		rd_kafka_poll(c->client.rk, 0);
		c->error = q->ask(c, q);
		if (c->error)
			look_for_denial(c);
		if (!c->error) {
			client_is_up(&c->client);
			return 0;
		}
		if (!is_temporary(c->error) || stop_requested() ||
		    when_mono_us() >= c->deadline_us)
			return unanswered(c, q, e);
		say(c->client.conf->say, SAY_DEBUG, "cannot %s yet: %s",
		    q->what, rd_kafka_err2str(c->error));
		rd_kafka_poll(c->client.rk, PAUSE_MS);
	}
}

/* All topics are asked for: to ask for one by its name may make it. */
static rd_kafka_resp_err_t ask_partitions(struct committed_client *c,
					  struct question *q)
{
	q->n = client_partitions(&c->client, NULL, ASK_TIMEOUT_MS, q->e);
	if (q->n == CLIENT_NOT_NOW)
		return RD_KAFKA_RESP_ERR__TIMED_OUT;
	if (q->n < 0)
		return RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t ask_offsets(struct committed_client *c,
				       struct question *q)
{
	return partitions_ask(c->client.rk, q->list, q->time, ASK_TIMEOUT_MS);
}

static rd_kafka_resp_err_t ask_committed(struct committed_client *c,
					 struct question *q)
{
	return partitions_ask_committed(c->client.rk, q->list, ASK_TIMEOUT_MS);
}

static rd_kafka_resp_err_t altered_result(rd_kafka_event_t *ev)
{
	const rd_kafka_AlterConsumerGroupOffsets_result_t *res;
	const rd_kafka_group_result_t **groups;
	rd_kafka_resp_err_t err;
	size_t n;

	if (!ev)
		return RD_KAFKA_RESP_ERR__TIMED_OUT;
	err = rd_kafka_event_error(ev);
	res = rd_kafka_event_AlterConsumerGroupOffsets_result(ev);
	if (err || !res)
		return err ? err : RD_KAFKA_RESP_ERR__FAIL;
	groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(res, &n);
	if (n != 1)
		return RD_KAFKA_RESP_ERR__FAIL;
	err = rd_kafka_error_code(rd_kafka_group_result_error(groups[0]));
	return err ? err
		   : partitions_error(
			     rd_kafka_group_result_partitions(groups[0]));
}

/*
 * The admin API, and not rd_kafka_commit: while a commit has no answer, the
 * client cannot be closed.
 */
static rd_kafka_resp_err_t ask_commit(struct committed_client *c,
				      struct question *q)
{
	int64_t left_ms = (c->deadline_us - when_mono_us()) / 1000;
	rd_kafka_AlterConsumerGroupOffsets_t *alter =
		rd_kafka_AlterConsumerGroupOffsets_new(c->client.conf->group,
						       q->list);
	rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(
		c->client.rk, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(c->client.rk);
	rd_kafka_event_t *ev = NULL;
	rd_kafka_resp_err_t err;
	char text[256];

	rd_kafka_AdminOptions_set_request_timeout(
		options, left_ms > 1 ? (int)left_ms : 1, text, sizeof(text));
	rd_kafka_AlterConsumerGroupOffsets(c->client.rk, &alter, 1, options,
					   queue);
	while (!ev && when_mono_us() < c->deadline_us && !stop_requested()) {
		rd_kafka_poll(c->client.rk, 0);
		ev = rd_kafka_queue_poll(queue, SLICE_MS);
	}
	err = altered_result(ev);
	if (ev)
		rd_kafka_event_destroy(ev);
	rd_kafka_queue_destroy(queue);
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_AlterConsumerGroupOffsets_destroy(alter);
	return err;
}

/* ---- reading ---- */

static void take_stored(struct committed *to,
			const rd_kafka_topic_partition_t *from)
{
	if (from->offset < 0)
		return;
	to->offset = from->offset;
	to->len = from->metadata_size;
	to->text = mem_zalloc(1, to->len + 1);
	if (to->len) /* there is no NUL behind it */
		memcpy(to->text, from->metadata, to->len);
}

/* The lists are in some order. */
static void gather(struct committed_list *all, const partitions *begin,
		   const partitions *stored, const partitions *end)
{
	int n = begin->cnt;

	all->v = mem_zalloc((size_t)n, sizeof(*all->v));
	all->n = (size_t)n;
	for (int i = 0; i < n; i++) {
		all->v[i].partition = i;
		all->v[i].offset = -1;
	}
	for (int i = 0; i < n; i++) {
		all->v[begin->elems[i].partition].begin =
			begin->elems[i].offset;
		all->v[end->elems[i].partition].end = end->elems[i].offset;
		take_stored(&all->v[stored->elems[i].partition],
			    &stored->elems[i]);
	}
	for (int i = 0; i < n; i++) {
		if (!all->v[i].text)
			all->v[i].text = mem_dup("");
	}
}

static int read_partitions(struct committed_client *c, int n,
			   struct committed_list *all, struct err *e)
{
	const char *topic = c->client.conf->topic;
	struct question begin = {.what = "ask for its first offsets",
				 .ask = ask_offsets,
				 .list = partitions_new(topic, 0, n),
				 .time = RD_KAFKA_OFFSET_BEGINNING};
	struct question stored = {.what = "read what is committed",
				  .ask = ask_committed,
				  .list = partitions_new(topic, 0, n)};
	struct question end = {.what = "ask for its last offsets",
			       .ask = ask_offsets,
			       .list = partitions_new(topic, 0, n),
			       .time = RD_KAFKA_OFFSET_END};
	int rc = -1;

	/* In this order: of a group at work nothing looks gone, or ahead. */
	if (!insist(c, &begin, e) && !insist(c, &stored, e) &&
	    !insist(c, &end, e)) {
		gather(all, begin.list, stored.list, end.list);
		rc = 0;
	}
	rd_kafka_topic_partition_list_destroy(begin.list);
	rd_kafka_topic_partition_list_destroy(stored.list);
	rd_kafka_topic_partition_list_destroy(end.list);
	return rc;
}

int committed_read(struct committed_client *c, struct committed_list *all,
		   struct err *e)
{
	struct question topic = {.what = "ask for the topic",
				 .ask = ask_partitions};

	if (insist(c, &topic, e))
		return -1;
	if (!topic.n)
		return err_set(e, "topic '%s' does not exist%s",
			       c->client.conf->topic, client_hides(&c->client));
	return read_partitions(c, topic.n, all, e);
}

/* ---- writing ---- */

/* What Kafka says to who is no member, when there are some. */
static bool has_members(rd_kafka_resp_err_t err)
{
	return err == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
	       err == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION ||
	       err == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS;
}

int committed_write(struct committed_client *c,
		    const struct committed_list *some, struct err *e)
{
	const struct kafka_conf *conf = c->client.conf;
	partitions *list = rd_kafka_topic_partition_list_new((int)some->n);
	struct question commit = {
		.what = "commit", .ask = ask_commit, .list = list};
	struct err why = ERR_INIT;
	int rc;

	for (size_t i = 0; i < some->n; i++) {
		rd_kafka_topic_partition_t *p =
			rd_kafka_topic_partition_list_add(list, conf->topic,
							  some->v[i].partition);

		p->offset = some->v[i].offset;
		p->metadata = some->v[i].text;
		p->metadata_size = some->v[i].len;
	}
	rc = insist(c, &commit, &why);
	if (rc && has_members(c->error))
		err_set(e,
			"group '%s' has members: stop them first; one that "
			"was killed counts until its session ends",
			conf->group);
	else if (rc)
		err_set(e, "%s", why.msg);
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].metadata = NULL; /* it was borrowed */
	rd_kafka_topic_partition_list_destroy(list);
	return rc;
}
