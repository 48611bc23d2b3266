/* SPDX-License-Identifier: MIT */
/*
 * kafka.h - which Kafka, and with what properties
 *
 * What the common options of the commands say, before a client is made of
 * it. A property is looked for in -b and -X, then in the environment, then
 * in the file of -F (as Java has it, see io/properties.h and io/java.h), then
 * in our defaults. Properties that iotsim itself relies on are refused with the
 * reason.
 *
 * Floor 2. librdkafka itself is seen in lib/io only.
 */
#ifndef IO_KAFKA_H
#define IO_KAFKA_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/opts.h"
#include "base/say.h"
#include "base/str.h"
#include "io/properties.h"

struct kafka_conf {
	const char *brokers;	 /* -b or its variable; NULL: not given */
	const char *brokers_env; /* the variable; NULL: it was -b */
	const char *topic;
	const char *group;	 /* a consumer group; NULL: none */
	const char *instance;	 /* of a member that comes back; NULL: none */
	struct opt_words props;	 /* -X: KEY=VALUE each */
	const char *config_file; /* -F or its variable; NULL: none */
	int64_t connect_timeout_us;
	bool verbose; /* librdkafka's own log lines are told */
	say_fn *say;
	/* What each property was set by is added there, or NULL. */
	struct properties *origins;
};

enum kafka_role {
	KAFKA_PRODUCER,
	KAFKA_CONSUMER,
	KAFKA_TO_END, /* a consumer that does not wait for more to come */
};

/*
 * A topic name that Kafka takes: 1 to 249 of [a-zA-Z0-9._-]. `option` is the
 * one that gave it, for the error.
 */
int kafka_check_topic(const char *option, const char *topic, struct err *e);

/*
 * Checks the whole configuration for a producer or a consumer, without a
 * broker: the file, each property and its value.
 */
int kafka_check(const struct kafka_conf *conf, enum kafka_role role,
		struct err *e);

/* The text of -X list. */
void kafka_list_properties(FILE *f);

/*
 * Adds a table of the properties in force that have a value, each with what
 * it was set by: an option, FILE:LINE, iotsim itself, or librdkafka. Secrets
 * are "***".
 */
int kafka_show(const struct kafka_conf *conf, enum kafka_role role,
	       struct str *out, struct err *e);
/* A property whose value is to be seen by nobody. */
bool kafka_is_secret(const char *name);

/* "2.0.2" */
const char *kafka_library_version(void);

#endif
