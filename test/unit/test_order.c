/* SPDX-License-Identifier: MIT */
/*
 * The order of names is kept from report to report. Here names come and go by
 * chance, in several partitions, and are forgotten now and then: the rows are
 * those of a plain sort each time, to the last bit.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agg/again.h"
#include "agg/forget.h"
#include "agg/order.h"
#include "agg/spread.h"
#include "agg/sum.h"
#include "base/when.h"
#include "rng.h"

#define S	US_PER_S
#define LENGTH	(20 * S)
#define PARTS	5
#define WINDOWS 120
#define MOST	400 /* readings of a window */
#define MANY	4200

struct key {
	char bytes[64];
	size_t len;
};

/* The kth of all strings of four bytes, the empty one first; some are long. */
static struct key make_key(uint64_t k)
{
	static const char bytes[] = {'\0', 'a', 'b', '\xff'};
	struct key key = {.len = 0};
	size_t tail = k % 5 * 13;

	for (; k; k = (k - 1) / 4)
		key.bytes[key.len++] = bytes[(k - 1) % 4];
	memset(key.bytes + key.len, 'x', tail);
	key.len += tail;
	return key;
}

static int compare(const struct key *x, const struct key *y)
{
	return report_compare(x->bytes, x->len, y->bytes, y->len);
}

/* ---- the order itself ---- */

static void assert_sorted(const struct order *o, const struct intern *names)
{
	assert_int_equal(o->n, intern_count(names));
	for (size_t i = 0; i < o->n; i++) {
		const struct named *y = &o->v[i], *x = y - 1;
		size_t len;

		assert_ptr_equal(y->name, intern_name(names, y->id, &len));
		assert_int_equal(y->len, len);
		assert_true(!i || report_compare(x->name, x->len, y->name,
						 y->len) < 0);
	}
}

static void new_names_are_sorted_in(void **state)
{
	struct intern *names = intern_new();
	struct order o = {.n = 0};

	(void)state;
	order_update(&o, names);
	assert_sorted(&o, names);
	for (int round = 0; round < 300; round++) {
		/* few among many, many among few, none */
		for (uint64_t n = rng(2) ? rng(4) : rng(100); n; n--) {
			struct key key = make_key(rng(20000));

			intern_id(names, key.bytes, key.len);
		}
		order_update(&o, names);
		assert_sorted(&o, names);
	}
	assert_in_range(o.n, 5000, 20000);
	order_release(&o);
	intern_free(names);
}

/* ---- reports ---- */

struct record {
	int partition;
	size_t at; /* in the order of arrival */
	struct key type, name;
	double value;
};

/* The readings of a window, as they came. */
struct story {
	int window;
	size_t n;
	struct record records[MOST];
};

static int by_name(const void *va, const void *vb)
{
	const struct record *x = va, *y = vb;
	int d = compare(&x->name, &y->name);

	if (!d)
		d = x->partition - y->partition;
	return d ? d : (x->at > y->at) - (x->at < y->at);
}

/* The first of the sorted n records have the row's name; returns how many. */
static size_t assert_row(const struct report_row *row, const struct record *r,
			 size_t n)
{
	const struct key *key = &r->name;
	struct sum sum = {.n = 0};
	struct spread spread = {.mean = 0};
	size_t i = 0;
	double sd;

	while (i < n && !compare(&r[i].name, key)) {
		struct sum part = {.n = 0};
		struct spread part_spread = {.mean = 0};
		int partition = r[i].partition;

		for (; i < n && r[i].partition == partition &&
		       !compare(&r[i].name, key);
		     i++) {
			sum_add(&part, r[i].value);
			spread_add(&part_spread, r[i].value, part.n);
		}
		spread_merge(&spread, sum.n, &part_spread, part.n);
		if (sum.n)
			sum_merge(&sum, &part);
		else
			sum = part;
	}
	sd = spread_sd(&spread, sum.n);
	assert_int_equal(row->key_len, key->len);
	assert_memory_equal(row->key, key->bytes, key->len);
	assert_int_equal(row->count, i);
	assert_true(row->mean == sum_mean(&sum));
	assert_true(row->sd == sd || (isnan(row->sd) && isnan(sd)));
	assert_true(row->min == spread.min && row->max == spread.max);
	return i;
}

static void assert_table(const struct report_table *t, struct record *r,
			 size_t n)
{
	size_t row = 0;

	qsort(r, n, sizeof(*r), by_name);
	for (size_t i = 0; i < n; row++) {
		assert_true(row < t->n);
		i += assert_row(&t->rows[row], &r[i], n - i);
	}
	assert_int_equal(row, t->n);
}

static bool is_of(const struct report *report, int partition)
{
	for (size_t i = 0; i < report->n_parts; i++) {
		if (report->parts[i].partition == partition)
			return true;
	}
	return false;
}

static void assert_report(const struct report *report, const struct story *s)
{
	struct record r[MOST];
	size_t n = 0;

	assert_int_equal(report->start_us, s->window * LENGTH);
	for (size_t i = 0; i < s->n; i++) {
		if (is_of(report, s->records[i].partition))
			r[n++] = s->records[i];
	}
	assert_int_equal(report->count, n);
	assert_table(&report->by_name, r, n);
	for (size_t i = 0; i < n; i++)
		r[i].name = r[i].type;
	assert_table(&report->by_type, r, n);
}

/* Of some of the partitions, and of one that is none. */
static void peek(struct agg *a, const struct story *s)
{
	int partitions[PARTS + 1];
	size_t n = 0;

	for (int p = 0; p < PARTS; p++) {
		if (rng(2))
			partitions[n++] = p;
	}
	partitions[n++] = PARTS + 3;
	assert_report(agg_peek_of(a, agg_open(a) - 1, partitions, n), s);
}

static void put(struct agg *a, struct story *s, int64_t *offsets)
{
	struct record *r = &s->records[s->n];
	struct agg_record at;
	struct reading reading;

	*r = (struct record){
		.partition = (int)rng(PARTS),
		.at = s->n++,
		.type = make_key(rng(6)),
		/* they move on, so that old ones come no more */
		.name = make_key((uint64_t)s->window * 20 + rng(200)),
		.value = ldexp((double)rng(1000000) - 500000, (int)rng(60)),
	};
	if (s->window % 7 == 3)
		r->partition /= 3; /* some partitions have none */
	at.partition = r->partition;
	at.offset = offsets[r->partition]++;
	at.timestamp_us = 0;
	reading = (struct reading){
		.time_us = s->window * LENGTH + (int64_t)rng(LENGTH),
		.type = r->type.bytes,
		.type_len = r->type.len,
		.name = r->name.bytes,
		.name_len = r->name.len,
		.value = r->value,
	};
	assert_int_equal(agg_add(a, &at, &reading, 0, 0), AGG_USED);
}

/* The window before this one; all are at their end, so that none waits. */
static void close_last(struct agg *a, const struct story *s)
{
	enum agg_action todo;
	int closed = 0;
	const struct report *r;

	for (int p = 0; p < PARTS; p++)
		agg_at_end(a, p, 0);
	while ((todo = agg_next(a, 1, 0)) != AGG_WAIT) {
		if (todo == AGG_ASK) {
			agg_asked(a);
			continue;
		}
		while ((r = agg_close(a))) {
			if (r->start_us < 0)
				continue; /* see put_many */
			assert_report(r, s);
			closed++;
		}
	}
	assert_int_equal(closed, 1);
}

/* From a window before all others: so many names that readings wait. */
static void put_many(struct agg *a, int64_t *offsets)
{
	for (int p = 0; p < PARTS; p++) {
		for (uint64_t k = 0; k < MANY; k++) {
			const struct key key = make_key(100000 + k);
			const struct agg_record at = {.partition = p,
						      .offset = offsets[p]++};
			const struct reading r = {
				.time_us = -LENGTH,
				.type = key.bytes,
				.name = key.bytes,
				.name_len = key.len,
				.value = 1,
			};

			assert_int_equal(agg_add(a, &at, &r, 0, 0), AGG_USED);
		}
	}
}

static void assert_rows(bool many)
{
	static struct story stories[2];
	const struct agg_conf conf = {
		.interval_us = LENGTH,
		.max_ahead_us = AGG_OFF,
		.from_us = WHEN_NONE,
		.spread = true,
	};
	struct agg *a = agg_new(&conf);
	int64_t offsets[PARTS] = {0};

	for (int p = 0; p < PARTS; p++)
		agg_hold(a, p);
	if (many)
		put_many(a, offsets);
	for (int w = 0; w < WINDOWS; w++) {
		struct story *s = &stories[w % 2];

		s->window = w;
		s->n = 0;
		for (uint64_t n = 1 + rng(MOST); n; n--) {
			put(a, s, offsets);
			if (!rng(100))
				peek(a, s);
			if (!rng(400) && !many)
				agg_forget(a);
		}
		if (w)
			close_last(a, &stories[(w + 1) % 2]);
		peek(a, s);
		if (!rng(3) && !many)
			agg_forget(a);
	}
	agg_free(a);
}

static void rows_are_those_of_a_plain_sort(void **state)
{
	(void)state;
	assert_rows(false);
}

static void rows_of_many_names_too(void **state)
{
	(void)state;
	assert_rows(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_names_are_sorted_in),
		cmocka_unit_test(rows_are_those_of_a_plain_sort),
		cmocka_unit_test(rows_of_many_names_too),
	};

	rng_seed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
