/* SPDX-License-Identifier: MIT */
/*
 * cmd.h - the commands, and what they share
 *
 * Adding a command:
 *   1. write cmd/NAME.c: its option tables, its run function, and at the end
 *      `const struct command cmd_NAME`;
 *   2. declare it here and list it in cmd/main.c;
 *   3. write man/iotsim-NAME.1 and list it in man/iotsim.1 (`make lint`
 *      compares the options with the page);
 *   4. add test/cli/NAME.bats, and a line to CHANGELOG.md.
 *
 * Adding an option: see base/opts.h. Tables that several commands show are
 * in cmd/args.c.
 *
 * Floor 4.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <signal.h>
#include <stdbool.h>

#include "args.h"
#include "base/err.h"
#include "base/opts.h"
#include "base/say.h"
#include "base/str.h"
#include "io/sink.h"

/* Exit status. */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* while running */
	EXIT_USAGE = 2,
};

struct command {
	const char *name;
	const char *synopsis; /* behind "iotsim NAME"; words come first */
	const char *summary;  /* one line, for the list of commands */
	const char *about;    /* a paragraph, for --help */
	const struct opt_table *const *tables; /* ends with NULL */
	/* argv[0] is the command's name. Returns an exit status. */
	int (*run)(int argc, char **argv);
};

extern const struct command cmd_produce, cmd_preview, cmd_consume, cmd_broker,
	cmd_group, cmd_demo, cmd_completion;

extern const struct command *const commands[]; /* all; ends with NULL */

/* "iotsim help" is no command of the table. */
#define HELP_SUMMARY "this list, or the help of a command"

/*
 * Parses argv into the bindings and sets up how the program speaks. Returns
 * true to go on; else *status is the exit status (help was printed, or one
 * line about what is wrong).
 */
bool cmd_parse(const struct command *cmd, const struct opt_binding *binds,
	       struct talk_args *talk, int argc, char **argv, int *rest,
	       int *status);

/* The signal that asked for the end of the run, or 0. */
extern volatile sig_atomic_t cmd_signal;

/* "iotsim: MESSAGE" on stderr; returns the status that goes with it. */
int cmd_usage_error(const struct err *e);
int cmd_run_error(const struct err *e);

/*
 * The summaries, the last line on stderr of a command. Each returns the exit
 * status that the counts ask for.
 */
int cmd_produce_summary(const struct sink *s, const struct produce_result *r);
int cmd_consume_summary(const struct consumed *found);

/* How the library speaks; see base/say.h. talk_setup is done by cmd_parse. */
void talk_setup(const struct talk_args *talk);
say_fn cmd_say;
/*
 * The same with what the line says for programs, which only --log-format json
 * shows: the event, and members of JSON with a comma before each. Takes both.
 */
void cmd_say_event(enum say_level level, const char *event, struct str *line,
		   struct str *members);

/* The help of a command, and the list of all. */
void cmd_help(const struct command *cmd, struct str *out);

#endif
