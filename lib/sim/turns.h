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

/* For n >= 1 leaves, at each the turn of one player. Copies them. */
void turns_init(struct turns *t, const struct turn *leaves, size_t n);
void turns_release(struct turns *t);

/* The earliest turn; of equal ones that of the least player. */
static inline struct turn turns_first(const struct turns *t)
{
	return t->node[0];
}

/* Puts another turn in the place of the earliest, which was at that leaf. */
void turns_next(struct turns *t, size_t leaf, struct turn it);

/*
 * Players that all wait the same time from turn to turn keep their order for
 * ever. They stand in line, and only the first of them needs a leaf.
 */
struct line {
	struct turn *v; /* in a ring; NULL: there is no line */
	size_t n, first;
};

/* Of n >= 1 turns, in any order. Copies them. */
void line_init(struct line *l, const struct turn *turns, size_t n);
void line_release(struct line *l);

static inline struct turn line_first(const struct line *l)
{
	return l->v[l->first];
}

/* The first goes to the end with its next turn, which is the latest of all. */
static inline void line_next(struct line *l, struct turn it)
{
	l->v[l->first++] = it;
	if (l->first == l->n)
		l->first = 0;
}

#endif
