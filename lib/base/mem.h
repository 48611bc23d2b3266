/* SPDX-License-Identifier: MIT */
/*
 * mem.h - memory that is there, or the end of the program
 *
 * Running out of memory ends the program here, in one place: one line on
 * stderr, status 1. All other code may rely on what it asked for. Nothing is
 * flushed or committed, as when the process is killed, which a run has to
 * stand anyway.
 *
 * Floor 0.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#define MEM_LAST_WORDS "out of memory: ended at once, without a summary"

/* Who says these words from now on, on stderr; must not allocate. */
void mem_on_end(void (*say)(void));

/* As malloc, calloc, reallocarray, strdup, strndup; never NULL. */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t n, size_t size);
void *mem_grow(void *p, size_t n, size_t size);
char *mem_dup(const char *s);
char *mem_ndup(const char *s, size_t len);

/*
 * From now on memory that was freed is kept for what asks next, and not given
 * back to the kernel only to be faulted in again: for a library that takes
 * and frees much, over and over. Does nothing where the C library has no
 * such settings.
 */
void mem_keep(void);

/*
 * Room for at least `need` elements of `size` bytes in the array *p of
 * *cap elements, doubling; the new part is not cleared. Returns the array.
 */
void *mem_reserve(void *p, size_t *cap, size_t need, size_t size);

#endif
