/* SPDX-License-Identifier: MIT */
#include "run/words.h"

#include <inttypes.h>

#include "wire/json.h"

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
