/* SPDX-License-Identifier: MIT */
#include "run/consume.h"

#include <inttypes.h>
#include <string.h>

#include "agg/latency.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/when.h"
#include "run/meter.h"

#define POLL_MS		100
#define MALFORMED_TOLD	5
#define BEHIND_AFTER_US (3 * US_PER_S) /* when to look how far behind */
#define BEHIND_SECONDS	10	       /* what is far, at our rate */

struct consumer {
	const struct consume_conf *conf;
	struct source *source;
	struct agg *agg;
	struct decoder *decoder;
	struct sequence *sequence;
	struct latency latency;
	struct output *output;
	struct str out;	  /* lines to be told */
	int64_t start_us; /* monotonic */
	struct meter meter;
	bool behind_told;
};

static void on_held(void *arg, int partition)
{
	struct consumer *c = arg;

	agg_hold(c->agg, partition);
}

static void on_at_end(void *arg, int partition)
{
	struct consumer *c = arg;

	agg_at_end(c->agg, partition, when_mono_us());
}

static void on_behind(void *arg, int partition)
{
	struct consumer *c = arg;

	agg_behind(c->agg, partition);
}

static int64_t rank(void *arg, int partition, bool *behind)
{
	struct consumer *c = arg;

	return agg_rank(c->agg, partition, behind);
}

/* The first few are told, with where they are and what is wrong. */
static void tell_malformed(struct consumer *c, const struct record *rec,
			   const struct err *e)
{
	const struct consume_conf *conf = c->conf;
	uint64_t n = agg_books(c->agg).malformed;

	if (n > MALFORMED_TOLD)
		return;
	if (conf->kafka)
		say(conf->say, SAY_WARN,
		    "malformed: topic %s, partition %d, offset %" PRId64 ": %s",
		    conf->kafka->topic, rec->partition, rec->offset, e->msg);
	else
		say(conf->say, SAY_WARN, "malformed: line %" PRId64 ": %s",
		    rec->offset, e->msg);
	if (n == MALFORMED_TOLD)
		say(conf->say, SAY_WARN,
		    "malformed: further ones are counted only");
}

/* A whole number >= 0 in decimal digits; anything else is not ours. */
static bool get_number(const struct bytes *b, int64_t *v)
{
	char text[NUM_MAX];
	struct err e = ERR_INIT;

	if (!b->p || !b->len || b->len >= sizeof(text))
		return false;
	memcpy(text, b->p, b->len);
	text[b->len] = '\0';
	return strspn(text, "0123456789") == b->len &&
	       !num_parse_int(text, v, &e);
}

static void look_at_headers(struct consumer *c, const struct record *rec,
			    int64_t wall_us)
{
	int64_t v;

	if (get_number(&rec->seq, &v))
		sequence_add(c->sequence, rec->run.p, rec->run.len, rec->key.p,
			     rec->key.len, (uint64_t)v);
	if (get_number(&rec->sent, &v))
		latency_add(&c->latency, wall_us - v);
}

static void on_record(void *arg, const struct record *rec)
{
	struct consumer *c = arg;
	int64_t wall = when_wall_us();
	const struct agg_record at = {
		.partition = rec->partition,
		.offset = rec->offset,
		.timestamp_us = rec->timestamp_us,
	};
	struct err why = ERR_INIT;
	struct reading r;
	int64_t fallback =
		c->conf->clock == CLOCK_ARRIVAL ? wall : rec->timestamp_us;

	look_at_headers(c, rec, wall);
	if (decoder_read(c->decoder, rec->payload, rec->len, fallback, &r,
			 &why)) {
		agg_add_malformed(c->agg, &at);
		tell_malformed(c, rec, &why);
		return;
	}
	agg_add(c->agg, &at, &r, rec->append_time ? rec->timestamp_us : wall,
		when_mono_us());
}

static int print(struct consumer *c, const struct report *r, struct err *e)
{
	c->conf->say(SAY_STATUS, "");
	return output_report(c->output, r, e);
}

/* Says the lines of `out`, one by one, and empties it. */
static void tell_lines(struct consumer *c)
{
	const char *line = c->out.p, *nl;

	for (; (nl = strchr(line, '\n')); line = nl + 1)
		say(c->conf->say, SAY_WARN, "check: %.*s", (int)(nl - line),
		    line);
	str_clear(&c->out);
}

static int report(struct consumer *c, const struct report *r, struct err *e)
{
	if (print(c, r, e))
		return -1;
	if (c->conf->check) {
		check_report(c->conf->check, r, &c->out);
		tell_lines(c);
	}
	return 0;
}

static bool is_enough(const struct consumer *c)
{
	const struct books b = agg_books(c->agg);
	uint64_t ended = c->conf->ended ? *c->conf->ended : 0;

	if (ended && b.read >= ended - 1 && !b.open)
		return true;
	return c->conf->max_reports && b.reports >= c->conf->max_reports;
}

static int report_all(struct consumer *c, struct err *e)
{
	const struct report *r;

	while ((r = agg_close(c->agg))) {
		if (report(c, r, e))
			return -1;
	}
	return 0;
}

/* Closes and prints what may close now. */
static int close_windows(struct consumer *c, struct err *e)
{
	while (!is_enough(c)) {
		switch (agg_next(c->agg, 1, when_mono_us())) {
		case AGG_WAIT:
			return 0;
		case AGG_ASK:
			if (!source_ask_ends(c->source))
				return 0;
			agg_asked(c->agg);
			break;
		case AGG_CLOSE:
		case AGG_AGAIN:
			if (report_all(c, e))
				return -1;
			break;
		}
	}
	return 0;
}

static void tell_status(struct consumer *c)
{
	int64_t now = when_mono_us(), wm;
	uint64_t read = agg_books(c->agg).read;
	struct str at = STR_INIT;
	double rate;

	if (!meter_is_due(&c->meter, now, read, &rate))
		return;
	wm = agg_watermark_us(c->agg, now);
	if (wm != WHEN_NONE)
		when_add_local(&at, wm);
	say(c->conf->say, SAY_STATUS,
	    "read %" PRIu64 " (%.0f/s), lag %" PRIu64 ", watermark %.19s", read,
	    rate, source_lag(c->source), wm == WHEN_NONE ? "-" : at.p);
	str_release(&at);
}

/* A view that is far behind says so once, and how not to be. */
static void tell_behind(struct consumer *c)
{
	uint64_t lag, read = agg_books(c->agg).read;
	int64_t us = when_mono_us() - c->start_us;
	double seconds;

	if (c->behind_told || us < BEHIND_AFTER_US)
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
			!conf->kafka || conf->source.from == FROM_BEGINNING,
		.to_end = ended && !b.open,
		.late = b.late,
		.malformed = b.malformed,
	};

	if (!conf->check)
		return;
	check_finish(conf->check, &view, &c->out);
	tell_lines(c);
}

static int run(struct consumer *c, struct err *e)
{
	enum source_state state = SOURCE_MORE;

	while (state == SOURCE_MORE && !is_enough(c) && !stop_requested()) {
		state = source_poll(c->source, POLL_MS, e);
		if (state == SOURCE_FAILED)
			return -1;
		if (state == SOURCE_ENDED)
			agg_finish(c->agg);
		if (close_windows(c, e))
			return -1;
		tell_status(c);
		tell_behind(c);
	}
	if (output_end(c->output, e))
		return -1;
	finish_check(c, state == SOURCE_ENDED);
	return 0;
}

static struct source *open_source(struct consumer *c, struct err *e)
{
	const struct consume_conf *conf = c->conf;
	const struct source_events events = {
		.held = on_held,
		.record = on_record,
		.at_end = on_at_end,
		.behind = on_behind,
		.rank = rank,
		.arg = c,
	};

	if (conf->kafka)
		return source_kafka_new(conf->kafka, &conf->source, &events, e);
	return source_fd_new(conf->in_fd, "standard input", &events);
}

static void take_counts(const struct consumer *c, struct consumed *found)
{
	const struct latency *l = &c->latency;

	found->books = agg_books(c->agg);
	found->sequence = sequence_counts(c->sequence);
	found->latency.n = l->n;
	found->latency.negative = l->negative;
	found->latency.p50_us = latency_quantile_us(l, 0.5);
	found->latency.p99_us = latency_quantile_us(l, 0.99);
	found->latency.max_us = l->max_us;
}

int consume_run(const struct consume_conf *conf, struct consumed *found,
		struct err *e)
{
	struct consumer c = {
		.conf = conf,
		.agg = agg_new(&conf->agg),
		.decoder = decoder_new(&conf->fields),
		.sequence = sequence_new(),
		.output = output_new(&conf->output, e),
		.out = STR_INIT,
	};
	int rc = -1;

	if (conf->clock != CLOCK_EVENT)
		decoder_ignore_time(c.decoder);
	if (c.output)
		c.source = open_source(&c, e);
	if (c.source) {
		c.start_us = when_mono_us();
		c.meter.last_us = c.start_us;
		rc = run(&c, e);
	}
	conf->say(SAY_STATUS, "");
	take_counts(&c, found);
	source_free(c.source);
	decoder_free(c.decoder);
	sequence_free(c.sequence);
	agg_free(c.agg);
	output_free(c.output);
	str_release(&c.out);
	return rc;
}
