/* SPDX-License-Identifier: MIT */
/*
 * sending.h - messages into a topic that a run may not go on without
 *
 * A sink (io/sink.h) counts what failed, and its run goes on; here one
 * message that was not delivered is an error, of this call or the next.
 *
 * Floor 3. Not shared between threads.
 */
#ifndef RUN_SENDING_H
#define RUN_SENDING_H

#include "base/err.h"
#include "io/sink.h"

struct sending;

/*
 * Into conf->topic, which is made as the broker makes topics, if it is
 * missing. The conf is borrowed for life.
 */
struct sending *sending_new(const struct kafka_conf *conf, struct err *e);
/* Waits for what is on its way, 10 s at most. Takes NULL. */
void sending_free(struct sending *s);

/* The partition of a key, as a Java producer would choose it. */
int32_t sending_partition(const struct sending *s, const char *key, size_t len);
/*
 * Takes the message, as sink_put does. That the topic may delete one so old
 * at once is said, the first time.
 */
int sending_put(struct sending *s, const struct message *m, struct err *e);

/* What was put is on its way, but for what a queue has no room for. */
int sending_go(struct sending *s, struct err *e);
/* Now and then: collects what became of it, and does not wait. */
int sending_serve(struct sending *s, struct err *e);
/*
 * Waits until all is delivered, for as long as the brokers are away; after a
 * stop request until 10 s after that, and what is left has failed.
 */
int sending_flush(struct sending *s, struct err *e);

#endif
