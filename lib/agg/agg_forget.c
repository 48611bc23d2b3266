/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "agg/agg_parts.h"
#include "agg/forget.h"
#include "base/mem.h"

/* This many more than were used are always kept, of all partitions together. */
#define SPARE 100000

/* Long ones count by their memory. */
static size_t count(const struct intern *keys)
{
	size_t n = keys ? intern_count(keys) : 0;
	size_t by_bytes = keys ? intern_bytes(keys) / AGG_KEY_BYTES : 0;

	return n > by_bytes ? n : by_bytes;
}

static size_t keys_count(const struct keys *k)
{
	return count(k->types) + count(k->names);
}

size_t agg_keys(const struct agg *a)
{
	size_t types = 0, names = 0;

	for (size_t i = 0; i < a->n_parts; i++) {
		types += count(a->keys[i].types);
		names += count(a->keys[i].names);
	}
	return types > names ? types : names;
}

/* The share of the partition in the ith open window; NULL: it has none. */
static struct share *share_at(struct agg *a, size_t i, size_t partition)
{
	struct window *w = a->open[i];

	return partition < w->n_shares ? &w->shares[partition] : NULL;
}

static void forget(struct agg *a, size_t partition)
{
	struct keys *old = &a->keys[partition];
	struct keys new = {.spread = old->spread};

	keys_settle(old);
	if (old->types)
		new.types = intern_new();
	if (old->names)
		new.names = intern_new();
	for (size_t i = 0; i < a->n_open; i++) {
		struct share *s = share_at(a, i, partition);

		if (s)
			share_renumber(s, old, &new);
	}
	keys_release(old);
	*old = new;
	a->parts[partition].used = keys_count(&new);
}

void agg_forget(struct agg *a)
{
	for (size_t i = 0; i < a->n_parts && !a->total; i++) {
		if (a->parts[i].held)
			forget(a, i);
	}
}

void agg_forget_some(struct agg *a)
{
	for (size_t i = 0; i < a->n_parts && !a->total; i++) {
		if (keys_count(&a->keys[i]) >
		    2 * a->parts[i].used + SPARE / a->n_parts)
			forget(a, i);
	}
}
