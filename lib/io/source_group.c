/* SPDX-License-Identifier: MIT */
/*
 * A member of a consumer group, by the eager protocol: all partitions are
 * given up before they are shared out anew.
 *
 *   join: ask, joining --> subscribe
 *              --> rebalance_cb: ASSIGN --> begin: ask, let start, assign
 *                     REVOKE --> revoked, drop
 *
 * The callback is served by rd_kafka_consumer_poll alone, never while a
 * partition's queue is read. rd_kafka_consume_callback_queue on the
 * consumer's own queue would abort the process (librdkafka 2.0.2).
 */
#include "io/source_group.h"

#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/stop.h"
#include "base/when.h"
#include "io/partitions.h"
#include "io/source_topic.h"

#define LOOK_MISSING_US (US_PER_S) /* for a topic that is not there */
#define SLICE_MS	100
#define RETRY_MS	100
#define TOLD_US		(5 * US_PER_S)	/* a commit that takes so long */
#define STOPPED_US	(10 * US_PER_S) /* what a commit gets after that */
#define LEAVE_US	(5 * US_PER_S)
#define WAIT_TOLD_US	(5 * US_PER_S) /* for partitions; 3 s are usual */

struct member {
	struct topic_source topic;
	struct group_events events;
	/* Given by the group, to be begun; or NULL. */
	rd_kafka_topic_partition_list_t *given;
	bool subscribed;
	bool shared_out; /* the group has said what is ours */
	bool later;	 /* the topic was not there when we came */
	bool revoking;	 /* in the callback: what follows comes by itself */
	int64_t look_us;
	int64_t wait_us; /* since when partitions are waited for */
	bool wait_told;
};

static struct member *member_of(struct source *s)
{
	return (struct member *)s;
}

static void forget_given(struct member *m)
{
	if (m->given)
		rd_kafka_topic_partition_list_destroy(m->given);
	m->given = NULL;
}

/* ---- what the group has ---- */

/* An error of a question: false where it may pass. */
static bool is_final(rd_kafka_resp_err_t err)
{
	switch (err) {
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
	case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE:
	case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
	case RD_KAFKA_RESP_ERR__FATAL:
		return true;
	default:
		return false;
	}
}

/* What the group has of partitions 0 to n - 1; NULL: not now, or failed. */
static rd_kafka_topic_partition_list_t *ask_committed(struct member *m, int n,
						      struct err *e)
{
	struct topic_source *t = &m->topic;
	const struct kafka_conf *kafka = t->client.conf;
	rd_kafka_topic_partition_list_t *list =
		partitions_new(kafka->topic, 0, n);
	rd_kafka_resp_err_t err;

	err = partitions_ask_committed(t->client.rk, list, t->ask_ms);
	if (!err)
		return list;
	rd_kafka_topic_partition_list_destroy(list);
	if (is_final(err)) {
		t->failed = true;
		if (!client_denied(&t->client, err, e))
			err_set(e,
				"cannot ask what group '%s' has committed: %s",
				kafka->group, rd_kafka_err2str(err));
		return NULL;
	}
	topic_ask_longer(t);
	say(kafka->say, SAY_DEBUG,
	    "cannot ask what group '%s' has committed: %s", kafka->group,
	    rd_kafka_err2str(err));
	return NULL;
}

/* By partition; `committed` has all, in their order. To be freed. */
static struct assigned *
list_all(const rd_kafka_topic_partition_list_t *committed)
{
	struct assigned *of = mem_zalloc((size_t)committed->cnt, sizeof(*of));

	for (int p = 0; p < committed->cnt; p++) {
		const rd_kafka_topic_partition_t *c = &committed->elems[p];

		of[p].committed = c->offset >= 0 ? c->offset : -1;
		of[p].text = c->metadata;
		of[p].len = c->metadata ? c->metadata_size : 0;
	}
	return of;
}

/* ---- joining, leaving ---- */

static void drop(struct member *m, bool lost)
{
	struct topic_source *t = &m->topic;

	forget_given(m);
	m->shared_out = false;
	if (!t->n_held)
		return;
	topic_drop(t);
	m->events.revoked(t->base.events.arg, lost);
}

static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err,
			 rd_kafka_topic_partition_list_t *list, void *opaque)
{
	struct client *c = opaque;
	struct member *m =
		(struct member *)((char *)c -
				  offsetof(struct member, topic.client));

	if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
		forget_given(m);
		m->given = rd_kafka_topic_partition_list_copy(list);
		return;
	}
	m->revoking = true;
	drop(m, rd_kafka_assignment_lost(rk));
	m->revoking = false;
	rd_kafka_assign(rk, NULL);
}

static int subscribe(struct member *m, struct err *e)
{
	struct topic_source *t = &m->topic;
	const char *topic = t->client.conf->topic;
	rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t err;

	rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
	err = rd_kafka_subscribe(t->client.rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (err)
		return err_set(e, "cannot join group '%s': %s",
			       t->client.conf->group, rd_kafka_err2str(err));
	m->subscribed = true;
	m->wait_us = when_mono_us();
	return 0;
}

/* What the group has lets us be a member; *now: it could be found out. */
static int may_join(struct member *m, int n, bool *now, struct err *e)
{
	struct topic_source *t = &m->topic;
	rd_kafka_topic_partition_list_t *committed = ask_committed(m, n, e);
	struct assigned *of;
	int rc;

	*now = committed;
	if (!committed)
		return t->failed ? -1 : 0;
	of = list_all(committed);
	rc = m->events.joining(t->base.events.arg, of, n, e);
	free(of);
	rd_kafka_topic_partition_list_destroy(committed);
	return rc;
}

/* A topic that is not there is waited for before the group is joined. */
static int join(struct member *m, struct err *e)
{
	bool now = false;
	int n;

	if (m->subscribed || when_mono_us() < m->look_us)
		return 0;
	n = topic_count(&m->topic, e);
	if (n == -1)
		return -1;
	if (n > 0 && may_join(m, n, &now, e))
		return -1;
	if (now)
		return subscribe(m, e);
	if (n == 0)
		m->later = true;
	m->look_us = when_mono_us() + LOOK_MISSING_US;
	return 0;
}

/* The partitions are another's, or nobody knows whose: join anew. */
static void lose(struct member *m)
{
	struct err e = ERR_INIT;

	say(m->topic.client.conf->say, SAY_DEBUG,
	    "group '%s': no member any more; joining anew",
	    m->topic.client.conf->group);
	if (m->revoking)
		return;
	drop(m, true);
	if (subscribe(m, &e))
		m->subscribed = false;
}

/* Bounded: a broker that is gone does not keep us. */
static void leave(struct member *m)
{
	rd_kafka_t *rk = m->topic.client.rk;
	rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
	int64_t end = when_mono_us() + LEAVE_US;
	rd_kafka_error_t *err;

	/*
	 * A subscription that librdkafka has put off until the end of a
	 * rebalance would come into force after the close, and abort us.
	 */
	rd_kafka_unsubscribe(rk);
	err = rd_kafka_consumer_close_queue(rk, queue);
	while (!err && !rd_kafka_consumer_closed(rk) && when_mono_us() < end) {
		rd_kafka_event_t *ev = rd_kafka_queue_poll(queue, SLICE_MS);

		/* from this queue it comes as an event, not by the callback */
		if (rd_kafka_event_type(ev) == RD_KAFKA_EVENT_REBALANCE)
			rd_kafka_assign(rk, NULL);
		if (ev)
			rd_kafka_event_destroy(ev);
	}
	if (err)
		rd_kafka_error_destroy(err);
	rd_kafka_queue_destroy(queue);
}

/* ---- what the group has given ---- */

static bool is_lost(rd_kafka_resp_err_t err)
{
	switch (err) {
	case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
	case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
	case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
	case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: /* deleted */
		return true;
	default:
		return false;
	}
}

/* Those that were given. */
static void list_ours(const struct member *m, struct assigned *of,
		      const struct offsets *o)
{
	for (int i = 0; i < m->given->cnt; i++) {
		int p = m->given->elems[i].partition;

		of[p].ours = true;
		of[p].begin = offsets_find(o->begin, p);
		of[p].end = offsets_find(o->end, p);
		of[p].from =
			m->later ? of[p].begin : offsets_from(&m->topic, o, p);
	}
}

/* From now on what comes from the partition stays in its queue. */
static rd_kafka_queue_t *take_queue(const struct member *m, int partition)
{
	const struct client *c = &m->topic.client;
	rd_kafka_queue_t *queue =
		rd_kafka_queue_get_partition(c->rk, c->conf->topic, partition);

	rd_kafka_queue_forward(queue, NULL);
	return queue;
}

/* What came before its queue was taken is in the consumer's: read first. */
static void hold(struct member *m, const struct assigned *of)
{
	for (int i = 0; i < m->given->cnt; i++) {
		int p = m->given->elems[i].partition;

		topic_hold(&m->topic, p, of[p].start, of[p].end,
			   take_queue(m, p));
	}
}

static int start(struct member *m, struct assigned *of, int n, struct err *e)
{
	struct topic_source *t = &m->topic;
	rd_kafka_resp_err_t err;

	switch (m->events.assigned(t->base.events.arg, of, n, e)) {
	case COMMIT_DONE:
		break;
	case COMMIT_LOST:
		return 0; /* it has been dropped, and given is no more */
	case COMMIT_FAILED:
		return -1;
	}
	for (int i = 0; i < m->given->cnt; i++)
		m->given->elems[i].offset =
			of[m->given->elems[i].partition].start;
	err = rd_kafka_assign(t->client.rk, m->given);
	if (err)
		return err_set(e, "group '%s': cannot take partitions: %s",
			       t->client.conf->group, rd_kafka_err2str(err));
	topic_grow(t, n);
	hold(m, of);
	m->shared_out = true;
	forget_given(m);
	return 0;
}

/* Begins what was given; what cannot be asked now is asked again. */
static int begin(struct member *m, struct err *e)
{
	struct topic_source *t = &m->topic;
	rd_kafka_topic_partition_list_t *committed;
	struct assigned *of;
	struct offsets o;
	int n = topic_count(t, e), rc = 0;

	if (n == -1)
		return -1;
	for (int i = 0; i < m->given->cnt; i++) {
		if (m->given->elems[i].partition >= n)
			return 0; /* not known everywhere yet */
	}
	if (n <= 0 || !offsets_ask(t, m->given, &o))
		return 0;
	committed = ask_committed(m, n, e);
	if (committed) {
		of = list_all(committed);
		list_ours(m, of, &o);
		rc = start(m, of, n, e);
		free(of);
		rd_kafka_topic_partition_list_destroy(committed);
	}
	offsets_release(&o);
	return rc;
}

/* Once for each time that it takes long. */
static void tell_waiting(struct member *m)
{
	const struct kafka_conf *kafka = m->topic.client.conf;

	if (m->shared_out) {
		m->wait_told = false;
		m->wait_us = when_mono_us();
	} else if (m->subscribed && !m->wait_told &&
		   when_mono_us() - m->wait_us > WAIT_TOLD_US) {
		m->wait_told = true;
		say(kafka->say, SAY_NOTE,
		    "group '%s': waiting for partitions; a member that was "
		    "killed is waited for until its session ends",
		    kafka->group);
	}
}

/* ---- reading ---- */

/*
 * Rebalances, errors, and messages of partitions whose queue was forwarded
 * again when their fetching began: from there on it is read from.
 */
static void serve(struct member *m)
{
	struct topic_source *t = &m->topic;
	rd_kafka_message_t *msg;

	while ((msg = rd_kafka_consumer_poll(t->client.rk, 0))) {
		if (topic_is_held(t, msg->partition))
			rd_kafka_queue_destroy(take_queue(m, msg->partition));
		topic_turn(t);
		topic_message(t, msg);
		rd_kafka_message_destroy(msg);
	}
}

static bool is_done(const struct member *m)
{
	const struct topic_source *t = &m->topic;

	if (t->conf->exit_at_end && m->shared_out && !t->n_held)
		return true;
	return topic_is_done(t);
}

static enum source_state group_poll(struct source *base, int timeout_ms,
				    struct err *e)
{
	struct member *m = member_of(base);
	struct topic_source *t = &m->topic;

	t->e = e;
	serve(m);
	if (t->failed || join(m, e) || (m->given && begin(m, e)))
		return SOURCE_FAILED;
	serve(m); /* what came before the queues were taken is read first */
	tell_waiting(m);
	topic_watch_brokers(t);
	if (is_done(m))
		return SOURCE_ENDED;
	reader_read(t->reader, MOST_AT_ONCE, timeout_ms);
	return t->failed ? SOURCE_FAILED : SOURCE_MORE;
}

/* ---- committing ---- */

static rd_kafka_topic_partition_list_t *
commit_list(const char *topic, const struct commit *commits, int n)
{
	rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new(n);

	for (int i = 0; i < n; i++) {
		rd_kafka_topic_partition_t *p =
			rd_kafka_topic_partition_list_add(list, topic,
							  commits[i].partition);

		p->offset = commits[i].offset;
		p->metadata = mem_dup(commits[i].text);
		p->metadata_size = strlen(commits[i].text);
	}
	return list;
}

/* How long a commit has been under way, and what was said of it. */
struct patience {
	int64_t begin_us, stop_us;
	bool told;
};

/* False when a stop request has been waited for long enough. */
static bool is_patient(struct member *m, struct patience *p)
{
	const struct kafka_conf *kafka = m->topic.client.conf;
	int64_t now = when_mono_us();

	if (!p->told && now - p->begin_us > TOLD_US) {
		p->told = true;
		say(kafka->say, SAY_WARN,
		    "group '%s': its coordinator does not take commits; "
		    "waiting for it",
		    kafka->group);
	}
	if (!stop_requested())
		return true;
	if (!p->stop_us)
		p->stop_us = now;
	return now - p->stop_us < STOPPED_US;
}

/* One request. _TIMED_OUT where it was given up. */
static rd_kafka_resp_err_t commit_once(struct member *m,
				       rd_kafka_queue_t *queue,
				       rd_kafka_topic_partition_list_t *list,
				       struct patience *patience)
{
	rd_kafka_event_t *ev = NULL;
	rd_kafka_resp_err_t err;

	err = rd_kafka_commit_queue(m->topic.client.rk, list, queue, NULL,
				    NULL);
	if (err)
		return err;
	while (!ev && is_patient(m, patience))
		ev = rd_kafka_queue_poll(queue, SLICE_MS);
	if (!ev)
		return RD_KAFKA_RESP_ERR__TIMED_OUT;
	err = rd_kafka_event_error(ev);
	if (!err)
		err = partitions_error(rd_kafka_event_topic_partition_list(ev));
	rd_kafka_event_destroy(ev);
	return err;
}

enum source_commit source_commit(struct source *s, const struct commit *commits,
				 int n, struct err *e)
{
	struct member *m = member_of(s);
	const struct kafka_conf *kafka = m->topic.client.conf;
	rd_kafka_topic_partition_list_t *list =
		commit_list(kafka->topic, commits, n);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(m->topic.client.rk);
	struct patience patience = {.begin_us = when_mono_us()};
	rd_kafka_resp_err_t err;

	for (;;) {
		err = commit_once(m, queue, list, &patience);
		if (!err || is_lost(err) || is_final(err) ||
		    !is_patient(m, &patience))
			break;
		poll(NULL, 0, RETRY_MS);
	}
	rd_kafka_queue_destroy(queue);
	rd_kafka_topic_partition_list_destroy(list);
	if (!err)
		return COMMIT_DONE;
	if (is_lost(err)) {
		lose(m);
		return COMMIT_LOST;
	}
	if (!client_denied(&m->topic.client, err, e))
		err_set(e, "group '%s': cannot commit: %s", kafka->group,
			topic_reason(err));
	return COMMIT_FAILED;
}

/* ---- the kind ---- */

static void group_free(struct source *base)
{
	struct member *m = member_of(base);

	topic_drop(&m->topic);
	leave(m);
	forget_given(m);
	topic_close(&m->topic);
	free(m);
}

static const struct source_ops group_ops = {
	.poll = group_poll,
	.ask_ends = topic_ask_ends,
	.lag = topic_lag,
	.where = topic_where,
	.trouble = topic_trouble,
	.free = group_free,
};

struct source *source_group_new(const struct kafka_conf *kafka,
				const struct source_conf *conf,
				const struct source_events *events,
				const struct group_events *group_events,
				struct err *e)
{
	struct member *m = mem_zalloc(1, sizeof(*m));
	rd_kafka_t *rk;

	m->events = *group_events;
	if (topic_open(&m->topic, &group_ops, kafka, conf, events, on_rebalance,
		       e)) {
		free(m);
		return NULL;
	}
	rk = m->topic.client.rk;
	rd_kafka_poll_set_consumer(rk);
	reader_watch(m->topic.reader, rd_kafka_queue_get_consumer(rk));
	return &m->topic.base;
}
