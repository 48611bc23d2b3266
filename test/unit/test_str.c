/* SPDX-License-Identifier: MIT */
/* str, err and mem: what everything else stands on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

static void test_begins_empty(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	assert_string_equal(s.p, "");
	str_add(&s, "", 0);
	str_took(&s, 0);
	str_pad(&s, 'x', 0);
	str_pad(&s, 'x', -5);
	str_addf(&s, "%s", "");
	assert_int_equal(s.cap, 0); /* nothing added, nothing allocated */
	str_clear(&s);
	str_release(&s);
	str_release(&s);
	str_release(NULL);
}

static void test_grows(void **state)
{
	struct str s;

	(void)state;
	str_init(&s);
	str_adds(&s, "ab");
	str_addc(&s, 'c');
	str_pad(&s, '.', 3);
	str_addf(&s, "%d%%", 7);
	assert_string_equal(s.p, "abc...7%");
	for (int i = 0; i < 10000; i++)
		str_adds(&s, "0123456789");
	assert_int_equal(s.len, 8 + 100000);
	assert_int_equal(strlen(s.p), s.len);
	str_addf(&s, "%s", s.p + 100000); /* longer than any first guess */
	assert_int_equal(strlen(s.p), s.len);
	str_release(&s);
}

static void test_holds_nul_bytes(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	str_add(&s, "a\0b", 3);
	str_addc(&s, '\0');
	assert_int_equal(s.len, 4);
	assert_memory_equal(s.p, "a\0b\0", 5);
	str_release(&s);
}

static void test_clear_keeps_memory(void **state)
{
	struct str s = STR_INIT;
	size_t cap;

	(void)state;
	str_adds(&s, "some text that takes room");
	cap = s.cap;
	str_clear(&s);
	assert_string_equal(s.p, "");
	assert_int_equal(s.len, 0);
	assert_int_equal(s.cap, cap);
	memcpy(str_reserve(&s, 4), "four", 4);
	str_took(&s, 4);
	assert_string_equal(s.p, "four");
	assert_int_equal(s.cap, cap);
	str_release(&s);
}

static void test_first_error_wins(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&e, "'%s' is %d", "x", 1), -1);
	assert_int_equal(err_set(&e, "later"), -1);
	assert_string_equal(e.msg, "'x' is 1");
	assert_int_equal(err_prefix(&e, "option '%s'", "--n"), -1);
	assert_string_equal(e.msg, "option '--n': 'x' is 1");
}

static void test_error_is_one_line(void **state)
{
	struct err e = ERR_INIT;
	char big[2000];

	(void)state;
	err_set(&e, "'%s'", "a\nb\x1b[31m\x7f\xc2\x9b\xff");
	assert_string_equal(e.msg, "'a\\nb\\x1b[31m\\x7f\\x9b\xef\xbf\xbd'");
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	e.msg[0] = '\0';
	err_set(&e, "%s", big);
	err_prefix(&e, "%s", big);
	err_prefix(&e, "p");
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_memory_equal(e.msg, "p: xxx", 6);
}

static void test_mem_reserve_doubles(void **state)
{
	size_t cap = 0;
	int moves = 0;
	int *p = NULL;

	(void)state;
	for (size_t n = 1; n <= 100000; n++) {
		size_t before = cap;

		p = mem_reserve(p, &cap, n, sizeof(*p));
		p[n - 1] = (int)n;
		moves += cap != before;
		assert_true(cap >= n);
	}
	assert_true(moves < 20);
	assert_int_equal(p[99999], 100000);
	free(p);
}

static void test_mem_gives_something_for_nothing(void **state)
{
	void *p = mem_alloc(0), *q = mem_zalloc(0, 8);
	char *s = mem_ndup("abcdef", 3);

	(void)state;
	assert_non_null(p);
	assert_non_null(q);
	p = mem_grow(p, 0, 4);
	assert_non_null(p);
	assert_string_equal(s, "abc");
	free(p);
	free(q);
	free(s);
}

/* gcc and clang say it each in their way. */
#if defined(__SANITIZE_ADDRESS__)
#define ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASAN 1
#endif
#endif
#ifndef ASAN
#define ASAN 0
#endif

/* Asks for more than there is, in a child: one line, status 1. */
static void test_out_of_memory(void **state)
{
	char line[100] = "";
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		volatile size_t huge = SIZE_MAX / 2;

		dup2(fds[1], 2);
		free(mem_grow(NULL, huge, 16));
		_exit(0);
	}
	close(fds[1]);
	n = read(fds[0], line, sizeof(line) - 1);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(n > 0);
	if (!ASAN) /* which ends the program itself, with a page of text */
		assert_string_equal(line,
				    "iotsim: out of memory: ended at once, "
				    "without a summary\n");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void test_trims(void **state)
{
	char both[] = " a b\t ", none[] = "a", all[] = "  ";

	(void)state;
	assert_string_equal(str_trim(both, " \t"), "a b");
	assert_string_equal(str_trim(none, " "), "a");
	assert_string_equal(str_trim(all, " "), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begins_empty),
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_holds_nul_bytes),
		cmocka_unit_test(test_clear_keeps_memory),
		cmocka_unit_test(test_trims),
		cmocka_unit_test(test_first_error_wins),
		cmocka_unit_test(test_error_is_one_line),
		cmocka_unit_test(test_mem_reserve_doubles),
		cmocka_unit_test(test_mem_gives_something_for_nothing),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
