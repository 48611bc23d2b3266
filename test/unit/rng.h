/* SPDX-License-Identifier: MIT */
/*
 * rng.h - whole numbers for tests of many random cases
 *
 * By Marsaglia's xorshift, from a seed that is printed and can be given as
 * SEED. Where the cases are to be the same each time: draw.h.
 */
#ifndef TEST_UNIT_RNG_H
#define TEST_UNIT_RNG_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t rng_state;

static inline uint64_t rng(uint64_t n)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state % n;
}

static inline void rng_seed(void)
{
	const char *seed = getenv("SEED");

	rng_state = seed ? strtoull(seed, NULL, 10) : 20231218;
	printf("# SEED=%llu\n", (unsigned long long)rng_state);
}

#endif
