/* SPDX-License-Identifier: MIT */
#include "run/words.h"

#include <inttypes.h>

#include "base/when.h"
#include "wire/json.h"

void words_add_rate(struct str *out, double rate)
{
	const char *unit = "";

	/* What four digits round to 10000 would be written 1e+04. */
	if (rate >= 999950) {
		rate /= 1e6;
		unit = "M";
	} else if (rate >= 9999.5) {
		rate /= 1e3;
		unit = "k";
	}
	str_addf(out, "%.4g%s/s", rate, unit);
}

void words_add_time(struct str *out, int64_t us)
{
	int64_t tenths = us / (US_PER_S / 10), s = us / US_PER_S;

	if (s < 10)
		str_addf(out, "%d.%ds", (int)(tenths / 10), (int)(tenths % 10));
	else if (s < 60)
		str_addf(out, "%ds", (int)s);
	else if (s < 3600)
		str_addf(out, "%dm%02ds", (int)(s / 60), (int)(s % 60));
	else if (s < 86400)
		str_addf(out, "%dh%02dm", (int)(s / 3600), (int)(s / 60 % 60));
	else
		str_addf(out, "%" PRId64 "d%02dh", s / 86400,
			 (int)(s / 3600 % 24));
}

void words_add_counts(struct str *out, const struct sink_counts *c)
{
	str_addf(out,
		 "sent %" PRIu64 ": delivered %" PRIu64 ", failed %" PRIu64,
		 c->sent, c->delivered, c->failed);
}

void words_add_books(struct str *out, const struct books *b)
{
	str_addf(out,
		 "read %" PRIu64 ": used %" PRIu64 ", open %" PRIu64
		 ", late %" PRIu64 ", future %" PRIu64 ", malformed %" PRIu64
		 ", skipped %" PRIu64 "; %" PRIu64 " report%s",
		 b->read, b->used, b->open, b->late, b->future, b->malformed,
		 b->skipped, b->reports, b->reports == 1 ? "" : "s");
}

/* Always in seconds, for programs add up what they find in a log too. */
static void add_behind(struct str *out, int64_t us)
{
	str_addf(out, ", behind by %.3fs", (double)us / 1e6);
}

static void add_trouble(struct str *out, const char *trouble)
{
	if (trouble)
		str_addf(out, "; no broker answers: %s", trouble);
}

void words_add_produce(struct str *out, const struct produce_standing *s,
		       double rate)
{
	words_add_counts(out, &s->counts);
	str_addf(out, ", on their way %" PRIu64 "; %.1f/s",
		 sink_on_their_way(&s->counts), rate);
	add_behind(out, s->behind_us);
	add_trouble(out, s->trouble);
}

void words_add_consume(struct str *out, const struct consume_standing *s,
		       double rate)
{
	words_add_books(out, &s->books);
	str_addf(out, "; %.1f/s, lag %" PRIu64, rate, s->lag);
	if (s->watermark_us != WHEN_NONE)
		add_behind(out, s->present_us - s->watermark_us);
	add_trouble(out, s->trouble);
}

void members_add_counts(struct str *out, const struct sink_counts *c)
{
	json_add_count(out, "sent", c->sent);
	json_add_count(out, "delivered", c->delivered);
	json_add_count(out, "failed", c->failed);
}

void members_add_books(struct str *out, const struct books *b)
{
	json_add_count(out, "read", b->read);
	json_add_count(out, "used", b->used);
	json_add_count(out, "open", b->open);
	json_add_count(out, "late", b->late);
	json_add_count(out, "future", b->future);
	json_add_count(out, "malformed", b->malformed);
	json_add_count(out, "skipped", b->skipped);
	json_add_count(out, "reports", b->reports);
}

static void add_state(struct str *out, double rate, double share,
		      const char *trouble)
{
	json_add_number(out, "per_second", rate);
	if (share >= 0)
		json_add_number(out, "share", share);
	if (trouble)
		json_add_text(out, "trouble", trouble);
}

void members_add_produce(struct str *out, const struct produce_standing *s,
			 double rate)
{
	members_add_counts(out, &s->counts);
	json_add_count(out, "on_their_way", sink_on_their_way(&s->counts));
	json_add_number(out, "behind_seconds", (double)s->behind_us / 1e6);
	add_state(out, rate, s->share, s->trouble);
}

void members_add_consume(struct str *out, const struct consume_standing *s,
			 double rate)
{
	members_add_books(out, &s->books);
	json_add_count(out, "lag", s->lag);
	if (s->watermark_us != WHEN_NONE)
		json_add_number(out, "behind_seconds",
				(double)(s->present_us - s->watermark_us) /
					1e6);
	add_state(out, rate, s->share, s->trouble);
}
