/* SPDX-License-Identifier: MIT */
/*
 * What is said while a run goes on: lines on stderr, of text or of JSON, and
 * a status line that is rewritten in place. Any thread may
 * speak. What comes from elsewhere, names and reasons, is shown so that it
 * cannot run wild in a terminal.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/when.h"
#include "cmd.h"
#include "wire/json.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool quiet, verbose, json;
static bool status_shown;

static bool is_wanted(enum say_level level)
{
	switch (level) {
	case SAY_ERROR:
	case SAY_WARN:
	case SAY_ANSWER:
	case SAY_STATUS: /* who watches the run has decided */
		return true;
	case SAY_NOTE:
		return !quiet;
	case SAY_DEBUG:
		return verbose;
	}
	return true;
}

static const char *name_of(enum say_level level)
{
	switch (level) {
	case SAY_ERROR:
		return "error";
	case SAY_WARN:
		return "warn";
	case SAY_DEBUG:
		return "debug";
	case SAY_ANSWER:
	case SAY_NOTE:
	case SAY_STATUS:
		break;
	}
	return "info";
}

static void add_json(struct str *out, enum say_level level, const char *text,
		     const char *members)
{
	char time[WHEN_RFC3339_LEN];

	when_put_rfc3339(time, when_wall_us());
	str_addf(out, "{\"time\":\"%.*s\"", WHEN_RFC3339_LEN, time);
	json_add_text(out, "level", name_of(level));
	json_add_text(out, "message", text);
	str_adds(out, members);
	str_addc(out, '}');
}

/* The same, of the last words: nothing can be allocated any more. */
static void say_no_memory(void)
{
	char time[WHEN_RFC3339_LEN], line[160];
	int n;

	when_put_rfc3339(time, when_wall_us());
	n = snprintf(
		line, sizeof(line),
		"{\"time\":\"%.*s\",\"level\":\"%s\",\"message\":\"%s\"}\n",
		WHEN_RFC3339_LEN, time, name_of(SAY_ERROR), MEM_LAST_WORDS);
	(void)!write(STDERR_FILENO, line, (size_t)n);
}

void talk_setup(const struct talk_args *talk)
{
	quiet = talk->quiet;
	verbose = talk->verbose > 0;
	json = talk->log_format == LOG_JSON;
	if (json)
		mem_on_end(say_no_memory);
}

static void add_text(struct str *out, const char *text)
{
	str_adds(out, "iotsim: ");
	utf8_add_printable(out, text, strlen(text));
}

/* One write for all of it, so that lines of several threads stay whole. */
static void say_with(enum say_level level, const char *text,
		     const char *members)
{
	struct str out = STR_INIT;

	if (!is_wanted(level))
		return;
	pthread_mutex_lock(&lock);
	if (status_shown)
		str_adds(&out, "\r\033[K");
	status_shown = level == SAY_STATUS && *text;
	if (*text && json)
		add_json(&out, level, text, members);
	else if (*text)
		add_text(&out, text);
	if (*text && !status_shown)
		str_addc(&out, '\n');
	if (out.len)
		(void)!write(STDERR_FILENO, out.p, out.len);
	pthread_mutex_unlock(&lock);
	str_release(&out);
}

void cmd_say(enum say_level level, const char *text)
{
	say_with(level, text, "");
}

void cmd_say_event(enum say_level level, const char *event, struct str *line,
		   struct str *members)
{
	struct str all = STR_INIT;

	json_add_text(&all, "event", event);
	str_add(&all, members->p, members->len);
	say_with(level, line->p, all.p);
	str_release(line);
	str_release(members);
	str_release(&all);
}

int cmd_usage_error(const struct err *e)
{
	cmd_say(SAY_ERROR, e->msg);
	return EXIT_USAGE;
}

int cmd_run_error(const struct err *e)
{
	cmd_say(SAY_ERROR, e->msg);
	return EXIT_FAILED;
}
