/* SPDX-License-Identifier: MIT */
/* Turns and lines beside a model that looks at everybody, every time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sim/mix.h"
#include "sim/turns.h"

#define SEED   20261124
#define N_MOST 33
#define PLAYED 2000

static int print_seed(void **state)
{
	(void)state;
	print_message("# seed %d\n", SEED);
	return 0;
}

/* Few different times, so that many are equal. */
static int64_t small(uint64_t *x)
{
	return (int64_t)(mix_next(x) % 8);
}

static struct turn earliest(const int64_t *ns, uint32_t n)
{
	struct turn first = {ns[0], 0};

	for (uint32_t i = 1; i < n; i++)
		if (ns[i] < first.ns)
			first = (struct turn){ns[i], i};
	return first;
}

static void play(uint32_t n, uint64_t *x)
{
	struct turn leaves[N_MOST];
	int64_t ns[N_MOST];
	struct turns t;

	for (uint32_t i = 0; i < n; i++) {
		ns[i] = small(x);
		leaves[i] = (struct turn){ns[i], i};
	}
	turns_init(&t, leaves, n);
	for (int i = 0; i < PLAYED; i++) {
		struct turn first = turns_first(&t), want = earliest(ns, n);

		assert_int_equal(first.ns, want.ns);
		assert_int_equal(first.player, want.player);
		ns[first.player] += small(x);
		turns_next(&t, first.player,
			   (struct turn){ns[first.player], first.player});
	}
	turns_release(&t);
}

static void the_earliest_is_first(void **state)
{
	uint64_t x = SEED;

	(void)state;
	for (uint32_t n = 1; n <= N_MOST; n++)
		play(n, &x);
}

/* A leaf may stand for others than the player that is at it. */
static void players_may_change_at_a_leaf(void **state)
{
	const struct turn leaves[] = {{5, 7}, {5, 3}};
	struct turns t;

	(void)state;
	turns_init(&t, leaves, 2);
	assert_int_equal(turns_first(&t).player, 3);
	turns_next(&t, 1, (struct turn){5, 9});
	assert_int_equal(turns_first(&t).player, 7);
	turns_next(&t, 0, (struct turn){6, 1});
	assert_int_equal(turns_first(&t).player, 9);
	turns_release(&t);
}

static void a_line_keeps_its_order(void **state)
{
	const struct turn turns[] = {{4, 0}, {2, 1}, {2, 2}, {0, 3}};
	static const uint32_t order[] = {3, 1, 2, 0};
	struct line l;

	(void)state;
	line_init(&l, turns, 4);
	for (int i = 0; i < 40; i++) {
		struct turn first = line_first(&l);

		assert_int_equal(first.player, order[i % 4]);
		assert_int_equal(first.ns,
				 turns[first.player].ns + i / 4 * INT64_C(10));
		line_next(&l, (struct turn){first.ns + 10, first.player});
	}
	line_release(&l);
	line_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earliest_is_first),
		cmocka_unit_test(players_may_change_at_a_leaf),
		cmocka_unit_test(a_line_keeps_its_order),
	};

	return cmocka_run_group_tests(tests, print_seed, NULL);
}
