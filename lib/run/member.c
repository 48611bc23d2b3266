/* SPDX-License-Identifier: MIT */
#include "run/member.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agg/saved.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"
#include "sim/mix.h"

#define COMMIT_EVERY_US (5 * US_PER_S)

/* A record by which the log is known again. */
struct known {
	int64_t first;	 /* records before it were used */
	int64_t offset;	 /* -1: none is waited for */
	int64_t time_us; /* its timestamp */
};

/* What a close is about: that of an intent. */
struct close {
	uint64_t id;
	int64_t until_us;
};

/* What the group has of a partition, and where it begins. */
struct beginning {
	enum saved_kind kind;
	struct saved saved;
	struct err why; /* SAVED_FAILED */
	bool first;	/* for the first time: it is to be committed */
};

struct member {
	const struct member_conf *conf;
	struct agg *agg;
	struct source *source;
	struct str fields; /* as they are stored */
	int *ours;	   /* partitions, rising */
	int n_ours;
	struct known *known;	       /* by partition */
	int total;		       /* partitions of the topic */
	int64_t first_total;	       /* when the group was first there */
	int64_t commit_us;	       /* of the last commit, monotonic */
	struct close closing, printed; /* the one that goes on; if the last
					  intent was printed, that */
	bool partial_told;
	struct err wrong; /* of a record */
	bool is_wrong;
};

struct member *member_new(const struct member_conf *conf, struct agg *agg)
{
	struct member *m = mem_zalloc(1, sizeof(*m));

	m->conf = conf;
	m->agg = agg;
	m->printed.until_us = WHEN_NONE;
	str_init(&m->fields);
	reading_fields_add(&m->fields, &conf->fields);
	return m;
}

void member_free(struct member *m)
{
	if (!m)
		return;
	str_release(&m->fields);
	free(m->ours);
	free(m->known);
	free(m);
}

void member_set_source(struct member *m, struct source *s)
{
	m->source = s;
}

int member_held(const struct member *m, int *total)
{
	*total = m->total;
	return m->n_ours;
}

/* ---- committing ---- */

static void save(const struct member *m, struct saved *s)
{
	const struct member_conf *conf = m->conf;

	s->interval_us = conf->interval_us;
	s->grace_us = conf->grace_us;
	s->clock = conf->clock;
	s->fields = m->fields; /* borrowed */
	s->partitions = m->first_total;
}

/* The marks of n partitions; all in one request, so all or none. */
static enum source_commit commit(struct member *m, const int *partitions,
				 const struct mark *marks, int n, struct err *e)
{
	struct commit *commits = mem_zalloc((size_t)n + 1, sizeof(*commits));
	struct str *texts = mem_zalloc((size_t)n + 1, sizeof(*texts));
	enum source_commit done = COMMIT_DONE;

	if (m->conf->flush(m->conf->flush_arg, e))
		done = COMMIT_FAILED;
	for (int i = 0; i < n; i++)
		str_init(&texts[i]);
	for (int i = 0; i < n && done == COMMIT_DONE; i++) {
		struct saved s = {.mark = marks[i]};

		save(m, &s);
		if (saved_add(&texts[i], &s, e))
			done = COMMIT_FAILED;
		commits[i] = (struct commit){partitions[i], marks[i].first,
					     texts[i].p};
	}
	if (done == COMMIT_DONE && n)
		done = source_commit(m->source, commits, n, e);
	for (int i = 0; i < n; i++)
		str_release(&texts[i]);
	free(texts);
	free(commits);
	m->commit_us = when_mono_us();
	return done;
}

enum source_commit member_commit(struct member *m, struct err *e)
{
	struct mark *marks = mem_zalloc((size_t)m->n_ours + 1, sizeof(*marks));
	enum source_commit done;

	for (int i = 0; i < m->n_ours; i++)
		agg_mark(m->agg, m->ours[i], &marks[i]);
	done = commit(m, m->ours, marks, m->n_ours, e);
	free(marks);
	return done;
}

/* One id for all partitions of the reports that it is about. */
enum source_commit member_intend(struct member *m, struct err *e)
{
	struct str closing = STR_INIT;

	for (int i = 0; i < m->n_ours; i++) {
		if (agg_is_closing(m->agg, m->ours[i]))
			str_addf(&closing, "%d ", m->ours[i]);
	}
	agg_intend(m->agg, mix_hash(closing.p));
	m->printed.until_us = WHEN_NONE; /* this is another */
	str_release(&closing);
	return member_commit(m, e);
}

bool member_has_printed(struct member *m)
{
	struct mark mark;

	for (int i = 0; i < m->n_ours; i++) {
		if (!agg_is_closing(m->agg, m->ours[i]))
			continue;
		agg_mark(m->agg, m->ours[i], &mark);
		m->closing = (struct close){mark.intent_id, mark.intent_us};
	}
	return m->closing.id == m->printed.id &&
	       m->closing.until_us == m->printed.until_us;
}

void member_note_printed(struct member *m)
{
	m->printed = m->closing;
}

bool member_is_due(const struct member *m)
{
	return m->n_ours && when_mono_us() - m->commit_us >= COMMIT_EVERY_US;
}

void member_revoked(struct member *m, bool lost)
{
	struct err e = ERR_INIT;

	if (!lost && member_commit(m, &e) == COMMIT_FAILED)
		say(m->conf->kafka->say, SAY_DEBUG, "%s", e.msg);
	agg_release(m->agg);
	m->n_ours = 0;
}

/* ---- beginning ---- */

/* "..., partition 3: 'iotsim group reset G -t T' starts anew" */
static int refuse(const struct member *m, int partition, struct err *e)
{
	const struct kafka_conf *kafka = m->conf->kafka;
	struct err why = *e;

	*e = (struct err)ERR_INIT;
	return err_set(e,
		       "group '%s', topic '%s', partition %d: %s; 'iotsim "
		       "group reset %s -t %s' starts anew",
		       kafka->group, kafka->topic, partition, why.msg,
		       kafka->group, kafka->topic);
}

static int differs_span(const char *what, int64_t stored_us, int64_t us,
			struct err *e)
{
	struct str stored = STR_INIT, given = STR_INIT;

	if (stored_us == us)
		return 0;
	num_add_span(&stored, stored_us);
	num_add_span(&given, us);
	err_set(e,
		"it was begun with %s %s, not %s: give that, or use another "
		"group",
		what, stored.p, given.p);
	str_release(&stored);
	str_release(&given);
	return -1;
}

static const char *or_none(const struct str *fields)
{
	return fields->len ? fields->p : "none";
}

static int differs_fields(const struct str *stored, const struct str *given,
			  struct err *e)
{
	if (stored->len == given->len &&
	    !strcmp(or_none(stored), or_none(given)))
		return 0;
	return err_set(e,
		       "it was begun with other fields (--field): %s, not %s",
		       or_none(stored), or_none(given));
}

/* What its windows are made by has to be what it was. */
static int check_agreed(const struct member *m, const struct saved *s,
			struct err *e)
{
	static const char *const clocks[] = {"event", "kafka"};
	const struct member_conf *conf = m->conf;

	if (differs_span("--interval", s->interval_us, conf->interval_us, e) ||
	    differs_span("--grace", s->grace_us, conf->grace_us, e))
		return -1;
	if (s->clock != conf->clock)
		return err_set(e, "it was begun with --time %s, not %s",
			       clocks[s->clock == 1], clocks[conf->clock == 1]);
	return differs_fields(&s->fields, &m->fields, e);
}

/* The log still has what is to be read again. */
static int check_log(const struct saved *s, const struct assigned *a,
		     struct err *e)
{
	const struct mark *m = &s->mark;

	if (a->end < m->next)
		return err_set(e,
			       "%" PRId64 " records had been read and the "
			       "topic has %" PRId64
			       ": it was deleted and made again",
			       m->next, a->end);
	if (a->begin > m->first)
		return err_set(e,
			       "%" PRId64 " records are gone, deleted before "
			       "the group was done with them (offsets %" PRId64
			       " to %" PRId64 ")",
			       a->begin - m->first, m->first, a->begin - 1);
	return 0;
}

static int64_t clamp(int64_t v, int64_t least, int64_t most)
{
	return v < least ? least : v > most ? most : v;
}

static void begin_at(const struct member *m, struct beginning *b, int64_t at)
{
	const struct member_conf *conf = m->conf;

	b->first = true;
	b->saved.mark = (struct mark){
		.first = at,
		.next = at,
		.cut = at,
		.seen = -1,
		.seen_us = WHEN_NONE,
		.greatest_us = WHEN_NONE,
		.closed_us = WHEN_NONE,
		.from_us = conf->from_us,
		.from_first = conf->from_first,
		.intent_us = WHEN_NONE,
	};
}

/* An offset without our text: it was set by another tool. */
static void begin_moved(const struct member *m, struct beginning *b,
			int partition, const struct assigned *a)
{
	const struct kafka_conf *kafka = m->conf->kafka;
	int64_t at = clamp(a->committed, a->begin, a->end);

	begin_at(m, b, at);
	b->saved.mark.from_us = WHEN_NONE;
	b->saved.mark.from_first = at > a->begin;
	say(kafka->say, SAY_WARN,
	    "group '%s', partition %d: its offset was moved to %" PRId64
	    " by another tool: a first start, there",
	    kafka->group, partition, a->committed);
}

/* A partition that was not there at first is read from its beginning. */
static void begin_new(const struct member *m, struct beginning *b,
		      int partition, const struct assigned *a)
{
	bool later = partition >= m->first_total;

	begin_at(m, b, later ? a->begin : a->from);
	if (later) {
		b->saved.mark.from_us = WHEN_NONE;
		b->saved.mark.from_first = false;
	}
}

/* What the group has of a partition is something to go on from, for us. */
static int check_stored(const struct member *m, const struct beginning *b,
			int p, struct err *e)
{
	if (b->kind == SAVED_FAILED)
		err_set(e, "%s", b->why.msg);
	else if (b->kind != SAVED_OK || !check_agreed(m, &b->saved, e))
		return 0;
	return refuse(m, p, e);
}

/* Where our partition p begins. */
static int begin(const struct member *m, struct beginning *b, int p,
		 struct assigned *a, struct err *e)
{
	if (check_stored(m, b, p, e))
		return -1;
	if (b->kind == SAVED_RESET)
		begin_new(m, b, p, a);
	else if (b->kind == SAVED_NOTHING)
		begin_moved(m, b, p, a);
	else if (check_log(&b->saved, a, e))
		return refuse(m, p, e);
	a->start = b->saved.mark.first;
	if (b->saved.mark.seen >= a->begin)
		a->start = b->saved.mark.seen;
	return 0;
}

/* What the group has of all partitions. Nothing is as good as a reset. */
static struct beginning *read_all(const struct assigned *of, int n)
{
	struct beginning *b = mem_zalloc((size_t)n, sizeof(*b));

	for (int p = 0; p < n; p++) {
		str_init(&b[p].saved.fields);
		b[p].kind = SAVED_RESET;
		if (of[p].committed >= 0)
			b[p].kind =
				saved_parse(&b[p].saved, of[p].committed,
					    of[p].text, of[p].len, &b[p].why);
	}
	return b;
}

static void free_all(struct beginning *b, int n)
{
	for (int p = 0; p < n; p++)
		saved_release(&b[p].saved);
	free(b);
}

int member_joining(const struct member *m, const struct assigned *of, int n,
		   struct err *e)
{
	struct beginning *b = read_all(of, n);
	int rc = 0;

	for (int p = 0; p < n && !rc; p++)
		rc = check_stored(m, &b[p], p, e);
	free_all(b, n);
	return rc;
}

/* How many partitions there were at first; n, if this is the first time. */
static int64_t first_total(const struct beginning *b, int n)
{
	int64_t total = n;

	for (int p = 0; p < n; p++) {
		if (b[p].kind == SAVED_OK)
			total = b[p].saved.partitions;
	}
	return total;
}

/* Those that begin for the first time, before anything is read. */
static enum source_commit commit_first(struct member *m,
				       const struct beginning *b, struct err *e)
{
	struct mark *marks = mem_zalloc((size_t)m->n_ours + 1, sizeof(*marks));
	int *first = mem_zalloc((size_t)m->n_ours + 1, sizeof(*first));
	enum source_commit done;
	int n = 0;

	for (int i = 0; i < m->n_ours; i++) {
		int p = m->ours[i];

		if (!b[p].first)
			continue;
		first[n] = p;
		marks[n++] = b[p].saved.mark;
	}
	done = commit(m, first, marks, n, e);
	free(first);
	free(marks);
	return done;
}

static void take(struct member *m, const struct beginning *b)
{
	for (int i = 0; i < m->n_ours; i++) {
		int p = m->ours[i];
		const struct mark *at = &b[p].saved.mark;

		agg_resume(m->agg, p, at);
		m->known[p] = (struct known){at->first, at->seen, at->seen_us};
	}
}

/* Once: a mean of some partitions is not that of all. */
static void tell_partial(struct member *m)
{
	const struct kafka_conf *kafka = m->conf->kafka;

	say(kafka->say, SAY_DEBUG, "group '%s': %d of %d partitions are ours",
	    kafka->group, m->n_ours, m->total);
	if (m->partial_told || !m->n_ours || m->n_ours == m->total)
		return;
	m->partial_told = true;
	say(kafka->say, SAY_WARN,
	    "group '%s' has several members: the means here are of %d of %d "
	    "partitions",
	    kafka->group, m->n_ours, m->total);
}

static void list_ours(struct member *m, const struct assigned *of, int n)
{
	m->total = n;
	m->ours = mem_grow(m->ours, (size_t)n, sizeof(*m->ours));
	m->known = mem_grow(m->known, (size_t)n, sizeof(*m->known));
	m->n_ours = 0;
	for (int p = 0; p < n; p++) {
		if (of[p].ours)
			m->ours[m->n_ours++] = p;
	}
}

enum source_commit member_assigned(struct member *m, struct assigned *of, int n,
				   struct err *e)
{
	enum source_commit done = COMMIT_DONE;
	struct beginning *b = read_all(of, n);

	list_ours(m, of, n);
	m->first_total = first_total(b, n);
	for (int i = 0; i < m->n_ours && done == COMMIT_DONE; i++) {
		int p = m->ours[i];

		if (begin(m, &b[p], p, &of[p], e))
			done = COMMIT_FAILED;
	}
	if (done == COMMIT_DONE)
		done = commit_first(m, b, e);
	if (done == COMMIT_DONE) {
		take(m, b);
		tell_partial(m);
	} else {
		m->n_ours = 0;
	}
	free_all(b, n);
	return done;
}

/* ---- records ---- */

static void wrong_topic(struct member *m, int partition, int64_t offset)
{
	struct err e = ERR_INIT;

	err_set(&e,
		"the record at offset %" PRId64 " is not the one that was "
		"read: the topic was deleted and made again",
		offset);
	refuse(m, partition, &e);
	m->wrong = e;
	m->is_wrong = true;
}

/* The first record of a partition that was gone on with. */
static void recognise(struct member *m, struct known *k, int partition,
		      int64_t offset, int64_t timestamp_us)
{
	if (offset == k->offset && timestamp_us != k->time_us)
		wrong_topic(m, partition, offset);
	k->offset = -1;
}

bool member_look(struct member *m, int partition, int64_t offset,
		 int64_t timestamp_us)
{
	struct known *k = &m->known[partition];

	if (k->offset >= 0)
		recognise(m, k, partition, offset, timestamp_us);
	return !m->is_wrong && offset >= k->first;
}

/* What compaction took from windows that are open. */
static void tell_gone(const struct member *m, int partition)
{
	const struct kafka_conf *kafka = m->conf->kafka;
	uint64_t n = agg_take_gone(m->agg, partition);

	if (n)
		say(kafka->say, SAY_WARN,
		    "group '%s', partition %d: %" PRIu64 " reading%s of open "
		    "windows %s gone, compacted away; their means lack %s",
		    kafka->group, partition, n, n == 1 ? "" : "s",
		    n == 1 ? "is" : "are", n == 1 ? "it" : "them");
}

int member_check(const struct member *m, struct err *e)
{
	for (int i = 0; i < m->n_ours; i++)
		tell_gone(m, m->ours[i]);
	if (!m->is_wrong)
		return 0;
	*e = m->wrong;
	return -1;
}
