/* SPDX-License-Identifier: MIT */
/* iotsim produce: simulated sensors write into a topic. */
#include <inttypes.h>
#include <stddef.h>
#include <unistd.h>

#include "cmd.h"

enum { TO_KAFKA, TO_STDOUT };

struct to_args {
	int to;
	uint64_t partitions;
};

/* clang-format off */
static const struct opt to_rows[] = {
	{ 0, "to", "kafka|-", OPT_CHOICE, offsetof(struct to_args, to), "kafka", "kafka|-", 0, 0, NULL,
	  "where the readings go; '-' is standard output, which needs no broker" },
	{ 0, "partitions", "N", OPT_COUNT, offsetof(struct to_args, partitions), "4", NULL, 1, 100000, NULL,
	  "partitions of a topic that has to be made" },
	{ .name = NULL }
};
static const struct opt_table to_table = { "Output:", to_rows };
/* clang-format on */

int cmd_produce_summary(const struct sink *s)
{
	struct sink_counts c = sink_counts(s);
	const char *why = sink_failure(s);
	struct str line = STR_INIT;

	str_addf(&line,
		 "sent %" PRIu64 ": delivered %" PRIu64 ", failed %" PRIu64,
		 c.sent, c.delivered, c.failed);
	if (c.failed && *why)
		str_addf(&line, "; the last one: %s", why);
	cmd_say(SAY_WARN, line.p);
	str_release(&line);
	return c.failed ? EXIT_FAILED : EXIT_DONE;
}

static int send_all(const struct produce_conf *conf, struct fleet *f,
		    struct sink *s)
{
	struct err e = ERR_INIT;
	int status = EXIT_DONE;

	if (produce_run(conf, f, s, &e))
		status = cmd_run_error(&e);
	return cmd_produce_summary(s) ? EXIT_FAILED : status;
}

static int produce(const struct sensors_args *sensors,
		   const struct schedule_args *schedule,
		   const struct to_args *to, const struct kafka_conf *kafka)
{
	struct err e = ERR_INIT;
	struct produce_conf conf;
	struct fleet *f = NULL;
	struct sink *s = NULL;
	int status;

	if (args_produce_conf(schedule, to->to == TO_KAFKA, &conf, &e) ||
	    (to->to == TO_KAFKA && kafka_check(kafka, true, &e)) ||
	    !(f = args_fleet(sensors, &e)))
		return cmd_usage_error(&e);
	if (to->to == TO_KAFKA)
		s = sink_kafka_new(kafka, (int)to->partitions, false, &e);
	else
		s = sink_fd_new(STDOUT_FILENO, "standard output");
	status = s ? send_all(&conf, f, s) : cmd_run_error(&e);
	sink_free(s);
	fleet_free(f);
	return status;
}

static int run(int argc, char **argv)
{
	struct sensors_args sensors;
	struct schedule_args schedule;
	struct to_args to;
	struct kafka_args kafka;
	struct talk_args talk;
	const struct opt_binding binds[] = {
		{&sensors_table, &sensors}, {&schedule_table, &schedule},
		{&to_table, &to},	    {&kafka_table, &kafka},
		{&talk_table, &talk},	    {NULL, NULL},
	};
	struct kafka_conf kafka_conf;
	struct err e = ERR_INIT;
	int status = EXIT_DONE;

	if (!cmd_parse(&cmd_produce, binds, &talk, argc, argv, NULL, &status))
		return status;
	if (args_listed_properties(&kafka))
		status = EXIT_DONE;
	else if (args_kafka_conf(&kafka, &talk, &kafka_conf, &e))
		status = cmd_usage_error(&e);
	else
		status = produce(&sensors, &schedule, &to, &kafka_conf);
	opts_release(binds);
	return status;
}

static const struct opt_table *const tables[] = {
	&sensors_table, &schedule_table, &to_table,
	&kafka_table,	&talk_table,	 NULL,
};

const struct command cmd_produce = {
	.name = "produce",
	.synopsis = "[OPTION]...",
	.summary = "simulate sensors that write their readings into a topic",
	.about = "Simulates IoT sensors, each with its own law of values and "
		 "of delays.\nLists may be split by blanks or by "
		 "commas. Example:\n\n"
		 "  iotsim produce --num-sensors 2 --delays 0.1 0.1 \\\n"
		 "      --sensors-values-mean 2 10 --sensors-values-std 2 3\n",
	.tables = tables,
	.run = run,
};
