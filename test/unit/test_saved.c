/* SPDX-License-Identifier: MIT */
/* What a group keeps of a partition: written, read back, and refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agg/saved.h"
#include "base/when.h"

static const int64_t left_out[] = {7, 12, 100000000000};

static struct saved sample(void)
{
	return (struct saved){
		.interval_us = 20 * US_PER_S,
		.grace_us = US_PER_S,
		.clock = 1,
		.fields = {(char *)"time=ts,name=device id", 22, 0},
		.partitions = 4,
		.mark =
			{
				.first = 5,
				.next = 812,
				.seen = 5,
				.seen_us = 1700000000000000,
				.greatest_us = 1700000000123456,
				.closed_us = WHEN_NONE,
				.from_us = WHEN_NONE,
				.from_first = true,
				.intent_us = 1700000020000000,
				.intent_id = UINT64_C(0xfedcba9876543210),
				.books = {.used = 1,
					  .open = 2,
					  .late = 3,
					  .future = 4,
					  .malformed = 5,
					  .skipped = 6},
				.future = left_out,
				.n_future = 3,
			},
	};
}

static void it_reads_back(void **state)
{
	struct saved s = sample(), back;
	struct str text = STR_INIT, again = STR_INIT;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(saved_add(&text, &s, &e), 0);
	assert_int_equal(saved_parse(&back, 5, text.p, text.len, &e), SAVED_OK);
	assert_int_equal(back.mark.first, 5);
	assert_int_equal(back.mark.next, 812);
	assert_true(back.mark.closed_us == WHEN_NONE);
	assert_true(back.mark.from_first);
	assert_true(back.mark.intent_id == s.mark.intent_id);
	assert_int_equal(back.mark.books.read, 21);
	assert_int_equal(back.mark.n_future, 3);
	assert_memory_equal(back.mark.future, left_out, sizeof(left_out));
	assert_string_equal(back.fields.p, "time=ts,name=device id");
	assert_int_equal(saved_add(&again, &back, &e), 0);
	assert_string_equal(again.p, text.p);
	saved_release(&back);
	str_release(&text);
	str_release(&again);
}

/* Every cut and every changed byte is refused or reads as something. */
static void a_damaged_text_is_refused(void **state)
{
	struct saved s = sample(), back;
	struct str text = STR_INIT;
	size_t whole;

	(void)state;
	assert_int_equal(saved_add(&text, &s, &(struct err)ERR_INIT), 0);
	whole = text.len - s.fields.len;
	for (size_t n = 1; n < text.len; n++) {
		struct err e = ERR_INIT;
		enum saved_kind kind = saved_parse(&back, 5, text.p, n, &e);

		assert_int_equal(kind, n < whole ? SAVED_FAILED : SAVED_OK);
		assert_int_equal(n < whole, e.msg[0] != '\0');
		saved_release(&back);
	}
	for (size_t n = 0; n < whole; n++) {
		struct err e = ERR_INIT;
		char was = text.p[n];

		text.p[n] = '%';
		assert_int_equal(saved_parse(&back, 5, text.p, text.len, &e),
				 SAVED_FAILED);
		saved_release(&back);
		text.p[n] = was;
	}
	str_release(&text);
}

static void fails(const char *text, const char *why)
{
	struct err e = ERR_INIT;
	struct saved s;

	assert_int_equal(saved_parse(&s, 0, text, strlen(text), &e),
			 SAVED_FAILED);
	assert_string_equal(e.msg, why);
	saved_release(&s);
}

static void other_peoples_texts_are_told(void **state)
{
	(void)state;
	fails("AgAAAX9\x01 and so on, until it is longer than forty bytes",
	      "'AgAAAX9? and so on, until it is longer t...' is not what "
	      "iotsim keeps with an offset");
	fails("iotsim 2 interval=5",
	      "it was written by a newer iotsim (form 2; this one knows 1)");
	fails("iotsim 1 interval=0 ",
	      "what iotsim keeps with the offset is damaged, at byte 19");
}

static void nothing_and_reset_are_kinds_of_their_own(void **state)
{
	struct str text = STR_INIT;
	struct err e = ERR_INIT;
	struct saved s;

	(void)state;
	assert_int_equal(saved_parse(&s, 3, "", 0, &e), SAVED_NOTHING);
	saved_release(&s);
	saved_add_reset(&text);
	assert_int_equal(saved_parse(&s, 0, text.p, text.len, &e), SAVED_RESET);
	saved_release(&s);
	str_release(&text);
}

/* The largest numbers that there are, and as much as fits besides. */
static void it_stays_far_below_what_kafka_takes(void **state)
{
	static int64_t many[2000];
	static char fields[SAVED_FIELDS_MAX + 1];
	struct saved s = sample();
	struct str text = STR_INIT;
	struct err e = ERR_INIT;

	(void)state;
	memset(fields, 'f', SAVED_FIELDS_MAX);
	s.fields = (struct str){fields, SAVED_FIELDS_MAX, 0};
	for (int i = 0; i < 2000; i++)
		many[i] = INT64_MAX / 2000 * i;
	s.mark.future = many;
	for (s.mark.n_future = 0; !saved_add(&text, &s, &e);
	     s.mark.n_future++) {
		assert_true(text.len < 4096);
		str_clear(&text);
	}
	assert_true(s.mark.n_future > 100);
	assert_non_null(strstr(e.msg, "--max-ahead"));
	str_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_reads_back),
		cmocka_unit_test(a_damaged_text_is_refused),
		cmocka_unit_test(other_peoples_texts_are_told),
		cmocka_unit_test(nothing_and_reset_are_kinds_of_their_own),
		cmocka_unit_test(it_stays_far_below_what_kafka_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
