/* SPDX-License-Identifier: MIT */
/*
 * loop.h - what the loops on librdkafka alone have in common
 *
 * They are what iotsim is measured by: the same client, with the same
 * properties (they come from the same function), that does nothing else.
 */
#ifndef BENCH_LOOP_H
#define BENCH_LOOP_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/client.h"

#define CONNECT_MS 10000

static void die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

/* Without brokers: iotsim's default. *list: the brokers; the caller's. */
static inline rd_kafka_conf_t *loop_conf(const char *brokers,
					 enum kafka_role role, char **list)
{
	struct kafka_conf conf = {.brokers = brokers};
	struct err e = ERR_INIT;
	rd_kafka_conf_t *rkconf = kafka_make_conf(&conf, role, list, &e);

	if (!rkconf)
		die("%s", e.msg);
	return rkconf;
}

/* Takes the conf. */
static inline rd_kafka_t *loop_open(rd_kafka_conf_t *rkconf,
				    enum kafka_role role)
{
	char text[256];
	rd_kafka_t *rk = rd_kafka_new(
		role == KAFKA_PRODUCER ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER,
		rkconf, text, sizeof(text));

	if (!rk)
		die("%s", text);
	return rk;
}

static inline int loop_partitions(rd_kafka_t *rk, rd_kafka_topic_t *rkt)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t err;
	int n;

	err = rd_kafka_metadata(rk, 0, rkt, &md, CONNECT_MS);
	if (!err)
		err = md->topics[0].err;
	if (err)
		die("topic '%s': %s", rd_kafka_topic_name(rkt),
		    rd_kafka_err2str(err));
	n = md->topics[0].partition_cnt;
	rd_kafka_metadata_destroy(md);
	return n;
}

/* Names and values in `dump` that are not so in `plain`; no pointers. */
static inline void loop_print_others(const char **dump, size_t n,
				     const char **plain, size_t num_plain)
{
	for (size_t i = 0; i < n; i += 2) {
		size_t j = 0;

		while (j < num_plain &&
		       (strcmp(dump[i], plain[j]) != 0 ||
			strcmp(dump[i + 1], plain[j + 1]) != 0))
			j += 2;
		if (j == num_plain && strncmp(dump[i + 1], "0x", 2) != 0)
			printf("%s=%s\n", dump[i], dump[i + 1]);
	}
	rd_kafka_conf_dump_free(dump, n);
	rd_kafka_conf_dump_free(plain, num_plain);
}

/* The properties that are not librdkafka's defaults. */
static inline void loop_print_settings(enum kafka_role role)
{
	rd_kafka_conf_t *plain = rd_kafka_conf_new(), *rkconf;
	rd_kafka_topic_conf_t *plain_topic = rd_kafka_topic_conf_new();
	size_t n, m;
	const char **dump, **defaults;
	char *brokers;

	rkconf = loop_conf(NULL, role, &brokers);
	rd_kafka_conf_set(plain, "bootstrap.servers", brokers, NULL, 0);
	dump = rd_kafka_conf_dump(rkconf, &n);
	defaults = rd_kafka_conf_dump(plain, &m);
	loop_print_others(dump, n, defaults, m);
	dump = rd_kafka_topic_conf_dump(
		rd_kafka_conf_get_default_topic_conf(rkconf), &n);
	defaults = rd_kafka_topic_conf_dump(plain_topic, &m);
	loop_print_others(dump, n, defaults, m);
	rd_kafka_topic_conf_destroy(plain_topic);
	rd_kafka_conf_destroy(plain);
	rd_kafka_conf_destroy(rkconf);
	free(brokers);
}

#endif
