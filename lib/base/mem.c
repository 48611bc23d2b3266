/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <limits.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef JEMALLOC_5_3
/*
 * jemalloc finds its options here. librdkafka makes messages in one thread and
 * frees them in another, by the thousand: more of a size than its 200 may wait
 * in a thread's cache.
 */
extern const char *malloc_conf;
const char *malloc_conf = "tcache_nslots_small_max:2000,lg_tcache_nslots_mul:4";
#endif

/* On a terminal there may be a status line. */
static void say_last_words(void)
{
	static const char clear[] = "\r\033[K";
	static const char text[] = "iotsim: " MEM_LAST_WORDS "\n";

	if (isatty(STDERR_FILENO))
		(void)!write(STDERR_FILENO, clear, sizeof(clear) - 1);
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
}

static void (*say_end)(void) = say_last_words;

void mem_on_end(void (*say)(void))
{
	say_end = say;
}

/* Nothing may be allocated here any more, not even by stdio. */
static void *or_die(void *p)
{
	if (p)
		return p;
	say_end();
	_exit(1);
}

void *mem_alloc(size_t size)
{
	return or_die(malloc(size ? size : 1));
}

void *mem_zalloc(size_t n, size_t size)
{
	if (n == 0 || size == 0)
		n = size = 1;
	return or_die(calloc(n, size));
}

void *mem_grow(void *p, size_t n, size_t size)
{
	if (n == 0 || size == 0)
		n = size = 1;
	return or_die(reallocarray(p, n, size));
}

char *mem_dup(const char *s)
{
	return or_die(strdup(s));
}

char *mem_ndup(const char *s, size_t len)
{
	return or_die(strndup(s, len));
}

void mem_keep(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 32 << 20); /* the most that it takes */
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_TOP_PAD, 16 << 20); /* of the threads' heaps too */
#endif
}

void *mem_reserve(void *p, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap;

	if (need <= n)
		return p;
	if (n < 8)
		n = 8;
	while (n < need)
		n = n > SIZE_MAX / 2 ? need : n * 2;
	p = mem_grow(p, n, size);
	*cap = n;
	return p;
}
