/* SPDX-License-Identifier: MIT */
/*
 * client.h - a client of librdkafka alone, for tools that must not rely on
 * what is tested
 */
#ifndef TOOLS_CLIENT_H
#define TOOLS_CLIENT_H

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

#define WAIT_MS 20000

struct setting {
	const char *name, *value;
};

static inline void fail(const char *why)
{
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, why);
	exit(1);
}

static inline void check_code(rd_kafka_resp_err_t err)
{
	if (err)
		fail(rd_kafka_err2str(err));
}

/* The settings end with a NULL. */
static inline rd_kafka_t *open_client(rd_kafka_type_t type,
				      const struct setting *settings)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[512];
	rd_kafka_t *rk;

	for (const struct setting *s = settings; s->name; s++) {
		if (rd_kafka_conf_set(conf, s->name, s->value, why,
				      sizeof(why)) != RD_KAFKA_CONF_OK)
			fail(why);
	}
	rk = rd_kafka_new(type, conf, why, sizeof(why));
	if (!rk)
		fail(why);
	return rk;
}

#endif
