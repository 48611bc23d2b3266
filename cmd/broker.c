/* SPDX-License-Identifier: MIT */
/* iotsim broker: an embedded broker to throw away. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/stop.h"
#include "cmd.h"
#include "io/broker.h"

#define LOOK_MS 20 /* how long a stop request or a child's end is unseen */

/* As env(1) and the shells have it. */
#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND	127
#define EXIT_SIGNAL	128

extern char **environ;

struct broker_args {
	struct opt_words topics;
	uint64_t partitions;
	bool until_eof;
};

/* clang-format off */
static const struct opt broker_rows[] = {
	{ 't', "topic", "NAME", OPT_WORDS, offsetof(struct broker_args, topics), NULL, NULL, 0, 0, NULL,
	  "make this topic beforehand; repeatable" },
	{ 0, "partitions", "N", OPT_COUNT, offsetof(struct broker_args, partitions), "4", NULL, 1, 10000, NULL,
	  "partitions of the topics of -t" },
	{ 0, "until-eof", NULL, OPT_FLAG, offsetof(struct broker_args, until_eof), NULL, NULL, 0, 0, NULL,
	  "live until the end of standard input" },
	{ .name = NULL }
};
static const struct opt_table broker_table = { "Broker:", broker_rows };
/* clang-format on */

/* Reads and forgets until the end of standard input. */
static bool at_eof(void)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	char buf[4096];

	if (poll(&p, 1, LOOK_MS) <= 0)
		return false;
	return read(STDIN_FILENO, buf, sizeof(buf)) <= 0 && errno != EINTR;
}

static int live(const struct broker *b, const struct broker_args *args)
{
	printf("KAFKA_BOOTSTRAP_SERVERS=%s\n", broker_address(b));
	if (fflush(stdout))
		return EXIT_FAILED; /* main says why */
	while (!stop_requested()) {
		if (!args->until_eof)
			poll(NULL, 0, LOOK_MS);
		else if (at_eof())
			break;
	}
	return EXIT_DONE;
}

/*
 * Waits for the child. SIGTERM and SIGHUP are passed on to it, once; Ctrl-C the
 * terminal has sent to it as well, and a second one would cut its end short.
 */
static int wait_for(pid_t pid)
{
	int told = SIGINT, status = 0;
	pid_t ended;

	while ((ended = waitpid(pid, &status, WNOHANG)) != pid) {
		int sig = cmd_signal;

		if (ended < 0 && errno != EINTR)
			return EXIT_FAILED; /* it is nobody's child any more */
		if (sig && sig != told) {
			kill(pid, sig);
			told = sig;
		}
		poll(NULL, 0, LOOK_MS);
	}
	return WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* Runs CMD with the variable set, and with our signals undone. */
static int run_command(const struct broker *b, char **cmd)
{
	posix_spawnattr_t attr;
	struct err e = ERR_INIT;
	sigset_t defaults;
	pid_t pid;
	int rc;

	if (setenv("KAFKA_BOOTSTRAP_SERVERS", broker_address(b), 1)) {
		err_set(&e, "cannot set KAFKA_BOOTSTRAP_SERVERS: %s",
			strerror(errno));
		return cmd_run_error(&e);
	}
	signal(SIGCHLD, SIG_DFL); /* ignored, the status would be lost */
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGXFSZ);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawnp(&pid, cmd[0], NULL, &attr, cmd, environ);
	posix_spawnattr_destroy(&attr);
	if (!rc)
		return wait_for(pid);
	err_set(&e, "cannot run '%s': %s", cmd[0], strerror(rc));
	cmd_run_error(&e);
	return rc == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

static int check(const struct broker_args *args, struct err *e)
{
	for (size_t i = 0; i < args->topics.n; i++) {
		if (kafka_check_topic("topic", args->topics.v[i], e))
			return -1;
	}
	return 0;
}

static struct broker *start(const struct broker_args *args, struct err *e)
{
	struct broker *b = broker_new(e);

	for (size_t i = 0; b && i < args->topics.n; i++) {
		if (broker_add_topic(b, args->topics.v[i],
				     (int)args->partitions, e)) {
			broker_free(b);
			return NULL;
		}
	}
	return b;
}

static int run(int argc, char **argv)
{
	struct broker_args args;
	struct talk_args talk;
	const struct opt_binding binds[] = {
		{&broker_table, &args},
		{&talk_table, &talk},
		{NULL, NULL},
	};
	struct err e = ERR_INIT;
	struct broker *b = NULL;
	int rest, status = EXIT_DONE;

	if (!cmd_parse(&cmd_broker, binds, &talk, argc, argv, &rest, &status))
		return status;
	if (check(&args, &e))
		status = cmd_usage_error(&e);
	else if (!(b = start(&args, &e)))
		status = cmd_run_error(&e);
	else if (rest < argc)
		status = run_command(b, argv + rest);
	else
		status = live(b, &args);
	broker_free(b);
	opts_release(binds);
	return status;
}

static const struct opt_table *const tables[] = {
	&broker_table,
	&talk_table,
	NULL,
};

const struct command cmd_broker = {
	.name = "broker",
	.synopsis = "[OPTION]... [-- CMD [ARG]...]",
	.summary = "an embedded, throw-away Kafka broker",
	.about = "Starts a broker in this process, on a loopback port, prints "
		 "its address as\nKAFKA_BOOTSTRAP_SERVERS=HOST:PORT, and lives "
		 "until Ctrl-C. With CMD: runs it\nwith that variable set, and "
		 "ends with its exit status. Example:\n\n"
		 "  iotsim broker -- sh -c 'iotsim produce -c 100 --speed max "
		 "&&\n"
		 "      iotsim consume --exit-at-end --max-ahead off'\n",
	.tables = tables,
	.run = run,
};
