/* SPDX-License-Identifier: MIT */
/* iotsim produce: simulated sensors write into a topic. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"
#include "cmd.h"
#include "run/feed.h"
#include "run/outline.h"
#include "run/words.h"
#include "watch.h"
#include "wire/json.h"

/* More readings a second than this are not meant, or not in real time. */
#define MANY_READINGS 1e7

enum { TO_KAFKA, TO_STDOUT };
enum { OF_EVENT, OF_SENDING };

struct to_args {
	int to, timestamps;
	uint64_t partitions, threads;
	const char *slice;
	bool headers, dry_run;
};

struct truth_args {
	const char *path, *interval, *grace;
};

struct produce_args {
	struct sensors_args sensors;
	struct faults_args faults;
	struct replay_args replay;
	struct schedule_args schedule;
	struct to_args to;
	struct truth_args truth;
	struct kafka_args kafka;
	struct watch_args watch;
	struct talk_args talk;
};

/* clang-format off */
#define AT(type, field) offsetof(struct type, field)

static const struct opt to_rows[] = {
	{ 0, "to", "kafka|-", OPT_CHOICE, AT(to_args, to), "kafka", "kafka|-", 0, 0, NULL,
	  "where the readings go; '-' is standard output, which needs no broker" },
	{ 0, "partitions", "N", OPT_COUNT, AT(to_args, partitions), "4", NULL, 1, 100000, NULL,
	  "partitions of a topic that has to be made" },
	{ 0, "timestamps", "event|send", OPT_CHOICE, AT(to_args, timestamps), "event", "event|send", 0, 0, NULL,
	  "the messages' own: of the event, or of sending, which is faster and is never refused" },
	{ 0, "headers", NULL, OPT_FLAG, AT(to_args, headers), NULL, NULL, 0, 0, NULL,
	  "number and time of sending in Kafka headers, which consume reports" },
	{ 0, "threads", "N", OPT_COUNT, AT(to_args, threads), "1", NULL, 1, FEED_THREADS_MAX, NULL,
	  "threads that make readings; the readings are the same" },
	{ 0, "slice", "I/N", OPT_TEXT, AT(to_args, slice), "1/1", NULL, 0, 0, NULL,
	  "only the Ith of N parts of the fleet, for N machines" },
	{ 0, "dry-run", NULL, OPT_FLAG, AT(to_args, dry_run), NULL, NULL, 0, 0, NULL,
	  "print what the fleet would send, and end" },
	{ .name = NULL }
};
static const struct opt_table to_table = { "Output:", to_rows };

static const struct opt truth_rows[] = {
	{ 0, "truth", "FILE", OPT_TEXT, AT(truth_args, path), NULL, NULL, 0, 0, NULL,
	  "write what a perfect consumer must find; see iotsim-truth(5)" },
	{ 0, "truth-interval", "TIME", OPT_TEXT, AT(truth_args, interval), NULL, NULL, 0, 0, NULL,
	  "its windows, else 20s" },
	{ 0, "truth-grace", "TIME", OPT_TEXT, AT(truth_args, grace), NULL, NULL, 0, 0, NULL,
	  "how long after its end a window takes readings, else 1s" },
	{ .name = NULL }
};
static const struct opt_table truth_table = { "Truth:", truth_rows };
/* clang-format on */

/* ---- the summary ---- */

/* A second, of n messages, the first at 0 and the last at us. */
static double rate_of(uint64_t n, int64_t us)
{
	return (double)(n - 1) * 1e6 / (double)us;
}

/* Where there was a pace: how it was kept. Else the rate, if it says much. */
static void add_pace(struct str *s, struct str *members,
		     const struct produce_result *r)
{
	double asked, achieved;

	if (r->timed > 1 && r->asked_us > 0) {
		asked = rate_of(r->timed, r->asked_us);
		achieved = rate_of(r->timed, r->took_us);
		str_adds(s, "; asked ");
		words_add_rate(s, asked);
		str_adds(s, ", achieved ");
		words_add_rate(s, achieved);
		str_adds(s, ", behind by ");
		num_add_span(s, r->behind_us / 1000 * 1000);
		str_adds(s, " at worst");
		json_add_number(members, "asked_per_second", asked);
		json_add_number(members, "achieved_per_second", achieved);
		json_add_number(members, "behind_seconds",
				(double)r->behind_us / 1e6);
	} else if (!r->timed && r->n > 1 && r->span_us >= US_PER_S) {
		achieved = rate_of(r->n, r->span_us);
		str_adds(s, "; achieved ");
		words_add_rate(s, achieved);
		json_add_number(members, "achieved_per_second", achieved);
	}
}

int cmd_produce_summary(const struct sink *s, const struct produce_result *r)
{
	struct sink_counts c = sink_counts(s);
	const char *why = sink_failure(s);
	struct str line = STR_INIT, members = STR_INIT;

	words_add_counts(&line, &c);
	members_add_counts(&members, &c);
	if (c.failed && *why) {
		str_addf(&line, "; the last one: %s", why);
		json_add_text(&members, "last_failure", why);
	}
	add_pace(&line, &members, r);
	cmd_say_event(SAY_ANSWER, "summary", &line, &members);
	return c.failed ? EXIT_FAILED : EXIT_DONE;
}

/* ---- checks ---- */

static int bad_slice(const char *text, struct err *e)
{
	return err_set(e,
		       "option '--slice': '%.40s' is not I/N, the Ith of N "
		       "parts (like 2/3; I from 1 to N, N to %d)",
		       text, FLEET_MAX);
}

static int parse_slice(const char *text, struct produce_conf *conf,
		       struct err *e)
{
	struct err not_whole = ERR_INIT;
	const char *slash = strchr(text, '/');
	char *before = slash ? mem_ndup(text, (size_t)(slash - text)) : NULL;
	uint64_t i, n;
	bool good;

	good = before && !num_parse_count(before, &i, &not_whole) &&
	       !num_parse_count(slash + 1, &n, &not_whole) && i >= 1 &&
	       i <= n && n <= FLEET_MAX;
	free(before);
	if (!good)
		return bad_slice(text, e);
	conf->slice = (uint32_t)(i - 1);
	conf->slices = (uint32_t)n;
	return 0;
}

/* A span of 1 ms, or 0, to a year; as it was where the option is not given. */
static int parse_truth_span(const char *option, const char *text,
			    int64_t least_us, int64_t *us, struct err *e)
{
	if (!text)
		return 0;
	if (num_parse_span(text, us, e))
		return err_prefix(e, "option '%s'", option);
	if (*us < least_us || *us > 31536000 * US_PER_S)
		return err_set(e,
			       "option '%s': %.40s is out of bounds (%s to "
			       "365d)",
			       option, text, least_us ? "1ms" : "0s");
	return 0;
}

static int parse_truth(const struct truth_args *a, struct produce_conf *conf,
		       struct err *e)
{
	conf->truth_path = a->path;
	conf->truth = (struct truth_conf){20 * US_PER_S, US_PER_S};
	if (!a->path && (a->interval || a->grace))
		return err_set(e,
			       "option '--truth-%s' is for the file of "
			       "--truth, which is not given",
			       a->interval ? "interval" : "grace");
	if (a->path && !strcmp(a->path, "-"))
		return err_set(e, "option '--truth': '-' is not a file's name; "
				  "/dev/stdout is standard output");
	if (parse_truth_span("--truth-interval", a->interval, 1000,
			     &conf->truth.interval_us, e))
		return -1;
	return parse_truth_span("--truth-grace", a->grace, 0,
				&conf->truth.grace_us, e);
}

/* What the options of the output say, and what does not go together. */
static int make_conf(const struct produce_args *a, const struct plan *plan,
		     struct produce_conf *conf, struct err *e)
{
	const struct to_args *to = &a->to;

	conf->threads = (unsigned)to->threads;
	conf->labels = a->faults.labels;
	if (parse_slice(to->slice, conf, e) || parse_truth(&a->truth, conf, e))
		return -1;
	if (to->dry_run && conf->truth_path)
		return err_set(e, "option '--truth': with --dry-run nothing is "
				  "sent");
	if (conf->slices > 1 && conf->count)
		return err_set(e, "option '--count' counts the whole fleet, of "
				  "which a slice sees a part: use --duration");
	if (conf->slices > 1 &&
	    (plan->seed_chosen || conf->start_us == WHEN_NONE))
		return err_set(e, "option '--slice': the parts make one fleet "
				  "only with the same --seed and --start");
	if (to->headers && to->to == TO_STDOUT)
		return err_set(e, "option '--headers': standard output has no "
				  "headers");
	if (to->timestamps == OF_SENDING && to->to == TO_STDOUT)
		return err_set(e, "option '--timestamps': standard output has "
				  "no timestamps");
	if (to->headers && plan_shares_names(plan))
		return err_set(e, "option '--headers': in a recording a sensor "
				  "has several types, whose messages would be "
				  "numbered alike");
	return 0;
}

/* A million sensors times a microsecond is more than anybody means. */
static void warn_of_rate(const struct produce_conf *conf)
{
	const struct pace *p = &conf->pace;
	double speed = p->speed > 0 ? p->speed : p->then_live;
	double rate = groups_rate(conf->groups) * speed / conf->slices;

	if (rate > MANY_READINGS && !p->rate && !p->n_stages)
		say(cmd_say, SAY_WARN,
		    "%" PRIu64 " sensors make %.3g readings a second: more "
		    "than can be sent; the run will fall behind its schedule",
		    groups_size(conf->groups) / conf->slices, rate);
}

/* ---- the run ---- */

static int dry_run(const struct produce_conf *conf)
{
	struct str out = STR_INIT;

	warn_of_rate(conf);
	outline_add(&out, conf->groups);
	fwrite(out.p, 1, out.len, stdout);
	str_release(&out);
	return EXIT_DONE;
}

static int send_all(const struct produce_conf *conf, struct sink *s)
{
	struct produce_result result;
	struct err e = ERR_INIT;
	int status = EXIT_DONE;

	if (produce_run(conf, s, &result, &e))
		status = cmd_run_error(&e);
	return cmd_produce_summary(s, &result) ? EXIT_FAILED : status;
}

static int send_to(const struct produce_conf *conf, const struct to_args *to,
		   const struct kafka_conf *kafka)
{
	const struct sink_topic topic = {
		.partitions = (int)to->partitions,
		.headers = to->headers,
		.send_times = to->timestamps == OF_SENDING,
	};
	struct err e = ERR_INIT;
	struct sink *s;
	int status;

	warn_of_rate(conf);
	if (to->to == TO_KAFKA)
		s = sink_kafka_new(kafka, &topic, &e);
	else
		s = sink_fd_new(STDOUT_FILENO, "standard output");
	status = s ? send_all(conf, s) : cmd_run_error(&e);
	sink_free(s);
	return status;
}

/* What the run is watched by is there before it, and after it. */
static int send_watched(const struct produce_args *a, struct produce_conf *conf,
			struct watch *watch, const struct kafka_conf *kafka)
{
	struct err e = ERR_INIT;
	int status;

	if (a->to.to == TO_STDOUT)
		watch_beside_output(watch, &a->watch);
	if (watch_start(watch, conf, NULL, &e))
		return cmd_run_error(&e);
	status = send_to(conf, &a->to, kafka);
	watch_stop(watch);
	return status;
}

static int with_plan(const struct produce_args *a, const struct plan *plan,
		     const struct kafka_conf *kafka)
{
	bool to_kafka = a->to.to == TO_KAFKA;
	struct produce_conf conf;
	struct watch watch;
	struct err e = ERR_INIT;
	int status;

	if (args_produce_conf(&a->schedule, plan, to_kafka, &conf, &e))
		return cmd_usage_error(&e);
	if (make_conf(a, plan, &conf, &e) ||
	    watch_init(&watch, &a->watch, &a->talk, &e) ||
	    (to_kafka && kafka_check(kafka, KAFKA_PRODUCER, &e))) {
		status = cmd_usage_error(&e);
	} else if (a->to.dry_run) {
		status = dry_run(&conf);
	} else {
		plan_tell_seed(plan);
		status = send_watched(a, &conf, &watch, kafka);
	}
	pace_release(&conf.pace);
	return status;
}

static int produce(const struct produce_args *a)
{
	struct kafka_conf kafka;
	struct err e = ERR_INIT;
	struct plan plan;
	int status;

	if (args_listed_properties(&a->kafka) || plan_listed(&a->sensors))
		return EXIT_DONE;
	if (args_kafka_conf(&a->kafka, &a->talk, &kafka, &e) ||
	    plan_make(&plan, &a->sensors, &a->faults, &a->replay, &e))
		return cmd_usage_error(&e);
	status = with_plan(a, &plan, &kafka);
	plan_release(&plan);
	return status;
}

static int show_config(const struct produce_args *a,
		       const struct opt_binding *binds, int argc, char **argv)
{
	struct kafka_conf kafka;
	struct err e = ERR_INIT;

	if (args_kafka_conf(&a->kafka, &a->talk, &kafka, &e))
		return cmd_usage_error(&e);
	return args_show(binds, argc, argv,
			 a->to.to == TO_KAFKA ? &kafka : NULL, KAFKA_PRODUCER);
}

static int run(int argc, char **argv)
{
	struct produce_args a;
	const struct opt_binding binds[] = {
		{&sensors_table, &a.sensors}, {&faults_table, &a.faults},
		{&replay_table, &a.replay},   {&schedule_table, &a.schedule},
		{&to_table, &a.to},	      {&truth_table, &a.truth},
		{&kafka_table, &a.kafka},     {&watch_table, &a.watch},
		{&talk_table, &a.talk},	      {NULL, NULL},
	};
	int status = EXIT_DONE;

	if (!cmd_parse(&cmd_produce, binds, &a.talk, argc, argv, NULL, &status))
		return status;
	if (a.kafka.show_config)
		status = show_config(&a, binds, argc, argv);
	else
		status = produce(&a);
	opts_release(binds);
	return status;
}

static const struct opt_table *const tables[] = {
	&sensors_table, &faults_table, &replay_table, &schedule_table,
	&to_table,	&truth_table,  &kafka_table,  &watch_table,
	&talk_table,	NULL,
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
