/* SPDX-License-Identifier: MIT */
/*
 * measure FILE CMD [ARG]... - what CMD takes
 *
 * Runs it, ends with its status, and writes to FILE: seconds on the clock,
 * seconds of CPU (its own and the kernel's for it), the most memory it held
 * in bytes. Ctrl-C is CMD's affair.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

static pid_t launch(char **argv)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	execvp(argv[0], argv);
	fprintf(stderr, "measure: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage used;
	int status = 0;
	double start;
	FILE *out = argc > 2 ? fopen(argv[1], "we") : NULL;

	if (!out) {
		fprintf(stderr, "usage: measure FILE CMD [ARG]...\n");
		return 2;
	}
	start = now_s();
	if (launch(argv + 2) < 0) {
		perror("measure: fork");
		return 1;
	}
	signal(SIGINT, SIG_IGN);
	while (wait4(-1, &status, 0, &used) < 0 && errno == EINTR)
		continue;
	fprintf(out, "%.6f %.6f %ld\n", now_s() - start,
		seconds(used.ru_utime) + seconds(used.ru_stime),
		used.ru_maxrss * 1024);
	if (fclose(out))
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
