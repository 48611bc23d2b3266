/* SPDX-License-Identifier: MIT */
#include "watch.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "io/fd.h"
#include "screen.h"

#define PREFIX 8 /* columns: "iotsim: " */

/* clang-format off */
#define AT(type, field) offsetof(struct type, field)

static const struct opt watch_rows[] = {
	{ 0, "progress", "auto|on|off", OPT_CHOICE, AT(watch_args, progress), "auto", "auto|on|off", 0, 0, NULL,
	  "a status line on standard error; auto: where that is a terminal" },
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
		.share = SHARE_UNKNOWN,
	};
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

static struct status_form form_now(const struct watch *w)
{
	/* The last column stays free: some terminals wrap when it is used. */
	return (struct status_form){
		.columns = (int)fd_columns(STDERR_FILENO) - PREFIX - 1,
		.utf8 = w->utf8,
	};
}

static void on_produce(void *arg, const struct produce_standing *s,
		       int64_t mono_us)
{
	struct watch *w = arg;
	struct status_form form = form_now(w);
	struct str line = STR_INIT;

	status_produce(&w->status, s, mono_us, &form, &line);
	cmd_say(SAY_STATUS, line.p);
	str_release(&line);
}

static void on_consume(void *arg, const struct consume_standing *s,
		       int64_t mono_us)
{
	struct watch *w = arg;
	struct consume_standing ours = *s;
	struct status_form form = form_now(w);
	struct str line = STR_INIT;

	if (ours.share < 0)
		ours.share = w->share;
	status_consume(&w->status, &ours, mono_us, &form, &line);
	cmd_say(SAY_STATUS, line.p);
	str_release(&line);
}

static void note_share(void *arg, const struct produce_standing *s,
		       int64_t mono_us)
{
	struct watch *w = arg;

	(void)mono_us;
	w->share = s->share;
}

void watch_produce(struct watch *w, struct produce_conf *conf)
{
	if (w->progress)
		conf->watch = (struct produce_watch){on_produce, w};
}

void watch_consume(struct watch *w, struct consume_conf *conf)
{
	if (w->progress)
		conf->watch = (struct consume_watch){on_consume, w};
}

void watch_both(struct watch *w, struct produce_conf *produce,
		struct consume_conf *consume)
{
	watch_consume(w, consume);
	if (w->progress)
		produce->watch = (struct produce_watch){note_share, w};
}
