/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/meant.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *word, *nearest;
} nearest[] = {
	{"interval", "interval"},
	{"Interval", "interval"},
	{"intreval", "interval"},
	{"interva", "interval"},
	{"xinterval", "interval"},
	{"intxxrval", "interval"},
	{"intxxxval", "interval"},
	{"xxxxrval", NULL},
	{"tpoic", "topic"},
	{"to", NULL},
	{"tip", "top"},
	{"", NULL},
	{"a-word-that-is-longer-than-any-of-the-candidates-we-have", NULL},
};

static void test_nearest(void **state)
{
	static const char *const words[] = {"topic", "interval", "top", NULL};
	static const char *const none[] = {NULL};
	static const char *const close[] = {"seed", "speed", "sled", NULL};

	(void)state;
	for (size_t i = 0; i < COUNT(nearest); i++) {
		const char *got = meant_nearest(nearest[i].word, words);

		if (nearest[i].nearest)
			assert_string_equal(got, nearest[i].nearest);
		else
			assert_null(got);
	}
	assert_null(meant_nearest("topic", none));
	assert_string_equal(meant_nearest("sped", close), "speed");
}

static void unknown_is(const char *word, const char *listed, const char *msg)
{
	static const char *const words[] = {"topic", "interval", NULL};
	struct err e = ERR_INIT;

	assert_int_equal(meant_unknown("no word", word, words, listed, &e), -1);
	assert_string_equal(e.msg, msg);
}

static void test_unknown(void **state)
{
	(void)state;
	unknown_is("tpoic", NULL, "no word 'tpoic', did you mean 'topic'?");
	unknown_is("tpoic", "ask", "no word 'tpoic', did you mean 'topic'?");
	unknown_is("zzz", NULL, "no word 'zzz' (topic, interval)");
	unknown_is("zzz", "ask", "no word 'zzz' (ask)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
