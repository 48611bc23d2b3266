/* SPDX-License-Identifier: MIT */
#include "args.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/num.h"
#include "base/when.h"
#include "cmd.h"

/* clang-format off */
#define AT(type, field) offsetof(struct type, field)

static const struct opt talk_rows[] = {
	{ 'q', "quiet", NULL, OPT_FLAG, AT(talk_args, quiet), NULL, NULL, 0, 0, NULL,
	  "say only what is wrong, and the summary" },
	{ 'v', "verbose", NULL, OPT_LEVEL, AT(talk_args, verbose), NULL, NULL, 0, 0, NULL,
	  "say more: librdkafka's own log lines too" },
	{ .name = NULL }
};
const struct opt_table talk_table = { "General:", talk_rows };

static const struct opt kafka_rows[] = {
	{ 'b', "bootstrap-server", "LIST", OPT_TEXT, AT(kafka_args, brokers), NULL, NULL, 0, 0,
	  "KAFKA_BOOTSTRAP_SERVERS",
	  "brokers, host:port with commas between; else the file of -F, else localhost:9092" },
	{ 't', "topic", "NAME", OPT_TEXT, AT(kafka_args, topic), "iot", NULL, 0, 0, NULL,
	  "topic" },
	{ 'X', "property", "KEY=VALUE", OPT_WORDS, AT(kafka_args, props), NULL, NULL, 0, 0, NULL,
	  "any librdkafka property; repeatable; '-X list' prints them all" },
	{ 'F', "command-config", "FILE", OPT_TEXT, AT(kafka_args, config_file), NULL, NULL, 0, 0,
	  "IOTSIM_COMMAND_CONFIG",
	  "file of properties; a Java client's file works too" },
	{ 0, "connect-timeout", "TIME", OPT_SPAN, AT(kafka_args, connect_timeout_us), "10s", NULL, 0.1, 3600, NULL,
	  "how long to wait for the first broker" },
	{ .name = NULL }
};
const struct opt_table kafka_table = { "Kafka:", kafka_rows };

static const struct opt sensors_rows[] = {
	{ 'n', "num-sensors", "N", OPT_COUNT, AT(sensors_args, fleet.num_sensors), "2", NULL, 1, FLEET_MAX, NULL,
	  "how many sensors; lists below have 1 or N values" },
	{ 0, "name-prefix", "TEXT", OPT_TEXT, AT(sensors_args, fleet.name_prefix), "sensor_", NULL, 0, 0, NULL,
	  "their names: TEXT0, TEXT1, ..." },
	{ 0, "distribution", "LIST", OPT_LIST, AT(sensors_args, fleet.distribution), "normal", NULL, 0, 0, NULL,
	  "law of the values: normal, exponential, uniform, or written out:\n"
	  "normal(MEAN,SD) exponential(MEAN) uniform(LOW,HIGH) constant(VALUE)" },
	{ 0, "sensors-values-mean", "LIST", OPT_LIST, AT(sensors_args, fleet.mean), NULL, NULL, 0, 0, NULL,
	  "mean of the values, else 20" },
	{ 0, "sensors-values-std", "LIST", OPT_LIST, AT(sensors_args, fleet.sd), NULL, NULL, 0, 0, NULL,
	  "standard deviation of the values, else 2; of an exponential, else its mean" },
	{ 0, "delays", "LIST", OPT_LIST, AT(sensors_args, fleet.delay), "1", NULL, 0, 0, NULL,
	  "mean seconds between two readings of a sensor" },
	{ 0, "delay-distribution", "LIST", OPT_LIST, AT(sensors_args, fleet.delay_law), "constant", NULL, 0, 0, NULL,
	  "law of the delays: constant, exponential, uniform, normal, gamma" },
	{ 0, "delays-std", "LIST", OPT_LIST, AT(sensors_args, fleet.delay_sd), NULL, NULL, 0, 0, NULL,
	  "standard deviation of the delays in seconds; of an exponential, else its mean" },
	{ 0, "types", "LIST", OPT_LIST, AT(sensors_args, fleet.types), "temperature,humidity,pressure", NULL, 0, 0, NULL,
	  "types, drawn evenly for each reading" },
	{ 0, "type-per-sensor", NULL, OPT_FLAG, AT(sensors_args, fleet.type_per_sensor), NULL, NULL, 0, 0, NULL,
	  "deal the types to the sensors in turn instead" },
	{ 0, "seed", "N", OPT_TEXT, AT(sensors_args, seed), NULL, NULL, 0, 0, NULL,
	  "same seed, options and --start, same readings; else one is chosen and told" },
	{ .name = NULL }
};
const struct opt_table sensors_table = { "Sensors:", sensors_rows };

static const struct opt schedule_rows[] = {
	{ 'c', "count", "N", OPT_COUNT, AT(schedule_args, count), NULL, NULL, 1, 1e18, NULL,
	  "end after N readings of the whole fleet" },
	{ 0, "duration", "TIME", OPT_SPAN, AT(schedule_args, duration_us), NULL, NULL, 1e-3, 3155760000, NULL,
	  "end after this much of the schedule" },
	{ 0, "start", "TIME", OPT_TEXT, AT(schedule_args, start), "now", NULL, 0, 0, NULL,
	  "event time of the schedule's beginning: now, -24h, or a time like\n2026-11-24T00:00:00Z" },
	{ 0, "speed", "real|N|max", OPT_TEXT, AT(schedule_args, speed), "real", NULL, 0, 0, NULL,
	  "play the schedule in real time, N times as fast, or as fast as possible" },
	{ .name = NULL }
};
const struct opt_table schedule_table = { "Schedule:", schedule_rows };

static const struct opt windows_rows[] = {
	{ 'i', "interval", "TIME", OPT_SPAN, AT(windows_args, interval_us), "20s", NULL, 1e-3, 31536000, NULL,
	  "length of a window" },
	{ 0, "grace", "TIME", OPT_SPAN, AT(windows_args, grace_us), "1s", NULL, 0, 31536000, NULL,
	  "how long after its end a window still takes readings" },
	{ 0, "idle", "TIME|off", OPT_SPAN, AT(windows_args, idle_us), "5s", "off", 1e-3, 31536000, NULL,
	  "a partition this long silent at its end is not waited for" },
	{ 0, "max-ahead", "TIME|off", OPT_SPAN, AT(windows_args, max_ahead_us), "10s", "off", 0, 3155760000, NULL,
	  "a reading further ahead of the present is left out; off with --from -" },
	{ 0, "time", "event|kafka|arrival", OPT_CHOICE, AT(windows_args, clock), "event", "event|kafka|arrival", 0, 0, NULL,
	  "which clock makes the windows: the reading's own, the record's, ours" },
	{ 0, "accumulate", NULL, OPT_FLAG, AT(windows_args, accumulate), NULL, NULL, 0, 0, NULL,
	  "print means over everything since the start" },
	{ 0, "empty", NULL, OPT_FLAG, AT(windows_args, empty), NULL, NULL, 0, 0, NULL,
	  "print windows without readings too" },
	{ 0, "max-reports", "N", OPT_COUNT, AT(windows_args, max_reports), NULL, NULL, 1, 1e18, NULL,
	  "end after N reports" },
	{ .name = NULL }
};
const struct opt_table windows_table = { "Windows:", windows_rows };

static const struct opt print_rows[] = {
	{ 0, "format", "table|csv|json", OPT_CHOICE, AT(print_args, format), "table", "table|csv|json", 0, 0, NULL,
	  "how reports are printed" },
	{ 0, "max-rows", "N|all", OPT_TEXT, AT(print_args, max_rows), "60", NULL, 0, 0, NULL,
	  "a longer table is cut to its first and last five rows" },
	{ .name = NULL }
};
const struct opt_table print_table = { "Reports:", print_rows };
/* clang-format on */

bool args_listed_properties(const struct kafka_args *k)
{
	for (size_t i = 0; i < k->props.n; i++) {
		if (!strcmp(k->props.v[i], "list")) {
			kafka_list_properties(stdout);
			return true;
		}
	}
	return false;
}

int args_kafka_conf(const struct kafka_args *k, const struct talk_args *talk,
		    struct kafka_conf *conf, struct err *e)
{
	*conf = (struct kafka_conf){
		.brokers = k->brokers,
		.topic = k->topic,
		.props = k->props,
		.config_file = k->config_file,
		.connect_timeout_us = k->connect_timeout_us,
		.verbose = talk->verbose > 0,
		.say = cmd_say,
	};
	if (k->brokers && !*k->brokers)
		return err_set(e, "option '--bootstrap-server': the list is "
				  "empty (host:port, commas between)");
	return kafka_check_topic(k->topic, e);
}

/* The seed that was given, or one from the system that is told. */
static int choose_seed(const char *text, uint64_t *seed, struct err *e)
{
	int64_t v;
	uint32_t chosen;

	if (text) {
		if (num_parse_int(text, &v, e))
			return err_prefix(e, "option '--seed'");
		*seed = (uint64_t)v;
		return 0;
	}
	if (getrandom(&chosen, sizeof(chosen), 0) != sizeof(chosen))
		chosen = (uint32_t)when_wall_us();
	*seed = chosen;
	return 1;
}

struct fleet *args_fleet(const struct sensors_args *a, struct err *e)
{
	struct fleet_conf conf = a->fleet;
	int chosen = choose_seed(a->seed, &conf.seed, e);
	struct fleet *f;

	if (chosen < 0)
		return NULL;
	f = fleet_new(&conf, e);
	if (f && chosen)
		say(cmd_say, SAY_NOTE,
		    "seed %" PRIu64 ", chosen now; with '--seed %" PRIu64
		    "' and the same --start come the same readings",
		    conf.seed, conf.seed);
	return f;
}

static int parse_speed(const char *text, double *speed, struct err *e)
{
	if (!strcmp(text, "max")) {
		*speed = 0;
		return 0;
	}
	if (!strcmp(text, "real")) {
		*speed = 1;
		return 0;
	}
	if (num_parse_double(text, speed, e))
		return err_prefix(e, "option '--speed' (real, max, or how "
				     "many times as fast)");
	if (*speed < 1e-6 || *speed > 1e6)
		return err_set(e,
			       "option '--speed': '%s' is out of bounds "
			       "(0.000001 to 1000000, real, or max)",
			       text);
	return 0;
}

int args_produce_conf(const struct schedule_args *a, bool to_kafka,
		      struct produce_conf *conf, struct err *e)
{
	*conf = (struct produce_conf){
		.count = a->count,
		.duration_us = a->duration_us,
		.start_us = WHEN_NONE,
		.say = cmd_say,
	};
	if (parse_speed(a->speed, &conf->speed, e))
		return -1;
	if (strcmp(a->start, "now") &&
	    when_parse_option(a->start, when_wall_us(), &conf->start_us, e))
		return err_prefix(e, "option '--start'");
	if (to_kafka && conf->start_us != WHEN_NONE &&
	    conf->start_us < US_PER_S)
		return err_set(e,
			       "option '--start': '%s' is before 1970, which "
			       "Kafka's timestamps cannot say",
			       a->start);
	return 0;
}

int args_consume_conf(const struct windows_args *w, const struct print_args *p,
		      struct consume_conf *conf, struct err *e)
{
	uint64_t rows = REPORT_ALL_ROWS;

	if (strcmp(p->max_rows, "all")) {
		if (num_parse_count(p->max_rows, &rows, e))
			return err_prefix(e, "option '--max-rows'");
		if (rows < 1)
			return err_set(e, "option '--max-rows': 0 is out of "
					  "bounds (1 and more, or all)");
	}
	*conf = (struct consume_conf){
		.in_fd = STDIN_FILENO,
		.out_fd = STDOUT_FILENO,
		.agg =
			{
				.interval_us = w->interval_us,
				.grace_us = w->grace_us,
				.idle_us = w->idle_us,
				.max_ahead_us = w->max_ahead_us,
				.from_us = WHEN_NONE,
				.accumulate = w->accumulate,
				.empty = w->empty,
			},
		.fields = reading_fields_default,
		.clock = (enum consume_clock)w->clock,
		.format = (enum report_format)p->format,
		.max_rows = rows,
		.max_reports = w->max_reports,
		.say = cmd_say,
	};
	return 0;
}
