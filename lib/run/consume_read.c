/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "agg/again.h"
#include "agg/look.h"
#include "base/num.h"
#include "base/when.h"
#include "run/consume_parts.h"

#define MALFORMED_TOLD 5

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

	if (!b->p || !b->len || b->len >= sizeof(text))
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

/* What is too long to be kept is none, whatever its beginning may be. */
static int read_record(struct consumer *c, const struct record *rec,
		       int64_t fallback_us, struct reading *r)
{
	if (rec->cut) {
		err_set(&c->why, "longer than %zu MiB", SOURCE_LINE_MOST >> 20);
		return -1;
	}
	return decoder_read(c->decoder, rec->payload, rec->len, fallback_us, r,
			    &c->why);
}

uint64_t consume_records(const struct consumer *c)
{
	uint64_t n = 0;

	for (int i = 0; i < STANDING_VERDICTS; i++)
		n += c->verdicts[i];
	return n;
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
	c->bytes += rec->len + rec->key.len;
	if (rec->seq.p || rec->sent.p)
		look_at_headers(c, rec);
	if (read_record(c, rec, fallback, &r)) {
		verdict = agg_add_malformed(c->agg, &at);
		c->verdicts[verdict]++;
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
	c->verdicts[verdict]++;
	if (verdict != AGG_USED)
		leave_out(c, rec, verdict, &r);
}

struct source *consume_open(struct consumer *c, struct err *e)
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
