/* SPDX-License-Identifier: MIT */
/*
 * say.h - how the library lets the program speak
 *
 * Nothing in lib/ prints. What a person should hear while a run goes on is
 * handed to the say function that the command gave; cmd/say.c decides what
 * is shown and where. May be called from any thread.
 *
 * Floor 0.
 */
#ifndef BASE_SAY_H
#define BASE_SAY_H

enum say_level {
	SAY_ERROR,  /* something is wrong, and that was it */
	SAY_WARN,   /* something is wrong and the run goes on */
	SAY_ANSWER, /* what was asked for, such as the summary */
	SAY_NOTE,   /* good to know; not with -q */
	SAY_DEBUG,  /* only with -v */
	SAY_STATUS, /* the line that is rewritten in place; "" wipes it */
};

/* One line without newline, borrowed for the call. */
typedef void say_fn(enum say_level level, const char *text);

/* Formats and hands over; lines are cut at 1 KiB. */
void say(say_fn *fn, enum say_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Each line of the text (they end with one), `before` in front of it. */
void say_lines(say_fn *fn, enum say_level level, const char *before,
	       const char *text);

#endif
