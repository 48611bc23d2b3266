/* SPDX-License-Identifier: MIT */
/*
 * What is said while a run goes on: lines on stderr, and on a terminal a
 * status line that is rewritten in place. Any thread may speak.
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool quiet, verbose, terminal;
static bool status_shown;

void talk_setup(const struct talk_args *talk)
{
	quiet = talk->quiet;
	verbose = talk->verbose > 0;
	terminal = isatty(STDERR_FILENO);
}

static bool is_wanted(enum say_level level)
{
	switch (level) {
	case SAY_WARN:
		return true;
	case SAY_NOTE:
		return !quiet;
	case SAY_DEBUG:
		return verbose;
	case SAY_STATUS:
		return terminal && !quiet;
	}
	return true;
}

/* One write for all of it, so that lines of several threads stay whole. */
void cmd_say(enum say_level level, const char *text)
{
	struct str out = STR_INIT;

	if (!is_wanted(level))
		return;
	pthread_mutex_lock(&lock);
	if (status_shown)
		str_adds(&out, "\r\033[K");
	status_shown = level == SAY_STATUS && *text;
	if (*text)
		str_addf(&out, "iotsim: %s%s", text, status_shown ? "" : "\n");
	if (out.len)
		(void)!write(STDERR_FILENO, out.p, out.len);
	pthread_mutex_unlock(&lock);
	str_release(&out);
}

int cmd_usage_error(const struct err *e)
{
	cmd_say(SAY_WARN, e->msg);
	return EXIT_USAGE;
}

int cmd_run_error(const struct err *e)
{
	cmd_say(SAY_WARN, e->msg);
	return EXIT_FAILED;
}
