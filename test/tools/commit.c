/* SPDX-License-Identifier: MIT */
/*
 * Commits an offset of a partition and the text that goes with it, for a
 * group that it is no member of.
 *
 *	commit BROKERS GROUP TOPIC PARTITION OFFSET TEXT
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/when.h"
#include "io/committed.h"

static void say_it(enum say_level level, const char *text)
{
	if (level == SAY_WARN)
		fprintf(stderr, "commit: %s\n", text);
}

static int commit(char **argv, struct err *e)
{
	const struct kafka_conf conf = {
		.brokers = argv[0],
		.group = argv[1],
		.topic = argv[2],
		.connect_timeout_us = 20 * US_PER_S,
		.say = say_it,
	};
	struct committed row = {.text = argv[5], .len = strlen(argv[5])};
	const struct committed_list one = {&row, 1};
	struct committed_client *c;
	int64_t partition;
	int rc;

	if (num_parse_int(argv[3], &partition, e) ||
	    num_parse_int(argv[4], &row.offset, e))
		return -1;
	row.partition = (int)partition;
	c = committed_open(&conf, e);
	rc = c ? committed_write(c, &one, e) : -1;
	committed_close(c);
	return rc;
}

int main(int argc, char **argv)
{
	struct err e = ERR_INIT;

	if (argc != 7)
		err_set(&e, "commit BROKERS GROUP TOPIC PARTITION OFFSET TEXT");
	else if (!commit(argv + 1, &e))
		return 0;
	fprintf(stderr, "commit: %s\n", e.msg);
	return 1;
}
