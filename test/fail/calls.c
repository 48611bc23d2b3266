/* SPDX-License-Identifier: MIT */
/*
 * calls.c - calls of the C library, of which a test can have the Nth fail
 *
 * IOTSIM_FAIL=KIND:N in the environment lets the Nth call (from 1) of a kind
 * fail, as it does where there is no more of something; the others are made.
 * The file of IOTSIM_FAILED gets the name of the call that failed; or, at the
 * end of a run with an N of 0, in which none does, how many there were.
 *
 *	alloc	memory: ENOMEM
 *	write	what is written, but for stderr, and makes it last: ENOSPC
 *	open	a new descriptor or directory: EMFILE
 *	read	EIO
 *	thread	EAGAIN
 *	intr	nothing is wrong, a signal came: EINTR
 *
 * Linked into the flavours that are for tests with --wrap (Makefile), so that
 * it stands before the calls of our own objects, and of nobody else: a library
 * that ends the process, as librdkafka does without memory, is not our bug.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int __real_open(const char *path, int flags, mode_t mode);
ssize_t __real_write(int fd, const void *bytes, size_t len);

static atomic_long calls;

static void tell(const char *text)
{
	const char *path = getenv("IOTSIM_FAILED");
	int fd;

	if (!path)
		return;
	fd = __real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0 || __real_write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

/* It is the one that is to fail; then errno is set. */
static bool fails(const char *kind, int error, const char *call)
{
	const char *wanted = getenv("IOTSIM_FAIL");
	size_t len = strlen(kind);

	if (!wanted || strncmp(wanted, kind, len) != 0 || wanted[len] != ':' ||
	    ++calls != strtol(wanted + len + 1, NULL, 10))
		return false;
	tell(call);
	errno = error;
	return true;
}

__attribute__((destructor)) static void tell_count(void)
{
	const char *wanted = getenv("IOTSIM_FAIL");
	char text[24];

	snprintf(text, sizeof(text), "%ld", calls);
	if (wanted && !strcmp(wanted + strcspn(wanted, ":"), ":0"))
		tell(text);
}

#define ALLOC(call)  fails("alloc", ENOMEM, call)
#define WRITE(call)  fails("write", ENOSPC, call)
#define OPEN(call)   fails("open", EMFILE, call)
#define READ(call)   fails("read", EIO, call)
#define THREAD(call) fails("thread", EAGAIN, call)
#define INTR(call)   fails("intr", EINTR, call)

/* One that stands before `name` and returns `failure` where it fails. */
#define WRAP(name, type, params, args, failing, failure) \
	type __real_##name params;                       \
	type __wrap_##name params;                       \
	type __wrap_##name params                        \
	{                                                \
		if (failing)                             \
			return failure;                  \
		return __real_##name args;               \
	}

/* clang-format off */
WRAP(malloc, void *, (size_t size), (size), ALLOC("malloc"), NULL)
WRAP(calloc, void *, (size_t n, size_t size), (n, size), ALLOC("calloc"), NULL)
WRAP(reallocarray, void *, (void *p, size_t n, size_t size), (p, n, size),
     ALLOC("reallocarray"), NULL)
WRAP(strdup, char *, (const char *s), (s), ALLOC("strdup"), NULL)
WRAP(strndup, char *, (const char *s, size_t n), (s, n), ALLOC("strndup"), NULL)
/* What getline is in the headers. */
WRAP(__getdelim, ssize_t, (char **line, size_t *size, int end, FILE *f),
     (line, size, end, f), ALLOC("getline"), -1)
WRAP(setenv, int, (const char *name, const char *value, int over),
     (name, value, over), ALLOC("setenv"), -1)

WRAP(write, ssize_t, (int fd, const void *bytes, size_t len), (fd, bytes, len),
     fd != STDERR_FILENO && (WRITE("write") || INTR("write")), -1)
WRAP(fsync, int, (int fd), (fd), WRITE("fsync") || INTR("fsync"), -1)
WRAP(renameat, int, (int from, const char *a, int to, const char *b),
     (from, a, to, b), WRITE("renameat"), -1)

/* Of which many a call has no mode; then it is not looked at either. */
WRAP(open, int, (const char *path, int flags, mode_t mode),
     (path, flags, mode), OPEN("open"), -1)
WRAP(openat, int, (int dir, const char *path, int flags, mode_t mode),
     (dir, path, flags, mode), OPEN("openat"), -1)
WRAP(fopen, FILE *, (const char *path, const char *mode), (path, mode),
     OPEN("fopen"), NULL)
WRAP(fdopendir, DIR *, (int fd), (fd), OPEN("fdopendir"), NULL)
WRAP(mkdir, int, (const char *path, mode_t mode), (path, mode), OPEN("mkdir"),
     -1)
WRAP(socket, int, (int domain, int type, int protocol),
     (domain, type, protocol), OPEN("socket"), -1)
WRAP(pipe2, int, (int fd[2], int flags), (fd, flags), OPEN("pipe2"), -1)

WRAP(read, ssize_t, (int fd, void *bytes, size_t size), (fd, bytes, size),
     READ("read") || INTR("read"), -1)
WRAP(pread, ssize_t, (int fd, void *bytes, size_t size, off_t at),
     (fd, bytes, size, at), READ("pread") || INTR("pread"), -1)

/* Returns the error, and leaves errno alone. */
WRAP(pthread_create, int, (pthread_t *thread, const pthread_attr_t *attr,
     void *(*fn)(void *), void *arg), (thread, attr, fn, arg),
     THREAD("pthread_create"), EAGAIN)

WRAP(poll, int, (struct pollfd *fds, nfds_t n, int timeout), (fds, n, timeout),
     INTR("poll"), -1)
WRAP(nanosleep, int, (const struct timespec *ts, struct timespec *left),
     (ts, left), INTR("nanosleep"), -1)
WRAP(flock, int, (int fd, int how), (fd, how), INTR("flock"), -1)
WRAP(waitpid, pid_t, (pid_t pid, int *status, int flags), (pid, status, flags),
     INTR("waitpid"), -1)
/* clang-format on */
