/* SPDX-License-Identifier: MIT */
#include "agg/stats.h"

const char *stat_name(enum statistic s)
{
	static const char *const names[] = {
		[STAT_COUNT] = "count", [STAT_MEAN] = "mean", [STAT_SD] = "sd",
		[STAT_MIN] = "min",	[STAT_MAX] = "max",
	};

	return names[s];
}

bool stats_are_mean_only(const struct stats *s)
{
	return s->n == 1 && s->v[0] == STAT_MEAN;
}

bool stats_need_spread(const struct stats *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i] != STAT_COUNT && s->v[i] != STAT_MEAN)
			return true;
	return false;
}
