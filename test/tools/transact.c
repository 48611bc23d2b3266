/* SPDX-License-Identifier: MIT */
/*
 * Writes messages into a partition in transactions, by librdkafka alone.
 *
 *	transact BROKERS TOPIC PARTITION ID
 *
 * A line of standard input is `begin`, `commit`, `abort`, `flush`, or else a
 * message. These words are printed when they are done. At the end of the
 * input a transaction that has not ended is left open.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "client.h"

static void check(rd_kafka_error_t *err)
{
	if (err)
		fail(rd_kafka_error_string(err));
}

static rd_kafka_t *open_producer(const char *brokers, const char *id)
{
	const struct setting settings[] = {
		{"bootstrap.servers", brokers},
		{"transactional.id", id},
		{NULL, NULL},
	};
	rd_kafka_t *rk = open_client(RD_KAFKA_PRODUCER, settings);

	check(rd_kafka_init_transactions(rk, WAIT_MS));
	return rk;
}

/* False if the line is none of the words. */
static bool obey(rd_kafka_t *rk, const char *word)
{
	if (!strcmp(word, "begin"))
		check(rd_kafka_begin_transaction(rk));
	else if (!strcmp(word, "commit"))
		check(rd_kafka_commit_transaction(rk, WAIT_MS));
	else if (!strcmp(word, "abort"))
		check(rd_kafka_abort_transaction(rk, WAIT_MS));
	else if (strcmp(word, "flush"))
		return false;
	else if (rd_kafka_flush(rk, WAIT_MS))
		fail("cannot flush");
	puts(word);
	fflush(stdout);
	return true;
}

static void put(rd_kafka_t *rk, const char *topic, int partition, char *text,
		size_t len)
{
	check_code(rd_kafka_producev(
		rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		RD_KAFKA_V_VALUE(text, len), RD_KAFKA_V_END));
	rd_kafka_poll(rk, 0);
}

int main(int argc, char **argv)
{
	struct err e = ERR_INIT;
	int64_t partition;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	rd_kafka_t *rk;

	if (argc != 5)
		fail("transact BROKERS TOPIC PARTITION ID");
	if (num_parse_int(argv[3], &partition, &e))
		fail(e.msg);
	rk = open_producer(argv[1], argv[4]);
	while ((len = getline(&line, &cap, stdin)) > 0) {
		if (line[len - 1] == '\n')
			line[--len] = '\0';
		if (!obey(rk, line))
			put(rk, argv[2], (int)partition, line, (size_t)len);
	}
	free(line);
	rd_kafka_destroy(rk);
	return 0;
}
