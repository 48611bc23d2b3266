/* SPDX-License-Identifier: MIT */
/*
 * The truth against a model so plain that it can be read: all messages of a
 * partition, one after the other, into one big table. Values are multiples of
 * 1/8, so that sums of doubles are exact and quotients correctly rounded.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "agg/exact.h"
#include "agg/truth.h"
#include "base/when.h"
#include "draw.h"

#define S     US_PER_S
#define PARTS 4
#define MOST  200 /* messages of a partition */
#define ROWS  4000

static const struct truth_conf plain = {20 * S, 1 * S};

static struct reading reading(int64_t time_us, const char *type,
			      const char *name, double value)
{
	return (struct reading){
		.time_us = time_us,
		.type = type,
		.type_len = strlen(type),
		.name = name,
		.name_len = strlen(name),
		.value = value,
	};
}

/* ---- stories ---- */

static void add(struct truth *t, int partition, double seconds, double value)
{
	struct reading r = reading((int64_t)(seconds * S), "t", "n", value);

	truth_add(t, partition, &r, false);
}

static void assert_rest(struct truth *t, const char *text)
{
	struct str out = STR_INIT;

	truth_finish(t, &out);
	assert_string_equal(out.p, text);
	str_release(&out);
	truth_free(t);
}

static void a_file_of_two_windows(void **state)
{
	struct truth *t = truth_new(&plain);
	struct reading broken = reading(2 * S, "t", "m", 1e9);
	struct str head = STR_INIT;

	(void)state;
	truth_add_head(&head);
	assert_string_equal(head.p, "start,end,by,key,count,mean,sum,late,"
				    "malformed\n");
	str_release(&head);
	add(t, 0, 1, 1e16);
	add(t, 0, 20.5, 3);
	add(t, 0, 19.5, 1); /* within the grace */
	truth_add(t, 0, &broken, true);
	add(t, 0, 21, 4);
	add(t, 0, 19.5, 7); /* late */
	assert_rest(
		t,
		"1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,type,t,2,"
		"5000000000000000.0,1e+16 1.0,1,1\n"
		"1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,name,m,0,,0.0,0,1\n"
		"1970-01-01T00:00:00Z,1970-01-01T00:00:20Z,name,n,2,"
		"5000000000000000.0,1e+16 1.0,1,0\n"
		"1970-01-01T00:00:20Z,1970-01-01T00:00:40Z,type,t,2,3.5,7.0,"
		"0,0\n"
		"1970-01-01T00:00:20Z,1970-01-01T00:00:40Z,name,n,2,3.5,7.0,"
		"0,0\n"
		",,end,complete,4,,,1,1\n");
}

static void no_message_is_an_empty_truth(void **state)
{
	(void)state;
	assert_rest(truth_new(&plain), ",,end,complete,0,,,0,0\n");
}

static void the_first_reason_makes_it_invalid(void **state)
{
	struct truth *t = truth_new(&plain);

	(void)state;
	truth_invalidate(t, "3 messages failed, say");
	truth_invalidate(t, "something else");
	assert_rest(t, ",,end,\"invalid: 3 messages failed, say\",0,,,0,0\n");
}

static size_t taken(struct truth *t)
{
	struct str out = STR_INIT;
	size_t lines = 0;

	truth_take(t, &out);
	for (size_t i = 0; i < out.len; i++)
		lines += out.p[i] == '\n';
	str_release(&out);
	return lines;
}

static void a_window_is_written_when_all_have_passed_it(void **state)
{
	struct truth *t = truth_new(&plain);

	(void)state;
	add(t, 0, 1, 1);
	add(t, 0, 21, 1);
	assert_int_equal(taken(t), 2);
	assert_int_equal(taken(t), 0);
	add(t, 2, 1, 1);
	add(t, 0, 41, 1);
	assert_int_equal(taken(t), 0);
	add(t, 2, 41, 1);
	assert_int_equal(taken(t), 4);
	add(t, 2, 1, 1); /* late, by itself */
	assert_int_equal(taken(t), 2);
	truth_free(t);
}

static void a_partition_that_stays_behind_costs_no_memory_without_end(void **st)
{
	struct truth *t = truth_new(&plain);

	(void)st;
	add(t, 1, 0, 1);
	for (int i = 0; i < TRUTH_OPEN_MAX; i++)
		add(t, 0, 20 * i, 1);
	assert_int_equal(taken(t), 0);
	add(t, 0, 20 * TRUTH_OPEN_MAX, 1);
	assert_int_equal(taken(t), 2);
	truth_free(t);
}

/* ---- the model ---- */

struct message {
	struct reading r;
	bool malformed;
};

struct part {
	struct message m[MOST];
	size_t n, given;
};

/* A row of either: the key is "START BY KEY". */
struct row {
	char key[80];
	uint64_t count, late, malformed;
	double sum;
};

struct rows {
	struct row v[ROWS];
	size_t n;
};

static struct row *row_at(struct rows *t, const char *key)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->v[i].key, key))
			return &t->v[i];
	assert_true(t->n < ROWS);
	t->v[t->n] = (struct row){.count = 0};
	snprintf(t->v[t->n].key, sizeof(t->v[0].key), "%s", key);
	return &t->v[t->n++];
}

static void model_count(struct rows *t, int64_t start_us, const char *by,
			const char *name, const struct message *m, bool late)
{
	struct str key = STR_INIT;
	struct row *row;

	when_add_rfc3339(&key, start_us);
	str_addf(&key, " %s %s", by, name);
	row = row_at(t, key.p);
	str_release(&key);
	if (m->malformed) {
		row->malformed++;
	} else if (late) {
		row->late++;
	} else {
		row->count++;
		row->sum += m->r.value;
	}
}

static void model_part(struct rows *t, const struct truth_conf *conf,
		       const struct part *p)
{
	int64_t watermark = WHEN_NONE;

	for (size_t i = 0; i < p->n; i++) {
		const struct message *m = &p->m[i];
		int64_t start = m->r.time_us / conf->interval_us;
		int64_t due;
		bool late;

		if (start * conf->interval_us > m->r.time_us)
			start--; /* before 1970 */
		start *= conf->interval_us;
		due = start + conf->interval_us + conf->grace_us;
		late = due <= watermark;
		model_count(t, start, "type", m->r.type, m, late);
		model_count(t, start, "name", m->r.name, m, late);
		if (!m->malformed && !late && m->r.time_us > watermark)
			watermark = m->r.time_us;
	}
}

/* A partition whose event time goes on, with jumps back and gaps. */
static void make_part(struct part *p)
{
	static const char *const types[] = {"a", "b", "c"};
	static const char *const names[] = {"u", "v", "w", "x", "y"};
	int64_t now = ((int64_t)draw(100) - 50) * S;

	p->n = draw(MOST);
	for (size_t i = 0; i < p->n; i++) {
		int64_t back = draw(4) ? 0 : (int64_t)draw(50000) * 1000;

		now += (int64_t)draw(draw(50) ? 2000 : 100000) * 1000;
		p->m[i].r = reading(now - back, types[draw(3)], names[draw(5)],
				    ((double)draw(100000) - 50000) / 8);
		p->m[i].malformed = draw(20) == 0;
	}
}

/* Adds a row of the file; the mean is looked at here. */
static void read_line(struct rows *t, const char *line)
{
	char start[40], by[8], name[8], mean[40], sum[80], key[80], rest[100];
	uint64_t count, late, malformed;
	struct exact e = EXACT_INIT;
	struct err err = ERR_INIT;
	struct row *row;

	assert_int_equal(sscanf(line,
				"%39[^,],%*[^,],%7[^,],%7[^,],%" SCNu64
				",%99[^\n]",
				start, by, name, &count, rest),
			 5);
	mean[0] = '\0';
	assert_int_equal(sscanf(rest,
				*rest == ',' ? ",%79[^,],%" SCNu64 ",%" SCNu64
					     : "%*[^,],%79[^,],%" SCNu64
					       ",%" SCNu64,
				sum, &late, &malformed),
			 3);
	sscanf(rest, "%39[^,]", mean);
	assert_int_equal(exact_parse(&e, sum, &err), 0);
	if (count)
		assert_true(strtod(mean, NULL) ==
			    exact_mean(&e, 1) / (double)count);
	else
		assert_string_equal(sum, "0.0");
	snprintf(key, sizeof(key), "%s %s %s", start, by, name);
	row = row_at(t, key);
	row->count += count;
	row->late += late;
	row->malformed += malformed;
	row->sum += exact_mean(&e, 1);
	exact_release(&e);
}

/* All rows, and the closing row's totals against them. */
static void read_file(struct rows *t, const struct str *file)
{
	uint64_t count, late, malformed, n = 0, l = 0, m = 0;
	const char *line = file->p;

	for (; *line != ','; line = strchr(line, '\n') + 1)
		read_line(t, line);
	assert_int_equal(sscanf(line,
				",,end,complete,%" SCNu64 ",,,%" SCNu64
				",%" SCNu64,
				&count, &late, &malformed),
			 3);
	for (size_t i = 0; i < t->n; i++) {
		if (!strstr(t->v[i].key, " type "))
			continue;
		n += t->v[i].count;
		l += t->v[i].late;
		m += t->v[i].malformed;
	}
	assert_int_equal(n, count);
	assert_int_equal(l, late);
	assert_int_equal(m, malformed);
}

static void assert_same(struct rows *a, struct rows *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct row *x = &a->v[i], *y = row_at(b, x->key);

		assert_int_equal(x->count, y->count);
		assert_int_equal(x->late, y->late);
		assert_int_equal(x->malformed, y->malformed);
		assert_true(x->sum == y->sum);
	}
	assert_int_equal(a->n, b->n);
}

/* Gives all messages, in a random order of the partitions. */
static void tell(struct truth *t, struct part *parts, uint32_t take_one_in,
		 struct str *out)
{
	size_t left = 0;

	for (int p = 0; p < PARTS; p++) {
		parts[p].given = 0;
		left += parts[p].n;
	}
	while (left) {
		int p = (int)draw(PARTS);
		size_t some = draw(10);

		for (; some && parts[p].given < parts[p].n; some--, left--) {
			struct message *m = &parts[p].m[parts[p].given++];

			truth_add(t, p, &m->r, m->malformed);
		}
		if (take_one_in && draw(take_one_in) == 0)
			truth_take(t, out);
	}
	truth_finish(t, out);
}

static void it_is_what_the_model_says_in_any_order(void **state)
{
	static const uint32_t takes[] = {0, 1, 5};
	static struct part parts[PARTS];
	static struct rows model, got;

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct truth_conf conf = {(1 + draw(30)) * S, draw(5) * S};

		model.n = 0;
		for (int p = 0; p < PARTS; p++) {
			make_part(&parts[p]);
			model_part(&model, &conf, &parts[p]);
		}
		for (int i = 0; i < 3; i++) {
			struct truth *t = truth_new(&conf);
			struct str out = STR_INIT;

			tell(t, parts, takes[i], &out);
			got.n = 0;
			read_file(&got, &out);
			assert_same(&model, &got);
			str_release(&out);
			truth_free(t);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_two_windows),
		cmocka_unit_test(no_message_is_an_empty_truth),
		cmocka_unit_test(the_first_reason_makes_it_invalid),
		cmocka_unit_test(a_window_is_written_when_all_have_passed_it),
		cmocka_unit_test(
			a_partition_that_stays_behind_costs_no_memory_without_end),
		cmocka_unit_test(it_is_what_the_model_says_in_any_order),
	};

	return cmocka_run_group_tests(tests, draw_print_seed, NULL);
}
