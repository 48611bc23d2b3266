/* SPDX-License-Identifier: MIT */
/* iotsim consume: for every window the means by type and by name. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "agg/check.h"
#include "agg/saved.h"
#include "agg/window.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/when.h"
#include "cmd.h"
#include "io/file.h"
#include "run/words.h"
#include "verify.h"
#include "watch.h"
#include "wire/json.h"

struct input_args {
	const char *from, *to;
	bool exit_at_end;
	struct opt_words fields;
	const char *check, *verify;
	bool explain;
};

struct group_args {
	const char *group, *instance;
};

struct output_args {
	const char *dir, *topic, *late_to;
};

struct consume_args {
	struct windows_args windows;
	struct input_args input;
	struct group_args group;
	struct output_args output;
	struct print_args print;
	struct kafka_args kafka;
	struct watch_args watch;
	struct talk_args talk;
};

/* What a run takes, which refers to each other. */
struct confs {
	struct kafka_conf input, output, late;
	struct consume_conf consume;
};

/* clang-format off */
static const struct opt input_rows[] = {
	{ 0, "from", "WHERE", OPT_TEXT, offsetof(struct input_args, from), "beginning", "beginning|end|-", 0, 0, NULL,
	  "where to begin: beginning, end, a time (2026-11-24T00:00:00Z, -1h),\n"
	  "an offset; '-' reads lines of standard input" },
	{ 0, "to", "TIME", OPT_TEXT, offsetof(struct input_args, to), NULL, NULL, 0, 0, NULL,
	  "print the windows that end by then, and stop, as with -e" },
	{ 'e', "exit-at-end", NULL, OPT_FLAG, offsetof(struct input_args, exit_at_end), NULL, NULL, 0, 0, NULL,
	  "stop at the end as it was at the start, and print what is open" },
	{ 0, "field", "FIELD=NAME", OPT_WORDS, offsetof(struct input_args, fields), NULL, "time=|type=|name=|value=", 0, 0, NULL,
	  "other people's name of time, type, name or value; repeatable" },
	{ 0, "check", "FILE", OPT_TEXT, offsetof(struct input_args, check), NULL, NULL, 0, 0, NULL,
	  "compare each window with the truth in FILE; status 1 where they differ" },
	{ 0, "verify", "FILE", OPT_TEXT, offsetof(struct input_args, verify), NULL, NULL, 0, 0, NULL,
	  "print nothing, find the reports in FILE, of --format json, again in the\n"
	  "topic; status 1 where they differ" },
	{ 0, "explain", NULL, OPT_FLAG, offsetof(struct input_args, explain), NULL, NULL, 0, 0, NULL,
	  "say every 5 s which partition holds the next window back, and why" },
	{ .name = NULL }
};
static const struct opt_table input_table = { "Input:", input_rows };

static const struct opt group_rows[] = {
	{ 'g', "group", "NAME", OPT_TEXT, offsetof(struct group_args, group), NULL, NULL, 0, 0, NULL,
	  "be a member of this consumer group: go on where it left off, each window once" },
	{ 0, "instance", "ID", OPT_TEXT, offsetof(struct group_args, instance), NULL, NULL, 0, 0, NULL,
	  "a member that is started again under its ID goes on at once" },
	{ .name = NULL }
};
static const struct opt_table group_table = { "Group:", group_rows };

static const struct opt output_rows[] = {
	{ 0, "output", "DIR", OPT_TEXT, offsetof(struct output_args, dir), NULL, NULL, 0, 0, NULL,
	  "write each report of a group into a file of its own, where it is once for sure" },
	{ 0, "output-topic", "NAME", OPT_TEXT, offsetof(struct output_args, topic), NULL, NULL, 0, 0, NULL,
	  "send the rows of the reports to this topic, as JSON" },
	{ 0, "late-to", "FILE|topic:NAME", OPT_TEXT, offsetof(struct output_args, late_to), NULL, NULL, 0, 0, NULL,
	  "append what is left out to FILE, with the reason; or send it to a topic" },
	{ .name = NULL }
};
static const struct opt_table output_table = { "Output:", output_rows };
/* clang-format on */

/* What headers told, where there were any. */
static void add_sequence(struct str *line, struct str *members,
			 const struct sequence_counts *s)
{
	if (!s->numbers)
		return;
	str_addf(line,
		 "; sequence: lost %" PRIu64 ", duplicated %" PRIu64
		 ", reordered %" PRIu64,
		 s->lost, s->duplicated, s->reordered);
	json_add_count(members, "lost", s->lost);
	json_add_count(members, "duplicated", s->duplicated);
	json_add_count(members, "reordered", s->reordered);
}

static void add_latency(struct str *line, struct str *members,
			const struct consumed *found)
{
	const struct {
		const char *word, *member;
		int64_t us;
	} v[] = {
		{"; latency p50", "latency_p50_seconds", found->latency.p50_us},
		{", p99", "latency_p99_seconds", found->latency.p99_us},
		{", max", "latency_max_seconds", found->latency.max_us},
	};

	if (!found->latency.n)
		return;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		str_addf(line, "%s ", v[i].word);
		num_add_about(line, v[i].us);
		json_add_number(members, v[i].member, (double)v[i].us / 1e6);
	}
	if (found->latency.negative) {
		str_addf(line, ", %" PRIu64 " negative (the clocks differ)",
			 found->latency.negative);
		json_add_count(members, "latency_negative",
			       found->latency.negative);
	}
}

/* The last line: books that balance, then what helps. */
int cmd_consume_summary(const struct consumed *found)
{
	const struct books *b = &found->books;
	struct str line = STR_INIT, members = STR_INIT;

	words_add_books(&line, b);
	members_add_books(&members, b);
	if (b->future)
		str_adds(&line, "; future ones are taken with "
				"--max-ahead off");
	if (b->passed)
		str_addf(&line,
			 "; %" PRIu64 " empty windows of long gaps not printed",
			 b->passed);
	if (found->partitions)
		str_addf(&line,
			 "; since the group began, %d of its %d partitions",
			 found->held, found->partitions);
	add_sequence(&line, &members, &found->sequence);
	add_latency(&line, &members, found);
	cmd_say_event(SAY_ANSWER, "summary", &line, &members);
	return EXIT_DONE;
}

/* The line before it, when windows were compared with the truth. */
static int check_summary(const struct check *c, const struct books *b)
{
	const struct check_counts *n = check_counts(c);
	struct str line = STR_INIT, members = STR_INIT;

	str_addf(&line, "check: %" PRIu64 " window%s, %" PRIu64 " mean%s",
		 n->windows, n->windows == 1 ? "" : "s", n->means,
		 n->means == 1 ? " agrees" : "s agree");
	if (n->differences)
		str_addf(&line, ", %" PRIu64 " difference%s", n->differences,
			 n->differences == 1 ? "" : "s");
	if (n->differences && b->future)
		str_adds(&line, "; readings of the future were left out, which "
				"--max-ahead off would take");
	json_add_count(&members, "windows", n->windows);
	json_add_count(&members, "means", n->means);
	json_add_count(&members, "differences", n->differences);
	cmd_say_event(SAY_ANSWER, "check", &line, &members);
	return n->differences ? EXIT_FAILED : EXIT_DONE;
}

static bool is_digits(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

/*
 * Reports begin with the first window that starts at from_us or later, and
 * are those of a run that has read all. It is enough to read each partition
 * from its first record on with a Kafka timestamp of from_us - max_ahead or
 * later, where no event time is further ahead of its record's timestamp than
 * that. For then a record before it has an event time below from_us:
 *
 *   - it is of a window that starts before from_us, none of ours;
 *   - it makes nothing late in one of ours: for that the watermark has to come
 *     to its end, which lies behind from_us.
 *
 * What is read and skipped, because its window starts before from_us, is no
 * part of the watermark, and need not be: its event time lies before the start
 * of the first window of ours. A Kafka timestamp is a whole ms, rounded down;
 * so is where we begin. With --time kafka both are the same.
 */
static void begin_before(struct consume_conf *conf, int64_t from_us)
{
	struct source_conf *s = &conf->source;
	int64_t ahead = conf->agg.max_ahead_us;

	conf->agg.from_us = from_us;
	if (conf->clock == CLOCK_EVENT && ahead == AGG_OFF) {
		s->from = FROM_BEGINNING;
		return;
	}
	s->from = FROM_TIME;
	s->from_value = conf->clock == CLOCK_EVENT ? from_us - ahead : from_us;
	if (s->from_value < 0) /* such times mean something else to Kafka */
		s->from_value = 0;
}

/* --from, for the source and for the first window. */
static int parse_from(const char *from, struct consume_conf *conf,
		      struct err *e)
{
	struct source_conf *s = &conf->source;
	int64_t from_us;

	if (!strcmp(from, "beginning"))
		return 0;
	if (!strcmp(from, "end")) {
		s->from = FROM_END;
		conf->agg.from_first = true;
	} else if (is_digits(from)) {
		if (num_parse_int(from, &s->from_value, e))
			return err_prefix(e, "option '--from'");
		s->from = FROM_OFFSET;
		conf->agg.from_first = true;
	} else {
		if (when_parse_option(from, when_wall_us(), &from_us, e))
			return err_prefix(e, "option '--from' (beginning, "
					     "end, a time, an offset, or -)");
		begin_before(conf, from_us);
	}
	return 0;
}

/* A span in which nothing can be printed is not meant. */
static int check_span(const struct input_args *in,
		      const struct consume_conf *conf, struct err *e)
{
	int64_t from_us = conf->agg.from_us, to_us = conf->agg.to_us;
	int64_t interval_us = conf->agg.interval_us;
	struct str span = STR_INIT;

	if (from_us == WHEN_NONE)
		return 0;
	if (to_us < from_us)
		return err_set(e,
			       "option '--to': '%s' is before '%s', which "
			       "is --from",
			       in->to, in->from);
	if (window_start(from_us - 1, interval_us) + 2 * interval_us <= to_us)
		return 0;
	num_add_span(&span, interval_us);
	err_set(e,
		"options '--from' and '--to': no window of %s begins and ends "
		"between '%s' and '%s' (they begin at multiples of --interval)",
		span.p, in->from, in->to);
	str_release(&span);
	return -1;
}

/* --to: after --from, which was parsed. */
static int parse_to(const struct input_args *in, struct consume_conf *conf,
		    struct err *e)
{
	if (!in->to)
		return 0;
	if (when_parse_option(in->to, when_wall_us(), &conf->agg.to_us, e))
		return err_prefix(e, "option '--to'");
	if (conf->clock == CLOCK_ARRIVAL)
		return err_set(e, "options '--to' and '--time arrival': what "
				  "is read now arrives now");
	if (conf->source.from == FROM_END)
		return err_set(e, "options '--from end' and '--to': --to ends "
				  "where the topic does, and nothing would "
				  "be read");
	conf->agg.bounded = true;
	conf->source.exit_at_end = true;
	return check_span(in, conf, e);
}

/* Standard input: one partition, its own time, no present. */
static int check_stdin(const struct windows_args *w, struct consume_conf *conf,
		       struct err *e)
{
	conf->kafka = NULL;
	conf->agg.max_ahead_us = AGG_OFF;
	if (w->clock == CLOCK_KAFKA)
		return err_set(e, "option '--time': lines of standard input "
				  "have no Kafka timestamp (event or "
				  "arrival)");
	return 0;
}

/* What a member of a group cannot do. */
static int check_group(const struct consume_conf *conf,
		       const struct input_args *in, const struct group_args *g,
		       struct err *e)
{
	struct str fields = STR_INIT;
	size_t len;

	if (!g->group && g->instance)
		return err_set(e, "option '--instance': it goes with --group");
	if (!g->group)
		return 0;
	if (g->instance && !*g->instance)
		return err_set(e, "option '--instance': the name is empty");
	if (!*g->group)
		return err_set(e, "option '--group': the name is empty");
	if (in->to)
		return err_set(e, "options '--group' and '--to': a group goes "
				  "on where it left off");
	if (conf->agg.accumulate)
		return err_set(e, "options '--group' and '--accumulate': a "
				  "group keeps nothing of windows that it "
				  "has closed");
	if (conf->clock == CLOCK_ARRIVAL)
		return err_set(e, "options '--group' and '--time arrival': "
				  "what is read again would arrive anew");
	reading_fields_add(&fields, &conf->fields);
	len = fields.len;
	str_release(&fields);
	if (len > SAVED_FIELDS_MAX)
		return err_set(e,
			       "option '--field': the names have %zu bytes, "
			       "and a group keeps %d of them",
			       len, SAVED_FIELDS_MAX);
	return 0;
}

/* Whether the topic of this option can be written to. */
static int check_target(const char *option, const char *topic,
			const struct consume_conf *conf, struct err *e)
{
	if (kafka_check_topic(option, topic, e))
		return -1;
	if (conf->kafka && !strcmp(topic, conf->kafka->topic))
		return err_set(e,
			       "option '--%s': '%s' is the topic that is read: "
			       "name another",
			       option, topic);
	return 0;
}

/* --output, --output-topic */
static int check_output(const struct output_args *o, const struct print_args *p,
			const struct consume_conf *conf, struct err *e)
{
	if (o->dir && o->topic)
		return err_set(e, "options '--output' and '--output-topic': a "
				  "report goes to one of them");
	if (o->dir && !conf->output.ids)
		return err_set(e, "option '--output': it goes with --group");
	if (o->dir && !*o->dir)
		return err_set(e, "option '--output': the name is empty");
	if (o->dir && p->chart)
		return err_set(e, "options '--output' and '--chart': a report "
				  "in a file is the same whichever run makes "
				  "it, a chart is of this run");
	if (!o->topic)
		return 0;
	if (p->chart)
		return err_set(e, "options '--output-topic' and '--chart': a "
				  "chart stands under a table, reports in a "
				  "topic are json");
	if (p->format >= 0 && p->format != REPORT_JSON)
		return err_set(e, "options '--output-topic' and '--format': "
				  "reports in a topic are json");
	return check_target("output-topic", o->topic, conf, e);
}

/* What a producer takes of the options of Kafka. */
static int make_target(const struct consume_args *a, const char *topic,
		       struct kafka_conf *conf, struct err *e)
{
	if (args_kafka_conf(&a->kafka, &a->talk, conf, e))
		return -1;
	conf->topic = topic;
	return kafka_check(conf, KAFKA_PRODUCER, e);
}

static int make_output(const struct consume_args *a, struct confs *c,
		       struct err *e)
{
	struct output_conf *o = &c->consume.output;

	if (check_output(&a->output, &a->print, &c->consume, e))
		return -1;
	o->dir = a->output.dir;
	if (!a->output.topic)
		return 0;
	o->topic = &c->output;
	o->form.format = REPORT_JSON;
	return make_target(a, a->output.topic, &c->output, e);
}

/* --late-to */
static int make_late(const struct consume_args *a, struct confs *c,
		     struct err *e)
{
	static const char prefix[] = "topic:";
	struct late_conf *late = &c->consume.late;
	const char *to = a->output.late_to, *topic;

	if (!to)
		return 0;
	if (!*to)
		return err_set(e, "option '--late-to': the name is empty");
	late->from = c->consume.kafka ? c->input.topic : NULL;
	if (strncmp(to, prefix, strlen(prefix))) {
		late->path = to;
		return 0;
	}
	topic = to + strlen(prefix);
	if (check_target("late-to", topic, &c->consume, e))
		return -1;
	if (a->output.topic && !strcmp(topic, a->output.topic))
		return err_set(e, "options '--late-to' and '--output-topic': "
				  "reports and readings are not for one topic");
	late->topic = &c->late;
	return make_target(a, topic, &c->late, e);
}

/* Where readings come from. */
static int make_input(const struct consume_args *a, struct confs *c,
		      struct err *e)
{
	struct consume_conf *conf = &c->consume;
	const char *group = a->group.group;

	if (check_group(conf, &a->input, &a->group, e))
		return -1;
	if (!strcmp(a->input.from, "-") && group)
		return err_set(e, "options '--group' and '--from -': a group "
				  "shares out a topic");
	if (!strcmp(a->input.from, "-"))
		return check_stdin(&a->windows, conf, e) ||
				       parse_to(&a->input, conf, e)
			       ? -1
			       : 0;
	c->input.group = group;
	c->input.instance = a->group.instance;
	conf->agg.marked = group;
	conf->output.ids = group;
	conf->kafka = &c->input;
	conf->source.exit_at_end = a->input.exit_at_end;
	if (parse_from(a->input.from, conf, e) || parse_to(&a->input, conf, e))
		return -1;
	return kafka_check(&c->input, KAFKA_CONSUMER, e);
}

static int make_confs(const struct consume_args *a, struct confs *c,
		      struct err *e)
{
	struct consume_conf *conf = &c->consume;

	if (args_kafka_conf(&a->kafka, &a->talk, &c->input, e) ||
	    args_consume_conf(&a->windows, &a->print, conf, e))
		return -1;
	conf->explain = a->input.explain;
	for (size_t i = 0; i < a->input.fields.n; i++) {
		if (reading_fields_set(&conf->fields, a->input.fields.v[i], e))
			return err_prefix(e, "option '--field'");
	}
	if (make_input(a, c, e) || make_output(a, c, e))
		return -1;
	return make_late(a, c, e);
}

/* --check: false with the status where the file is of no use. */
static bool load_check(const char *path, struct consume_conf *conf, int *status)
{
	struct str bytes = STR_INIT;
	struct err e = ERR_INIT;

	if (!path)
		return true;
	if (conf->kafka && conf->kafka->group) {
		err_set(&e, "options '--check' and '--group': the truth is of "
			    "whole windows, a member's are of its partitions");
		*status = cmd_usage_error(&e);
	} else if (conf->agg.accumulate) {
		err_set(&e, "options '--check' and '--accumulate': the truth "
			    "is of each window alone");
		*status = cmd_usage_error(&e);
	} else if (file_read(path, &bytes, &e)) {
		err_prefix(&e, "option '--check'");
		*status = cmd_usage_error(&e);
	} else {
		conf->check = check_new(path, bytes.p, bytes.len,
					conf->agg.interval_us, &e);
		if (!conf->check) {
			err_prefix(&e, "option '--check'");
			*status = cmd_usage_error(&e);
		}
	}
	conf->agg.no_types = conf->agg.no_names = false; /* both are compared */
	str_release(&bytes);
	return conf->check;
}

/* What makes other reports than those of a file, or none. */
static int check_verify(const struct consume_conf *conf,
			const struct input_args *in, struct err *e)
{
	const struct {
		bool given;
		const char *option, *why;
	} others[] = {
		{conf->kafka && conf->kafka->group, "--group",
		 "it reads the topic as a private view; a group's reports "
		 "are known by their rows"},
		{!conf->kafka, "--from -", "the topic is read again"},
		{conf->source.from == FROM_END, "--from end",
		 "nothing would be read"},
		{in->check, "--check", "one at a time"},
		{conf->output.topic, "--output-topic",
		 "no reports are printed"},
		{conf->late.path || conf->late.topic, "--late-to",
		 "the earlier run has kept what it left out"},
		{conf->output.chart.wanted, "--chart",
		 "no reports are printed"},
		{in->to, "--to", "the file says which windows"},
		{conf->max_reports, "--max-reports",
		 "the file says which windows"},
		{conf->agg.accumulate, "--accumulate",
		 "each report is of its window alone"},
		{conf->clock == CLOCK_ARRIVAL, "--time arrival",
		 "what is read again arrives anew"},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (others[i].given)
			return err_set(e, "options '--verify' and '%s': %s",
				       others[i].option, others[i].why);
	}
	return 0;
}

/* --verify: false with the status where it cannot be. */
static bool load_verify(const struct input_args *in, struct consume_conf *conf,
			int *status)
{
	struct err e = ERR_INIT;

	if (!in->verify)
		return true;
	if (!check_verify(conf, in, &e) && !verify_load(in->verify, conf, &e))
		return true;
	*status = cmd_usage_error(&e);
	return false;
}

static int consume(const struct consume_conf *conf)
{
	struct err e = ERR_INIT;
	struct consumed found;
	int status = EXIT_DONE;

	if (stop_requested()) {
		err_set(&e, "stopped before anything was consumed");
		return cmd_run_error(&e);
	}
	if (consume_run(conf, &found, &e)) {
		status = cmd_run_error(&e);
		if (!found.books.read) /* no broker, say: one line is enough */
			return status;
	}
	if (conf->check && check_summary(conf->check, &found.books))
		status = EXIT_FAILED;
	if (conf->verify && verify_summary(conf->verify))
		status = EXIT_FAILED;
	cmd_consume_summary(&found);
	return status;
}

static int consume_watched(struct watch *watch, struct consume_conf *conf)
{
	struct err e = ERR_INIT;
	int status;

	if (watch_start(watch, NULL, conf, &e))
		return cmd_run_error(&e);
	status = consume(conf);
	watch_stop(watch);
	return status;
}

static int run(int argc, char **argv)
{
	struct consume_args a;
	const struct opt_binding binds[] = {
		{&windows_table, &a.windows},
		{&input_table, &a.input},
		{&group_table, &a.group},
		{&output_table, &a.output},
		{&print_table, &a.print},
		{&kafka_table, &a.kafka},
		{&watch_table, &a.watch},
		{&talk_table, &a.talk},
		{NULL, NULL},
	};
	struct confs c = {.consume.check = NULL};
	struct watch watch;
	struct err e = ERR_INIT;
	int status = EXIT_DONE;

	if (!cmd_parse(&cmd_consume, binds, &a.talk, argc, argv, NULL, &status))
		return status;
	if (args_listed_properties(&a.kafka))
		status = EXIT_DONE;
	else if (make_confs(&a, &c, &e) ||
		 watch_init(&watch, &a.watch, &a.talk, &e))
		status = cmd_usage_error(&e);
	else if (a.kafka.show_config)
		status = args_show(binds, argc, argv, c.consume.kafka,
				   c.consume.source.exit_at_end
					   ? KAFKA_TO_END
					   : KAFKA_CONSUMER);
	else if (load_verify(&a.input, &c.consume, &status) &&
		 load_check(a.input.check, &c.consume, &status))
		status = consume_watched(&watch, &c.consume);
	check_free(c.consume.check);
	verify_free(c.consume.verify);
	opts_release(binds);
	return status;
}

static const struct opt_table *const tables[] = {
	&windows_table, &input_table, &group_table, &output_table, &print_table,
	&kafka_table,	&watch_table, &talk_table,  NULL,
};

const struct command cmd_consume = {
	.name = "consume",
	.synopsis = "[OPTION]...",
	.summary = "print the means by type and by name of every window",
	.about = "Gathers readings and prints, for every window of event "
		 "time, the mean by sensor\ntype and the mean by sensor name. "
		 "Example:\n\n"
		 "  iotsim consume --interval 20\n",
	.tables = tables,
	.run = run,
};
