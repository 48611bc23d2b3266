/* SPDX-License-Identifier: MIT */
#include "wire/scan.h"

#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "base/when.h"
#include "base/word.h"

#define DEPTH_MAX 32 /* of what is passed over */

/* ---- what is looked for ---- */

static struct literal make_literal(const char *p, size_t len)
{
	struct literal l = {.p = p, .len = len};

	l.two_words = len >= 8 && len <= 16;
	if (l.two_words) {
		l.head = word_load(p);
		l.tail = word_load(p + len - 8);
	}
	return l;
}

/* As many bytes must be there. */
static inline bool is_at(const struct literal *l, const char *p)
{
	if (l->two_words)
		return word_load(p) == l->head &&
		       word_load(p + l->len - 8) == l->tail;
	return memcmp(p, l->p, l->len) == 0;
}

/* Two of one name, and names that JSON escapes, are the parser's. */
static bool will_do(const char *const names[])
{
	for (int i = 0; i < SCAN_MEMBERS; i++) {
		for (const char *p = names[i]; *p; p++)
			if ((unsigned char)*p < 0x20 || *p == '"' || *p == '\\')
				return false;
		for (int k = 0; k < i; k++)
			if (!strcmp(names[i], names[k]))
				return false;
	}
	return true;
}

void scan_init(struct scan *s, const struct reading_fields *f)
{
	static const char *const frames[][2] = {
		{"{\"", "\":\""},
		{"\",\"", "\":\""},
		{"\",\"", "\":\""},
		{"\",\"", "\":"},
	};
	const char *const names[] = {f->time, f->type, f->name, f->value};
	size_t at = 0;

	*s = (struct scan){.off = !will_do(names)};
	str_init(&s->text);
	s->day = make_literal(s->day_text, SCAN_DAY_LEN);
	for (int i = 0; i < SCAN_MEMBERS; i++)
		str_addf(&s->text, "%s%s%s", frames[i][0], names[i],
			 frames[i][1]);
	for (int i = 0; i < SCAN_MEMBERS; i++) {
		size_t quote = strlen(frames[i][0]), name = strlen(names[i]);
		size_t len = quote + name + strlen(frames[i][1]);

		s->before[i] = make_literal(s->text.p + at, len);
		s->names[i] = make_literal(s->text.p + at + quote, name);
		at += len;
	}
	s->least = s->before[SCAN_TIME].len + WHEN_RFC3339_LEN +
		   s->before[SCAN_TYPE].len;
}

void scan_release(struct scan *s)
{
	str_release(&s->text);
}

/* ---- times ---- */

/* A day begins here: since when, by when_parse. */
static bool read_day(struct scan *s, const char *p)
{
	static const char midnight[] = "T00:00:00Z";
	char text[SCAN_DAY_LEN + sizeof(midnight) - 1];
	struct err e = ERR_INIT;

	memcpy(text, p, SCAN_DAY_LEN);
	memcpy(text + SCAN_DAY_LEN, midnight, sizeof(midnight) - 1);
	if (when_parse(text, sizeof(text), &s->day_us, &e))
		return false;
	memcpy(s->day_text, p, SCAN_DAY_LEN);
	s->day = make_literal(s->day_text, SCAN_DAY_LEN);
	return true;
}

#define SECONDS_LEN 19 /* "2026-11-24T01:02:03" */

/* So many bytes are there. */
static inline bool scan_seconds(struct scan *s, const char *p, int64_t *us)
{
	const uint64_t like = UINT64_C(0x30303a30303a3030), /* 00:00:00 */
		room = UINT64_C(0x76767f76767f7676);
	uint64_t clock;
	uint32_t hour, minute, second;

	if ((p[10] != 'T' && p[10] != ' ') ||
	    !word_digits(word_load(p + 11), like, room, &clock))
		return false;
	if (!is_at(&s->day, p) && !read_day(s, p))
		return false;
	hour = word_pair(clock, 0);
	minute = word_pair(clock, 3);
	second = word_pair(clock, 6);
	*us = s->day_us + (hour * 3600 + minute * 60 + second) * US_PER_S;
	return hour <= 23 && minute <= 59 && second <= 59;
}

/* The WHEN_RFC3339_LEN bytes as when_put_rfc3339 writes them. */
static inline bool scan_time(struct scan *s, const char *p, int64_t *us)
{
	const uint64_t like = UINT64_C(0x5a3030303030302e), /* .000000Z */
		room = UINT64_C(0x7f7676767676767f);
	uint64_t rest;

	if (!scan_seconds(s, p, us) ||
	    !word_digits(word_load(p + SECONDS_LEN), like, room, &rest))
		return false;
	*us += word_number(rest >> 8) / 100;
	return true;
}

/* The same with another fraction, or none, and of UTC, said or not. */
static bool scan_any_time(struct scan *s, const char *p, size_t len,
			  int64_t *us)
{
	const char *end = p + len;
	int64_t unit = US_PER_S;

	if (len < SECONDS_LEN || !scan_seconds(s, p, us))
		return false;
	p += SECONDS_LEN;
	if (end - p > 1 && *p == '.' && p[1] >= '0' && p[1] <= '9') {
		for (p++; p < end && *p >= '0' && *p <= '9'; p++)
			*us += (*p - '0') * (unit /= 10);
	}
	return p == end || (p + 1 == end && *p == 'Z');
}

/* ---- strings ---- */

/* Behind the ASCII characters that need no second look. */
static inline const char *skip_plain(const char *p, const char *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t w = word_load(p);
		uint64_t other = word_equal(w, '"') | word_equal(w, '\\') |
				 word_below(w, 0x20) | (w & WORD_HIGHS);

		if (other)
			return p + word_first(other);
	}
	while (p < end && *p >= 0x20 && *p < 0x7f && *p != '"' && *p != '\\')
		p++;
	return p;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

/* Behind an escape; NULL where there is none, or half of a character. */
static const char *skip_escape(const char *p, const char *end)
{
	int cp = 0;

	if (p[1] != 'u') /* a brace ends the message: there is a p[1] */
		return p[1] && strchr("\"\\/bfnrt", p[1]) ? p + 2 : NULL;
	if (end - p < 6)
		return NULL;
	for (int i = 2; i < 6; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return NULL;
		cp = cp * 16 + digit;
	}
	return cp >= 0xd800 && cp < 0xe000 ? NULL : p + 6;
}

/* Behind what is no plain character; NULL where the string ends. */
static const char *skip_other(const char *p, const char *end, bool escapes)
{
	uint32_t cp;
	size_t n;

	if (*p == '\\' && escapes)
		return skip_escape(p, end);
	if (!(*p & 0x80))
		return *p == 0x7f ? p + 1 : NULL;
	n = utf8_get(p, (size_t)(end - p), &cp);
	return n ? p + n : NULL;
}

/*
 * From behind a quote to the quote that ends the string. NULL where there is
 * none, or an escape that is not to be passed over.
 */
static inline const char *string_end(const char *p, const char *end,
				     bool escapes)
{
	for (;;) {
		p = skip_plain(p, end);
		if (p == end)
			return NULL;
		if (*p == '"')
			return p;
		p = skip_other(p, end, escapes);
		if (!p)
			return NULL;
	}
}

/* ---- numbers ---- */

struct number {
	uint64_t digits; /* all of them, as one number */
	int decimals;	 /* how many are behind the point */
	bool negative, whole;
};

/*
 * A number of JSON that is exact in here: no exponent, and not too many
 * digits. Returns what is behind it, or NULL. Something that ends a number
 * has to come.
 */
static inline const char *scan_number(const char *p, struct number *x)
{
	const char *from = p + (*p == '-'), *point;
	uint64_t v = 0;
	unsigned digit;
	long digits;

	x->negative = from != p;
	for (p = from; (digit = (unsigned char)*p - '0') <= 9; p++)
		v = v * 10 + digit;
	digits = p - from;
	if (!digits || (*from == '0' && digits > 1))
		return NULL;
	x->whole = *p != '.';
	x->decimals = 0;
	if (!x->whole) {
		point = ++p;
		for (; (digit = (unsigned char)*p - '0') <= 9; p++)
			v = v * 10 + digit;
		digits += p - point;
		x->decimals = (int)(p - point);
		if (!x->decimals)
			return NULL;
	}
	x->digits = v;
	return digits > (x->whole ? 18 : NUM_DIGITS_MAX) || (*p | 0x20) == 'e'
		       ? NULL
		       : p;
}

static int64_t whole_number(const struct number *x)
{
	int64_t v = (int64_t)x->digits;

	return x->negative ? -v : v;
}

/* As the parser has it: whole numbers are of 64 bits first. */
static inline double real_number(const struct number *x)
{
	double v;

	if (x->whole)
		return (double)whole_number(x);
	v = num_from_decimal(x->digits, x->decimals);
	return x->negative ? -v : v;
}

/* ---- our own form ---- */

/* A string, and what stands before the next value, which is behind it. */
static inline const char *take_string(const char *p, const char *end,
				      const struct literal *next,
				      const char **text, size_t *len)
{
	const char *quote = string_end(p, end, false);

	if (!quote || (size_t)(end - quote) <= next->len || !is_at(next, quote))
		return NULL;
	*text = p;
	*len = (size_t)(quote - p);
	return quote + next->len;
}

bool scan_own(struct scan *s, const char *msg, size_t len, struct reading *r)
{
	const char *p = msg, *end = msg + len;
	struct number x;

	if (len <= s->least || s->off || end[-1] != '}' ||
	    !is_at(&s->before[SCAN_TIME], p))
		return false;
	p += s->before[SCAN_TIME].len;
	if (!scan_time(s, p, &r->time_us))
		return false;
	p += WHEN_RFC3339_LEN;
	if (!is_at(&s->before[SCAN_TYPE], p))
		return false;
	p = take_string(p + s->before[SCAN_TYPE].len, end,
			&s->before[SCAN_NAME], &r->type, &r->type_len);
	if (p)
		p = take_string(p, end, &s->before[SCAN_VALUE], &r->name,
				&r->name_len);
	if (p)
		p = scan_number(p, &x);
	if (!p || p + 1 != end)
		return false;
	r->value = real_number(&x);
	if (s->ignore_time)
		r->time_us = WHEN_NONE;
	return true;
}

/* ---- any form ---- */

static inline const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
		p++;
	return p;
}

static bool is_char(const char *p, const char *end, char c)
{
	return p && p < end && *p == c;
}

static const char *pass_word(const char *p, const char *end, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(end - p) < len || memcmp(p, word, len) != 0)
		return NULL;
	return p + len;
}

/* A string as it stands; NULL where there is none, or escapes are in it. */
static inline const char *take_text(const char *p, const char *end,
				    const char **text, size_t *len)
{
	const char *quote;

	if (!is_char(p, end, '"'))
		return NULL;
	quote = string_end(p + 1, end, false);
	if (!quote)
		return NULL;
	*text = p + 1;
	*len = (size_t)(quote - *text);
	return quote + 1;
}

/* A key, the colon, and the blanks; NULL where that is not what is there. */
static inline const char *take_key(const char *p, const char *end,
				   const char **key, size_t *len)
{
	p = take_text(p, end, key, len);
	if (!p)
		return NULL;
	p = skip_blanks(p, end);
	return is_char(p, end, ':') ? skip_blanks(p + 1, end) : NULL;
}

static const char *pass_items(const char *p, const char *end, int depth);

/* Behind a value of any kind, or NULL. */
static const char *pass_value(const char *p, const char *end, int depth)
{
	struct number x;

	if (p == end || !depth)
		return NULL;
	switch (*p) {
	case '"':
		p = string_end(p + 1, end, true);
		return p ? p + 1 : NULL;
	case '{':
	case '[':
		return pass_items(p, end, depth - 1);
	case 't':
		return pass_word(p, end, "true");
	case 'f':
		return pass_word(p, end, "false");
	case 'n':
		return pass_word(p, end, "null");
	default:
		return scan_number(p, &x);
	}
}

/* Behind an object or an array. */
static const char *pass_items(const char *p, const char *end, int depth)
{
	bool object = *p == '{';
	char close = object ? '}' : ']';
	const char *key;
	size_t len;

	p = skip_blanks(p + 1, end);
	if (is_char(p, end, close))
		return p + 1;
	for (;;) {
		if (object)
			p = take_key(p, end, &key, &len);
		if (p)
			p = pass_value(p, end, depth);
		if (!p)
			return NULL;
		p = skip_blanks(p, end);
		if (is_char(p, end, close))
			return p + 1;
		if (!is_char(p, end, ','))
			return NULL;
		p = skip_blanks(p + 1, end);
	}
}

static const char *take_epoch(const char *p, int64_t *us)
{
	struct err e = ERR_INIT;
	struct number x;

	p = scan_number(p, &x);
	if (!p)
		return NULL;
	if (x.whole ? when_from_epoch_int(whole_number(&x), us, &e)
		    : when_from_epoch_double(real_number(&x), us, &e))
		return NULL;
	return p;
}

static bool parse_time(const char *text, size_t len, int64_t *us)
{
	struct err e = ERR_INIT;

	return !when_parse(text, len, us, &e);
}

static const char *take_time(struct scan *s, const char *p, const char *end,
			     int64_t *us)
{
	const char *text;
	size_t len;

	if (!is_char(p, end, '"'))
		return take_epoch(p, us);
	p = take_text(p, end, &text, &len);
	if (!p || scan_any_time(s, text, len, us))
		return p;
	return parse_time(text, len, us) ? p : NULL;
}

static const char *take_value(const char *p, double *value)
{
	struct number x;

	p = scan_number(p, &x);
	if (p)
		*value = real_number(&x);
	return p;
}

/* Which member it is called; SCAN_MEMBERS: none that is asked for. */
static int find_member(const struct scan *s, const char *key, size_t len)
{
	int i;

	for (i = s->ignore_time ? SCAN_TYPE : SCAN_TIME; i < SCAN_MEMBERS; i++)
		if (s->names[i].len == len &&
		    word_same(s->names[i].p, key, len))
			break;
	return i;
}

/* A member at p, into *r. What comes twice counts as it comes last. */
static const char *take_member(struct scan *s, const char *p, const char *end,
			       struct reading *r, unsigned *seen)
{
	const char *key;
	size_t len;
	int member;

	p = take_key(p, end, &key, &len);
	if (!p || p == end)
		return NULL;
	member = find_member(s, key, len);
	*seen |= 1u << member;
	switch (member) {
	case SCAN_TIME:
		return take_time(s, p, end, &r->time_us);
	case SCAN_TYPE:
		return take_text(p, end, &r->type, &r->type_len);
	case SCAN_NAME:
		return take_text(p, end, &r->name, &r->name_len);
	case SCAN_VALUE:
		return take_value(p, &r->value);
	default:
		return pass_value(p, end, DEPTH_MAX);
	}
}

bool scan_any(struct scan *s, const char *msg, size_t len, struct reading *r)
{
	const unsigned all =
		1u << SCAN_TYPE | 1u << SCAN_NAME | 1u << SCAN_VALUE;
	const char *end = msg + len, *p = skip_blanks(msg, end);
	unsigned seen = 0;

	while (end > p && skip_blanks(end - 1, end) == end)
		end--;
	if (s->off || !is_char(p, end, '{') || end[-1] != '}')
		return false;
	r->time_us = WHEN_NONE;
	do {
		p = skip_blanks(p + 1, end);
		p = take_member(s, p, end, r, &seen);
		if (!p)
			return false;
		p = skip_blanks(p, end);
	} while (is_char(p, end, ','));
	return p + 1 == end && (seen & all) == all;
}
