/* SPDX-License-Identifier: MIT */
#include "run/pace.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/opts.h"
#include "base/when.h"

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

int64_t pace_stages_us(const struct pace *p)
{
	int64_t us = 0;

	for (size_t i = 0; i < p->n_stages; i++)
		us += p->stages[i].us;
	return us;
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

static double later(double a, double b)
{
	return a > b ? a : b;
}

/* When the schedule alone has it. */
static double schedule_us(const struct pace *p, int64_t send_ns)
{
	double at_us = 0;

	if (p->speed > 0)
		at_us = (double)send_ns / (NS_PER_US * p->speed);
	if (p->then_live) {
		int64_t live_us =
			p->start_us - p->wall_us + send_ns / NS_PER_US;

		at_us = later(at_us, (double)live_us);
	}
	return at_us;
}

static double stage_end_us(const struct pace *p)
{
	return p->begun_us + (double)p->stages[p->stage].us;
}

static void next_stage(struct pace *p)
{
	p->begun_us = stage_end_us(p);
	p->stage++;
}

/* From a time on, the first at which the stages let a message go. */
static double stages_from_us(struct pace *p, double us)
{
	while (p->stage < p->n_stages &&
	       (us >= stage_end_us(p) || p->stages[p->stage].rate == 0)) {
		us = later(us, stage_end_us(p));
		next_stage(p);
	}
	return us;
}

/* Where the area under the stages is one message more than at this time. */
static double stages_after_us(struct pace *p, double us)
{
	double need = 1;

	for (; p->stage < p->n_stages; next_stage(p)) {
		double rate = p->stages[p->stage].rate;
		double room = (stage_end_us(p) - us) * rate / 1e6;

		if (need < room)
			return us + need * 1e6 / rate;
		need -= room;
		us = stage_end_us(p);
	}
	return us;
}

int64_t pace_next_us(struct pace *p, int64_t send_ns)
{
	double at_us = later(schedule_us(p, send_ns), p->next_us);

	if (p->n_stages) {
		at_us = stages_from_us(p, at_us);
		if (p->stage == p->n_stages)
			return PACE_END;
		p->next_us = stages_after_us(p, at_us);
	} else if (p->rate > 0) {
		p->next_us = at_us + 1e6 / p->rate;
	}
	return to_us(at_us);
}
