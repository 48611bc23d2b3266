/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "io/file.h"
#include "io/folder.h"
#include "scratch.h"

#define LEFT_OVER ".iotsim-1-0.tmp" /* of a process 1 that was killed */

static int set_up(void **state)
{
	signal(SIGXFSZ, SIG_IGN);
	umask(027);
	return scratch_set_up(state);
}

/* The folder "f" is made by each test, and gone behind it. */
static int remove_all(void **state)
{
	(void)state;
	return scratch_remove("f");
}

static struct folder *make(void)
{
	struct err e = ERR_INIT;
	struct folder *f = folder_new("f", &e);

	assert_string_equal(e.msg, "");
	assert_non_null(f);
	return f;
}

static void put(struct folder *f, const char *name, const char *bytes)
{
	struct err e = ERR_INIT;

	assert_int_equal(folder_put(f, name, bytes, strlen(bytes), &e), 0);
	assert_string_equal(e.msg, "");
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void holds(const char *path, const char *text)
{
	struct str s = STR_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(file_read(path, &s, &e), 0);
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.p, text, s.len);
	str_release(&s);
}

/* How many files there are, hidden ones too. */
static int count(void)
{
	DIR *d = opendir("f");
	int n = -2; /* . and .. */

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static bool is_there(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

static void files_are_made_and_replaced(void **state)
{
	struct folder *f = make();
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(stat("f", &st), 0);
	assert_int_equal(st.st_mode, S_IFDIR | 0750);
	assert_int_equal(count(), 0);
	put(f, "a", "one\n");
	put(f, "b", "");
	holds("f/a", "one\n");
	holds("f/b", "");
	put(f, "a", "2");
	holds("f/a", "2");
	assert_int_equal(stat("f/a", &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0640);
	assert_int_equal(count(), 2);
	assert_int_equal(folder_flush(f, &e), 0);
	folder_free(f);
	f = make(); /* is there already */
	holds("f/a", "2");
	folder_free(f);
	folder_free(NULL);
}

/* Who has the old file open goes on reading it. */
static void readers_keep_the_old_file(void **state)
{
	struct folder *f = make();
	char text[16] = "";
	int fd;

	(void)state;
	put(f, "a", "old");
	fd = open("f/a", O_RDONLY);
	put(f, "a", "newer");
	assert_int_equal(read(fd, text, sizeof(text)), 3);
	assert_string_equal(text, "old");
	close(fd);
	folder_free(f);
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void failures_leave_what_was_there(void **state)
{
	struct folder *f = make();
	struct err e = ERR_INIT;

	(void)state;
	put(f, "a", "old");
	limit_files(4);
	assert_int_equal(folder_put(f, "a", "larger", 6, &e), -1);
	limit_files(RLIM_INFINITY);
	assert_string_equal(e.msg, "cannot write to 'f/a': File too large");
	assert_int_equal(count(), 1);
	holds("f/a", "old");
	assert_int_equal(mkdir("f/b", 0777), 0);
	e.msg[0] = '\0';
	assert_int_equal(folder_put(f, "b", "x", 1, &e), -1);
	assert_string_equal(e.msg, "cannot write to 'f/b': Is a directory");
	assert_int_equal(count(), 2);
	put(f, "a", "new");
	holds("f/a", "new");
	folder_free(f);
}

/* The kernel kills it in the middle of the file. */
static void put_and_be_killed(void)
{
	const struct rlimit none = {0, 0};
	struct err e = ERR_INIT;
	struct folder *f = folder_new("f", &e);

	setrlimit(RLIMIT_CORE, &none);
	limit_files(4);
	signal(SIGXFSZ, SIG_DFL);
	folder_put(f, "a", "larger", 6, &e);
	_exit(0);
}

static void killed_runs_leave_the_old_file(void **state)
{
	struct folder *f = make();
	int status;
	pid_t pid;

	(void)state;
	put(f, "a", "old");
	folder_free(f);
	pid = fork();
	if (pid == 0)
		put_and_be_killed();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGXFSZ);
	holds("f/a", "old");
	assert_int_equal(count(), 2);
	folder_free(make());
	holds("f/a", "old");
	assert_int_equal(count(), 1);
}

static void only_left_overs_are_removed(void **state)
{
	static const char *const others[] = {
		"f/.iotsim-1.txt", "f/iotsim-1-0.tmp", "f/x.iotsim-1-0.tmp",
		"f/.iotsi",	   "f/.tmp",
	};
	const size_t n = sizeof(others) / sizeof(others[0]);

	(void)state;
	folder_free(make());
	for (size_t i = 0; i < n; i++)
		write_file(others[i], "x");
	write_file("f/" LEFT_OVER, "x");
	assert_int_equal(symlink("../target", "f/.iotsim-2-0.tmp"), 0);
	assert_int_equal(mkdir("f/.iotsim-3-0.tmp", 0777), 0);
	folder_free(make());
	for (size_t i = 0; i < n; i++)
		assert_true(is_there(others[i]));
	assert_false(is_there("f/" LEFT_OVER));
	assert_int_equal(count(), n + 2);
}

/* What another process is writing now. */
static void locked_files_are_no_left_overs(void **state)
{
	int fd;

	(void)state;
	folder_free(make());
	write_file("f/" LEFT_OVER, "x");
	fd = open("f/" LEFT_OVER, O_WRONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	folder_free(make());
	assert_true(is_there("f/" LEFT_OVER));
	close(fd);
	folder_free(make());
	assert_false(is_there("f/" LEFT_OVER));
}

/* As a process of the same number in another container has it. */
static void temporary_names_may_be_taken(void **state)
{
	struct folder *f = make();
	char path[64];
	int fd[8];

	(void)state;
	for (int i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "f/.iotsim-%ld-%d.tmp",
			 (long)getpid(), i);
		fd[i] = open(path, O_WRONLY | O_CREAT, 0666);
		assert_int_equal(flock(fd[i], LOCK_EX), 0);
		assert_int_equal(write(fd[i], "theirs", 6), 6);
	}
	put(f, "a", "ours");
	folder_free(f);
	f = make();
	put(f, "b", "ours");
	folder_free(f);
	holds("f/a", "ours");
	holds("f/b", "ours");
	assert_int_equal(count(), 10);
	for (int i = 0; i < 8; i++)
		close(fd[i]);
	holds(path, "theirs");
}

#define ROUNDS 300

/* Writes the file of that name, again and again, each time newly come. */
static bool is_busy(const char *name)
{
	struct err e = ERR_INIT;
	struct folder *f;
	int rc = 0;

	for (int i = 0; i < ROUNDS && !rc; i++) {
		f = folder_new("f", &e);
		rc = f ? folder_put(f, name, "x", 1, &e) : -1;
		folder_free(f);
	}
	return !rc;
}

static void processes_share_a_directory(void **state)
{
	bool well;
	int status;
	pid_t pid;

	(void)state;
	folder_free(make());
	pid = fork();
	if (pid == 0)
		_exit(is_busy("a") ? 0 : 1);
	well = is_busy("b");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(well);
	assert_int_equal(status, 0);
	assert_int_equal(count(), 2);
}

static void refused(const char *path, const char *message)
{
	struct err e = ERR_INIT;

	assert_null(folder_new(path, &e));
	assert_string_equal(e.msg, message);
}

static void reasons(void **state)
{
	(void)state;
	refused("", "cannot make directory '': No such file or directory");
	refused("x/y",
		"cannot make directory 'x/y': No such file or directory");
	write_file("x", "");
	refused("x", "cannot open directory 'x': Not a directory");
	refused("x/y", "cannot open directory 'x/y': Not a directory");
	unlink("x");
	if (geteuid() == 0) { /* may write everywhere but there */
		refused("/proc", "cannot write to directory '/proc': "
				 "No such file or directory");
		return;
	}
	assert_int_equal(mkdir("f", 0500), 0);
	refused("f", "cannot write to directory 'f': Permission denied");
	refused("f/g", "cannot make directory 'f/g': Permission denied");
}

static void a_directory_may_be_taken_away(void **state)
{
	struct folder *f = make();
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(rmdir("f"), 0);
	assert_int_equal(folder_put(f, "a", "x", 1, &e), -1);
	assert_string_equal(e.msg,
			    "cannot write to 'f/a': No such file or directory");
	folder_free(f);
}

#define TEST(name) cmocka_unit_test_teardown(name, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_are_made_and_replaced),
		TEST(readers_keep_the_old_file),
		TEST(failures_leave_what_was_there),
		TEST(killed_runs_leave_the_old_file),
		TEST(only_left_overs_are_removed),
		TEST(locked_files_are_no_left_overs),
		TEST(temporary_names_may_be_taken),
		TEST(processes_share_a_directory),
		TEST(reasons),
		TEST(a_directory_may_be_taken_away),
	};

	return cmocka_run_group_tests(tests, set_up, scratch_tear_down);
}
