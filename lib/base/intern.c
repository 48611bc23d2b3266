/* SPDX-License-Identifier: MIT */
#include "base/intern.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/word.h"

#define CHUNK_BYTES 65536
#define FIRST_SLOTS 64 /* a power of two */

struct name {
	const char *p; /* in a chunk */
	size_t len;
	uint64_t hash;
};

/* Most misses are seen by the tag, without a look at the name. */
struct slot {
	uint32_t tag;	 /* upper half of the hash */
	uint32_t number; /* id + 1; 0: free */
};

struct chunk {
	struct chunk *next;
	char bytes[];
};

struct intern {
	struct slot
		*slots; /* open addressing, linear; at most a quarter full */
	size_t mask;	/* slots - 1 */
	struct name *names; /* by id */
	size_t names_cap;
	uint32_t count;
	struct chunk *chunks; /* the newest first */
	char *room;	      /* what is left of the newest */
	size_t room_bytes;
};

/* 64 by 64 to 128 bits, folded: every bit of both reaches every bit. */
static uint64_t mix(uint64_t x, uint64_t y)
{
	unsigned __int128 m = (unsigned __int128)x * y;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* At most 16 bytes as two numbers: up to 8 overlap, none is left out. */
static void load_pair(const char *p, size_t len, uint64_t *a, uint64_t *b)
{
	*a = *b = 0;
	if (len >= 8) {
		*a = word_load(p);
		*b = word_load(p + len - 8);
	} else if (len >= 4) {
		*a = word_load_half(p);
		*b = word_load_half(p + len - 4);
	} else if (len) {
		*a = (uint64_t)(unsigned char)p[0] << 16 |
		     (uint64_t)(unsigned char)p[len / 2] << 8 |
		     (unsigned char)p[len - 1];
	}
}

static uint64_t hash_bytes(const char *p, size_t len)
{
	const uint64_t k = UINT64_C(0x9e3779b97f4a7c15),
		       l = UINT64_C(0xd1b54a32d192ed03);
	uint64_t h = len * k, a, b;

	for (; len > 16; p += 16, len -= 16)
		h = mix(word_load(p) ^ h ^ l, word_load(p + 8) ^ k);
	load_pair(p, len, &a, &b);
	return mix(mix(a ^ h ^ l, b ^ k), l);
}

struct intern *intern_new(void)
{
	struct intern *t = mem_zalloc(1, sizeof(*t));

	t->slots = mem_zalloc(FIRST_SLOTS, sizeof(*t->slots));
	t->mask = FIRST_SLOTS - 1;
	return t;
}

void intern_free(struct intern *t)
{
	struct chunk *c, *next;

	if (!t)
		return;
	for (c = t->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(t->names);
	free(t->slots);
	free(t);
}

static void place(struct intern *t, uint64_t hash, uint32_t id)
{
	size_t i = hash & t->mask;

	while (t->slots[i].number)
		i = (i + 1) & t->mask;
	t->slots[i] = (struct slot){(uint32_t)(hash >> 32), id + 1};
}

static void double_slots(struct intern *t)
{
	size_t n = (t->mask + 1) * 2;

	free(t->slots);
	t->slots = mem_zalloc(n, sizeof(*t->slots));
	t->mask = n - 1;
	for (uint32_t id = 0; id < t->count; id++)
		place(t, t->names[id].hash, id);
}

static const char *keep(struct intern *t, const char *name, size_t len)
{
	char *p;

	if (len > t->room_bytes || !t->room) {
		size_t n = len > CHUNK_BYTES ? len : CHUNK_BYTES;
		struct chunk *c = mem_alloc(sizeof(*c) + n);

		c->next = t->chunks;
		t->chunks = c;
		t->room = c->bytes;
		t->room_bytes = n;
	}
	p = t->room;
	if (len)
		memcpy(p, name, len);
	t->room += len;
	t->room_bytes -= len;
	return p;
}

static uint32_t add(struct intern *t, const char *name, size_t len,
		    uint64_t hash)
{
	uint32_t id = t->count;

	assert(id < UINT32_MAX - 1);
	t->names = mem_reserve(t->names, &t->names_cap, (size_t)id + 1,
			       sizeof(*t->names));
	t->names[id] = (struct name){keep(t, name, len), len, hash};
	t->count++;
	if ((size_t)t->count * 4 > t->mask + 1)
		double_slots(t);
	else
		place(t, hash, id);
	return id;
}

uint32_t intern_id(struct intern *t, const char *name, size_t len)
{
	uint64_t hash = hash_bytes(name, len);
	uint32_t tag = (uint32_t)(hash >> 32);
	size_t i = hash & t->mask;

	for (; t->slots[i].number; i = (i + 1) & t->mask) {
		const struct name *n = &t->names[t->slots[i].number - 1];

		if (t->slots[i].tag == tag && n->len == len &&
		    word_same(n->p, name, len))
			return t->slots[i].number - 1;
	}
	return add(t, name, len, hash);
}

uint32_t intern_count(const struct intern *t)
{
	return t->count;
}

const char *intern_name(const struct intern *t, uint32_t id, size_t *len)
{
	assert(id < t->count);
	*len = t->names[id].len;
	return t->names[id].p;
}
