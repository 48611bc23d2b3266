/* SPDX-License-Identifier: MIT */
/*
 * client.h - a librdkafka handle that is connected
 *
 * What the sink and the source have in common: the handle, made of a
 * struct kafka_conf, the wait for a first broker, what is said when brokers
 * go and come, and questions about topics.
 *
 * Floor 2, for lib/io only. Not shared between threads.
 */
#ifndef IO_CLIENT_H
#define IO_CLIENT_H

#include <stdatomic.h>

#include <librdkafka/rdkafka.h>

#include "io/kafka.h"
#include "io/reason.h"
#include "io/sink.h"

struct client {
	rd_kafka_t *rk;
	const struct kafka_conf *conf; /* borrowed for the client's life */
	enum kafka_role role;
	char *brokers; /* as told to people */
	struct entry entry;
	struct trouble trouble; /* of the last connection that failed */
	_Atomic int x509;	/* what is wrong with a certificate */
	bool all_down;		/* all brokers were, once */
	bool refused;		/* and will be again: they do not want us */
	bool create_denied;	/* the topic could not be made: an ACL */
	bool connected;		/* a broker has answered once */
	bool down;		/* it was said that the brokers are gone */
	int64_t look_us;	/* when to see whether one is back */
	char *fatal;		/* librdkafka's fatal error, or NULL */
	rd_kafka_resp_err_t fatal_err;
};

#define CLIENT_NOT_NOW (-2)

/*
 * In kafka.c: the properties in force. NULL on error, else owned by the
 * caller. *brokers becomes the list of brokers (owned by the caller).
 */
rd_kafka_conf_t *kafka_make_conf(const struct kafka_conf *conf,
				 enum kafka_role role, char **brokers,
				 struct err *e);
say_fn kafka_say_nothing;

/*
 * Makes the handle of `rkconf`, which it takes, and waits for a broker,
 * connect_timeout_us at most. The error says what to do.
 */
int client_open(struct client *c, const struct kafka_conf *conf,
		enum kafka_role role, rd_kafka_conf_t *rkconf, char *brokers,
		struct err *e);
void client_close(struct client *c);

/* Why no broker answers any more; NULL where one does. */
static inline const char *client_trouble(const struct client *c)
{
	if (!c->down)
		return NULL;
	return *c->trouble.text ? c->trouble.text : "no reason is known";
}

/* A broker answered after all: says so if it was said that they are gone. */
void client_is_up(struct client *c);

/*
 * Where the error is that an ACL is missing, for the topic, the group or the
 * cluster: says which in *e, and returns true.
 */
bool client_denied(const struct client *c, rd_kafka_resp_err_t err,
		   struct err *e);

/* What else it may be where a topic is not there: "", or ", or ...". */
const char *client_hides(const struct client *c);

/*
 * How many partitions the topic has; 0: there is no such topic; CLIENT_NOT_NOW:
 * it cannot be found out now (e is not set); -1 on other errors. A consumer
 * asks about its `rkt`. A producer's question about one topic would create it:
 * it gives NULL, and all topics are asked for.
 */
int client_partitions(struct client *c, rd_kafka_topic_t *rkt, int timeout_ms,
		      struct err *e);

/*
 * A broker that is back does not say so, and messages need not go or come.
 * Where they are gone, asks now and then, for the partitions as above, whether
 * one is back, and waits timeout_ms at most for the answer.
 */
void client_look(struct client *c, rd_kafka_topic_t *rkt, int timeout_ms);

/*
 * As client_partitions for a topic that may have to be made: with `partitions`
 * through the admin API (-1: as many as the broker gives a new topic), else as
 * the broker does it. -1 if it is still not there after the connect timeout.
 */
int client_ensure_topic(struct client *c, int partitions, struct err *e);

/*
 * What the topic says of timestamps, in *limits. False where it cannot be
 * found out: an old or embedded broker, or one that does not tell us.
 */
bool client_limits(struct client *c, struct sink_limits *limits);

#endif
