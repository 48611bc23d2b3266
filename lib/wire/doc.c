/* SPDX-License-Identifier: MIT */
#include "wire/doc.h"

#include <ctype.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "wire/json.h"
#include "wire/text.h"

struct doc {
	const char *file;
	size_t before;	  /* lines of the file before it */
	const char *text; /* behind a byte order mark */
	json_t *root;
};

/* ---- life ---- */

static int load(struct doc *d, size_t len, size_t flags, struct err *e)
{
	const char *zero = memchr(d->text, '\0', len);
	json_error_t je;

	if (len == 0)
		return err_set(e, "%s: empty", d->file);
	/* Behind a number jansson 2.14 passes over one, which no JSON has. */
	if (zero) {
		struct text_place place = text_place(d->text, zero);

		return err_set(e, "%s:%zu:%zu: a zero byte", d->file,
			       d->before + place.line, place.column);
	}
	d->root = json_loadb(d->text, len, JSON_REJECT_DUPLICATES | flags, &je);
	if (d->root)
		return 0;
	/* Columns of jansson are those it has read, so 0 at a line's begin. */
	return err_set(e, "%s:%zu:%d: %s", d->file, d->before + (size_t)je.line,
		       je.column > 0 ? je.column : 1, je.text);
}

static struct doc *make(const char *file, size_t before, const char *text,
			size_t len, size_t flags, struct err *e)
{
	struct doc *d = mem_zalloc(1, sizeof(*d));
	size_t mark = utf8_mark(text, len);

	d->file = file;
	d->before = before;
	d->text = text + mark;
	if (load(d, len - mark, flags, e) == 0)
		return d;
	doc_free(d);
	return NULL;
}

struct doc *doc_new(const char *file, const char *text, size_t len,
		    struct err *e)
{
	return make(file, 0, text, len, 0, e);
}

struct doc *doc_line(const char *file, size_t line, const char *text,
		     size_t len, struct err *e)
{
	return make(file, line - 1, text, len, JSON_ALLOW_NUL, e);
}

void doc_free(struct doc *d)
{
	if (!d)
		return;
	json_decref(d->root);
	free(d);
}

/* ---- the way ---- */

/* A node is jansson's; its functions to read take no const. */
static json_t *json_of(const struct doc_at *at)
{
	return (json_t *)at->node;
}

static const struct doc_node *node_of(const json_t *j)
{
	return (const struct doc_node *)j;
}

void doc_root(const struct doc *d, struct doc_at *at)
{
	*at = (struct doc_at){.node = node_of(d->root)};
}

static bool set_member(const struct doc_at *object, void *iter,
		       struct doc_at *at)
{
	if (!iter)
		return false;
	*at = (struct doc_at){
		.parent = object,
		.node = node_of(json_object_iter_value(iter)),
		.key = json_object_iter_key(iter),
	};
	return true;
}

bool doc_member(const struct doc_at *object, const char *key, struct doc_at *at)
{
	return set_member(object, json_object_iter_at(json_of(object), key),
			  at);
}

bool doc_item(const struct doc_at *array, size_t i, struct doc_at *at)
{
	const json_t *j = json_array_get(json_of(array), i);

	if (!j)
		return false;
	*at = (struct doc_at){
		.parent = array,
		.node = node_of(j),
		.index = i,
	};
	return true;
}

bool doc_first(const struct doc_at *parent, struct doc_at *at)
{
	if (json_is_array(json_of(parent)))
		return doc_item(parent, 0, at);
	return set_member(parent, json_object_iter(json_of(parent)), at);
}

bool doc_next(struct doc_at *at)
{
	json_t *parent = json_of(at->parent);

	if (!at->key)
		return doc_item(at->parent, at->index + 1, at);
	return set_member(
		at->parent,
		json_object_iter_next(parent, json_object_key_to_iter(at->key)),
		at);
}

/* ---- the value ---- */

enum doc_kind doc_kind(const struct doc_at *at)
{
	switch (json_typeof(json_of(at))) {
	case JSON_OBJECT:
		return DOC_OBJECT;
	case JSON_ARRAY:
		return DOC_ARRAY;
	case JSON_STRING:
		return DOC_TEXT;
	case JSON_INTEGER:
	case JSON_REAL:
		return DOC_NUMBER;
	case JSON_TRUE:
	case JSON_FALSE:
		return DOC_BOOL;
	case JSON_NULL:
		break;
	}
	return DOC_NULL;
}

const char *doc_kind_name(enum doc_kind kind)
{
	static const char *const names[] = {
		[DOC_NULL] = "null",	   [DOC_BOOL] = "true or false",
		[DOC_NUMBER] = "a number", [DOC_TEXT] = "text",
		[DOC_ARRAY] = "an array",  [DOC_OBJECT] = "an object",
	};

	return names[kind];
}

size_t doc_count(const struct doc_at *at)
{
	const json_t *j = json_of(at);

	return json_is_array(j) ? json_array_size(j) : json_object_size(j);
}

bool doc_scalar(const struct doc_at *at, struct str *out)
{
	const json_t *j = json_of(at);
	char buf[NUM_MAX];

	switch (json_typeof(j)) {
	case JSON_STRING:
		str_add(out, json_string_value(j), json_string_length(j));
		return true;
	case JSON_INTEGER:
		str_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(j));
		return true;
	case JSON_REAL:
		str_add(out, buf, num_put_shortest(buf, json_real_value(j)));
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		str_adds(out, json_is_true(j) ? "true" : "false");
		return true;
	default:
		return false;
	}
}

/* ---- the place ---- */

/*
 * These go through a text that jansson took, from a bracket inwards, so
 * what has begun also ends and no byte need be compared with the text's
 * end.
 */

static const char *skip_blanks(const char *p)
{
	while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
		p++;
	return p;
}

/* From a string's first quote to behind its last. */
static const char *skip_string(const char *p)
{
	for (p++; *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p + 1;
}

static bool is_inside_word(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '+' || c == '-';
}

/* Numbers and words; strings; brackets and all that is between them. */
static const char *skip_value(const char *p)
{
	size_t depth = 0;

	if (is_inside_word(*p)) {
		while (is_inside_word(*p))
			p++;
		return p;
	}
	do {
		if (*p == '"') {
			p = skip_string(p);
			continue;
		}
		if (*p == '[' || *p == '{')
			depth++;
		else if (*p == ']' || *p == '}')
			depth--;
		p++;
	} while (depth > 0);
	return p;
}

/* The value of the n-th member or element behind a bracket, from 0. */
static const char *find_child(const char *p, size_t n)
{
	bool members = *p == '{';

	for (;; n--) {
		p = skip_blanks(p + 1); /* behind the bracket or a comma */
		if (members) {
			p = skip_blanks(skip_string(p));
			p = skip_blanks(p + 1); /* behind the colon */
		}
		if (n == 0)
			return p;
		p = skip_blanks(skip_value(p));
	}
}

/*
 * Which child of its parent it is: jansson keeps members in the order of
 * the file, and each is there once.
 */
static size_t number_of(const struct doc_at *at)
{
	json_t *parent;
	void *iter;
	size_t n = 0;

	if (!at->key)
		return at->index;
	parent = json_of(at->parent);
	for (iter = json_object_iter(parent);
	     json_object_iter_key(iter) != at->key;
	     iter = json_object_iter_next(parent, iter))
		n++;
	return n;
}

static const char *find(const struct doc *d, const struct doc_at *at)
{
	if (!at->parent)
		return skip_blanks(d->text);
	return find_child(find(d, at->parent), number_of(at));
}

static bool is_plain_key(const char *key)
{
	const char *p = key;

	while (isalnum((unsigned char)*p) || *p == '_' || *p == '-')
		p++;
	return p > key && *p == '\0';
}

/* groups[0].value, and ["a name with blanks"] */
static void add_path(struct str *out, const struct doc_at *at)
{
	if (!at->parent)
		return;
	add_path(out, at->parent);
	if (!at->key) {
		str_addf(out, "[%zu]", at->index);
	} else if (is_plain_key(at->key)) {
		str_addf(out, "%s%s", at->parent->parent ? "." : "", at->key);
	} else {
		str_addc(out, '[');
		json_add_string(out, at->key, strlen(at->key));
		str_addc(out, ']');
	}
}

void doc_place(const struct doc *d, const struct doc_at *at, struct str *out)
{
	struct text_place place = text_place(d->text, find(d, at));

	str_addf(out, "%s:%zu:%zu", d->file, d->before + place.line,
		 place.column);
	if (!at->parent)
		return;
	str_adds(out, ": ");
	add_path(out, at);
}

void doc_problem(const struct doc *d, const struct doc_at *at,
		 struct problems *p, const char *fmt, ...)
{
	char text[sizeof(p->line[0].msg)] = "";
	struct str place = STR_INIT;
	va_list ap;

	if (!problems_full(p)) {
		va_start(ap, fmt);
		vsnprintf(text, sizeof(text), fmt, ap);
		va_end(ap);
		doc_place(d, at, &place);
	}
	problems_add(p, "%s: %s", place.p, text);
	str_release(&place);
}
