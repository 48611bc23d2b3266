/* SPDX-License-Identifier: MIT */
#include "io/room.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

/* A client of one broker has 10 and 6, of a group more, and then come ours. */
#define FILES	32
#define THREADS 8

static int check_files(const char *what, struct err *e)
{
	int fds[FILES], n;

	for (n = 0; n < FILES; n++) {
		fds[n] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
		if (fds[n] < 0)
			break;
	}
	for (int i = 0; i < n; i++)
		close(fds[i]);
	if (n == FILES || errno == EBADF)
		return 0;
	return err_set(e,
		       "%s may open %d files, and %d can be opened: raise the "
		       "limit ('ulimit -n')",
		       what, FILES, n);
}

/* Until the lock is let go. */
static void *stay(void *lock)
{
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
	return NULL;
}

static int check_threads(const char *what, struct err *e)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_t threads[THREADS];
	int n;

	pthread_mutex_lock(&lock);
	for (n = 0; n < THREADS; n++) {
		if (pthread_create(&threads[n], NULL, stay, &lock))
			break;
	}
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&lock);
	if (n == THREADS)
		return 0;
	return err_set(e,
		       "%s may start %d threads, and %d can be started: raise "
		       "the limit ('ulimit -u' or '-v', or the container's)",
		       what, THREADS, n);
}

int room_check(const char *what, struct err *e)
{
	return check_files(what, e) || check_threads(what, e) ? -1 : 0;
}
