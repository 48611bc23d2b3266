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
};

struct sequence {
	struct intern *ids; /* of run and name */
	struct track *tracks;
	size_t n, cap;
	struct str id; /* scratch */
	struct sequence_counts counts;
};

struct sequence *sequence_new(void)
{
	struct sequence *s = mem_zalloc(1, sizeof(*s));

	s->ids = intern_new();
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

/* The lengths are part of it: "ab" and "c" are not "a" and "bc". */
static struct track *find(struct sequence *s, const char *run, size_t run_len,
			  const char *name, size_t name_len)
{
	size_t id;

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
		*t = (struct track){number, number, 1, 0, true};
	else if (number > t->highest)
		advance(s, t, number);
	else
		go_back(s, t, number);
}

struct sequence_counts sequence_counts(const struct sequence *s)
{
	return s->counts;
}
