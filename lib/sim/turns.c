/* SPDX-License-Identifier: MIT */
#include "sim/turns.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool is_before(const struct turn *a, const struct turn *b)
{
	return (a->ns < b->ns) | ((a->ns == b->ns) & (a->player < b->player));
}

void turns_init(struct turns *t, const struct turn *leaves, size_t n)
{
	/* By node, who won there; the leaves are n to 2n - 1. */
	struct turn *won = mem_zalloc(2 * n, sizeof(*won));

	assert(n >= 1);
	t->n = n;
	t->node = mem_zalloc(n, sizeof(*t->node));
	memcpy(won + n, leaves, n * sizeof(*won));
	for (size_t i = n - 1; i >= 1; i--) {
		bool left = is_before(&won[2 * i], &won[2 * i + 1]);

		won[i] = won[2 * i + !left];
		t->node[i] = won[2 * i + left];
	}
	t->node[0] = won[1];
	free(won);
}

void turns_release(struct turns *t)
{
	free(t->node);
	t->node = NULL;
}

/* Computed, not branched on: who wins cannot be predicted. */
void turns_next(struct turns *t, size_t leaf, struct turn it)
{
	for (size_t i = (t->n + leaf) / 2; i >= 1; i /= 2) {
		struct turn other = t->node[i];
		int64_t lost = -(int64_t)is_before(&other, &it);
		int64_t d_ns = (other.ns ^ it.ns) & lost;
		uint32_t d_player = (other.player ^ it.player) & (uint32_t)lost;

		t->node[i] =
			(struct turn){other.ns ^ d_ns, other.player ^ d_player};
		it = (struct turn){it.ns ^ d_ns, it.player ^ d_player};
	}
	t->node[0] = it;
}

static int by_turn(const void *va, const void *vb)
{
	const struct turn *a = va, *b = vb;

	return is_before(b, a) - is_before(a, b);
}

void line_init(struct line *l, const struct turn *turns, size_t n)
{
	l->v = mem_zalloc(n, sizeof(*l->v));
	l->n = n;
	l->first = 0;
	memcpy(l->v, turns, n * sizeof(*l->v));
	qsort(l->v, n, sizeof(*l->v), by_turn);
}

void line_release(struct line *l)
{
	free(l->v);
	l->v = NULL;
}
