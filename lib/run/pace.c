/* SPDX-License-Identifier: MIT */
#include "run/pace.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/opts.h"
#include "base/when.h"

#define NS_PER_US    1000
#define RATE_MIN     1e-6
#define RATE_MAX     1e9
#define STAGES_MAX_S 3155760000 /* a hundred years */

static int parse_stage(struct stage *s, char *word, struct err *e)
{
	char *colon = strchr(word, ':');
	int64_t us;
	double rate;

	if (!colon)
		return err_set(e, "'%.80s' is no stage (like 10s:5k)", word);
	*colon = '\0';
	if (num_parse_span(word, &us, e) ||
	    num_parse_double(colon + 1, &rate, e))
		return -1;
	if (us <= 0 || us > STAGES_MAX_S * US_PER_S)
		return err_set(e,
			       "a stage of '%.40s' is out of bounds (above 0, "
			       "to 36525d)",
			       word);
	if (rate != 0 && !(rate >= RATE_MIN && rate <= RATE_MAX))
		return err_set(e,
			       "rate '%.40s' is out of bounds (0, or %g to %g)",
			       colon + 1, RATE_MIN, RATE_MAX);
	*s = (struct stage){us, rate};
	return 0;
}

static int parse_stages(struct pace *p, const struct opt_words *w,
			struct err *e)
{
	int64_t all_us = 0;

	p->stages = mem_zalloc(w->n, sizeof(*p->stages));
	for (; p->n_stages < w->n; p->n_stages++) {
		struct stage *s = &p->stages[p->n_stages];

		if (parse_stage(s, w->v[p->n_stages], e))
			return -1;
		all_us += s->us;
		if (all_us > STAGES_MAX_S * US_PER_S)
			return err_set(e, "the stages are too long together "
					  "(36525d at most)");
	}
	return 0;
}

int pace_parse_stages(struct pace *p, const char *text, struct err *e)
{
	struct opt_words words = {NULL, 0};
	int rc = opt_words_split(&words, text, e);

	if (!rc)
		rc = parse_stages(p, &words, e);
	opt_words_release(&words);
	if (rc)
		pace_release(p);
	return rc;
}

void pace_release(struct pace *p)
{
	free(p->stages);
	p->stages = NULL;
	p->n_stages = 0;
}

bool pace_is_paced(const struct pace *p)
{
	return p->speed > 0 || p->then_live || p->rate > 0 || p->n_stages > 0;
}

/* What lies further off than anybody waits must not wrap to the past. */
static int64_t to_us(double us)
{
	return us < 9e18 ? (int64_t)us : PACE_NEVER;
}

/* Where the area under the stages is n messages. */
static int64_t stages_at_us(const struct pace *p, uint64_t nth)
{
	double left = (double)nth;
	int64_t at_us = 0;

	for (size_t i = 0; i < p->n_stages; i++) {
		const struct stage *s = &p->stages[i];
		double all = s->rate * (double)s->us / 1e6;

		if (left < all)
			return at_us + to_us(left / s->rate * 1e6);
		left -= all;
		at_us += s->us;
	}
	return PACE_END;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t pace_at_us(const struct pace *p, int64_t send_ns, uint64_t nth)
{
	int64_t at_us = 0;

	if (p->speed > 0)
		at_us = to_us((double)send_ns / (NS_PER_US * p->speed));
	if (p->then_live)
		at_us = later(at_us,
			      p->start_us - p->wall_us + send_ns / NS_PER_US);
	if (p->rate > 0)
		at_us = later(at_us, to_us((double)nth / p->rate * 1e6));
	if (p->n_stages)
		at_us = later(at_us, stages_at_us(p, nth));
	return at_us;
}
