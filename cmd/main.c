/* SPDX-License-Identifier: MIT */
/*
 * The table of commands, and what happens before and after each: descriptors
 * that are there, signals, and a standard output that took everything.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/meant.h"
#include "base/stop.h"
#include "base/wish.h"
#include "cmd.h"
#include "io/http.h"
#include "sim/law.h"
#include "wire/json.h"

const struct command *const commands[] = {
	&cmd_produce, &cmd_preview, &cmd_consume,    &cmd_group,
	&cmd_broker,  &cmd_demo,    &cmd_completion, NULL,
};

static void list_commands(struct str *out)
{
	str_adds(out, "usage: iotsim COMMAND [OPTION]...\n\n"
		      "Simulates IoT sensors into a Kafka topic, and prints "
		      "the means of every window.\n\n");
	for (const struct command *const *c = commands; *c; c++)
		str_addf(out, "  %-11s %s\n", (*c)->name, (*c)->summary);
	str_adds(out,
		 "  help        " HELP_SUMMARY "\n\n"
		 "  iotsim demo                     see it work, with nothing "
		 "else running\n"
		 "  iotsim COMMAND --help           its options\n"
		 "  iotsim --version                versions\n"
		 "  man iotsim                      the manual\n");
}

void cmd_help(const struct command *cmd, struct str *out)
{
	str_addf(out, "usage: iotsim %s %s\n\n%s\n", cmd->name, cmd->synopsis,
		 cmd->about);
	opts_help(cmd->tables, out);
	str_addf(out,
		 "  -h, --help                    print this and end\n\n"
		 "More in the manual: man iotsim-%s\n",
		 cmd->name);
}

bool cmd_parse(const struct command *cmd, const struct opt_binding *binds,
	       struct talk_args *talk, int argc, char **argv, int *rest,
	       int *status)
{
	struct err e = ERR_INIT;
	struct str help = STR_INIT;

	switch (opts_parse(binds, argc, argv, rest, &e)) {
	case OPTS_OK:
		talk_setup(talk);
		return true;
	case OPTS_HELP:
		cmd_help(cmd, &help);
		fwrite(help.p, 1, help.len, stdout);
		str_release(&help);
		*status = EXIT_DONE;
		return false;
	case OPTS_FAIL:
		err_prefix(&e, "%s", cmd->name);
		*status = cmd_usage_error(&e);
		return false;
	}
	return false;
}

static const struct command *find(const char *name)
{
	for (const struct command *const *c = commands; *c; c++) {
		if (!strcmp((*c)->name, name))
			return *c;
	}
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *names[sizeof(commands) / sizeof(commands[0]) + 1];
	struct err e = ERR_INIT;
	size_t n = 0;

	for (const struct command *const *c = commands; *c; c++)
		names[n++] = (*c)->name;
	names[n++] = "help";
	names[n] = NULL;
	meant_unknown("no command", name, names, "'iotsim help' lists them",
		      &e);
	return cmd_usage_error(&e);
}

static int help(int argc, char **argv)
{
	struct str out = STR_INIT;
	bool all = argc < 2 || !strcmp(argv[1], "help") || argv[1][0] == '-';
	const struct command *c = all ? NULL : find(argv[1]);

	if (!all && !c)
		return unknown_command(argv[1]);
	if (c)
		cmd_help(c, &out);
	else
		list_commands(&out);
	fwrite(out.p, 1, out.len, stdout);
	str_release(&out);
	return EXIT_DONE;
}

static int version(void)
{
	printf("iotsim %s (librdkafka %s, jansson %s, GSL %s, "
	       "libmicrohttpd %s)\n",
	       IOTSIM_VERSION, kafka_library_version(), json_library_version(),
	       law_library_version(), http_library_version());
	return EXIT_DONE;
}

static int dispatch(int argc, char **argv)
{
	const struct command *c;

	if (argc < 1 || !strcmp(argv[0], "help") ||
	    !strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))
		return help(argc, argv);
	if (!strcmp(argv[0], "--version") || !strcmp(argv[0], "-V"))
		return version();
	c = find(argv[0]);
	return c ? c->run(argc, argv) : unknown_command(argv[0]);
}

/*
 * A closed descriptor 0, 1 or 2 would become the first socket that is
 * opened. One that is of no use stands in for it: to read from, or to write to.
 */
static void hold_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
			(void)!open("/dev/null",
				    fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

volatile sig_atomic_t cmd_signal;

/* Nobody presses Ctrl-C again so soon. */
#define TWICE_US 300000

/*
 * The first asks for an orderly end, the second is not argued with. But for
 * SIGHUP: from a terminal that is closed it comes once or twice. And but for
 * one that comes at once: timeout(1) sends it to a program and to its group.
 */
static void on_signal(int sig)
{
	cmd_signal = sig;
	if (stop_requested() && !stop_left_us(TWICE_US) && sig != SIGHUP) {
		signal(sig, SIG_DFL);
		raise(sig);
	}
	stop_request();
}

/* Goes to whatever command there is, so it must not hurt any. */
static void on_wish(int sig)
{
	(void)sig;
	wish_make();
}

static bool is_ignored(int sig)
{
	struct sigaction sa;

	return !sigaction(sig, NULL, &sa) && sa.sa_handler == SIG_IGN;
}

static void handle_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if (!is_ignored(SIGHUP)) /* as nohup(1) has it */
		sigaction(SIGHUP, &sa, NULL);
	sa.sa_handler = on_wish;
	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
	/* What cannot be written is told by write(2), and by us. */
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGXFSZ, &sa, NULL);
}

/* A full disk is never status 0. */
static int finish(int status)
{
	struct err e = ERR_INIT;

	if (!fflush(stdout) && !ferror(stdout) && !fclose(stdout))
		return status;
	err_set(&e, "cannot write to standard output: %s", strerror(errno));
	cmd_run_error(&e);
	return status ? status : EXIT_FAILED;
}

int main(int argc, char **argv)
{
	hold_descriptors();
	handle_signals();
	json_use_mem();
	return finish(dispatch(argc - 1, argv + 1));
}
