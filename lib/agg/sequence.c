/* SPDX-License-Identifier: MIT */
#include "agg/sequence.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/mem.h"
#include "base/str.h"

#define WIDTH 64

/* One sensor in one run. */
struct track {
	uint64_t first, highest; /* numbers; highest >= first */
	uint64_t seen;	  /* bit i: highest - i came; bit 0 is always set */
	uint64_t missing; /* from first to highest */
	bool any;
	bool fresh; /* one came since it was looked for */
};

struct sequence {
	struct intern *ids; /* of run and name */
	struct track *tracks;
	size_t n, cap, most;
	bool looking;  /* for those that are fresh */
	struct str id; /* scratch */
	struct sequence_counts counts;
};

struct sequence *sequence_new(size_t most)
{
	struct sequence *s = mem_zalloc(1, sizeof(*s));

	s->ids = intern_new();
	s->most = most;
	str_init(&s->id);
	return s;
}

void sequence_free(struct sequence *s)
{
	if (!s)
		return;
	intern_free(s->ids);
	free(s->tracks);
	str_release(&s->id);
	free(s);
}

/* Long names count by their memory. */
static size_t weight(const struct sequence *s)
{
	size_t by_bytes = intern_bytes(s->ids) / SEQUENCE_ID_BYTES;

	return s->n > by_bytes ? s->n : by_bytes;
}

/* Keeps the fresh ones, in their order; from now on none is. */
static void forget_old(struct sequence *s)
{
	struct intern *ids = intern_new();
	size_t n = 0, len;

	for (size_t i = 0; i < s->n; i++) {
		const char *id = intern_name(s->ids, (uint32_t)i, &len);

		if (!s->tracks[i].fresh)
			continue;
		intern_id(ids, id, len);
		s->tracks[n] = s->tracks[i];
		s->tracks[n++].fresh = false;
	}
	intern_free(s->ids);
	s->ids = ids;
	s->n = n;
}

/*
 * Half full, it begins to look which come again; full, it keeps these, unless
 * it would soon be full again.
 */
static void make_room(struct sequence *s)
{
	size_t now = weight(s);

	if (!s->looking && now >= s->most / 2) {
		s->looking = true;
		for (size_t i = 0; i < s->n; i++)
			s->tracks[i].fresh = false;
	}
	if (now < s->most)
		return;
	forget_old(s);
	if (weight(s) > s->most / 4 * 3) /* and now nothing is fresh */
		forget_old(s);
	s->looking = weight(s) >= s->most / 2;
}

/* The lengths are part of it: "ab" and "c" are not "a" and "bc". */
static struct track *find(struct sequence *s, const char *run, size_t run_len,
			  const char *name, size_t name_len)
{
	size_t id;

	make_room(s);
	str_clear(&s->id);
	str_add(&s->id, (const char *)&run_len, sizeof(run_len));
	str_add(&s->id, run, run_len);
	str_add(&s->id, name, name_len);
	id = intern_id(s->ids, s->id.p, s->id.len);
	if (id == s->n) {
		s->tracks = mem_reserve(s->tracks, &s->cap, s->n + 1,
					sizeof(*s->tracks));
		s->tracks[s->n++] = (struct track){.any = false};
	}
	return &s->tracks[id];
}

/* A number above all others. */
static void advance(struct sequence *s, struct track *t, uint64_t number)
{
	uint64_t step = number - t->highest;

	t->seen = (step < WIDTH ? t->seen << step : 0) | 1;
	t->missing += step - 1;
	s->counts.lost += step - 1;
	t->highest = number;
}

/* How many of the numbers that are too old for `seen` are missing. */
static uint64_t old_missing(const struct track *t)
{
	uint64_t span = t->highest - t->first;
	uint64_t all = span >= WIDTH - 1 ? UINT64_MAX
					 : (UINT64_C(1) << (span + 1)) - 1;

	return t->missing - (uint64_t)__builtin_popcountll(~t->seen & all);
}

/* A number that is not above all others: late, or for the second time. */
static void go_back(struct sequence *s, struct track *t, uint64_t number)
{
	uint64_t age = t->highest - number;
	bool is_old = age >= WIDTH;

	if (is_old ? number >= t->first && !old_missing(t)
		   : t->seen >> age & 1) {
		s->counts.duplicated++;
		return;
	}
	s->counts.reordered++;
	if (!is_old)
		t->seen |= UINT64_C(1) << age;
	if (number < t->first)
		return;
	t->missing--;
	s->counts.lost--;
}

void sequence_add(struct sequence *s, const char *run, size_t run_len,
		  const char *name, size_t name_len, uint64_t number)
{
	struct track *t = find(s, run, run_len, name, name_len);

	s->counts.numbers++;
	if (!t->any)
		*t = (struct track){number, number, 1, 0, true, true};
	else if (number > t->highest)
		advance(s, t, number);
	else
		go_back(s, t, number);
	t->fresh = true;
}

struct sequence_counts sequence_counts(const struct sequence *s)
{
	return s->counts;
}

size_t sequence_remembered(const struct sequence *s)
{
	return s->n;
}
