/* SPDX-License-Identifier: MIT */
/*
 * c11threads.c - the C11 thread functions over pthreads, for the tsan build
 *
 * ThreadSanitizer sees what pthread functions do and nothing of glibc's
 * thrd_, mtx_ and cnd_. Debian's librdkafka is built with the latter, and
 * the first thread it starts kills the sanitizer. Linked into the program
 * with -rdynamic, these twelve stand before glibc's. glibc gives both
 * families the same memory layout, so a mutex may be born in one and used
 * in the other.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "mutexes differ");
static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "conditions differ");
static_assert(sizeof(thrd_t) == sizeof(pthread_t), "threads differ");

struct start {
	thrd_start_t func;
	void *arg;
};

static int status_of(int err)
{
	switch (err) {
	case 0:
		return thrd_success;
	case EBUSY:
		return thrd_busy;
	case ENOMEM:
		return thrd_nomem;
	case ETIMEDOUT:
		return thrd_timedout;
	default:
		return thrd_error;
	}
}

static void *run(void *arg)
{
	struct start s = *(struct start *)arg;

	free(arg);
	return (void *)(intptr_t)s.func(s.arg);
}

int thrd_create(thrd_t *thread, thrd_start_t func, void *arg)
{
	struct start *s = malloc(sizeof(*s));
	int err;

	if (!s)
		return thrd_nomem;
	*s = (struct start){func, arg};
	err = pthread_create(thread, NULL, run, s);
	if (err)
		free(s);
	return status_of(err);
}

int thrd_join(thrd_t thread, int *result)
{
	void *value = NULL;
	int err = pthread_join(thread, &value);

	if (!err && result)
		*result = (int)(intptr_t)value;
	return status_of(err);
}

int mtx_init(mtx_t *m, int type)
{
	pthread_mutexattr_t attr;
	int err;

	pthread_mutexattr_init(&attr);
	if (type & mtx_recursive)
		pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	err = pthread_mutex_init((pthread_mutex_t *)m, &attr);
	pthread_mutexattr_destroy(&attr);
	return status_of(err);
}

void mtx_destroy(mtx_t *m)
{
	pthread_mutex_destroy((pthread_mutex_t *)m);
}

int mtx_lock(mtx_t *m)
{
	return status_of(pthread_mutex_lock((pthread_mutex_t *)m));
}

int mtx_unlock(mtx_t *m)
{
	return status_of(pthread_mutex_unlock((pthread_mutex_t *)m));
}

int cnd_init(cnd_t *c)
{
	return status_of(pthread_cond_init((pthread_cond_t *)c, NULL));
}

void cnd_destroy(cnd_t *c)
{
	pthread_cond_destroy((pthread_cond_t *)c);
}

int cnd_signal(cnd_t *c)
{
	return status_of(pthread_cond_signal((pthread_cond_t *)c));
}

int cnd_broadcast(cnd_t *c)
{
	return status_of(pthread_cond_broadcast((pthread_cond_t *)c));
}

int cnd_wait(cnd_t *c, mtx_t *m)
{
	return status_of(
		pthread_cond_wait((pthread_cond_t *)c, (pthread_mutex_t *)m));
}

int cnd_timedwait(cnd_t *restrict c, mtx_t *restrict m,
		  const struct timespec *restrict until)
{
	return status_of(pthread_cond_timedwait((pthread_cond_t *)c,
						(pthread_mutex_t *)m, until));
}
