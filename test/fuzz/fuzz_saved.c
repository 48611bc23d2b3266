/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as what a group keeps of a partition. What is taken makes sense,
 * and written again it is read back as the same; what is not says why.
 */
#include <stdlib.h>
#include <string.h>

#include "agg/saved.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OFFSET 1000 /* what the text goes with */

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void makes_sense(const struct saved *s)
{
	const struct mark *m = &s->mark;

	must(s->interval_us > 0 && s->grace_us >= 0 && s->partitions > 0);
	must(m->first == OFFSET && m->next >= m->first && m->seen < m->next);
	must(m->books.read >= m->books.open);
	for (size_t i = 1; i < m->n_future; i++)
		must(m->future[i] >= m->future[i - 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = ERR_INIT;
	struct str text = STR_INIT, again = STR_INIT;
	struct saved s, back;
	enum saved_kind kind =
		saved_parse(&s, OFFSET, (const char *)data, size, &e);

	must((kind == SAVED_FAILED) == (*e.msg != '\0'));
	if (kind == SAVED_OK) {
		makes_sense(&s);
		if (!saved_add(&text, &s, &e)) {
			must(saved_parse(&back, OFFSET, text.p, text.len, &e) ==
			     SAVED_OK);
			must(!saved_add(&again, &back, &e));
			must(again.len == text.len &&
			     !memcmp(again.p, text.p, text.len));
			saved_release(&back);
		}
	}
	saved_release(&s);
	str_release(&text);
	str_release(&again);
	return 0;
}
