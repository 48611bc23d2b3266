/* SPDX-License-Identifier: MIT */
/*
 * wish.h - somebody wishes to see what goes on
 *
 * Made by a signal handler, granted by a run that has something to show; the
 * others never ask, and nothing happens. Several wishes are one until then.
 *
 * Floor 0. Any thread, any signal handler.
 */
#ifndef BASE_WISH_H
#define BASE_WISH_H

#include <stdbool.h>

void wish_make(void);
/* There was one since the last time that this was asked. */
bool wish_take(void);

#endif
