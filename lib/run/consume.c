/* SPDX-License-Identifier: MIT */
#include "run/consume.h"

#include <inttypes.h>
#include <string.h>

#include "agg/again.h"
#include "agg/forget.h"
#include "agg/latency.h"
#include "agg/look.h"
#include "base/failpoint.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/when.h"
#include "run/look.h"
#include "run/member.h"
#include "run/meter.h"
#include "run/verify.h"

#define POLL_MS		100
#define MALFORMED_TOLD	5
#define BEHIND_AFTER_US (3 * US_PER_S) /* when to look how far behind */
#define BEHIND_SECONDS	10	       /* what is far, at our rate */
#define CLOSE_EVERY_US	(US_PER_S / 10)
#define CLOSE_MOST	1000 /* windows of one intent */

struct consumer {
	const struct consume_conf *conf;
	struct source *source;
	struct agg *agg;
	struct member_conf member_conf;
	struct member *member; /* NULL: a private view */
	struct decoder *decoder;
	struct err why; /* a record is malformed; "" else */
	struct sequence *sequence;
	struct latency latency;
	struct output *output;
	struct late *late;	  /* or NULL */
	struct str out;		  /* lines to be told */
	int64_t wall_us, mono_us; /* when the records at hand were here */
	int64_t start_us;	  /* monotonic */
	int64_t close_us;	  /* of the last close, monotonic */
	uint64_t records;
	struct meter meter;
	struct look look;
	bool behind_told;
};

static void on_held(void *arg, int partition)
{
	struct consumer *c = arg;

	agg_hold(c->agg, partition);
}

static void on_turn(void *arg)
{
	struct consumer *c = arg;

	c->wall_us = when_wall_us();
	c->mono_us = when_mono_us();
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

static int on_joining(void *arg, const struct assigned *of, int n,
		      struct err *e)
{
	struct consumer *c = arg;

	return member_joining(c->member, of, n, e);
}

static enum source_commit on_assigned(void *arg, struct assigned *of, int n,
				      struct err *e)
{
	struct consumer *c = arg;

	return member_assigned(c->member, of, n, e);
}

static void on_revoked(void *arg, bool lost)
{
	struct consumer *c = arg;

	member_revoked(c->member, lost);
}

static int64_t rank(void *arg, int partition, bool *behind)
{
	struct consumer *c = arg;

	return agg_rank(c->agg, partition, behind);
}

/* The first few are told, with where they are and what is wrong. */
static void tell_malformed(struct consumer *c, const struct record *rec)
{
	const struct consume_conf *conf = c->conf;
	uint64_t n = agg_books(c->agg).malformed;

	if (n > MALFORMED_TOLD)
		return;
	if (conf->kafka)
		say(conf->say, SAY_WARN,
		    "malformed: topic %s, partition %d, offset %" PRId64 ": %s",
		    conf->kafka->topic, rec->partition, rec->offset,
		    c->why.msg);
	else
		say(conf->say, SAY_WARN, "malformed: line %" PRId64 ": %s",
		    rec->offset, c->why.msg);
	if (n == MALFORMED_TOLD)
		say(conf->say, SAY_WARN,
		    "malformed: further ones are counted only");
}

/* A whole number >= 0 in decimal digits; anything else is not ours. */
static bool get_number(const struct bytes *b, int64_t *v)
{
	char text[NUM_MAX];
	struct err e = ERR_INIT;

	if (!b->len || b->len >= sizeof(text))
		return false;
	memcpy(text, b->p, b->len);
	text[b->len] = '\0';
	return strspn(text, "0123456789") == b->len &&
	       !num_parse_int(text, v, &e);
}

static void look_at_headers(struct consumer *c, const struct record *rec)
{
	int64_t v;

	if (get_number(&rec->seq, &v))
		sequence_add(c->sequence, rec->run.p, rec->run.len, rec->key.p,
			     rec->key.len, (uint64_t)v);
	if (get_number(&rec->sent, &v))
		latency_add(&c->latency, c->wall_us - v);
}

static int64_t present(const struct consumer *c, const struct record *rec)
{
	return rec->append_time ? rec->timestamp_us : c->wall_us;
}

/* `r` is NULL where it is malformed. */
static void leave_out(struct consumer *c, const struct record *rec,
		      enum agg_verdict verdict, const struct reading *r)
{
	struct left_out o = {.verdict = verdict, .time_us = WHEN_NONE};
	struct agg_look look;

	if (!c->late || !verdict_is_left_out(verdict))
		return;
	if (r)
		o.time_us = r->time_us;
	else
		o.why = c->why.msg;
	agg_look(c->agg, rec->partition, c->mono_us, &look);
	o.watermark_us = look.watermark_us;
	o.closed_us = look.closed_us;
	o.present_us = present(c, rec);
	late_add(c->late, rec, &o);
}

static void on_record(void *arg, const struct record *rec)
{
	struct consumer *c = arg;
	const struct agg_record at = {
		.partition = rec->partition,
		.offset = rec->offset,
		.timestamp_us = rec->timestamp_us,
	};
	enum agg_verdict verdict;
	struct reading r;
	int64_t fallback = c->conf->clock == CLOCK_ARRIVAL ? c->wall_us
							   : rec->timestamp_us;

	if (c->member && !member_look(c->member, rec->partition, rec->offset,
				      rec->timestamp_us))
		return;
	c->records++;
	if (rec->seq.p || rec->sent.p)
		look_at_headers(c, rec);
	if (decoder_read(c->decoder, rec->payload, rec->len, fallback, &r,
			 &c->why)) {
		verdict = agg_add_malformed(c->agg, &at);
		tell_malformed(c, rec);
		leave_out(c, rec, verdict, NULL);
		c->why.msg[0] = '\0';
		return;
	}
	if (c->conf->verify)
		agg_shut(c->agg, rec->partition,
			 verify_shut(c->conf->verify, rec->partition,
				     rec->offset));
	verdict = agg_add(c->agg, &at, &r, present(c, rec), c->mono_us);
	if (verdict != AGG_USED)
		leave_out(c, rec, verdict, &r);
}

/* A member's report says of which partitions it is. */
static int print(struct consumer *c, const struct report *r, struct err *e)
{
	struct report ours = *r;

	c->conf->say(SAY_STATUS, "");
	if (c->member) {
		ours.group = c->conf->kafka->group;
		member_held(c->member, &ours.total);
	}
	return output_report(c->output, &ours, e);
}

/* Says the lines of `out`, and empties it. */
static void tell_lines(struct consumer *c)
{
	say_lines(c->conf->say, SAY_WARN, "check: ", c->out.p);
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

	if (c->conf->verify)
		verify_close(c->conf->verify, c->agg, c->source, c->conf->say);
	while ((r = agg_close(c->agg))) {
		failpoint("print-before");
		if (report(c, r, e))
			return -1;
		failpoint("print-after");
	}
	c->close_us = when_mono_us();
	return 0;
}

/* Once, by this process. */
static int report_once(struct consumer *c, struct err *e)
{
	if (member_has_printed(c->member)) {
		while (agg_close(c->agg))
			;
		return 0;
	}
	if (report_all(c, e))
		return -1;
	failpoint("flush-before");
	if (output_flush(c->output, e))
		return -1;
	failpoint("flush-after");
	member_note_printed(c->member);
	return 0;
}

/* A commit that was answered: *go_on while the partitions are ours. */
static int committed(enum source_commit done, bool *go_on)
{
	*go_on = done == COMMIT_DONE;
	return done == COMMIT_FAILED ? -1 : 0;
}

/*
 * Prints what agg_next has said, each window once: see run/member.h.
 * `again`: what an intent had said that was taken up.
 */
static int close_once(struct consumer *c, bool again, bool *go_on,
		      struct err *e)
{
	if (!again) {
		failpoint("intent-before");
		if (committed(member_intend(c->member, e), go_on))
			return -1;
		if (!*go_on)
			return 0;
		failpoint("intent-after");
	}
	if (report_once(c, e))
		return -1;
	failpoint("commit-before");
	if (committed(member_commit(c->member, e), go_on))
		return -1;
	failpoint("commit-after");
	return 0;
}

/*
 * A group's closes are gathered, for each costs two commits: but not when
 * that lets too many windows open.
 */
static bool may_close(const struct consumer *c, bool ended)
{
	return !c->member || ended ||
	       agg_open(c->agg) > c->conf->max_open / 2 ||
	       when_mono_us() - c->close_us >= CLOSE_EVERY_US;
}

/* How many windows may close at once. */
static uint64_t most(const struct consumer *c)
{
	uint64_t reports = agg_books(c->agg).reports;
	uint64_t left = c->conf->max_reports - reports;

	if (!c->member)
		return 1;
	return c->conf->max_reports && left < CLOSE_MOST ? left : CLOSE_MOST;
}

/* Closes and prints what may close now; *go_on: as with close_once. */
static int close_windows(struct consumer *c, bool ended, bool *go_on,
			 struct err *e)
{
	*go_on = true;
	while (*go_on && !is_enough(c) && may_close(c, ended)) {
		enum agg_action todo =
			agg_next(c->agg, most(c), when_mono_us());

		switch (todo) {
		case AGG_WAIT:
			return 0;
		case AGG_ASK:
			if (!source_ask_ends(c->source))
				return 0;
			agg_asked(c->agg);
			break;
		case AGG_CLOSE:
		case AGG_AGAIN:
			if (c->member
				    ? close_once(c, todo == AGG_AGAIN, go_on, e)
				    : report_all(c, e))
				return -1;
			break;
		}
	}
	return 0;
}

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
		       "more than %zu types and names are in open windows "
		       "(--max-names): is that what tells sensors apart (see "
		       "--field)?",
		       max);
}

/* After each poll, and at the end: what a group is to know. */
static int keep_member(struct consumer *c, bool now, struct err *e)
{
	bool go_on;

	if (!c->member || (!now && !member_is_due(c->member)))
		return 0;
	return committed(member_commit(c->member, e), &go_on);
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

static void tell_status(struct consumer *c)
{
	int64_t now = when_mono_us(), wm;
	uint64_t read = c->records;
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

/*
 * A view that is far behind says so once, and how not to be. A member goes on
 * where its group left off.
 */
static void tell_behind(struct consumer *c)
{
	uint64_t lag, read = c->records;
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
	tell_lines(c);
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
	if (close_windows(c, ended, &go_on, e) || check_open(c, e) ||
	    check_names(c, e) || keep_member(c, false, e) ||
	    serve_outputs(c, e))
		return -1;
	if (!go_on) /* what was not closed is, when they are ours again */
		*state = SOURCE_MORE;
	else if (agg_is_done(c->agg, when_mono_us()))
		*state = SOURCE_ENDED;
	tell_status(c);
	tell_behind(c);
	look_around(&c->look, c->agg, c->source, when_mono_us());
	return 0;
}

static int run(struct consumer *c, struct err *e)
{
	enum source_state state = SOURCE_MORE;

	while (state == SOURCE_MORE && !is_enough(c) && !stop_requested()) {
		if (step(c, &state, e))
			return -1;
	}
	look_back(&c->look, c->agg, c->source, when_mono_us());
	if (c->conf->verify)
		verify_end(c->conf->verify, c->agg, c->source,
			   state == SOURCE_ENDED, c->conf->say);
	else if (keep_member(c, true, e) || output_end(c->output, e) ||
		 flush_late(c, e))
		return -1;
	finish_check(c, state == SOURCE_ENDED);
	return 0;
}

static struct source *open_source(struct consumer *c, struct err *e)
{
	const struct consume_conf *conf = c->conf;
	const struct source_events events = {
		.held = on_held,
		.turn = on_turn,
		.record = on_record,
		.at_end = on_at_end,
		.behind = on_behind,
		.rank = rank,
		.arg = c,
	};
	const struct group_events group_events = {
		.joining = on_joining,
		.assigned = on_assigned,
		.revoked = on_revoked,
	};

	if (c->member)
		return source_group_new(conf->kafka, &conf->source, &events,
					&group_events, e);
	if (conf->kafka)
		return source_kafka_new(conf->kafka, &conf->source, &events, e);
	return source_fd_new(conf->in_fd, "standard input", &events);
}

/* Where it is wanted. */
static int open_late(struct consumer *c, struct err *e)
{
	const struct late_conf *conf = &c->conf->late;

	if (!conf->path && !conf->topic)
		return 0;
	c->late = late_new(conf, e);
	return c->late ? 0 : -1;
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
		.sequence = sequence_new(),
		.output = output_new(&conf->output, e),
		.out = STR_INIT,
	};
	int rc = -1;

	if (conf->clock != CLOCK_EVENT)
		decoder_ignore_time(c.decoder);
	make_member(&c);
	if (c.output && !open_late(&c, e))
		c.source = open_source(&c, e);
	if (c.source) {
		if (c.member)
			member_set_source(c.member, c.source);
		c.start_us = when_mono_us();
		c.meter.last_us = c.start_us;
		c.look = (struct look){
			.say = conf->say,
			.conf = &conf->agg,
			.form = &conf->output.form,
			.often = conf->explain,
			.said_us = c.start_us,
		};
		rc = run(&c, e);
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
	return rc;
}
