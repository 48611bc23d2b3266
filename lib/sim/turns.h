/* SPDX-License-Identifier: MIT */
/*
 * turns.h - whose turn it is, among many that each have a time
 *
 * A tournament: every player has a time, and the earliest wins (of equal
 * ones the first). When the winner gets another time, only the games on its
 * way from its leaf to the root are played again, against those that lost
 * there: Knuth, TAOCP vol. 3, 5.4.1, "tree of losers". Which nodes these are
 * is known before the first of them is looked at, so with a million players
 * the memory is waited for once, not once a level as in a heap.
 *
 * Floor 2. Pure. Not shared between threads.
 */
#ifndef SIM_TURNS_H
#define SIM_TURNS_H

#include <stddef.h>
#include <stdint.h>

struct turn {
	int64_t ns;
	uint32_t player;
};

struct turns {
	size_t n;
	struct turn *node; /* [0]: who won; [1] to [n - 1]: who lost there */
};

/* For n >= 1 players, of these times. */
void turns_init(struct turns *t, const int64_t *ns, size_t n);
void turns_release(struct turns *t);

/* Who has the earliest time. */
static inline struct turn turns_first(const struct turns *t)
{
	return t->node[0];
}

/* Gives that player another time. */
void turns_next(struct turns *t, int64_t ns);

#endif
