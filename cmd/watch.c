/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "io/fd.h"
#include "io/http.h"
#include "run/words.h"
#include "screen.h"
#include "wire/json.h"

#define PREFIX 8 /* columns: "iotsim: " */

/* clang-format off */
#define AT(type, field) offsetof(struct type, field)

static const struct opt watch_rows[] = {
	{ 0, "progress", "auto|on|off", OPT_CHOICE, AT(watch_args, progress), "auto", "auto|on|off", 0, 0, NULL,
	  "a status line on standard error; auto: where that is a terminal" },
	{ 0, "stats-interval", "TIME", OPT_SPAN, AT(watch_args, stats_us), NULL, NULL, 1, 86400, NULL,
	  "a line of numbers so often, for logs" },
	{ 0, "metrics", "HOST:PORT", OPT_TEXT, AT(watch_args, metrics), NULL, NULL, 0, 0, NULL,
	  "serve /metrics for Prometheus, and /healthz; ':PORT' is for this machine alone" },
	{ .name = NULL }
};
const struct opt_table watch_table = { "Watching:", watch_rows };
/* clang-format on */

/* A terminal that can do what the line needs. */
static bool can_rewrite(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb");
}

int watch_init(struct watch *w, const struct watch_args *a,
	       const struct talk_args *talk, struct err *e)
{
	bool json = talk->log_format == LOG_JSON;

	*w = (struct watch){
		.utf8 = screen_is_utf8(),
		.metrics = a->metrics,
		.share = SHARE_UNKNOWN,
		.produce_log.every_us = a->stats_us,
		.consume_log.every_us = a->stats_us,
	};
	if (a->metrics && http_check(a->metrics, e))
		return err_prefix(e, "option '--metrics'");
	if (a->progress == PROGRESS_ON && json)
		return err_set(e, "options '--progress on' and '--log-format "
				  "json': a status line is no JSON");
	if (a->progress == PROGRESS_AUTO)
		w->progress = !talk->quiet && !json && can_rewrite();
	else
		w->progress = a->progress == PROGRESS_ON;
	return 0;
}

void watch_beside_output(struct watch *w, const struct watch_args *a)
{
	struct stat st;

	/* Readings would break it up; behind a pipe may be one with its own. */
	if (a->progress == PROGRESS_AUTO && !fstat(STDOUT_FILENO, &st) &&
	    (S_ISFIFO(st.st_mode) || isatty(STDOUT_FILENO)))
		w->progress = false;
}

/* ---- lines for a log ---- */

/*
 * A line is due; then *rate is a second since the last. The first is due an
 * interval after the run's beginning, and those after it at its multiples.
 */
static bool log_is_due(struct watch_log *l, int64_t mono_us, uint64_t n,
		       double *rate)
{
	if (!l->every_us)
		return false;
	if (!l->begun)
		*l = (struct watch_log){l->every_us, true, mono_us,
					mono_us + l->every_us, n};
	if (mono_us < l->next_us)
		return false;
	*rate = (double)(n - l->last) * 1e6 / (double)(mono_us - l->last_us);
	l->next_us += (mono_us - l->next_us) / l->every_us * l->every_us +
		      l->every_us;
	l->last_us = mono_us;
	l->last = n;
	return true;
}

static void log_produce(struct watch *w, const struct produce_standing *s,
			int64_t mono_us)
{
	struct str line = STR_INIT, members = STR_INIT;
	double rate;

	if (!log_is_due(&w->produce_log, mono_us, s->counts.sent, &rate))
		return;
	words_add_produce(&line, s, rate);
	members_add_produce(&members, s, rate);
	cmd_say_event(SAY_ANSWER, "stats", &line, &members);
}

static void log_consume(struct watch *w, const struct consume_standing *s,
			int64_t mono_us)
{
	struct str line = STR_INIT, members = STR_INIT;
	double rate;

	if (!log_is_due(&w->consume_log, mono_us, s->read, &rate))
		return;
	words_add_consume(&line, s, rate);
	members_add_consume(&members, s, rate);
	cmd_say_event(SAY_ANSWER, "stats", &line, &members);
}

/* ---- the status line ---- */

static struct status_form form_now(const struct watch *w)
{
	/* The last column stays free: some terminals wrap when it is used. */
	return (struct status_form){
		.columns = (int)fd_columns(STDERR_FILENO) - PREFIX - 1,
		.utf8 = w->utf8,
	};
}

static void show_produce(struct watch *w, const struct produce_standing *s,
			 int64_t mono_us)
{
	struct status_form form = form_now(w);
	struct str line = STR_INIT;

	status_produce(&w->status, s, mono_us, &form, &line);
	cmd_say(SAY_STATUS, line.p);
	str_release(&line);
}

static void show_consume(struct watch *w, const struct consume_standing *s,
			 int64_t mono_us)
{
	struct consume_standing ours = *s;
	struct status_form form = form_now(w);
	struct str line = STR_INIT;

	if (ours.share < 0)
		ours.share = w->share;
	status_consume(&w->status, &ours, mono_us, &form, &line);
	cmd_say(SAY_STATUS, line.p);
	str_release(&line);
}

/* ---- the run ---- */

static void on_produce(void *arg, const struct produce_standing *s,
		       int64_t mono_us)
{
	struct watch *w = arg;

	w->share = s->share;
	log_produce(w, s, mono_us);
	if (w->monitor)
		monitor_produce(w->monitor, s, mono_us);
	if (w->progress && !w->consumes)
		show_produce(w, s, mono_us);
}

static void on_consume(void *arg, const struct consume_standing *s,
		       int64_t mono_us)
{
	struct watch *w = arg;

	log_consume(w, s, mono_us);
	if (w->monitor)
		monitor_consume(w->monitor, s, mono_us);
	if (w->progress)
		show_consume(w, s, mono_us);
}

/* The port was left to the kernel, and where it is has to be told. */
static bool is_any_port(const char *where)
{
	const char *colon = strrchr(where, ':');
	const char *port = colon ? colon + 1 : where;

	return strspn(port, "0") == strlen(port);
}

static void say_address(const struct watch *w)
{
	struct str line = STR_INIT, members = STR_INIT;
	const char *address = monitor_address(w->monitor);

	str_addf(&line, "metrics at http://%s/metrics", address);
	json_add_text(&members, "address", address);
	cmd_say_event(is_any_port(w->metrics) ? SAY_ANSWER : SAY_NOTE,
		      "metrics", &line, &members);
}

/* Before there is anything to see: a scrape says so, and that it is there. */
static int start_monitor(struct watch *w, const struct produce_conf *produce,
			 const struct consume_conf *consume, struct err *e)
{
	const struct monitor_conf conf = {
		.where = w->metrics,
		.version = IOTSIM_VERSION,
		.topic = consume && consume->kafka ? consume->kafka->topic
						   : NULL,
		.produces = produce,
		.consumes = consume,
	};

	w->monitor = monitor_new(&conf, e);
	if (!w->monitor)
		return err_prefix(e, "option '--metrics'");
	say_address(w);
	return 0;
}

int watch_start(struct watch *w, struct produce_conf *produce,
		struct consume_conf *consume, struct err *e)
{
	w->consumes = consume;
	if (w->metrics && start_monitor(w, produce, consume, e))
		return -1;
	if (!w->progress && !w->produce_log.every_us && !w->monitor)
		return 0;
	if (produce)
		produce->watch = (struct produce_watch){on_produce, w};
	if (consume)
		consume->watch = (struct consume_watch){on_consume, w};
	return 0;
}

void watch_stop(struct watch *w)
{
	monitor_free(w->monitor);
	w->monitor = NULL;
}
