/* SPDX-License-Identifier: MIT */
#include "sim/turns.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

static bool is_before(const struct turn *a, const struct turn *b)
{
	return (a->ns < b->ns) | ((a->ns == b->ns) & (a->player < b->player));
}

/* The winner below node i; the leaves of the players are n to 2n - 1. */
static struct turn winner(struct turns *t, const struct turn *won,
			  const int64_t *ns, size_t i)
{
	if (i < t->n)
		return won[i];
	return (struct turn){ns[i - t->n], (uint32_t)(i - t->n)};
}

void turns_init(struct turns *t, const int64_t *ns, size_t n)
{
	struct turn *won = mem_zalloc(n, sizeof(*won));

	assert(n >= 1);
	t->n = n;
	t->node = mem_zalloc(n, sizeof(*t->node));
	for (size_t i = n - 1; i >= 1; i--) {
		struct turn a = winner(t, won, ns, 2 * i);
		struct turn b = winner(t, won, ns, 2 * i + 1);
		bool a_wins = is_before(&a, &b);

		won[i] = a_wins ? a : b;
		t->node[i] = a_wins ? b : a;
	}
	t->node[0] = winner(t, won, ns, 1);
	free(won);
}

void turns_release(struct turns *t)
{
	free(t->node);
	t->node = NULL;
}

/* Computed, not branched on: who wins cannot be predicted. */
void turns_next(struct turns *t, int64_t ns)
{
	struct turn it = {ns, t->node[0].player};

	for (size_t i = (t->n + it.player) / 2; i >= 1; i /= 2) {
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
