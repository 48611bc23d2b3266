/* SPDX-License-Identifier: MIT */
/*
 * ledger.h - what was sent and is not yet acknowledged, on its way to the
 * truth file
 *
 * Each message that is put into the sink is entered; when it is
 * acknowledged, with the offset that it got, it goes into the truth. One
 * that failed makes the truth invalid, for what is in the log then is not
 * known.
 *
 * Floor 3. Used by the thread that uses the sink.
 */
#ifndef RUN_LEDGER_H
#define RUN_LEDGER_H

#include "agg/truth.h"
#include "base/err.h"
#include "io/sink.h"
#include "wire/reading.h"

struct ledger;

/* Makes the file; one that is there is emptied. */
struct ledger *ledger_new(const char *path, const struct truth_conf *conf,
			  struct err *e);
/* Without ledger_finish the file has no end, which a reader notices. */
void ledger_free(struct ledger *l);

/*
 * Right before the message is put. What the reading points to is borrowed
 * until it is acknowledged.
 */
void ledger_enter(struct ledger *l, int32_t partition, const struct reading *r,
		  bool malformed);
/* For sink_on_ack; the argument is the ledger. */
sink_ack_fn ledger_ack;

/* Writes what is known for good, now and then. */
int ledger_write(struct ledger *l, struct err *e);
/*
 * Writes all the rest, after sink_finish. What was not acknowledged until
 * then makes the truth invalid too.
 */
int ledger_finish(struct ledger *l, struct err *e);

#endif
