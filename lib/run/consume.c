/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agg/again.h"
#include "agg/forget.h"
#include "agg/look.h"
#include "base/failpoint.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/when.h"
#include "run/consume_parts.h"
#include "run/verify.h"

#define POLL_MS		100
#define BEHIND_AFTER_US (3 * US_PER_S) /* when to look how far behind */
#define BEHIND_SECONDS	10	       /* what is far, at our rate */

/* A bound is better than the kernel's. */
static int check_open(const struct consumer *c, struct err *e)
{
	size_t n = agg_open(c->agg);

	if (n <= c->conf->max_open)
		return 0;
	return err_set(e,
		       "%zu windows are open, more than --max-open %zu: a "
		       "partition holds them back (see --idle), or their "
		       "readings lie far apart",
		       n, c->conf->max_open);
}

static int check_names(struct consumer *c, struct err *e)
{
	size_t max = c->conf->max_names;

	if (agg_keys(c->agg) <= max)
		return 0;
	agg_forget(c->agg);
	if (agg_keys(c->agg) <= max)
		return 0;
	return err_set(e,
		       "more than %zu types or names are in open windows "
		       "(--max-names; of more than %d bytes on the average, as "
		       "many as they take): is that what tells sensors apart "
		       "(see --field)?",
		       max, AGG_KEY_BYTES);
}

/* Before a commit, which says of all that was read that it is done with. */
static int flush_late(void *arg, struct err *e)
{
	struct consumer *c = arg;

	if (!c->late)
		return 0;
	failpoint("late-before");
	if (late_flush(c->late, e))
		return -1;
	failpoint("late-after");
	return 0;
}

/* After each poll: what is on its way out. */
static int serve_outputs(struct consumer *c, struct err *e)
{
	if (c->late && late_serve(c->late, e))
		return -1;
	return output_serve(c->output, e);
}

/* Adds one partition up: what is still to be read, and how much is. */
static void add_where(struct consumer *c, int partition,
		      struct consume_standing *s, double *done, double *all)
{
	struct source_where w;

	if (!source_where(c->source, partition, &w))
		return;
	if (w.stop >= 0) {
		*done += (double)(w.next - w.start);
		*all += (double)(w.stop - w.start);
	}
	if (w.end >= 0) {
		uint64_t n = w.end > w.next ? (uint64_t)(w.end - w.next) : 0;

		c->lags[s->n_lags++] = (struct standing_lag){partition, n};
		s->lag += n;
	}
}

/* Where there is a stop, the share is of what there was at the start. */
static void add_places(struct consumer *c, struct consume_standing *s)
{
	int n = agg_partitions(c->agg);
	double done = 0, all = 0;

	c->lags =
		mem_reserve(c->lags, &c->cap_lags, (size_t)n, sizeof(*c->lags));
	for (int p = 0; p < n; p++)
		add_where(c, p, s, &done, &all);
	s->lags = c->lags;
	s->share = SHARE_UNKNOWN;
	if (all > 0)
		s->share = done < all ? done / all : 1;
}

static void tell_standing(struct consumer *c, bool done)
{
	const struct consume_watch *watch = &c->conf->watch;
	int64_t now_us = when_mono_us();
	struct consume_standing s;

	if (!watch->fn || (!done && now_us - c->stood_us < STANDING_EVERY_US))
		return;
	c->stood_us = now_us;
	s = (struct consume_standing){
		.books = agg_books(c->agg),
		.read = consume_records(c),
		.bytes = c->bytes,
		.reports = c->reports,
		.open = agg_open(c->agg),
		.delays = c->delays,
		.watermark_us = agg_watermark_us(c->agg, now_us),
		.present_us = when_wall_us(),
		.trouble = source_trouble(c->source),
		.done = done,
	};
	memcpy(s.verdicts, c->verdicts, sizeof(s.verdicts));
	add_places(c, &s);
	watch->fn(watch->arg, &s, now_us);
}

/*
 * A view that is far behind says so once, and how not to be. A member goes on
 * where its group left off.
 */
static void tell_behind(struct consumer *c)
{
	uint64_t lag, read = consume_records(c);
	int64_t us = when_mono_us() - c->start_us;
	double seconds;

	if (c->member || c->behind_told || us < BEHIND_AFTER_US)
		return;
	c->behind_told = true;
	lag = source_lag(c->source);
	seconds = (double)lag * (double)us / 1e6 / ((double)read + 1);
	if (lag && seconds > BEHIND_SECONDS && !c->conf->source.exit_at_end)
		say(c->conf->say, SAY_NOTE,
		    "%" PRIu64 " readings behind, %.0f s at this rate; "
		    "'--from end' starts with what comes now",
		    lag, seconds);
}

static void finish_check(struct consumer *c, bool ended)
{
	const struct consume_conf *conf = c->conf;
	const struct books b = agg_books(c->agg);
	const struct check_view view = {
		.from_start =
			(!conf->kafka || conf->source.from == FROM_BEGINNING) &&
			conf->agg.from_us == WHEN_NONE,
		.to_end = ended && !b.open && !conf->agg.bounded,
		.late = b.late,
		.malformed = b.malformed,
	};

	if (!conf->check)
		return;
	check_finish(conf->check, &view, &c->out);
	consume_tell_lines(c);
}

/* One poll, and what follows from it. */
static int step(struct consumer *c, enum source_state *state, struct err *e)
{
	bool ended, go_on;

	*state = source_poll(c->source, POLL_MS, e);
	if (*state == SOURCE_FAILED ||
	    (c->member && member_check(c->member, e)))
		return -1;
	ended = *state == SOURCE_ENDED;
	if (ended && !c->member)
		agg_finish(c->agg);
	if (consume_close(c, ended, &go_on, e) || check_open(c, e) ||
	    check_names(c, e) || consume_keep(c, false, e) ||
	    serve_outputs(c, e))
		return -1;
	if (!go_on) /* what was not closed is, when they are ours again */
		*state = SOURCE_MORE;
	else if (agg_is_done(c->agg, when_mono_us()))
		*state = SOURCE_ENDED;
	tell_standing(c, false);
	tell_behind(c);
	look_around(&c->look, c->agg, c->source, when_mono_us());
	return 0;
}

/*
 * What is wrong with reports does not hide what is wrong with late readings.
 * A run that has failed is over: what is on its way has the time of a stop.
 */
static int end_late(struct consumer *c, int rc, struct err *e)
{
	struct err late = ERR_INIT;

	if (!rc)
		return flush_late(c, e);
	stop_request();
	if (flush_late(c, &late) && strcmp(late.msg, e->msg))
		say(c->conf->say, SAY_WARN, "%s", late.msg);
	return -1;
}

/* It may be on the terminal of the status line. */
static int end_output(struct consumer *c, struct err *e)
{
	c->conf->say(SAY_STATUS, "");
	return output_end(c->output, e);
}

static int run(struct consumer *c, struct err *e)
{
	enum source_state state = SOURCE_MORE;

	while (state == SOURCE_MORE && !consume_is_enough(c) &&
	       !stop_requested()) {
		if (step(c, &state, e))
			return end_late(c, -1, e);
	}
	look_back(&c->look, c->agg, c->source, when_mono_us());
	if (c->conf->verify)
		verify_end(c->conf->verify, c->agg, c->source,
			   state == SOURCE_ENDED, c->conf->say);
	else if (end_late(c, consume_keep(c, true, e) || end_output(c, e), e))
		return -1;
	finish_check(c, state == SOURCE_ENDED);
	return 0;
}

/* Where it is wanted. */
static int open_late(struct consumer *c, struct err *e)
{
	struct late_conf conf = c->conf->late;

	if (!conf.path && !conf.topic)
		return 0;
	conf.say = c->conf->say;
	c->late = late_new(&conf, e);
	return c->late ? 0 : -1;
}

static void take_counts(const struct consumer *c, struct consumed *found)
{
	const struct latency *l = &c->latency;

	found->books = agg_books(c->agg);
	found->books.reports -= c->unprinted;
	found->sequence = sequence_counts(c->sequence);
	found->latency.n = l->n;
	found->latency.negative = l->negative;
	found->latency.p50_us = latency_quantile_us(l, 0.5);
	found->latency.p99_us = latency_quantile_us(l, 0.99);
	found->latency.max_us = l->max_us;
	found->held = found->partitions = 0;
	if (c->member)
		found->held = member_held(c->member, &found->partitions);
}

static void make_member(struct consumer *c)
{
	const struct consume_conf *conf = c->conf;

	if (!conf->kafka || !conf->kafka->group)
		return;
	c->member_conf = (struct member_conf){
		.kafka = conf->kafka,
		.interval_us = conf->agg.interval_us,
		.grace_us = conf->agg.grace_us,
		.clock = conf->clock,
		.fields = conf->fields,
		.from_us = conf->agg.from_us,
		.from_first = conf->agg.from_first,
		.flush = flush_late,
		.flush_arg = c,
	};
	c->member = member_new(&c->member_conf, c->agg);
}

int consume_run(const struct consume_conf *conf, struct consumed *found,
		struct err *e)
{
	struct consumer c = {
		.conf = conf,
		.agg = agg_new(&conf->agg),
		.decoder = decoder_new(&conf->fields),
		.sequence = sequence_new(SEQUENCE_MOST),
		.output = output_new(&conf->output, e),
		.out = STR_INIT,
	};
	int rc = -1;

	if (conf->clock != CLOCK_EVENT)
		decoder_ignore_time(c.decoder);
	make_member(&c);
	if (c.output && !open_late(&c, e))
		c.source = consume_open(&c, e);
	if (c.source) {
		if (c.member)
			member_set_source(c.member, c.source);
		c.start_us = when_mono_us();
		c.close_us = c.start_us;
		c.stood_us = c.start_us - STANDING_EVERY_US;
		c.look = (struct look){
			.say = conf->say,
			.conf = &conf->agg,
			.form = &conf->output.form,
			.often = conf->explain,
			.said_us = c.start_us,
		};
		rc = run(&c, e);
		tell_standing(&c, true);
	}
	conf->say(SAY_STATUS, "");
	take_counts(&c, found);
	source_free(c.source);
	member_free(c.member);
	decoder_free(c.decoder);
	sequence_free(c.sequence);
	agg_free(c.agg);
	output_free(c.output);
	late_free(c.late);
	str_release(&c.out);
	free(c.lags);
	return rc;
}
