/* SPDX-License-Identifier: MIT */
/*
 * intern.h - each distinct name once, numbered from 0 in order of arrival
 *
 * A name is any run of less than 4 GiB. Its number and its address stay the
 * same for the life of the table; names are never taken out. Looking up a name
 * that is known allocates nothing. Names that somebody has chosen to make it
 * slow do not: where they are kept depends on what only this process knows.
 *
 * Floor 0. Not shared between threads.
 */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stddef.h>
#include <stdint.h>

struct intern;

struct intern *intern_new(void);
void intern_free(struct intern *t);

/* The number of the name, new or not. Copies a new one. */
uint32_t intern_id(struct intern *t, const char *name, size_t len);
/* Has the memory come in which it looks for the name; returns before that. */
void intern_prefetch(const struct intern *t, const char *name, size_t len);
/* How many there are: the numbers are 0 to count - 1. */
uint32_t intern_count(const struct intern *t);
/* The bytes of all of them. */
size_t intern_bytes(const struct intern *t);
/* The bytes of a number that was given out; borrowed from the table. */
const char *intern_name(const struct intern *t, uint32_t id, size_t *len);

#endif
