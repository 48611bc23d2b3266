/* SPDX-License-Identifier: MIT */
#include "io/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"

#define TURN 1000 /* messages of one, then it is seen how far that went */

struct lane {
	int partition;
	rd_kafka_queue_t *queue;
	bool ready; /* there may be something in it */
	bool full;  /* librdkafka may have stopped to fill it */
	bool dense; /* what is in a queue is not far apart */
};

struct reader {
	rd_kafka_t *rk;
	struct reader_conf conf;
	size_t enough; /* messages that librdkafka keeps in a queue */
	struct lane *lanes;
	size_t n, cap;
	rd_kafka_message_t *batch[TURN];
	struct lane *lane;	   /* whose turn it is */
	int64_t limit;		   /* of its rank, in this turn */
	int turn;		   /* messages handed over in it */
	rd_kafka_queue_t *watched; /* one more queue, or NULL */
	int fd[2]; /* librdkafka writes to [1] when a queue gets something */
};

/* As many messages of a partition are here, as far as there are some. */
static size_t queued_min(rd_kafka_t *rk)
{
	char text[NUM_MAX];
	size_t size = sizeof(text);
	struct err e = ERR_INIT;
	uint64_t n = 0;

	rd_kafka_conf_get(rd_kafka_conf(rk), "queued.min.messages", text,
			  &size);
	num_parse_count(text, &n, &e);
	return n;
}

struct reader *reader_new(rd_kafka_t *rk, const struct reader_conf *conf,
			  struct err *e)
{
	struct reader *r = mem_zalloc(1, sizeof(*r));

	r->rk = rk;
	r->conf = *conf;
	r->enough = queued_min(rk);
	if (pipe2(r->fd, O_NONBLOCK | O_CLOEXEC)) {
		err_set(e, "cannot make a pipe: %s", strerror(errno));
		free(r);
		return NULL;
	}
	return r;
}

static void wake_by(struct reader *r, rd_kafka_queue_t *queue)
{
	rd_kafka_queue_io_event_enable(queue, r->fd[1], "", 1);
}

/* Nothing is written to a pipe that may be closed. */
static void let_go(rd_kafka_queue_t *queue)
{
	rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
	rd_kafka_queue_destroy(queue);
}

void reader_clear(struct reader *r)
{
	for (size_t i = 0; i < r->n; i++)
		let_go(r->lanes[i].queue);
	r->n = 0;
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	reader_clear(r);
	if (r->watched)
		let_go(r->watched);
	close(r->fd[0]);
	close(r->fd[1]);
	free(r->lanes);
	free(r);
}

void reader_watch(struct reader *r, rd_kafka_queue_t *queue)
{
	r->watched = queue;
	wake_by(r, queue);
}

void reader_add(struct reader *r, int partition, rd_kafka_queue_t *queue)
{
	r->lanes = mem_reserve(r->lanes, &r->cap, r->n + 1, sizeof(*r->lanes));
	r->lanes[r->n++] = (struct lane){
		.partition = partition, .queue = queue, .ready = true};
	wake_by(r, queue);
}

static int64_t add(int64_t rank, int64_t ahead)
{
	return rank > INT64_MAX - ahead ? INT64_MAX : rank + ahead;
}

/* The one to read next; NULL where none is ready, or they have to wait. */
static struct lane *next_lane(const struct reader *r)
{
	int64_t least = INT64_MAX, best = INT64_MAX;
	struct lane *next = NULL;

	for (size_t i = 0; i < r->n; i++) {
		struct lane *l = &r->lanes[i];
		bool behind;
		int64_t rank = r->conf.rank(r->conf.arg, l->partition, &behind);

		if (behind && rank < least)
			least = rank;
		if (l->ready && (!next || rank < best)) {
			best = rank;
			next = l;
		}
	}
	return best <= add(least, r->conf.ahead) ? next : NULL;
}

/* For the next message of any. What woke us is not told, so all are ready. */
static void wait_for_any(struct reader *r, int timeout_ms)
{
	struct pollfd p = {.fd = r->fd[0], .events = POLLIN};
	char bytes[256];

	if (poll(&p, 1, timeout_ms) <= 0)
		return;
	while (read(r->fd[0], bytes, sizeof(bytes)) == sizeof(bytes))
		;
	for (size_t i = 0; i < r->n; i++)
		r->lanes[i].ready = true;
}

static int64_t rank_of(const struct reader *r, const struct lane *l)
{
	bool behind;

	return r->conf.rank(r->conf.arg, l->partition, &behind);
}

/*
 * Called by rd_kafka_consume_callback_queue, in our thread. A turn ends early
 * where messages turn out to be further apart than those before.
 */
static void on_message(rd_kafka_message_t *m, void *opaque)
{
	struct reader *r = opaque;

	r->conf.message(m, r->conf.arg);
	if (++r->turn % TURN == 0 && rank_of(r, r->lane) > r->limit)
		rd_kafka_yield(r->rk);
}

/*
 * All that is there by callbacks, which is quickest. But while they are
 * called librdkafka takes the queue for empty and fetches more: ended early
 * again and again, it would take the whole topic into memory.
 */
static void read_all(struct reader *r, struct lane *l)
{
	rd_kafka_consume_callback_queue(l->queue, 0, on_message, r);
	l->ready = true;
}

static void read_some(struct reader *r, struct lane *l)
{
	ssize_t n = rd_kafka_consume_batch_queue(l->queue, 0, r->batch, TURN);

	for (ssize_t i = 0; i < n; i++) {
		r->conf.message(r->batch[i], r->conf.arg);
		rd_kafka_message_destroy(r->batch[i]);
	}
	r->turn = n > 0 ? (int)n : 0;
	l->ready = n == TURN;
}

/* As far apart as in this turn, a queue would not go further than that. */
static bool is_dense(const struct reader *r, int64_t from, int64_t to)
{
	double each = ((double)to - (double)from) / r->turn;

	return each * (double)r->enough <= (double)r->conf.ahead;
}

/* librdkafka has to be told where it may have found all queues full. */
static void look_at_length(struct reader *r, struct lane *l)
{
	size_t left = rd_kafka_queue_length(l->queue);

	l->ready = l->ready && left;
	if (left >= r->enough * 3 / 4) {
		l->full = true;
	} else if (l->full) {
		l->full = false;
		r->conf.drained(r->conf.arg);
	}
}

/* One turn of a queue. Returns how many messages it had. */
static int read_lane(struct reader *r, struct lane *l)
{
	int64_t rank = rank_of(r, l);

	if (l->dense && rd_kafka_queue_length(l->queue) >= r->enough)
		l->full = true;
	r->lane = l;
	r->limit = add(rank, 2 * r->conf.ahead);
	r->turn = 0;
	r->conf.turn(r->conf.arg);
	if (l->dense)
		read_all(r, l);
	else
		read_some(r, l);
	look_at_length(r, l);
	if (r->turn)
		l->dense = is_dense(r, rank, rank_of(r, l));
	return r->turn;
}

void reader_read(struct reader *r, int most, int timeout_ms)
{
	struct lane *l = next_lane(r);
	int n = 0;

	if (!l) {
		wait_for_any(r, timeout_ms);
		l = next_lane(r);
	}
	while (l && n < most) {
		n += read_lane(r, l);
		l = next_lane(r);
	}
}
