/* SPDX-License-Identifier: MIT */
#include "base/failpoint.h"
#include "base/when.h"
#include "run/consume_parts.h"
#include "run/verify.h"

#define CLOSE_EVERY_US	      (US_PER_S / 10)
#define CLOSE_EVERY_BEHIND_US (US_PER_S / 2)
#define FAR_BEHIND	      100000 /* records */
#define CLOSE_MOST	      1000   /* windows of one intent */

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
void consume_tell_lines(struct consumer *c)
{
	say_lines(c->conf->say, SAY_WARN, "check: ", c->out.p);
	str_clear(&c->out);
}

static int report(struct consumer *c, const struct report *r, struct err *e)
{
	if (print(c, r, e)) {
		c->unprinted++;
		return -1;
	}
	c->reports++;
	delays_add(&c->delays,
		   when_wall_us() - r->end_us - c->conf->agg.grace_us);
	if (c->conf->check) {
		check_report(c->conf->check, r, &c->out);
		consume_tell_lines(c);
	}
	return 0;
}

bool consume_is_enough(const struct consumer *c)
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
 * A group's closes are gathered, for each costs two commits, the more so while
 * nobody can wait for them: but not when that lets too many windows open.
 */
static bool may_close(const struct consumer *c, bool ended)
{
	int64_t since = when_mono_us() - c->close_us;

	return !c->member || ended ||
	       agg_open(c->agg) > c->conf->max_open / 2 ||
	       since >= CLOSE_EVERY_BEHIND_US ||
	       (since >= CLOSE_EVERY_US && source_lag(c->source) < FAR_BEHIND);
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
int consume_close(struct consumer *c, bool ended, bool *go_on, struct err *e)
{
	*go_on = true;
	while (*go_on && !consume_is_enough(c) && may_close(c, ended)) {
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

/* After each poll, and at the end: what a group is to know. */
int consume_keep(struct consumer *c, bool now, struct err *e)
{
	bool go_on;

	if (!c->member || (!now && !member_is_due(c->member)))
		return 0;
	return committed(member_commit(c->member, e), &go_on);
}
