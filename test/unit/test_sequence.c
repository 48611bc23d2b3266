/* SPDX-License-Identifier: MIT */
/*
 * Numbers of messages by small stories, then random ones against a model that
 * remembers every number; these stay within the 64 that ours remembers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "agg/sequence.h"
#include "draw.h"

static void add(struct sequence *s, const char *run, const char *name,
		uint64_t number)
{
	sequence_add(s, run, strlen(run), name, strlen(name), number);
}

static void assert_counts(const struct sequence *s, uint64_t lost,
			  uint64_t duplicated, uint64_t reordered)
{
	struct sequence_counts c = sequence_counts(s);

	assert_int_equal(c.lost, lost);
	assert_int_equal(c.duplicated, duplicated);
	assert_int_equal(c.reordered, reordered);
}

/* The numbers of one sensor, up to UINT64_MAX, and what they tell. */
static void tells(const uint64_t *numbers, uint64_t lost, uint64_t duplicated,
		  uint64_t reordered)
{
	struct sequence *s = sequence_new(SEQUENCE_MOST);

	for (; *numbers != UINT64_MAX; numbers++)
		add(s, "r", "n", *numbers);
	assert_counts(s, lost, duplicated, reordered);
	sequence_free(s);
}

#define TELLS(lost, duplicated, reordered, ...)                              \
	tells((const uint64_t[]){__VA_ARGS__, UINT64_MAX}, lost, duplicated, \
	      reordered)

static void stories(void **state)
{
	(void)state;
	TELLS(0, 0, 0, 0, 1, 2, 3);
	TELLS(2, 0, 0, 0, 1, 4, 5);
	TELLS(0, 2, 0, 0, 0, 1, 2, 1);
	TELLS(0, 0, 1, 0, 2, 1, 3);
	TELLS(0, 1, 1, 0, 2, 1, 1, 3);
	TELLS(1, 0, 1, 0, 3, 1);
}

static void a_view_from_the_middle(void **state)
{
	(void)state;
	TELLS(0, 0, 0, 1000, 1001);
	/* Below the first: it came after a higher one, and is not missed. */
	TELLS(0, 0, 1, 1000, 999);
	TELLS(0, 1, 1, 1000, 999, 999);
	TELLS(0, 0, 1, 1000, 10);
}

static void of_old_numbers_the_missing_come_first(void **state)
{
	(void)state;
	TELLS(998, 0, 0, 0, 999);
	TELLS(997, 0, 1, 0, 999, 5);
	TELLS(62, 0, 1, 0, 64, 1); /* the oldest that is remembered */
	TELLS(62, 1, 1, 0, 64, 1, 1);
	TELLS(0, 1, 1, 0, 2, 3, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	      17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
	      33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48,
	      49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64,
	      65, 66, 67, 68, 69, 70, 1);
}

static void sensors_and_runs_count_for_themselves(void **state)
{
	struct sequence *s = sequence_new(SEQUENCE_MOST);

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		add(s, "r", "n", i);
		add(s, "r", "m", i);
		add(s, "rn", "", i);
		add(s, "", "rn", i);
		add(s, "q", "n", i);
	}
	sequence_add(s, NULL, 0, NULL, 0, 7);
	sequence_add(s, NULL, 0, NULL, 0, 9);
	assert_counts(s, 1, 0, 0);
	assert_int_equal(sequence_counts(s).numbers, 17);
	sequence_free(s);
}

/* What every number ever seen tells. */
struct model {
	bool came[4096];
	uint64_t first, highest, lost, duplicated, reordered;
	bool any;
};

static void model_add(struct model *m, uint64_t number)
{
	if (!m->any)
		m->first = m->highest = number;
	else if (m->came[number])
		m->duplicated++;
	else if (number < m->highest)
		m->reordered++;
	m->any = true;
	m->came[number] = true;
	if (number > m->highest)
		m->highest = number;
	m->lost = 0;
	for (uint64_t i = m->first; i <= m->highest; i++)
		m->lost += !m->came[i];
}

static void it_is_what_the_model_says(void **state)
{
	static struct model m;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct sequence *s = sequence_new(SEQUENCE_MOST);
		uint64_t next = draw(100) + 63;

		memset(&m, 0, sizeof(m));
		for (int i = 0; i < 300; i++) {
			uint64_t number = next;

			if (draw(4) == 0)
				number = m.any ? m.highest - draw(64) : next;
			else
				next += 1 + (draw(8) ? 0 : draw(6));
			add(s, "r", "n", number);
			model_add(&m, number);
			assert_counts(s, m.lost, m.duplicated, m.reordered);
		}
		sequence_free(s);
	}
}

static void add_run(struct sequence *s, unsigned run, const char *name,
		    uint64_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", run);
	add(s, text, name, number);
}

/* One run after the other, while one goes on. */
static void what_comes_no_more_is_forgotten(void **state)
{
	struct sequence *s = sequence_new(100);

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		add_run(s, i, "n", 0);
		assert_true(sequence_remembered(s) <= 100);
		if (i % 10 == 0)
			add(s, "stays", "n", i / 10);
	}
	/* It has missed nothing, and what is lost in it is seen. */
	assert_counts(s, 0, 0, 0);
	add(s, "stays", "n", 1001);
	assert_counts(s, 1, 0, 0);
	/* The newest is known, the oldest begins anew. */
	add_run(s, 9999, "n", 0);
	assert_counts(s, 1, 1, 0);
	add_run(s, 0, "n", 0);
	assert_counts(s, 1, 1, 0);
	sequence_free(s);
}

static void long_names_are_forgotten_sooner(void **state)
{
	struct sequence *s = sequence_new(1000);
	char *name = calloc(1, 1 << 20);

	(void)state;
	assert_non_null(name);
	memset(name, 'x', (1 << 20) - 1);
	for (unsigned i = 0; i < 100; i++) {
		add_run(s, i, name, i);
		assert_true(sequence_remembered(s) <= 1);
	}
	free(name);
	sequence_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_no_more_is_forgotten),
		cmocka_unit_test(long_names_are_forgotten_sooner),
		cmocka_unit_test(stories),
		cmocka_unit_test(a_view_from_the_middle),
		cmocka_unit_test(of_old_numbers_the_missing_come_first),
		cmocka_unit_test(sensors_and_runs_count_for_themselves),
		cmocka_unit_test(it_is_what_the_model_says),
	};

	return cmocka_run_group_tests(tests, draw_print_seed, NULL);
}
