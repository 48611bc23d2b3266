/* SPDX-License-Identifier: MIT */
#include "sim/factor.h"

#include <inttypes.h>

#include <gsl/gsl_cdf.h>

#include "sim/mix.h"

/* Mixed once more than a sensor's seed is, whose name it may have. */
uint64_t factor_seed(uint64_t fleet_seed, const char *name)
{
	uint64_t x = fleet_seed;

	x = mix_next(&x) ^ mix_hash(name);
	return mix_next(&x);
}

int factor_check(const struct factor *f, struct err *e)
{
	if (f->every_us > 0)
		return 0;
	return err_set(e, "a span of %" PRId64 " us must be above 0",
		       f->every_us);
}

int factor_check_coefficient(double c, struct err *e)
{
	if (c >= -1 && c <= 1)
		return 0;
	return err_set(e, "coefficient %.10g is out of bounds (-1 to 1)", c);
}

/* 52 bits and a half: all of them exact, the least and the last inside. */
static double inside_0_1(uint64_t bits)
{
	return ((double)(bits >> 12) + 0.5) * 0x1p-52;
}

void factor_look_up(const struct factor *f, int64_t time_us,
		    struct factor_cache *cache)
{
	int64_t span = time_us / f->every_us;
	uint64_t x;

	if (span * f->every_us > time_us) /* before 1970 */
		span--;
	x = f->seed + (uint64_t)span * MIX_STEP;
	cache->from_us = span * f->every_us;
	cache->until_us = cache->from_us + f->every_us;
	cache->f = gsl_cdf_ugaussian_Pinv(inside_0_1(mix_next(&x)));
}
