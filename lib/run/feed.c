/* SPDX-License-Identifier: MIT */
#include "run/feed.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/when.h"
#include "sim/flow.h"

/* In one: few that stay in the nearest cache; or many for one handing over. */
#define BATCH_PARCELS	     64
#define BATCH_PARCELS_HANDED 1024
#define LABELS		     (1u << FAULT_KINDS)

/* Made together, and handed over together. */
struct batch {
	struct parcel *v;
	size_t n;
	struct str bytes; /* the payloads, one behind the other */
};

/* The sensors of one thread. */
struct lane {
	const struct feed_conf *conf;
	struct fleet *fleet;
	struct flow *flow;
	int32_t *partitions; /* by sensor */
	char **labels;	     /* by the bits of the faults; made when met */
	struct batch batches[2];
	size_t batch_size;

	/* Of the reader: the batch that it reads, and how far it is. */
	struct batch *reading;
	size_t at;
	bool over;

	/* Between the thread and the reader: how many batches are full. */
	bool threaded;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t change;
	int full;
	atomic_bool stop;
};

struct feed {
	struct feed_conf conf;
	struct lane *lanes;
	unsigned n;
	struct lane *next; /* whose parcel is the next; NULL: look */
};

/* ---- making messages ---- */

/* What a header says of the faults; NULL for none. */
static const char *label_of(struct lane *l, uint32_t kinds)
{
	struct str text = STR_INIT;

	if (!kinds)
		return NULL;
	if (!l->labels)
		l->labels = mem_zalloc(LABELS, sizeof(*l->labels));
	if (!l->labels[kinds]) {
		fault_add_label(&text, kinds);
		l->labels[kinds] = text.p;
	}
	return l->labels[kinds];
}

static int64_t within_years(int64_t us)
{
	return us < WHEN_MIN ? WHEN_MIN : us > WHEN_MAX ? WHEN_MAX : us;
}

/* The text of a message, behind those that are there. */
static void encode(struct lane *l, struct str *bytes, const struct draw *d,
		   const struct fleet_name *name, int64_t said_us,
		   const char *label)
{
	const struct str json = {(char *)name->json, name->json_len, 0};
	size_t from = bytes->len;

	reading_encode(bytes, said_us, &d->type->json, &json, d->value,
		       d->group->layers.range.decimals);
	if (d->effect.kinds & FAULT_BIT(FAULT_MALFORMED))
		reading_spoil(bytes, from, d->effect.variant);
	if (l->conf->labels && label)
		reading_add_label(bytes, from, label);
}

/* The payload's place is known when the batch does not move any more. */
static void make(struct lane *l, struct batch *b, const struct send *s)
{
	const struct draw *d = &s->draw;
	int64_t due_us = l->conf->start_us + d->due_ns / NS_PER_US;
	int64_t said_us = within_years(due_us + d->effect.skew_us);
	const char *label = label_of(l, d->effect.kinds);
	struct fleet_name name;
	size_t from = b->bytes.len;

	fleet_name(l->fleet, d->sensor, &name);
	encode(l, &b->bytes, d, &name, said_us, label);
	b->v[b->n++] = (struct parcel){
		.send_ns = s->send_ns,
		.number = fleet_number(l->fleet, d->sensor),
		.message =
			{
				.key = name.name,
				.key_len = name.len,
				.len = b->bytes.len - from,
				.time_us = due_us,
				.partition = l->partitions[d->sensor],
				.seq = d->seq,
				.fault = label,
			},
		.said_us = said_us,
		.type = d->type,
		.value = d->value,
		.decimals = d->group->layers.range.decimals,
		.malformed = d->effect.kinds & FAULT_BIT(FAULT_MALFORMED),
	};
}

struct reading parcel_reading(const struct parcel *p)
{
	return (struct reading){
		.time_us = p->said_us,
		.type = p->type->text,
		.type_len = p->type->len,
		.name = p->message.key,
		.name_len = p->message.key_len,
		.value = num_round(p->value, p->decimals),
	};
}

/* Where all are silent for long, only this sees that the run is to end. */
static bool goes_on(const struct lane *l)
{
	return !flow_is_over(l->flow) && !stop_requested() && !l->stop;
}

/* A batch that is not full is the last. */
static void fill(struct lane *l, struct batch *b)
{
	struct send s;
	const char *p;

	b->n = 0;
	str_clear(&b->bytes);
	while (b->n < l->batch_size) {
		if (flow_next(l->flow, &s))
			make(l, b, &s);
		else if (!goes_on(l))
			break;
	}
	p = b->bytes.p;
	for (size_t i = 0; i < b->n; i++) {
		b->v[i].message.payload = p;
		p += b->v[i].message.len;
	}
}

/* ---- threads ---- */

static bool wait_for_room(struct lane *l)
{
	bool stop;

	pthread_mutex_lock(&l->lock);
	while (l->full == 2 && !l->stop)
		pthread_cond_wait(&l->change, &l->lock);
	stop = l->stop;
	pthread_mutex_unlock(&l->lock);
	return !stop;
}

static void hand_over(struct lane *l, int more)
{
	pthread_mutex_lock(&l->lock);
	l->full += more;
	pthread_cond_signal(&l->change);
	pthread_mutex_unlock(&l->lock);
}

static void *work(void *arg)
{
	struct lane *l = arg;

	for (int i = 0; wait_for_room(l); i ^= 1) {
		fill(l, &l->batches[i]);
		hand_over(l, 1);
		if (l->batches[i].n < l->batch_size)
			break;
	}
	return NULL;
}

static void wait_for_batch(struct lane *l)
{
	pthread_mutex_lock(&l->lock);
	while (l->full == 0)
		pthread_cond_wait(&l->change, &l->lock);
	pthread_mutex_unlock(&l->lock);
}

/* The batch behind the one that was read. A short one was the last. */
static void turn(struct lane *l)
{
	struct batch *was = l->reading;

	if (was && was->n < l->batch_size) {
		l->over = true;
		return;
	}
	l->reading = &l->batches[l->threaded && was == l->batches];
	l->at = 0;
	if (l->threaded) {
		if (was)
			hand_over(l, -1);
		wait_for_batch(l);
	} else {
		fill(l, l->reading);
	}
	l->over = l->reading->n == 0;
}

/* ---- the feed ---- */

static void lane_init(struct lane *l, const struct feed_conf *conf, unsigned i)
{
	const struct fleet_conf fc = {
		.groups = conf->groups,
		.seed = conf->seed,
		.start_us = conf->start_us,
		.slice = conf->slice + conf->slices * i,
		.slices = conf->slices * conf->threads,
	};
	struct fleet_name name;
	size_t n;

	l->conf = conf;
	l->fleet = fleet_new(&fc);
	l->flow = flow_new(l->fleet, conf->end_ns);
	n = fleet_size(l->fleet);
	l->partitions = mem_zalloc(n, sizeof(*l->partitions));
	for (size_t k = 0; k < n; k++) {
		fleet_name(l->fleet, k, &name);
		l->partitions[k] =
			sink_partition(conf->sink, name.name, name.len);
	}
	l->batch_size =
		conf->threads > 1 ? BATCH_PARCELS_HANDED : BATCH_PARCELS;
	for (int k = 0; k < 2; k++) {
		l->batches[k].v =
			mem_zalloc(l->batch_size, sizeof(struct parcel));
		str_init(&l->batches[k].bytes);
	}
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->change, NULL);
}

static void lane_release(struct lane *l)
{
	if (l->threaded) {
		pthread_mutex_lock(&l->lock);
		l->stop = true;
		pthread_cond_signal(&l->change);
		pthread_mutex_unlock(&l->lock);
		pthread_join(l->thread, NULL);
	}
	for (unsigned i = 0; l->labels && i < LABELS; i++)
		free(l->labels[i]);
	free(l->labels);
	for (int k = 0; k < 2; k++) {
		free(l->batches[k].v);
		str_release(&l->batches[k].bytes);
	}
	free(l->partitions);
	flow_free(l->flow);
	fleet_free(l->fleet);
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->change);
}

struct feed *feed_new(const struct feed_conf *conf, struct err *e)
{
	struct feed *f = mem_zalloc(1, sizeof(*f));

	f->conf = *conf;
	f->lanes = mem_zalloc(conf->threads, sizeof(*f->lanes));
	for (; f->n < conf->threads; f->n++)
		lane_init(&f->lanes[f->n], &f->conf, f->n);
	for (unsigned i = 0; f->n > 1 && i < f->n; i++) {
		struct lane *l = &f->lanes[i];

		int err = pthread_create(&l->thread, NULL, work, l);

		if (err) {
			err_set(e, "cannot start %u threads (--threads): %s",
				f->n, strerror(err));
			feed_free(f);
			return NULL;
		}
		l->threaded = true;
	}
	for (unsigned i = 0; i < f->n; i++)
		turn(&f->lanes[i]);
	return f;
}

void feed_free(struct feed *f)
{
	if (!f)
		return;
	for (unsigned i = 0; i < f->n; i++)
		lane_release(&f->lanes[i]);
	free(f->lanes);
	free(f);
}

static const struct parcel *first_of(const struct lane *l)
{
	return &l->reading->v[l->at];
}

static bool is_before(const struct parcel *a, const struct parcel *b)
{
	if (a->send_ns != b->send_ns)
		return a->send_ns < b->send_ns;
	return a->number < b->number;
}

/* Few threads: to look at all is quicker than a heap. */
static struct lane *find_next(const struct feed *f)
{
	struct lane *least = NULL;

	for (unsigned i = 0; i < f->n; i++) {
		struct lane *l = &f->lanes[i];

		if (!l->over &&
		    (!least || is_before(first_of(l), first_of(least))))
			least = l;
	}
	return least;
}

const struct parcel *feed_peek(struct feed *f)
{
	if (!f->next)
		f->next = find_next(f);
	return f->next ? first_of(f->next) : NULL;
}

void feed_pop(struct feed *f)
{
	struct lane *l = f->next;

	if (++l->at == l->reading->n)
		turn(l);
	f->next = NULL;
}
