/* SPDX-License-Identifier: MIT */
#include "agg/saved.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"

#define VERSION	 1
#define FIRST	 "iotsim "
#define RESET	 FIRST "reset"
#define QUOTED	 40 /* bytes of a strange text that are told */
#define FROM_KEY "first"

/* The numbers, in the order of the text. All are of 64 bits. */
static const struct item {
	const char *key;
	size_t offset;
	bool optional; /* WHEN_NONE is `-` */
	int64_t least;
} items[] = {
#define ITEM(key, member, ...)                                   \
	{                                                        \
		key, offsetof(struct saved, member), __VA_ARGS__ \
	}
	/* clang-format off */
	ITEM("interval",   interval_us, false, 1),
	ITEM("grace",      grace_us, false, 0),
	ITEM("time",       clock, false, 0),
	ITEM("partitions", partitions, false, 1),
	ITEM("next",       mark.next, false, 0),
	ITEM("seen",       mark.seen, false, -1),
	ITEM("seen-at",    mark.seen_us, true, WHEN_MIN),
	ITEM("greatest",   mark.greatest_us, true, WHEN_MIN),
	ITEM("closed",     mark.closed_us, true, WHEN_MIN),
	ITEM("cut",        mark.cut, false, 0),
	ITEM("from",       mark.from_us, true, WHEN_MIN),
	ITEM("intent",     mark.intent_us, true, WHEN_MIN),
	ITEM("id",         mark.intent_id, false, INT64_MIN),
	ITEM("used",       mark.books.used, false, 0),
	ITEM("open",       mark.books.open, false, 0),
	ITEM("late",       mark.books.late, false, 0),
	ITEM("future",     mark.books.future, false, 0),
	ITEM("malformed",  mark.books.malformed, false, 0),
	ITEM("skipped",    mark.books.skipped, false, 0),
	/* clang-format on */
};

#define N_ITEMS (sizeof(items) / sizeof(*items))

_Static_assert(sizeof(uint64_t) == sizeof(int64_t), "counts are items too");

void saved_release(struct saved *s)
{
	str_release(&s->fields);
	free(s->future);
	s->future = NULL;
}

/* ---- writing ---- */

static void add_item(struct str *out, const struct saved *s,
		     const struct item *item)
{
	int64_t v;

	memcpy(&v, (const char *)s + item->offset, sizeof(v));
	str_addf(out, " %s=", item->key);
	if (item->offset == offsetof(struct saved, mark.from_us) &&
	    s->mark.from_first)
		str_adds(out, FROM_KEY);
	else if (item->optional && v == WHEN_NONE)
		str_addc(out, '-');
	else
		str_addf(out, "%" PRId64, v);
}

int saved_add(struct str *out, const struct saved *s, struct err *e)
{
	size_t begin = out->len;
	int64_t last = 0;

	str_addf(out, FIRST "%d", VERSION);
	for (size_t i = 0; i < N_ITEMS; i++)
		add_item(out, s, &items[i]);
	str_adds(out, " left-out=");
	for (size_t i = 0; i < s->mark.n_future; i++) {
		/* offsets are written as steps, which are short */
		str_addf(out, i ? ",%" PRId64 : "%" PRId64,
			 s->mark.future[i] - last);
		last = s->mark.future[i];
		if (out->len - begin > SAVED_MAX)
			return err_set(e,
				       "more readings of the future than a "
				       "group can keep in mind (%zu); take "
				       "them with '--max-ahead off', or a "
				       "larger one",
				       s->mark.n_future);
	}
	str_addf(out, " fields=%.*s", (int)s->fields.len, s->fields.p);
	return 0;
}

void saved_add_reset(struct str *out)
{
	str_adds(out, RESET);
}

/* ---- reading ---- */

/* What is left of the text. */
struct cursor {
	const char *p, *end;
};

static bool take_text(struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(c->end - c->p) < len || memcmp(c->p, text, len) != 0)
		return false;
	c->p += len;
	return true;
}

/* Digits, and a minus before them. */
static bool take_number(struct cursor *c, int64_t *v)
{
	char text[NUM_MAX];
	size_t n = 0, room = (size_t)(c->end - c->p);
	struct err e = ERR_INIT;

	while (n < room && n < sizeof(text) - 1 &&
	       strchr("-0123456789", c->p[n]) && c->p[n]) {
		text[n] = c->p[n];
		n++;
	}
	text[n] = '\0';
	if (num_parse_int(text, v, &e))
		return false;
	c->p += n;
	return true;
}

static bool take_item(struct cursor *c, struct saved *s,
		      const struct item *item)
{
	int64_t v = WHEN_NONE;

	if (!take_text(c, " ") || !take_text(c, item->key) ||
	    !take_text(c, "="))
		return false;
	if (item->offset == offsetof(struct saved, mark.from_us) &&
	    take_text(c, FROM_KEY))
		s->mark.from_first = true;
	else if (!(item->optional && take_text(c, "- ") && c->p--) &&
		 (!take_number(c, &v) || v < item->least ||
		  (item->optional && v > WHEN_MAX)))
		return false;
	memcpy((char *)s + item->offset, &v, sizeof(v));
	return true;
}

static bool take_future(struct cursor *c, struct saved *s)
{
	size_t cap = 0;
	int64_t last = 0, step;

	if (!take_text(c, " left-out="))
		return false;
	while (c->p < c->end && *c->p != ' ') {
		if ((s->mark.n_future && !take_text(c, ",")) ||
		    !take_number(c, &step) || step < 0 ||
		    step > INT64_MAX - last)
			return false;
		last += step;
		s->future = mem_reserve(s->future, &cap, s->mark.n_future + 1,
					sizeof(*s->future));
		s->future[s->mark.n_future++] = last;
	}
	s->mark.future = s->future;
	return true;
}

static bool take_all(struct cursor *c, struct saved *s)
{
	struct books *b = &s->mark.books;

	for (size_t i = 0; i < N_ITEMS; i++) {
		if (!take_item(c, s, &items[i]))
			return false;
	}
	if (!take_future(c, s) || !take_text(c, " fields="))
		return false;
	str_add(&s->fields, c->p, (size_t)(c->end - c->p));
	b->read = books_sum(b);
	return s->mark.first <= s->mark.next && s->mark.cut <= s->mark.next &&
	       s->mark.seen < s->mark.next;
}

/* A strange text is told by its beginning. */
static enum saved_kind not_ours(const char *text, size_t len, struct err *e)
{
	struct str shown = STR_INIT;

	for (size_t i = 0; i < len && i < QUOTED; i++)
		str_addc(&shown,
			 text[i] < ' ' || text[i] > '~' ? '?' : text[i]);
	err_set(e, "'%s%s' is not what iotsim keeps with an offset", shown.p,
		len > QUOTED ? "..." : "");
	str_release(&shown);
	return SAVED_FAILED;
}

enum saved_kind saved_parse(struct saved *s, int64_t offset, const char *text,
			    size_t len, struct err *e)
{
	struct cursor c = {text, text + len};
	int64_t version;

	*s = (struct saved){.fields = STR_INIT, .mark.first = offset};
	if (!len)
		return SAVED_NOTHING;
	if (len == strlen(RESET) && take_text(&c, RESET))
		return SAVED_RESET;
	if (!take_text(&c, FIRST) || !take_number(&c, &version))
		return not_ours(text, len, e);
	if (version > VERSION) {
		err_set(e,
			"it was written by a newer iotsim (form %" PRId64
			"; this one knows %d)",
			version, VERSION);
		return SAVED_FAILED;
	}
	if (version != VERSION || !take_all(&c, s)) {
		err_set(e,
			"what iotsim keeps with the offset is damaged, at "
			"byte %td",
			c.p - text);
		return SAVED_FAILED;
	}
	return SAVED_OK;
}
