/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/intern.h"

static void assert_name(const struct intern *t, uint32_t id, const char *name,
			size_t len)
{
	size_t got_len;
	const char *got = intern_name(t, id, &got_len);

	assert_int_equal(got_len, len);
	if (len)
		assert_memory_equal(got, name, len);
}

static void test_numbers_in_order_of_arrival(void **state)
{
	struct intern *t = intern_new();

	(void)state;
	assert_int_equal(intern_count(t), 0);
	assert_int_equal(intern_id(t, "b", 1), 0);
	assert_int_equal(intern_id(t, "a", 1), 1);
	assert_int_equal(intern_id(t, "b", 1), 0);
	assert_int_equal(intern_id(t, "c", 1), 2);
	assert_int_equal(intern_count(t), 3);
	assert_name(t, 1, "a", 1);
	intern_free(t);
	intern_free(NULL);
}

static void test_any_bytes_are_a_name(void **state)
{
	static const struct {
		const char *name;
		size_t len;
	} names[] = {
		{"", 0},	   {"\0", 1},	    {"\0\0", 2},
		{"a\0b", 3},	   {"a\0c", 3},	    {"a", 1},
		{"a\0", 2},	   {"\xff\xfe", 2}, {"12345678", 8},
		{"12345678\0", 9}, {"1234567", 7},
	};
	struct intern *t = intern_new();

	(void)state;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			assert_int_equal(
				intern_id(t, names[i].name, names[i].len), i);
			assert_name(t, (uint32_t)i, names[i].name,
				    names[i].len);
		}
	intern_free(t);
}

#define MANY 200000

static void test_many_names_stay_where_they_are(void **state)
{
	const char **at = calloc(MANY, sizeof(*at));
	struct intern *t = intern_new();
	char buf[32];
	size_t len;

	(void)state;
	assert_non_null(at);
	for (uint32_t i = 0; i < MANY; i++) {
		int n = snprintf(buf, sizeof(buf), "sensor_%u", i);

		assert_int_equal(intern_id(t, buf, (size_t)n), i);
		at[i] = intern_name(t, i, &len);
	}
	assert_int_equal(intern_count(t), MANY);
	for (uint32_t i = 0; i < MANY; i++) {
		int n = snprintf(buf, sizeof(buf), "sensor_%u", i);

		assert_int_equal(intern_id(t, buf, (size_t)n), i);
		assert_ptr_equal(intern_name(t, i, &len), at[i]);
		assert_memory_equal(at[i], buf, (size_t)n);
	}
	free(at);
	intern_free(t);
}

static void test_long_names(void **state)
{
	struct intern *t = intern_new();
	size_t len = 300000;
	char *name = malloc(len);

	(void)state;
	assert_non_null(name);
	memset(name, 'x', len);
	assert_int_equal(intern_id(t, name, len), 0);
	assert_int_equal(intern_id(t, name, len - 1), 1);
	assert_int_equal(intern_id(t, "s", 1), 2);
	name[len - 1] = 'y';
	assert_int_equal(intern_id(t, name, len), 3);
	name[len - 1] = 'x';
	assert_int_equal(intern_id(t, name, len), 0);
	assert_name(t, 0, name, len);
	/* alike but for the first byte, of any length */
	for (size_t n = 1; n < 70; n++) {
		uint32_t id = intern_id(t, name, n);

		name[0] = 'y';
		assert_int_equal(intern_id(t, name, n), id + 1);
		name[0] = 'x';
		assert_int_equal(intern_id(t, name, n), id);
	}
	free(name);
	intern_free(t);
}

static void test_bytes_of_all(void **state)
{
	struct intern *t = intern_new();

	(void)state;
	assert_int_equal(intern_bytes(t), 0);
	intern_id(t, "abc", 3);
	intern_id(t, "", 0);
	intern_id(t, "abc", 3);
	intern_id(t, "ab", 2);
	assert_int_equal(intern_bytes(t), 5);
	intern_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_in_order_of_arrival),
		cmocka_unit_test(test_any_bytes_are_a_name),
		cmocka_unit_test(test_many_names_stay_where_they_are),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_bytes_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
