/* SPDX-License-Identifier: MIT */
/*
 * mix.h - bits from names and numbers, for seeds
 *
 * What is random in a run is a function of the run's seed and of a name, so
 * that it depends on nothing else: the name is hashed, the seed is mixed.
 *
 * Floor 2. Pure.
 */
#ifndef SIM_MIX_H
#define SIM_MIX_H

#include <stdint.h>

/* The step of a SplitMix64 generator: 2^64 over the golden ratio, odd. */
#define MIX_STEP UINT64_C(0x9e3779b97f4a7c15)

/* Fowler, Noll & Vo's hash, variant 1a of 64 bits. */
static inline uint64_t mix_hash(const char *name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return h;
}

/*
 * The next of a SplitMix64 generator: Steele, Lea & Flood, Fast Splittable
 * Pseudorandom Number Generators, OOPSLA 2014. Its state only counts, in
 * steps of MIX_STEP, so that any of its numbers can be had out of turn.
 */
static inline uint64_t mix_next(uint64_t *x)
{
	uint64_t z = *x += MIX_STEP;

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

#endif
