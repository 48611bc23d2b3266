/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/file.h"
#include "scratch.h"

static int tear_down(void **state)
{
	unlink("a");
	unlink("-");
	return scratch_tear_down(state);
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void check_whole(const void *bytes, size_t len)
{
	struct str s = STR_INIT;
	struct err e = ERR_INIT;

	write_file("a", bytes, len);
	str_adds(&s, "before");
	assert_int_equal(file_read("a", &s, &e), 0);
	assert_string_equal(e.msg, "");
	assert_int_equal(s.len, 6 + len);
	assert_memory_equal(s.p, "before", 6);
	if (len)
		assert_memory_equal(s.p + 6, bytes, len);
	assert_int_equal(s.p[s.len], '\0');
	str_release(&s);
}

static void test_whole_files(void **state)
{
	size_t len = 1000003;
	char *bytes = malloc(len);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)(i * 7 >> 3);
	check_whole("", 0);
	check_whole("a\0b\r\n", 5);
	check_whole(bytes, 65536);
	check_whole(bytes, len);
	free(bytes);
}

static void test_minus_is_a_name(void **state)
{
	struct str s = STR_INIT;
	struct err e = ERR_INIT;

	(void)state;
	write_file("-", "minus", 5);
	assert_int_equal(file_read("-", &s, &e), 0);
	assert_string_equal(s.p, "minus");
	str_release(&s);
}

static void test_pipes(void **state)
{
	struct str s = STR_INIT;
	struct err e = ERR_INIT;
	char path[32];
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], "through", 7), 7);
	close(fd[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd[0]);
	assert_int_equal(file_read(path, &s, &e), 0);
	assert_string_equal(s.p, "through");
	close(fd[0]);
	str_release(&s);
}

static void fails(const char *path, const char *message)
{
	struct str s = STR_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(file_read(path, &s, &e), -1);
	assert_string_equal(e.msg, message);
	assert_string_equal(s.p, "");
	assert_int_equal(s.len, 0);
	str_release(&s);
}

static void test_reasons(void **state)
{
	(void)state;
	fails("none", "cannot read 'none': No such file or directory");
	fails("", "cannot read '': No such file or directory");
	fails("/", "cannot read '/': Is a directory");
	write_file("a", "", 0);
	fails("a/b", "cannot read 'a/b': Not a directory");
	assert_int_equal(truncate("a", FILE_MAX_BYTES + 1), 0);
	fails("a", "cannot read 'a': larger than 4 GiB");
	if (geteuid() == 0) /* may read everything */
		return;
	assert_int_equal(chmod("a", 0), 0);
	fails("a", "cannot read 'a': Permission denied");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_files),
		cmocka_unit_test(test_minus_is_a_name),
		cmocka_unit_test(test_pipes),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, scratch_set_up, tear_down);
}
