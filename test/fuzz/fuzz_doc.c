/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a document, walked beside what jansson by itself makes of
 * them: the same values in the same order. And where a place is said to be,
 * jansson finds the same value once more.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/doc.h"

/* Places looked for in a document: each takes a walk of it. */
#define MAX_PLACES 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

struct walk {
	struct doc *d;
	const char *text, *end; /* behind a byte order mark */
	int places;
};

/* The byte of a line and column, both from 1. */
static const char *byte_at(const struct walk *w, size_t line, size_t column)
{
	const char *p = w->text;

	for (; line > 1; line--) {
		p = memchr(p, '\n', (size_t)(w->end - p));
		must(p != NULL);
		p++;
	}
	for (; column > 1; column--) {
		must(p < w->end);
		for (p++; p < w->end && (*p & 0xc0) == 0x80; p++)
			continue;
	}
	must(p < w->end);
	return p;
}

static void check_place(struct walk *w, const struct doc_at *at,
			const json_t *want)
{
	struct str place = STR_INIT;
	size_t line = 0, column = 0;
	json_error_t je;
	const char *p;
	json_t *got;

	if (w->places++ >= MAX_PLACES)
		return;
	doc_place(w->d, at, &place);
	must(sscanf(place.p, "f:%zu:%zu", &line, &column) == 2);
	must(line > 0 && column > 0);
	p = byte_at(w, line, column);
	got = json_loadb(p, (size_t)(w->end - p),
			 JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, &je);
	must(got && json_equal(got, want));
	json_decref(got);
	str_release(&place);
}

static void check_scalar(const struct doc_at *at, const json_t *want)
{
	struct str s = STR_INIT;
	json_t *again;

	must(doc_scalar(at, &s) == !json_is_null(want));
	if (json_is_string(want)) {
		must(doc_kind(at) == DOC_TEXT);
		must(s.len == json_string_length(want));
		must(strcmp(s.p, json_string_value(want)) == 0);
	} else if (!json_is_null(want)) {
		again = json_loadb(s.p, s.len, JSON_DECODE_ANY, NULL);
		must(again && json_equal(again, want));
		json_decref(again);
	}
	str_release(&s);
}

static void check(struct walk *w, const struct doc_at *at, json_t *want);

static void check_array(struct walk *w, const struct doc_at *at, json_t *want)
{
	struct doc_at child, item;
	size_t i = 0;

	for (bool more = doc_first(at, &child); more; more = doc_next(&child)) {
		must(!child.key && child.index == i);
		must(doc_item(at, i, &item) && item.node == child.node);
		check(w, &child, json_array_get(want, i++));
	}
	must(i == doc_count(at) && i == json_array_size(want));
	must(!doc_item(at, i, &item));
}

static void check_object(struct walk *w, const struct doc_at *at, json_t *want)
{
	void *iter = json_object_iter(want);
	struct doc_at child, member;
	size_t n = 0;

	for (bool more = doc_first(at, &child); more; more = doc_next(&child)) {
		must(iter != NULL);
		must(strcmp(child.key, json_object_iter_key(iter)) == 0);
		must(doc_member(at, child.key, &member));
		must(member.node == child.node);
		check(w, &child, json_object_iter_value(iter));
		iter = json_object_iter_next(want, iter);
		n++;
	}
	must(!iter && n == doc_count(at));
}

static void check(struct walk *w, const struct doc_at *at, json_t *want)
{
	check_place(w, at, want);
	if (doc_kind(at) == DOC_ARRAY)
		check_array(w, at, want);
	else if (doc_kind(at) == DOC_OBJECT)
		check_object(w, at, want);
	else
		check_scalar(at, want);
}

static void check_message(const struct err *e)
{
	must(strncmp(e->msg, "f:", 2) == 0);
	for (const char *p = e->msg; *p; p++)
		must((unsigned char)*p >= 0x20 && *p != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	size_t mark = size >= 3 && !memcmp(data, "\xef\xbb\xbf", 3) ? 3 : 0;
	struct walk w = {NULL, bytes + mark, bytes + size, 0};
	struct err e = ERR_INIT;
	struct doc_at root;
	json_t *want;

	want = json_loadb(w.text, size - mark, JSON_REJECT_DUPLICATES, NULL);
	if (memchr(data, '\0', size)) {
		json_decref(want);
		want = NULL;
	}
	w.d = doc_new("f", bytes, size, &e);
	must((w.d != NULL) == (want != NULL));
	if (w.d) {
		doc_root(w.d, &root);
		check(&w, &root, want);
	} else {
		check_message(&e);
	}
	doc_free(w.d);
	json_decref(want);
	return 0;
}
