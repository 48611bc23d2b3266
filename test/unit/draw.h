/* SPDX-License-Identifier: MIT */
/*
 * draw.h - whole numbers for tests that try many cases
 *
 * Always the same ones, by an LCG of Knuth's (MMIX).
 */
#ifndef TEST_UNIT_DRAW_H
#define TEST_UNIT_DRAW_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define DRAW_SEED 20261124

static inline uint32_t draw(uint32_t below)
{
	static uint64_t state = DRAW_SEED;

	state = state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % below;
}

/* For cmocka_run_group_tests. */
static inline int draw_print_seed(void **state)
{
	(void)state;
	print_message("# seed %d\n", DRAW_SEED);
	return 0;
}

#endif
