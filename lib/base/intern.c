/* SPDX-License-Identifier: MIT */
#include "base/intern.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/mem.h"
#include "base/word.h"

#define CHUNK_BYTES 65536
#define FIRST_SLOTS 64 /* a power of two */
#define MANY_SLOTS  65536

#define ODD UINT64_C(0x9e3779b97f4a7c15) /* 2^64 by the golden ratio */

struct name {
	const char *p; /* in a chunk */
	size_t len;
};

/* The last 16 bytes of a name, or what there is: see load_pair. */
struct tail {
	uint64_t a, b;
};

/* All of a name that is no longer than that: one look tells it. */
struct slot {
	struct tail tail;
	uint32_t len;
	uint32_t number; /* id + 1; 0: free */
};

struct chunk {
	struct chunk *next;
	char bytes[];
};

struct intern {
	uint64_t secrets[2]; /* of the hash */
	struct slot *slots;  /* open addressing, linear, see is_crowded */
	size_t mask;	     /* slots - 1 */
	struct name *names;  /* by id */
	size_t names_cap;
	uint32_t count;
	size_t bytes;	      /* of all names */
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
static inline struct tail load_pair(const char *p, size_t len)
{
	if (len >= 8)
		return (struct tail){word_load(p), word_load(p + len - 8)};
	if (len >= 4)
		return (struct tail){word_load_half(p),
				     word_load_half(p + len - 4)};
	if (!len)
		return (struct tail){0, 0};
	return (struct tail){(uint64_t)(unsigned char)p[0] << 16 |
				     (uint64_t)(unsigned char)p[len / 2] << 8 |
				     (unsigned char)p[len - 1],
			     0};
}

/* Who does not know the secrets cannot make names that collide. */
__attribute__((always_inline)) static inline uint64_t
hash_bytes(const struct intern *t, const char *p, size_t len, struct tail *tail)
{
	const uint64_t k = t->secrets[0], l = t->secrets[1];
	uint64_t h = len * ODD;

	for (; len > 16; p += 16, len -= 16)
		h = mix(word_load(p) ^ h ^ l, word_load(p + 8) ^ k);
	*tail = load_pair(p, len);
	return mix(mix(tail->a ^ h ^ l, tail->b ^ k), ODD);
}

/* The kernel gives each process sixteen bytes of chance. */
static void choose_secrets(struct intern *t)
{
	const char *random = (const char *)(uintptr_t)getauxval(AT_RANDOM);

	for (size_t i = 0; i < 2; i++)
		t->secrets[i] = mix(ODD + i, random ? word_load(random + 8 * i)
						    : (uintptr_t)t);
}

struct intern *intern_new(void)
{
	struct intern *t = mem_zalloc(1, sizeof(*t));

	t->slots = mem_zalloc(FIRST_SLOTS, sizeof(*t->slots));
	t->mask = FIRST_SLOTS - 1;
	choose_secrets(t);
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

static void place(struct intern *t, uint32_t id)
{
	const struct name *name = &t->names[id];
	struct tail tail;
	size_t i = hash_bytes(t, name->p, name->len, &tail) & t->mask;

	while (t->slots[i].number)
		i = (i + 1) & t->mask;
	t->slots[i] = (struct slot){tail, (uint32_t)name->len, id + 1};
}

/* A quarter full, for speed; many are half full, for their memory. */
static bool is_crowded(const struct intern *t)
{
	size_t n = t->mask + 1, each = n < MANY_SLOTS ? 4 : 2;

	return t->count * each > n;
}

static void double_slots(struct intern *t)
{
	size_t n = (t->mask + 1) * 2;

	free(t->slots);
	t->slots = mem_zalloc(n, sizeof(*t->slots));
	t->mask = n - 1;
	for (uint32_t id = 0; id < t->count; id++)
		place(t, id);
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

static uint32_t add(struct intern *t, const char *name, size_t len)
{
	uint32_t id = t->count;

	assert(id < UINT32_MAX - 1 && len <= UINT32_MAX);
	t->names = mem_reserve(t->names, &t->names_cap, (size_t)id + 1,
			       sizeof(*t->names));
	t->names[id] = (struct name){keep(t, name, len), len};
	t->count++;
	t->bytes += len;
	if (is_crowded(t))
		double_slots(t);
	else
		place(t, id);
	return id;
}

static inline bool is_in(const struct intern *t, const struct slot *s,
			 const struct tail *tail, const char *name, size_t len)
{
	return s->tail.a == tail->a && s->tail.b == tail->b && s->len == len &&
	       (len <= 16 || memcmp(t->names[s->number - 1].p, name, len) == 0);
}

uint32_t intern_id(struct intern *t, const char *name, size_t len)
{
	struct tail tail;
	uint64_t hash = hash_bytes(t, name, len, &tail);
	size_t i = hash & t->mask;

	for (; t->slots[i].number; i = (i + 1) & t->mask) {
		if (is_in(t, &t->slots[i], &tail, name, len))
			return t->slots[i].number - 1;
	}
	return add(t, name, len);
}

void intern_prefetch(const struct intern *t, const char *name, size_t len)
{
	struct tail tail;

	__builtin_prefetch(
		&t->slots[hash_bytes(t, name, len, &tail) & t->mask]);
}

uint32_t intern_count(const struct intern *t)
{
	return t->count;
}

size_t intern_bytes(const struct intern *t)
{
	return t->bytes;
}

const char *intern_name(const struct intern *t, uint32_t id, size_t *len)
{
	assert(id < t->count);
	*len = t->names[id].len;
	return t->names[id].p;
}
