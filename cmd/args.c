/* SPDX-License-Identifier: MIT */
#include "args.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/when.h"
#include "cmd.h"
#include "screen.h"

/* clang-format off */
#define AT(type, field) offsetof(struct type, field)

static const struct opt talk_rows[] = {
	{ 'q', "quiet", NULL, OPT_FLAG, AT(talk_args, quiet), NULL, NULL, 0, 0, NULL,
	  "say only what is wrong, and the summary" },
	{ 'v', "verbose", NULL, OPT_LEVEL, AT(talk_args, verbose), NULL, NULL, 0, 0, NULL,
	  "say more: librdkafka's own log lines too" },
	{ 0, "log-format", "text|json", OPT_CHOICE, AT(talk_args, log_format), "text", "text|json", 0, 0, NULL,
	  "what is said on standard error: lines of text, or a JSON object each" },
	{ .name = NULL }
};
const struct opt_table talk_table = { "General:", talk_rows };

static const struct opt kafka_rows[] = {
	{ 'b', "bootstrap-server", "LIST", OPT_TEXT, AT(kafka_args, brokers), NULL, NULL, 0, 0,
	  BROKERS_ENV,
	  "brokers, host:port with commas between; else the file of -F, else localhost:9092" },
	{ 't', "topic", "NAME", OPT_TEXT, AT(kafka_args, topic), "iot", NULL, 0, 0, NULL,
	  "topic" },
	{ 'X', "property", "KEY=VALUE", OPT_WORDS, AT(kafka_args, props), NULL, "list", 0, 0, NULL,
	  "any librdkafka property; repeatable; '-X list' prints them all" },
	{ 'F', "command-config", "FILE", OPT_TEXT, AT(kafka_args, config_file), NULL, NULL, 0, 0,
	  "IOTSIM_COMMAND_CONFIG",
	  "file of properties; a Java client's file works too" },
	{ 0, "connect-timeout", "TIME", OPT_SPAN, AT(kafka_args, connect_timeout_us), "10s", NULL, 0.1, 3600, NULL,
	  "how long to wait for the first broker" },
	{ 0, "show-config", NULL, OPT_FLAG, AT(kafka_args, show_config), NULL, NULL, 0, 0, NULL,
	  "print all that is in force and what it was set by, and end" },
	{ .name = NULL }
};
const struct opt_table kafka_table = { "Kafka:", kafka_rows };

static const struct opt schedule_rows[] = {
	{ 'c', "count", "N", OPT_COUNT, AT(schedule_args, count), NULL, NULL, 1, 1e18, NULL,
	  "end after N messages of the whole fleet" },
	{ 0, "duration", "TIME", OPT_SPAN, AT(schedule_args, duration_us), NULL, NULL, 1e-3, 3155760000, NULL,
	  "end after this much of the schedule" },
	{ 0, "start", "TIME", OPT_TEXT, AT(schedule_args, start), NULL, "now", 0, 0, NULL,
	  "event time of the schedule's beginning: now, -24h, 2026-11-24T00:00:00Z; "
	  "else now, or that of the recordings" },
	{ 0, "speed", "real|N|max", OPT_TEXT, AT(schedule_args, speed), "real", NULL, 0, 0, NULL,
	  "play the schedule in real time, N times as fast, or as fast as possible" },
	{ 0, "then-live", NULL, OPT_FLAG, AT(schedule_args, then_live), NULL, NULL, 0, 0, NULL,
	  "play so only until event time is now, then go on in real time" },
	{ 0, "rate", "N", OPT_NUMBER, AT(schedule_args, rate), NULL, NULL, 1e-6, 1e9, NULL,
	  "send N messages a second at most" },
	{ 0, "stages", "TIME:N,...", OPT_TEXT, AT(schedule_args, stages), NULL, NULL, 0, 0, NULL,
	  "the same for a time, one after the other, then end: 10s:100,60s:5k" },
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
	{ 0, "max-open", "N", OPT_COUNT, AT(windows_args, max_open), "10000", NULL, 1, 1e9, NULL,
	  "more windows open at once are an error" },
	{ 0, "max-names", "N", OPT_COUNT, AT(windows_args, max_names), "1M", NULL, 1, 4e9, NULL,
	  "more types or names in open windows are an error" },
	{ .name = NULL }
};
const struct opt_table windows_table = { "Windows:", windows_rows };

static const struct opt print_rows[] = {
	{ 0, "format", "table|csv|json", OPT_CHOICE, AT(print_args, format), NULL, "table|csv|json", 0, 0, NULL,
	  "how reports are printed, if not as a table" },
	{ 0, "stats", "LIST", OPT_PICKS, AT(print_args, stats), "mean", "count|mean|sd|min|max", 0, 0, NULL,
	  "columns of the tables, in this order: count, mean, sd, min, max" },
	{ 0, "by", "LIST", OPT_PICKS, AT(print_args, by), "type,name", "type|name", 0, 0, NULL,
	  "the tables: type, name, or both" },
	{ 0, "max-rows", "N|all", OPT_TEXT, AT(print_args, max_rows), "60", NULL, 0, 0, NULL,
	  "a longer table is cut to its first and last five rows" },
	{ 0, "chart", NULL, OPT_FLAG, AT(print_args, chart), NULL, NULL, 0, 0, NULL,
	  "under each table, how its rows went over the last windows" },
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

int args_show(const struct opt_binding *binds, int argc, char **argv,
	      const struct kafka_conf *conf, enum kafka_role role)
{
	struct str out = STR_INIT;
	struct err e = ERR_INIT;
	int status = EXIT_DONE;

	/* What was given by -X stands among the properties. */
	opts_show(binds, argc, argv, "property", &out);
	if (conf) {
		str_addc(&out, '\n');
		if (kafka_show(conf, role, &out, &e))
			status = cmd_usage_error(&e);
	}
	if (status == EXIT_DONE)
		fwrite(out.p, 1, out.len, stdout);
	str_release(&out);
	return status;
}

int args_kafka_conf(const struct kafka_args *k, const struct talk_args *talk,
		    struct kafka_conf *conf, struct err *e)
{
	const char *env = getenv(BROKERS_ENV);

	*conf = (struct kafka_conf){
		.brokers = k->brokers,
		.brokers_env = k->brokers == env ? BROKERS_ENV : NULL,
		.topic = k->topic,
		.props = k->props,
		.config_file = k->config_file,
		.connect_timeout_us = k->connect_timeout_us,
		.verbose = talk->verbose > 0,
		.say = cmd_say,
	};
	return kafka_check_topic("topic", k->topic, e);
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

/* When the schedule begins. */
static int parse_start(const struct schedule_args *a, const struct plan *plan,
		       int64_t *start_us, struct err *e)
{
	*start_us = WHEN_NONE;
	if (!a->start)
		*start_us = plan->start_us;
	else if (strcmp(a->start, "now") &&
		 when_parse_option(a->start, when_wall_us(), start_us, e))
		return err_prefix(e, "option '--start'");
	return 0;
}

static int parse_pace(const struct schedule_args *a, struct pace *p,
		      struct err *e)
{
	*p = (struct pace){.then_live = a->then_live, .rate = a->rate};
	if (parse_speed(a->speed, &p->speed, e))
		return -1;
	if (a->rate && a->stages)
		return err_set(e, "option '--stages': give it or --rate, not "
				  "both");
	if (a->then_live && p->speed > 0 && p->speed <= 1)
		return err_set(e,
			       "option '--then-live': at --speed %s it never "
			       "catches up: it goes with --speed max, or a "
			       "number above 1",
			       a->speed);
	if (a->stages && pace_parse_stages(p, a->stages, e)) {
		pace_release(p);
		return err_prefix(e, "option '--stages'");
	}
	return 0;
}

/* To librdkafka 0 is no time either. */
static int too_early(const char *start, struct err *e)
{
	if (!start)
		return err_set(e, "option '--replay': the recordings begin "
				  "before 1970, which Kafka's timestamps "
				  "cannot say: use --start");
	return err_set(e,
		       "option '--start': '%s' is before the first second of "
		       "1970, which Kafka's timestamps cannot say",
		       start);
}

int args_produce_conf(const struct schedule_args *a, const struct plan *plan,
		      bool to_kafka, struct produce_conf *conf, struct err *e)
{
	int rc = 0;

	*conf = (struct produce_conf){
		.groups = &plan->groups,
		.seed = plan->seed,
		.slices = 1,
		.threads = 1,
		.count = a->count,
		.duration_us = a->duration_us,
		.say = cmd_say,
	};
	if (parse_start(a, plan, &conf->start_us, e))
		return -1;
	if (to_kafka && conf->start_us != WHEN_NONE &&
	    conf->start_us < US_PER_S)
		return too_early(a->start, e);
	if (parse_pace(a, &conf->pace, e))
		return -1;
	if (a->then_live && conf->start_us == WHEN_NONE)
		rc = err_set(e, "option '--then-live': without a --start in "
				"the past there is nothing to fill");
	if (rc)
		pace_release(&conf->pace);
	return rc;
}

static bool is_picked(const struct opt_picks *p, int choice)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i] == choice)
			return true;
	return false;
}

static int parse_form(const struct print_args *p, struct report_form *form,
		      struct err *e)
{
	enum report_format format = REPORT_TABLE;
	uint64_t rows = REPORT_ALL_ROWS;

	if (p->format >= 0)
		format = (enum report_format)p->format;
	if (strcmp(p->max_rows, "all")) {
		if (num_parse_count(p->max_rows, &rows, e))
			return err_prefix(e, "option '--max-rows'");
		if (rows < 1)
			return err_set(e, "option '--max-rows': 0 is out of "
					  "bounds (1 and more, or all)");
	}
	*form = (struct report_form){
		.format = format,
		.stats.n = p->stats.n,
		.max_rows = rows,
		.no_types = !is_picked(&p->by, BY_TYPE),
		.no_names = !is_picked(&p->by, BY_NAME),
	};
	for (size_t i = 0; i < p->stats.n; i++)
		form->stats.v[i] = (enum statistic)p->stats.v[i];
	return 0;
}

int args_consume_conf(const struct windows_args *w, const struct print_args *p,
		      struct consume_conf *conf, struct err *e)
{
	struct report_form form = {.max_rows = 0};

	if (parse_form(p, &form, e))
		return -1;
	if (p->chart && form.format != REPORT_TABLE)
		return err_set(e, "options '--chart' and '--format': a chart "
				  "stands under a table");
	*conf = (struct consume_conf){
		.in_fd = STDIN_FILENO,
		.output =
			{
				.fd = STDOUT_FILENO,
				.form = form,
				.chart =
					{
						.wanted = p->chart,
						.utf8 = screen_is_utf8(),
						.columns =
							screen_columns_asked(),
					},
			},
		.agg =
			{
				.grace_us = w->grace_us,
				.idle_us = w->idle_us,
				.max_ahead_us = w->max_ahead_us,
				.from_us = WHEN_NONE,
				.accumulate = w->accumulate,
				.empty = w->empty,
				.spread = stats_need_spread(&form.stats),
				.no_types = form.no_types,
				.no_names = form.no_names,
			},
		.fields = reading_fields_default,
		.clock = (enum consume_clock)w->clock,
		.max_reports = w->max_reports,
		.max_open = w->max_open,
		.max_names = w->max_names,
		.say = cmd_say,
	};
	args_set_interval(conf, w->interval_us);
	return 0;
}

void args_set_interval(struct consume_conf *conf, int64_t interval_us)
{
	conf->agg.interval_us = interval_us;
	conf->output.chart.interval_us = interval_us;
	conf->source.ahead = 2 * interval_us + conf->agg.grace_us;
}
