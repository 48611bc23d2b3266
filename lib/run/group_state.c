/* SPDX-License-Identifier: MIT */
#include "run/group_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agg/saved.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/table.h"
#include "base/utf8.h"
#include "base/when.h"

/* A partition, and what its text says. */
struct part {
	const struct committed *at;
	bool committed;
	enum saved_kind kind; /* if committed */
	struct saved saved;   /* if SAVED_OK */
	struct err e;	      /* if SAVED_FAILED */
};

/* Something to be said of a partition. */
struct note {
	int partition;
	struct str text;
	bool told;
};

struct state {
	const struct group_state *g;
	struct part *parts;
	size_t n;
	const struct part *model; /* the first that is SAVED_OK, or NULL */
	struct note *notes;
	size_t n_notes, cap_notes;
	bool stuck; /* consume will not go on from this */
};

bool group_state_is_any(const struct group_state *g)
{
	for (size_t i = 0; i < g->all.n; i++) {
		if (g->all.v[i].offset >= 0)
			return true;
	}
	return false;
}

static bool is_ok(const struct part *p)
{
	return p->committed && p->kind == SAVED_OK;
}

static void read_parts(struct state *s)
{
	s->n = s->g->all.n;
	s->parts = mem_zalloc(s->n, sizeof(*s->parts));
	for (size_t i = 0; i < s->n; i++) {
		struct part *p = &s->parts[i];
		const struct committed *at = &s->g->all.v[i];

		p->at = at;
		p->committed = at->offset >= 0;
		str_init(&p->saved.fields);
		if (p->committed)
			p->kind = saved_parse(&p->saved, at->offset, at->text,
					      at->len, &p->e);
		if (is_ok(p) && !s->model)
			s->model = p;
	}
}

static void state_release(struct state *s)
{
	for (size_t i = 0; i < s->n; i++)
		saved_release(&s->parts[i].saved);
	for (size_t i = 0; i < s->n_notes; i++)
		str_release(&s->notes[i].text);
	free(s->parts);
	free(s->notes);
}

/* The offset of the next record that is new to the group, or -1. */
static int64_t next_of(const struct part *p)
{
	if (is_ok(p))
		return p->saved.mark.next;
	return p->committed && p->kind == SAVED_NOTHING ? p->at->offset : -1;
}

/* How many records that is from the end, or -1. */
static int64_t lag_of(const struct part *p)
{
	int64_t next = next_of(p);

	return next < 0 || next > p->at->end ? -1 : p->at->end - next;
}

static void add_printable(struct str *out, const char *text)
{
	utf8_add_printable(out, text, strlen(text));
}

/* ---- the lines at the top ---- */

static void add_label(struct str *out, const char *label)
{
	str_addf(out, "%-10s", label);
}

static void add_topic(struct str *out, const struct state *s)
{
	add_label(out, "topic");
	add_printable(out, s->g->topic);
	str_addf(out, ", %zu partition%s", s->n, s->n == 1 ? "" : "s");
	if (s->model && (uint64_t)s->model->saved.partitions != s->n)
		str_addf(out, " (%" PRId64 " when the group began)",
			 s->model->saved.partitions);
	str_addc(out, '\n');
}

/* Where the group began. Partitions that came later have no such point. */
static void add_from(struct str *out, const struct state *s)
{
	int64_t from_us = WHEN_NONE;
	bool first = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct mark *m = &s->parts[i].saved.mark;

		if (!is_ok(&s->parts[i]))
			continue;
		first = first || m->from_first;
		if (!m->from_first && m->from_us > from_us)
			from_us = m->from_us;
	}
	add_label(out, "from");
	if (from_us != WHEN_NONE)
		when_add_rfc3339(out, from_us);
	else
		str_adds(out, first ? "the first readings (not decided yet)"
				    : "the beginning");
	str_addc(out, '\n');
}

static void add_settings(struct str *out, const struct state *s)
{
	const struct saved *m = &s->model->saved;

	add_label(out, "interval");
	num_add_span(out, m->interval_us);
	str_addc(out, '\n');
	add_label(out, "grace");
	num_add_span(out, m->grace_us);
	str_addc(out, '\n');
	add_label(out, "time");
	str_addf(out, "%s\n", m->clock ? "kafka" : "event");
	if (m->fields.len) {
		add_label(out, "fields");
		utf8_add_printable(out, m->fields.p, m->fields.len);
		str_addc(out, '\n');
	}
	add_from(out, s);
}

static void add_lag(struct str *out, const struct state *s)
{
	uint64_t lag = 0;
	bool known = false;

	for (size_t i = 0; i < s->n; i++) {
		int64_t one = lag_of(&s->parts[i]);

		if (one < 0)
			continue;
		known = true;
		lag += (uint64_t)one;
	}
	if (!known)
		return;
	add_label(out, "lag");
	str_addf(out, "%" PRIu64 " record%s\n", lag, lag == 1 ? "" : "s");
}

static void add_top(struct str *out, const struct state *s)
{
	add_label(out, "group");
	add_printable(out, s->g->group);
	str_addc(out, '\n');
	add_topic(out, s);
	if (s->model)
		add_settings(out, s);
	add_lag(out, s);
}

/* ---- tables ---- */

/* -1 is none. */
static void add_offset(struct table *t, int64_t offset)
{
	struct str *cell = table_cell(t);

	if (offset < 0)
		str_addc(cell, '-');
	else
		str_addf(cell, "%" PRId64, offset);
}

static void add_time(struct table *t, int64_t us)
{
	struct str *cell = table_cell(t);

	if (us == WHEN_NONE)
		str_addc(cell, '-');
	else
		when_add_rfc3339(cell, us);
}

/* All to the right. */
static void put_table(struct str *out, struct table *t)
{
	str_addc(out, '\n');
	table_add(out, t, t->columns);
	table_release(t);
}

static void add_place(struct table *t, const struct part *p)
{
	const struct mark *m = is_ok(p) ? &p->saved.mark : NULL;

	add_offset(t, p->at->partition);
	add_offset(t, next_of(p));
	add_offset(t, p->at->end);
	add_offset(t, lag_of(p));
	add_offset(t, m ? m->first : -1);
	add_offset(t, m ? m->next - m->first : -1);
	add_time(t, m ? m->greatest_us : WHEN_NONE);
	add_time(t, m ? m->closed_us : WHEN_NONE);
}

static void add_places(struct str *out, const struct state *s)
{
	static const char *const head[] = {
		"partition",	 "next",	 "end",
		"lag",		 "reread-from",	 "reread",
		"greatest-time", "closed-until", NULL,
	};
	struct table t;

	table_init(&t, head);
	for (size_t i = 0; i < s->n; i++)
		add_place(&t, &s->parts[i]);
	put_table(out, &t);
}

static const size_t counts[] = {
	offsetof(struct books, read),	 offsetof(struct books, used),
	offsetof(struct books, open),	 offsetof(struct books, late),
	offsetof(struct books, future),	 offsetof(struct books, malformed),
	offsetof(struct books, skipped),
};

#define N_COUNTS (sizeof(counts) / sizeof(*counts))

static uint64_t count_of(const struct books *b, size_t i)
{
	uint64_t v;

	memcpy(&v, (const char *)b + counts[i], sizeof(v));
	return v;
}

/* The books that are known, and their sum. */
static void add_books(struct str *out, const struct state *s)
{
	static const char *const head[] = {
		"partition", "read",	  "used",    "open", "late",
		"future",    "malformed", "skipped", NULL,
	};
	struct table t;
	uint64_t sums[N_COUNTS] = {0};

	table_init(&t, head);
	for (size_t i = 0; i < s->n; i++) {
		const struct part *p = &s->parts[i];

		add_offset(&t, p->at->partition);
		for (size_t k = 0; k < N_COUNTS; k++) {
			uint64_t v = count_of(&p->saved.mark.books, k);

			if (!is_ok(p)) {
				add_offset(&t, -1);
				continue;
			}
			str_addf(table_cell(&t), "%" PRIu64, v);
			sums[k] += v;
		}
	}
	str_adds(table_cell(&t), "all");
	for (size_t k = 0; k < N_COUNTS; k++)
		str_addf(table_cell(&t), "%" PRIu64, sums[k]);
	put_table(out, &t);
}

/* ---- what is special ---- */

static struct str *add_note(struct state *s, const struct part *p)
{
	s->notes = mem_reserve(s->notes, &s->cap_notes, s->n_notes + 1,
			       sizeof(*s->notes));
	s->notes[s->n_notes] = (struct note){p->at->partition, STR_INIT, false};
	return &s->notes[s->n_notes++].text;
}

/* Who has no state begins, and where is another question. */
static void note_beginning(struct state *s, const struct part *p)
{
	struct str *note = add_note(s, p);

	if (p->committed && p->kind == SAVED_RESET)
		str_adds(note, "reset; read as --from says");
	else if (p->committed)
		str_adds(note, "the offset was not committed by iotsim; read "
			       "from there on");
	else if (s->model && p->at->partition >= s->model->saved.partitions)
		str_adds(note, "nothing is stored; newer than the group, so "
			       "read from the beginning");
	else
		str_adds(note, "nothing is stored; read as --from says");
}

static void note_failed(struct state *s, const struct part *p)
{
	s->stuck = true;
	str_adds(add_note(s, p), p->e.msg);
}

/* What open windows need is from `first` on, what is new from `next`. */
static void note_log(struct state *s, const struct part *p)
{
	const struct mark *m = &p->saved.mark;
	int64_t lost = p->at->begin - m->first;

	if (m->next > p->at->end) {
		s->stuck = true;
		str_addf(add_note(s, p),
			 "the log ends at %" PRId64 ", and was read up to "
			 "%" PRId64 ": the topic was made anew",
			 p->at->end, m->next);
	} else if (lost > 0) {
		s->stuck = true;
		str_addf(add_note(s, p), "%" PRId64 " record%s gone that %s",
			 lost, lost == 1 ? " is" : "s are",
			 m->first < m->next ? "the open windows need"
			 : lost == 1	    ? "was not read"
					    : "were not read");
	}
}

static bool agree(const struct saved *a, const struct saved *b)
{
	return a->interval_us == b->interval_us && a->grace_us == b->grace_us &&
	       a->clock == b->clock && a->fields.len == b->fields.len &&
	       !memcmp(a->fields.p, b->fields.p, a->fields.len);
}

static void note_state(struct state *s, const struct part *p)
{
	const struct mark *m = &p->saved.mark;
	struct str *note;

	if (!agree(&p->saved, &s->model->saved)) {
		s->stuck = true;
		str_addf(add_note(s, p),
			 "the interval, grace, time or fields are others than "
			 "those of partition %d",
			 s->model->at->partition);
	}
	note_log(s, p);
	if (m->intent_us == WHEN_NONE)
		return;
	note = add_note(s, p);
	str_adds(note, "about to print the windows to ");
	when_add_rfc3339(note, m->intent_us);
	str_adds(note, "; who comes next prints them again");
}

static void make_notes(struct state *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct part *p = &s->parts[i];

		if (is_ok(p))
			note_state(s, p);
		else if (p->committed && p->kind == SAVED_FAILED)
			note_failed(s, p);
		else
			note_beginning(s, p);
	}
}

/* Partitions, given in their order: "partitions 0-2, 5". */
struct ranges {
	struct str text;
	int from, to;
	size_t n;
};

static void ranges_flush(struct ranges *r)
{
	if (!r->n)
		return;
	str_addf(&r->text, r->text.len ? ", %d" : "%d", r->from);
	if (r->to > r->from)
		str_addf(&r->text, "-%d", r->to);
}

static void ranges_take(struct ranges *r, int partition)
{
	if (!r->n || partition != r->to + 1) {
		ranges_flush(r);
		r->from = partition;
	}
	r->to = partition;
	r->n++;
}

/* And done with them. */
static void ranges_add(struct str *out, struct ranges *r)
{
	ranges_flush(r);
	str_addf(out, "partition%s %s", r->n == 1 ? "" : "s", r->text.p);
	str_release(&r->text);
}

static bool same(const struct note *a, const struct note *b)
{
	return a->text.len == b->text.len &&
	       !memcmp(a->text.p, b->text.p, a->text.len);
}

/* What is the same of several partitions is told once. */
static void add_notes(struct str *out, struct state *s)
{
	for (size_t i = 0; i < s->n_notes; i++) {
		struct ranges r = {.text = STR_INIT};
		const struct note *first = &s->notes[i];

		if (first->told)
			continue;
		for (size_t k = i; k < s->n_notes; k++) {
			if (s->notes[k].told || !same(first, &s->notes[k]))
				continue;
			s->notes[k].told = true;
			ranges_take(&r, s->notes[k].partition);
		}
		ranges_add(out, &r);
		str_addf(out, ": %s\n", first->text.p);
	}
	if (!s->stuck)
		return;
	str_adds(out, "consume does not go on from this; 'iotsim group reset ");
	add_printable(out, s->g->group);
	str_adds(out, " -t ");
	add_printable(out, s->g->topic);
	str_adds(out, "' forgets it\n");
}

void group_state_add(struct str *out, const struct group_state *g)
{
	struct state s = {.g = g};

	read_parts(&s);
	add_top(out, &s);
	add_places(out, &s);
	if (s.model)
		add_books(out, &s);
	make_notes(&s);
	if (s.n_notes)
		str_addc(out, '\n');
	add_notes(out, &s);
	state_release(&s);
}

/* ---- reset ---- */

struct committed_list group_state_reset(const struct group_state *g,
					struct str *told)
{
	struct committed_list some = {NULL, 0};
	struct ranges r = {.text = STR_INIT};
	struct str text = STR_INIT;

	saved_add_reset(&text);
	some.v = mem_zalloc(g->all.n, sizeof(*some.v));
	for (size_t i = 0; i < g->all.n; i++) {
		const struct committed *at = &g->all.v[i];

		if (at->offset < 0)
			continue;
		ranges_take(&r, at->partition);
		some.v[some.n] = *at;
		some.v[some.n].text = mem_dup(text.p);
		some.v[some.n++].len = text.len;
	}
	str_addf(told, "group '%s' has forgotten topic '%s', ", g->group,
		 g->topic);
	ranges_add(told, &r);
	str_adds(told, ": it begins as --from says");
	str_release(&text);
	return some;
}
