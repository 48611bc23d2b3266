/* SPDX-License-Identifier: MIT */
/*
 * Partitions that are left and gone on with: on random logs, a reader that is
 * killed at random moments, before and after each step of a close, and goes
 * on from the marks that it stored, prints what one that is never killed
 * prints, byte for byte, and its books are the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agg/agg.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "reading_of.h"
#include "rng.h"

#define S	 US_PER_S
#define PARTS	 4
#define PER_PART 200
#define WINDOWS	 200

struct record {
	int64_t time_us; /* WHEN_NONE: no reading */
	int64_t present_us;
	int name;
	double value;
};

/* What a broker keeps of a partition. */
struct stored {
	struct mark mark;
	int64_t *future;
};

/* All that was printed, a text for each window; copies have to be equal. */
struct printed {
	char *text[WINDOWS];
	uint64_t shares[WINDOWS][PARTS];
	uint64_t times[WINDOWS][PARTS];
};

struct world {
	struct agg_conf conf;
	struct record log[PARTS][PER_PART];
	struct stored store[PARTS];
	struct printed printed;
};

/* Times that go up, and back now and then; some are far ahead, some none. */
static void make_log(struct world *w)
{
	for (int p = 0; p < PARTS; p++) {
		int64_t t = (int64_t)rng(20) * S;

		for (int i = 0; i < PER_PART; i++) {
			struct record *r = &w->log[p][i];

			t += (int64_t)rng(3 * S);
			r->present_us = t;
			r->time_us = t;
			if (rng(4) == 0)
				r->time_us -= (int64_t)rng(40 * S);
			else if (rng(8) == 0)
				r->time_us += (int64_t)rng(30 * S);
			else if (rng(16) == 0)
				r->time_us = WHEN_NONE;
			if (r->time_us < 0 && r->time_us != WHEN_NONE)
				r->time_us = 0;
			r->name = (int)rng(3);
			r->value = (double)rng(2000) / 7 - 100;
		}
	}
}

static void store_fresh(struct world *w)
{
	for (int p = 0; p < PARTS; p++) {
		free(w->store[p].future);
		w->store[p] = (struct stored){
			.mark = {.seen = -1,
				 .seen_us = WHEN_NONE,
				 .greatest_us = WHEN_NONE,
				 .closed_us = WHEN_NONE,
				 .from_us = w->conf.from_us,
				 .from_first = w->conf.from_first,
				 .intent_us = WHEN_NONE},
		};
	}
}

static void store_mark(struct world *w, struct agg *a, int p)
{
	struct stored *s = &w->store[p];
	size_t size;

	free(s->future);
	agg_mark(a, p, &s->mark);
	size = s->mark.n_future * sizeof(*s->future);
	s->future = mem_alloc(size + 1);
	if (size)
		memcpy(s->future, s->mark.future, size);
	s->mark.future = s->future;
}

/* The record as the reader meets it; below `next` no clock helps it. */
static void give(struct world *w, struct agg *a, int p, int64_t offset)
{
	const struct record *r = &w->log[p][offset];
	const struct agg_record at = {p, offset, offset * 1000};
	const char name[] = {(char)('a' + r->name), '\0'};
	const struct reading reading = reading_of(r->time_us, name, r->value);
	bool again = offset < w->store[p].mark.next;
	enum agg_verdict verdict;

	if (r->time_us == WHEN_NONE)
		verdict = agg_add_malformed(a, &at);
	else
		verdict =
			agg_add(a, &at, &reading, again ? 0 : r->present_us, 0);
	/* That it is left out is told when it is counted, and only then. */
	if (verdict != AGG_USED)
		assert_int_equal(verdict == AGG_KNOWN, again);
}

static void print(struct world *w, const struct report *r)
{
	int64_t i = r->start_us / w->conf.interval_us;
	static const struct report_form json = {
		.format = REPORT_JSON,
		.stats = {{STAT_MEAN, STAT_SD, STAT_MIN, STAT_MAX}, 4},
	};
	struct printed *to = &w->printed;
	struct str text = STR_INIT;
	bool all = r->n_parts == PARTS;

	assert_in_range(i, 0, WINDOWS - 1);
	report_add(&text, r, &json);
	str_addc(&text, '.');
	for (size_t k = 0; k < r->n_parts; k++) {
		int p = r->parts[k].partition;

		str_addf(&text, " %d:%d", p, (int)r->parts[k].count);
		to->shares[i][p] += r->parts[k].count;
		to->times[i][p]++;
	}
	if (all && to->text[i])
		assert_string_equal(to->text[i], text.p);
	if (all && !to->text[i])
		to->text[i] = mem_dup(text.p);
	str_release(&text);
}

static void printed_release(struct printed *p)
{
	for (int i = 0; i < WINDOWS; i++)
		free(p->text[i]);
	memset(p, 0, sizeof(*p));
}

/* A member: what it holds, and how far it has read. */
struct member {
	struct world *w;
	struct agg *agg;
	bool held[PARTS];
	int64_t next[PARTS];
	uint64_t mortality; /* dies once in so many chances; 0: never */
	bool forces;	    /* partitions seem to be idle, now and then */
};

static void member_start(struct member *m, struct world *w, uint64_t mortality)
{
	m->w = w;
	m->agg = agg_new(&w->conf);
	m->mortality = mortality;
	for (int p = 0; p < PARTS; p++) {
		if (!m->held[p])
			continue;
		agg_resume(m->agg, p, &w->store[p].mark);
		m->next[p] = w->store[p].mark.first;
	}
}

static bool dies(const struct member *m)
{
	return m->mortality && rng(m->mortality) == 0;
}

static void commit(struct member *m)
{
	for (int p = 0; p < PARTS; p++) {
		if (m->held[p])
			store_mark(m->w, m->agg, p);
	}
}

/* False where it died on the way. */
static bool close_windows(struct member *m)
{
	for (;;) {
		enum agg_action action = agg_next(m->agg, 1 + rng(4), 0);
		const struct report *r;

		if (action == AGG_CLOSE) {
			agg_intend(m->agg, 1);
			if (dies(m))
				return false;
			commit(m);
		} else if (action == AGG_ASK) {
			agg_asked(m->agg);
			continue;
		} else if (action != AGG_AGAIN) {
			return true;
		}
		if (dies(m))
			return false;
		while ((r = agg_close(m->agg))) {
			print(m->w, r);
			if (dies(m))
				return false;
		}
		commit(m);
	}
}

/* Reads a record of any partition; false when it has come to the end. */
static bool read_one(struct member *m)
{
	int p = (int)rng(PARTS), tried = 0;

	while (!m->held[p] || m->next[p] == PER_PART) {
		if (++tried == PARTS)
			return false;
		p = (p + 1) % PARTS;
	}
	give(m->w, m->agg, p, m->next[p]++);
	return true;
}

/* Any partition that is not read again may be long silent at its end. */
static void fall_silent(struct member *m)
{
	int p = (int)rng(PARTS);

	if (m->held[p] && m->next[p] >= m->w->store[p].mark.next)
		agg_at_end(m->agg, p, -10 * S);
}

enum life { DEAD, ENDED, STOPPED };

/* steps < 0: to the end. */
static enum life live(struct member *m, int steps)
{
	for (int i = 0; steps < 0 || i < steps; i++) {
		if (!read_one(m))
			return ENDED;
		if (m->forces && rng(4) == 0)
			fall_silent(m);
		if (dies(m) || !close_windows(m))
			return DEAD;
		if (rng(20) == 0)
			commit(m);
	}
	return STOPPED;
}

static void hold_all(struct member *m)
{
	for (int p = 0; p < PARTS; p++)
		m->held[p] = true;
}

/* Reads all, dying as often as it will. Returns how often. */
static int read_all(struct world *w, uint64_t mortality, struct books *books)
{
	struct member m = {.w = w, .forces = w->conf.idle_us != AGG_OFF};
	int deaths = -1;
	enum life end;

	hold_all(&m);
	do {
		deaths++;
		member_start(&m, w, mortality);
		/* it has to come through some day */
		end = live(&m, -1);
		*books = agg_books(m.agg);
		agg_free(m.agg);
		mortality += mortality / 20;
	} while (end == DEAD);
	return deaths;
}

static void make_world(struct world *w)
{
	w->conf = (struct agg_conf){
		.interval_us = (int64_t)(5 + rng(30)) * S,
		.grace_us = (int64_t)rng(10) * S,
		.idle_us = AGG_OFF,
		.max_ahead_us = rng(3) ? 10 * S : AGG_OFF,
		.from_us = rng(3) ? WHEN_NONE : 50 * S,
		.from_first = rng(3) == 0,
		.empty = rng(2),
		.marked = true,
		.spread = true,
	};
	make_log(w);
	store_fresh(w);
}

/* With from_first what is late and what skipped depends on who was first. */
static void assert_same_books(const struct books *x, const struct books *y)
{
	assert_int_equal(x->read, y->read);
	assert_int_equal(x->used, y->used);
	assert_int_equal(x->open, y->open);
	assert_int_equal(x->late, y->late);
	assert_int_equal(x->future, y->future);
	assert_int_equal(x->malformed, y->malformed);
	assert_int_equal(x->skipped, y->skipped);
}

static void killed_and_resumed_is_as_in_one_go(void **state)
{
	const int rounds = getenv("IOTSIM_LONG") ? 5000 : 200;
	static struct world w;
	struct books whole, pieces;
	int deaths = 0;

	(void)state;
	for (int round = 0; round < rounds; round++) {
		struct printed golden;

		make_world(&w);
		read_all(&w, 0, &whole);
		golden = w.printed;
		memset(&w.printed, 0, sizeof(w.printed));
		store_fresh(&w);
		deaths += read_all(&w, 20 + rng(200), &pieces);
		for (int i = 0; i < WINDOWS; i++) {
			assert_true(!golden.text[i] == !w.printed.text[i]);
			if (golden.text[i])
				assert_string_equal(w.printed.text[i],
						    golden.text[i]);
		}
		if (!w.conf.from_first)
			assert_same_books(&pieces, &whole);
		printed_release(&golden);
		printed_release(&w.printed);
	}
	assert_true(deaths > rounds);
	store_fresh(&w);
}

/*
 * Two members that pass partitions to and fro, in order or by dying between
 * two closes: each share is printed once.
 */
static void shares_that_move_are_printed_once(void **state)
{
	const int rounds = getenv("IOTSIM_LONG") ? 5000 : 200;
	static struct world w;
	static struct printed golden;
	struct books books;

	(void)state;
	for (int round = 0; round < rounds; round++) {
		int ended = 0;

		make_world(&w);
		w.conf.empty = false;
		w.conf.from_first = false;
		store_fresh(&w);
		read_all(&w, 0, &books);
		golden = w.printed;
		memset(&w.printed, 0, sizeof(w.printed));
		store_fresh(&w);
		for (int turn = 0; ended < 2; turn++) {
			struct member m[2] = {{.w = &w}, {.w = &w}};

			for (int p = 0; p < PARTS; p++)
				m[rng(2)].held[p] = true;
			ended = 0;
			for (int i = 0; i < 2; i++) {
				int steps = turn < 20 ? (int)rng(100) : -1;

				member_start(&m[i], &w, 0);
				ended += live(&m[i], steps) == ENDED;
				if (rng(2))
					commit(&m[i]);
				agg_free(m[i].agg);
			}
		}
		for (int i = 0; i < WINDOWS; i++) {
			for (int p = 0; p < PARTS; p++) {
				uint64_t n = golden.shares[i][p];

				/* on its own a partition may close more */
				if (!golden.times[i][p])
					continue;
				assert_int_equal(w.printed.shares[i][p], n);
				assert_true(w.printed.times[i][p] <= 1);
			}
		}
		printed_release(&golden);
		printed_release(&w.printed);
	}
	store_fresh(&w);
}

/*
 * What a forced close takes hangs on the moment, so each life may find other
 * reports: but one that was printed comes again with the same bytes, cuts
 * and all (see print), and in the end each reading was printed once.
 */
static void forced_closes_come_again_the_same(void **state)
{
	const int rounds = getenv("IOTSIM_LONG") ? 5000 : 200;
	static struct world w;
	struct books books;
	int cuts = 0, deaths = 0;

	(void)state;
	for (int round = 0; round < rounds; round++) {
		uint64_t used = 0;

		make_world(&w);
		w.conf.idle_us = 5 * S;
		w.conf.empty = false;
		deaths += read_all(&w, 20 + rng(200), &books);
		for (int i = 0; i < WINDOWS; i++) {
			if (!w.printed.text[i])
				continue;
			cuts += strstr(w.printed.text[i], "\"cuts\"") != NULL;
			for (int p = 0; p < PARTS; p++)
				used += w.printed.shares[i][p] /
					w.printed.times[i][p];
		}
		assert_int_equal(used, books.used);
		printed_release(&w.printed);
	}
	assert_true(deaths > rounds);
	assert_true(cuts > rounds);
	store_fresh(&w);
}

/* A record in a window of 20 s, the first of a partition or a later one. */
static void put(struct agg *a, int64_t offset, int64_t s, int64_t present_s)
{
	const struct agg_record at = {0, offset, 0};
	const struct reading reading = reading_of(s * S, "a", 0);

	agg_add(a, &at, &reading, present_s * S, 0);
}

/* Three readings in an open window, one of the future. */
static struct mark left_off(const struct agg_conf *conf)
{
	struct agg *a = agg_new(conf);
	struct mark m;

	agg_hold(a, 0);
	put(a, 0, 1, 1);
	put(a, 1, 2, 1);
	put(a, 2, 19, 1);
	put(a, 3, 3, 1);
	agg_mark(a, 0, &m);
	m.future = NULL; /* it is the later one */
	m.n_future = 0;
	agg_free(a);
	return m;
}

static const struct agg_conf plain = {
	.interval_us = 20 * S,
	.idle_us = AGG_OFF,
	.max_ahead_us = 10 * S,
	.from_us = WHEN_NONE,
	.marked = true,
};

/* The row of the report in which the partition is cut there; -1: it is not. */
static void assert_cut(struct agg *a, int64_t offset)
{
	const struct report *r = agg_close(a);

	assert_non_null(r);
	assert_int_equal(r->n_cuts, offset >= 0);
	if (offset >= 0)
		assert_int_equal(r->cuts[0].offset, offset);
}

static void an_intent_keeps_its_cut(void **state)
{
	struct agg *a = agg_new(&plain), *b = agg_new(&plain);
	struct mark m, later;

	(void)state;
	agg_hold(a, 0);
	put(a, 0, 1, 100);
	put(a, 1, 21, 100); /* passes the first window, not the second */
	agg_finish(a);
	assert_int_equal(agg_next(a, 2, 0), AGG_CLOSE);
	agg_intend(a, 7);
	agg_mark(a, 0, &m);
	assert_int_equal(m.next, 2);
	m.future = NULL;
	agg_resume(b, 0, &m);
	for (int i = 0; i < 4; i++) /* what is read before it is done */
		put(b, i, (int[]){1, 21, 22, 99}[i], 100);
	agg_mark(b, 0, &later);
	assert_int_equal(later.next, 2);
	assert_int_equal(later.greatest_us, 21 * S);
	assert_int_equal(agg_next(b, 1, 0), AGG_AGAIN);
	assert_cut(b, -1);
	assert_cut(b, 2);
	assert_null(agg_close(b));
	agg_mark(b, 0, &later);
	assert_int_equal(later.cut, 2);
	assert_int_equal(later.next, 4);
	assert_int_equal(later.books.late, 1);
	assert_cut(a, -1);
	assert_cut(a, 2);
	agg_free(a);
	agg_free(b);
}

static void what_was_compacted_away_is_counted(void **state)
{
	const struct mark m = left_off(&plain);
	struct agg *a = agg_new(&plain);

	(void)state;
	assert_int_equal(m.books.open, 3);
	agg_resume(a, 0, &m);
	put(a, 1, 2, 1);
	assert_int_equal(agg_take_gone(a, 0), 0); /* they may come */
	put(a, 4, 4, 1);
	assert_int_equal(agg_take_gone(a, 0), 2);
	assert_int_equal(agg_take_gone(a, 0), 0);
	assert_int_equal(agg_books(a).open, 2);
	agg_release(a);
	agg_resume(a, 0, &m);
	agg_at_end(a, 0, 0);
	assert_int_equal(agg_take_gone(a, 0), 3);
	agg_free(a);
}

static void what_was_of_the_future_stays_so(void **state)
{
	const struct mark m = left_off(&plain);
	struct agg_conf takes_all = plain;
	struct agg *a;

	(void)state;
	takes_all.max_ahead_us = AGG_OFF;
	a = agg_new(&takes_all);
	agg_resume(a, 0, &m);
	for (int i = 0; i < 4; i++)
		put(a, i, (int[]){1, 2, 19, 3}[i], 1);
	assert_int_equal(agg_take_gone(a, 0), 0);
	assert_int_equal(agg_books(a).open, 3);
	assert_int_equal(agg_books(a).future, 1);
	assert_int_equal(agg_books(a).read, 4);
	put(a, 4, 19, 1);
	assert_int_equal(agg_books(a).open, 4);
	agg_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_and_resumed_is_as_in_one_go),
		cmocka_unit_test(shares_that_move_are_printed_once),
		cmocka_unit_test(forced_closes_come_again_the_same),
		cmocka_unit_test(an_intent_keeps_its_cut),
		cmocka_unit_test(what_was_compacted_away_is_counted),
		cmocka_unit_test(what_was_of_the_future_stays_so),
	};

	rng_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
