/* SPDX-License-Identifier: MIT */
/*
 * screen.h - what the user's screen can show
 *
 * Floor 4.
 */
#ifndef CMD_SCREEN_H
#define CMD_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* The columns that COLUMNS asks for; 0 where it is not set or no number. */
size_t screen_columns_asked(void);

/* What the user's locale says; the program's own is always "C". */
bool screen_is_utf8(void);

#endif
