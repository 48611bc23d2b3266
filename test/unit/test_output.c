/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/file.h"
#include "run/output.h"
#include "scratch.h"

#define END_US INT64_C(1702922660000000) /* 2023-12-18T18:04:20Z */
#define STEP   INT64_C(20000000)

#define HEAD	"start,end,by,key,count,mean\n"
#define HEAD_ID "start,end,by,key,count,mean,id\n"
#define SPAN	"2023-12-18T18:04:00Z,2023-12-18T18:04:20Z,"
#define FORM(f)                                         \
	{                                               \
		.format = (f), .stats = STATS_MEAN_ONLY \
	}
#define ROW   SPAN "type,a,1,1.5\n"
#define START "2023-12-18T18:04:00Z"
#define JSON                                                               \
	"{\"start\":\"" START "\",\"end\":\"2023-12-18T18:04:20Z\","       \
	"\"by\":\"type\",\"key\":\"a\",\"count\":1,\"mean\":1.5,\"id\":\"" \
	"g_" START "_0+2\",\"partitions\":{\"0\":1,\"2\":0}}\n"

/* The file "f" and the directory "d" are made by each test. */
static int remove_all(void **state)
{
	(void)state;
	unlink("f");
	return scratch_remove("d");
}

/* One row. Those of a group are of the partitions 0 and 2. */
static const struct report *report(const char *group)
{
	static struct report_row row = {
		.key = "a", .key_len = 1, .count = 1, .mean = 1.5};
	static struct report_part parts[] = {{0, 1}, {2, 0}};
	static struct report r;

	r = (struct report){
		.start_us = END_US - STEP,
		.end_us = END_US,
		.count = 1,
		.by_type = {&row, 1},
		.parts = parts,
		.n_parts = 2,
		.group = group,
		.total = 4,
	};
	return &r;
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
	str_addc(&s, '\0');
	assert_string_equal(s.p, text);
	assert_int_equal(s.len, strlen(text) + 1);
	str_release(&s);
}

static struct output *make(const struct output_conf *conf)
{
	struct err e = ERR_INIT;
	struct output *o = output_new(conf, &e);

	assert_string_equal(e.msg, "");
	assert_non_null(o);
	return o;
}

static void hand_over(struct output *o, const struct report *r)
{
	struct err e = ERR_INIT;

	assert_int_equal(output_report(o, r, &e), 0);
	assert_int_equal(output_flush(o, &e), 0);
	assert_string_equal(e.msg, "");
}

static void end(struct output *o)
{
	struct err e = ERR_INIT;

	assert_int_equal(output_end(o, &e), 0);
	assert_int_equal(output_flush(o, &e), 0);
	assert_string_equal(e.msg, "");
	output_free(o);
}

/* ---- the descriptor ---- */

/* So many reports into "f", opened like this. */
static void print(int how, enum report_format format, int reports)
{
	int fd = open("f", how | O_CREAT | O_CLOEXEC, 0666);
	const struct output_conf conf = {.fd = fd, .form = FORM(format)};
	struct output *o;

	assert_true(fd >= 0);
	o = make(&conf);
	for (int i = 0; i < reports; i++)
		hand_over(o, report(NULL));
	end(o);
	close(fd);
}

static void csv_has_one_head(void **state)
{
	(void)state;
	print(O_WRONLY, REPORT_CSV, 2);
	holds("f", HEAD ROW ROW);
}

static void csv_without_reports_is_a_head(void **state)
{
	(void)state;
	print(O_WRONLY, REPORT_CSV, 0);
	holds("f", HEAD);
}

static void only_csv_has_a_head(void **state)
{
	(void)state;
	print(O_WRONLY, REPORT_JSON, 0);
	print(O_WRONLY, REPORT_TABLE, 0);
	holds("f", "");
}

static void the_first_report_comes_with_its_head(void **state)
{
	const int fd = open("f", O_WRONLY | O_CREAT, 0666);
	const struct output_conf conf = {.fd = fd, .form = FORM(REPORT_CSV)};
	struct output *o = make(&conf);

	(void)state;
	holds("f", "");
	hand_over(o, report(NULL));
	holds("f", HEAD ROW);
	output_free(o);
	output_free(NULL);
	close(fd);
}

static void reports_of_a_group(void **state)
{
	const int fd = open("f", O_WRONLY | O_CREAT, 0666);
	struct output_conf conf = {
		.fd = fd, .form = FORM(REPORT_CSV), .ids = true};
	struct output *o = make(&conf);

	(void)state;
	hand_over(o, report("g"));
	end(o);
	conf.form.format = REPORT_JSON;
	o = make(&conf);
	hand_over(o, report("g"));
	end(o);
	holds("f", HEAD_ID SPAN "type,a,1,1.5,g_" START "_0+2\n" JSON);
	close(fd);
}

static void a_file_that_is_gone_on_with(void **state)
{
	/* clang-format off */
	static const struct {
		int how;
		enum report_format format;
		int reports;
		const char *before, *after;
	} cases[] = {
		{O_APPEND | O_WRONLY, REPORT_CSV, 1, "", HEAD ROW},
		{O_APPEND | O_WRONLY, REPORT_CSV, 0, "", HEAD},
		{O_APPEND | O_WRONLY, REPORT_CSV, 2, HEAD ROW,
		 HEAD ROW ROW ROW},
		{O_APPEND | O_WRONLY, REPORT_CSV, 0, HEAD ROW, HEAD ROW},
		{O_APPEND | O_WRONLY, REPORT_CSV, 2, HEAD SPAN "ty",
		 HEAD SPAN "ty\n" ROW ROW},
		{O_APPEND | O_RDWR, REPORT_CSV, 1, HEAD SPAN "ty",
		 HEAD SPAN "ty\n" ROW},
		{O_APPEND | O_RDWR, REPORT_CSV, 1, "\n", "\n" ROW},
		{O_APPEND | O_WRONLY, REPORT_JSON, 0, "{\"st", "{\"st\n"},
		{O_APPEND | O_WRONLY, REPORT_JSON, 0, "{}\n", "{}\n"},
		/* From its beginning, as > has it after truncating. */
		{O_WRONLY, REPORT_CSV, 1, "x", HEAD ROW},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_file("f", cases[i].before);
		print(cases[i].how, cases[i].format, cases[i].reports);
		holds("f", cases[i].after);
	}
}

/* The second member of a group to print finds what the first has begun. */
static void two_append_to_one_file(void **state)
{
	const int fd = open("f", O_WRONLY | O_APPEND | O_CREAT, 0666);
	const struct output_conf conf = {.fd = fd, .form = FORM(REPORT_CSV)};
	struct output *a = make(&conf), *b = make(&conf);

	(void)state;
	hand_over(a, report(NULL));
	hand_over(b, report(NULL));
	hand_over(a, report(NULL));
	end(a);
	end(b);
	holds("f", HEAD ROW ROW ROW);
	close(fd);
}

static void a_file_that_cannot_be_read(void **state)
{
	int fd;
	struct output *o;

	(void)state;
	if (geteuid() == 0) /* may read everything */
		skip();
	write_file("f", "torn");
	fd = open("f", O_WRONLY | O_APPEND);
	assert_int_equal(chmod("f", 0200), 0);
	o = make(&(struct output_conf){.fd = fd, .form = FORM(REPORT_CSV)});
	hand_over(o, report(NULL));
	end(o);
	close(fd);
	assert_int_equal(chmod("f", 0600), 0);
	holds("f", "torn" ROW);
}

static void a_pipe_has_no_disk(void **state)
{
	const char want[] = HEAD ROW;
	char text[1000];
	int fd[2];
	struct output *o;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(fcntl(fd[1], F_SETFL, O_APPEND), 0);
	o = make(&(struct output_conf){.fd = fd[1], .form = FORM(REPORT_CSV)});
	hand_over(o, report(NULL));
	end(o);
	close(fd[1]);
	assert_int_equal(read(fd[0], text, sizeof(text)), sizeof(want) - 1);
	assert_memory_equal(text, want, sizeof(want) - 1);
	close(fd[0]);
}

static void a_terminal_has_no_disk(void **state)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);
	struct output *o;

	(void)state;
	if (fd < 0 || grantpt(fd) || unlockpt(fd))
		skip();
	o = make(&(struct output_conf){.fd = fd, .form = FORM(REPORT_CSV)});
	hand_over(o, report(NULL));
	end(o);
	close(fd);
}

static void a_full_disk(void **state)
{
	const int fd = open("/dev/full", O_WRONLY);
	const struct output_conf conf = {.fd = fd, .form = FORM(REPORT_CSV)};
	struct output *o = make(&conf);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(output_end(o, &e), -1);
	assert_string_equal(e.msg, "cannot write to standard output: "
				   "No space left on device");
	e.msg[0] = '\0';
	output_free(o);
	o = make(&conf);
	assert_int_equal(output_report(o, report(NULL), &e), -1);
	assert_string_equal(e.msg, "cannot write to standard output: "
				   "No space left on device");
	output_free(o);
	close(fd);
}

/* Only what was handed over is waited for. */
static void flush_says_what_is_wrong(void **state)
{
	const int fd = open("f", O_WRONLY | O_CREAT, 0666);
	const struct output_conf conf = {.fd = fd, .form = FORM(REPORT_CSV)};
	struct output *o = make(&conf);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(output_report(o, report(NULL), &e), 0);
	close(fd);
	assert_int_equal(output_flush(o, &e), -1);
	assert_string_equal(e.msg, "cannot write to standard output: "
				   "Bad file descriptor");
	output_free(o);
	o = make(&conf);
	assert_int_equal(output_flush(o, &e), 0);
	output_free(o);
}

/* ---- the directory ---- */

static struct output *make_dir(enum report_format format)
{
	return make(&(struct output_conf){
		.fd = -1,
		.dir = "d",
		.form = FORM(format),
		.ids = true,
	});
}

/* The only file in it. */
static void holds_one(const char *name)
{
	DIR *d = opendir("d");
	const struct dirent *entry;

	assert_non_null(d);
	while ((entry = readdir(d)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			assert_string_equal(entry->d_name, name);
	assert_int_equal(faccessat(dirfd(d), name, F_OK, 0), 0);
	closedir(d);
}

static void a_file_for_each_report(void **state)
{
	struct output *o = make_dir(REPORT_CSV);
	struct report later = *report("g");

	(void)state;
	hand_over(o, report("g"));
	holds_one("g_" START "_0+2.csv");
	later.start_us = END_US;
	later.end_us = END_US + STEP;
	later.n_parts = 1;
	hand_over(o, &later);
	end(o);
	holds("d/g_" START "_0+2.csv",
	      HEAD_ID SPAN "type,a,1,1.5,g_" START "_0+2\n");
	holds("d/g_2023-12-18T18:04:20Z_0.csv",
	      HEAD_ID "2023-12-18T18:04:20Z,2023-12-18T18:04:40Z,"
		      "type,a,1,1.5,g_2023-12-18T18:04:20Z_0\n");
}

static void a_report_that_comes_again_is_there_once(void **state)
{
	struct output *o = make_dir(REPORT_JSON);

	(void)state;
	write_file("d/g_" START "_0+2.json",
		   "torn, and longer than it was\n"
		   "{\"by\":\"name\",\"key\":\"b\"}\n"
		   "{\"by\":\"name\",\"key\":\"c\"}\n"
		   "{\"by\":\"name\",\"key\":\"d\"}\n"
		   "{\"by\":\"name\",\"key\":\"e\"}\n");
	hand_over(o, report("g"));
	end(o);
	o = make_dir(REPORT_JSON);
	hand_over(o, report("g"));
	hand_over(o, report("g"));
	end(o);
	holds_one("g_" START "_0+2.json");
	holds("d/g_" START "_0+2.json", JSON);
}

static void tables_are_text(void **state)
{
	const struct report_form form = FORM(REPORT_TABLE);
	struct output *o = make_dir(REPORT_TABLE);
	struct str want = STR_INIT;

	(void)state;
	report_add(&want, report("g"), &form);
	hand_over(o, report("g"));
	end(o);
	holds_one("g_" START "_0+2.txt");
	holds("d/g_" START "_0+2.txt", want.p);
	str_release(&want);
}

/* What is written for a window that is empty, and for a run without any. */
static void empty_ones(void **state)
{
	struct output *o = make_dir(REPORT_CSV);
	struct report r = *report("g");

	(void)state;
	r.by_type.n = 0;
	hand_over(o, &r);
	end(o);
	holds_one("g_" START "_0+2.csv");
	holds("d/g_" START "_0+2.csv", HEAD_ID);
}

static void no_reports_are_no_files(void **state)
{
	(void)state;
	end(make_dir(REPORT_CSV));
	assert_int_equal(rmdir("d"), 0);
}

static void names_any_bytes(void **state)
{
	/* clang-format off */
	static const struct {
		const char *group, *name;
	} cases[] = {
		{"aZ09._:+-", "aZ09._:+-"},
		{"a b/c", "a%20b%2Fc"},
		{"../..", "%2E.%2F.."},
		{".", "%2E"},
		{"..", "%2E."},
		{"a.b", "a.b"},
		{"100%", "100%25"},
		{"%2E", "%252E"},
		{"a~b", "a%7Eb"},
		{"\xc3\xa9\n\x7f\x01", "%C3%A9%0A%7F%01"},
		{"-", "-"},
		{"", ""},
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct output *o = make_dir(REPORT_TABLE);
		struct str name = STR_INIT;

		str_addf(&name, "%s_" START "_0+2.txt", cases[i].name);
		hand_over(o, report(cases[i].group));
		end(o);
		holds_one(name.p);
		str_release(&name);
		remove_all(state);
	}
}

/* The name of the only file; so that names can be compared. */
static void only_name(const char *group, char name[static NAME_MAX + 1])
{
	struct output *o = make_dir(REPORT_TABLE);
	const struct dirent *entry;
	DIR *d = opendir("d");

	hand_over(o, report(group));
	end(o);
	assert_non_null(d);
	name[0] = '\0';
	while ((entry = readdir(d))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		assert_string_equal(name, "");
		assert_true(strlen(entry->d_name) <= NAME_MAX);
		strncpy(name, entry->d_name, NAME_MAX + 1);
	}
	closedir(d);
	remove_all(NULL);
}

/* As many bytes of a group as leave room for the rest of the name. */
#define GROUP_MAX (NAME_MAX - strlen("_" START "_0+2.txt"))

static void long_names_are_cut(void **state)
{
	char group[NAME_MAX + 1] = "", a[NAME_MAX + 1], b[NAME_MAX + 1];
	const size_t kept = NAME_MAX - strlen("~0123456789abcdef.txt");

	(void)state;
	memset(group, 'g', GROUP_MAX);
	only_name(group, a);
	assert_int_equal(strlen(a), NAME_MAX);
	assert_memory_equal(a, group, GROUP_MAX);
	assert_string_equal(a + GROUP_MAX, "_" START "_0+2.txt");
	memset(group, 'g', GROUP_MAX + 1);
	only_name(group, a);
	assert_int_equal(strlen(a), NAME_MAX);
	assert_memory_equal(a, group, GROUP_MAX);
	assert_int_equal(a[kept], '~');
	assert_int_equal(strspn(a + kept + 1, "0123456789abcdef"), 16);
	assert_string_equal(a + kept + 17, ".txt");
	only_name(group, b);
	assert_string_equal(a, b);
	group[GROUP_MAX] = 'h'; /* it is cut away */
	only_name(group, b);
	assert_string_not_equal(a, b);
	assert_memory_equal(a, b, GROUP_MAX);
}

/* Each byte is three; they are cut between two, wherever they begin. */
static void long_names_are_cut_between_bytes(void **state)
{
	(void)state;
	for (size_t shift = 0; shift < 3; shift++) {
		char group[200] = "", name[NAME_MAX + 1];
		const char *p = name + shift;

		memset(group, 'g', shift);
		memset(group + shift, ' ', 150);
		only_name(group, name);
		while (*p == '%') {
			assert_memory_equal(p, "%20", 3);
			p += 3;
		}
		assert_string_equal(p + 17, ".txt");
		assert_int_equal(*p, '~');
		assert_true(p - name > NAME_MAX - 24);
	}
}

static void directories_that_will_not_do(void **state)
{
	struct err e = ERR_INIT;
	const struct output_conf conf = {.dir = "f", .ids = true};
	struct output *o;

	(void)state;
	write_file("f", "");
	assert_null(output_new(&conf, &e));
	assert_string_equal(e.msg, "cannot open directory 'f': "
				   "Not a directory");
	e.msg[0] = '\0';
	o = make_dir(REPORT_CSV);
	assert_int_equal(rmdir("d"), 0);
	assert_int_equal(output_report(o, report("g"), &e), -1);
	assert_string_equal(e.msg, "cannot write to 'd/g_" START "_0+2.csv': "
				   "No such file or directory");
	output_free(o);
}

#define TEST(name) cmocka_unit_test_teardown(name, remove_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(csv_has_one_head),
		TEST(csv_without_reports_is_a_head),
		TEST(only_csv_has_a_head),
		TEST(the_first_report_comes_with_its_head),
		TEST(reports_of_a_group),
		TEST(a_file_that_is_gone_on_with),
		TEST(two_append_to_one_file),
		TEST(a_file_that_cannot_be_read),
		TEST(a_pipe_has_no_disk),
		TEST(a_terminal_has_no_disk),
		TEST(a_full_disk),
		TEST(flush_says_what_is_wrong),
		TEST(a_file_for_each_report),
		TEST(a_report_that_comes_again_is_there_once),
		TEST(tables_are_text),
		TEST(empty_ones),
		TEST(no_reports_are_no_files),
		TEST(names_any_bytes),
		TEST(long_names_are_cut),
		TEST(long_names_are_cut_between_bytes),
		TEST(directories_that_will_not_do),
	};

	return cmocka_run_group_tests(tests, scratch_set_up, scratch_tear_down);
}
