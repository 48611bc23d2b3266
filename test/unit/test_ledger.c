/* SPDX-License-Identifier: MIT */
/* From what was entered, and what the sink says of it, to the file. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/file.h"
#include "base/when.h"
#include "run/ledger.h"

static const struct truth_conf conf = {10 * US_PER_S, US_PER_S};

static char path[] = "ledger-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "what was there", 14), 14);
	return close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	unlink(path);
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	return 0;
}

static struct ledger *open_ledger(void)
{
	struct err e = ERR_INIT;
	struct ledger *l = ledger_new(path, &conf, &e);

	assert_string_equal(e.msg, "");
	return l;
}

static void enter(struct ledger *l, int32_t partition, int64_t s, double value)
{
	const struct reading r = {s * US_PER_S, "t", 1, "n", 1, value};

	ledger_enter(l, partition, &r, false);
}

static struct str contents(void)
{
	struct err e = ERR_INIT;
	struct str text = STR_INIT;

	assert_int_equal(file_read(path, &text, &e), 0);
	return text;
}

static void assert_contents(const char *rows)
{
	struct str text = contents(), want = STR_INIT;

	str_addf(&want, "%s\n%s", TRUTH_HEADER, rows);
	assert_string_equal(text.p, want.p);
	str_release(&text);
	str_release(&want);
}

static void finish(struct ledger *l)
{
	struct err e = ERR_INIT;

	assert_int_equal(ledger_finish(l, &e), 0);
	ledger_free(l);
}

static void nothing_sent_is_a_whole_file(void **state)
{
	(void)state;
	finish(open_ledger());
	assert_contents(",,end,complete,0,,,0,0\n");
}

static void what_is_acknowledged_is_counted(void **state)
{
	struct ledger *l = open_ledger();

	(void)state;
	enter(l, 0, 1, 1.5);
	enter(l, 0, 2, 2.5);
	ledger_enter(l, 0, &(struct reading){US_PER_S, "t", 1, "n", 1, 9},
		     true);
	for (uint64_t i = 0; i < 3; i++)
		ledger_ack(l, 0, i, (int64_t)(10 + 2 * i), true);
	finish(l);
	assert_contents("1970-01-01T00:00:00Z,1970-01-01T00:00:10Z,type,t,2,2."
			"0,4.0,0,1\n"
			"1970-01-01T00:00:00Z,1970-01-01T00:00:10Z,name,n,2,2."
			"0,4.0,0,1\n"
			",,end,complete,2,,,0,1\n");
}

/*
 * Late is what a partition's own order makes late: 30 s was there before 1 s
 * in the one, and not in the other.
 */
static void each_partition_has_an_order_of_its_own(void **state)
{
	struct ledger *l = open_ledger();

	(void)state;
	enter(l, 0, 30, 1);
	enter(l, 5, 1, 1);
	enter(l, 0, 1, 1);
	enter(l, 5, 30, 1);
	ledger_ack(l, 5, 0, 0, true);
	ledger_ack(l, 0, 0, 0, true);
	ledger_ack(l, 0, 1, 1, true);
	ledger_ack(l, 5, 1, 1, true);
	finish(l);
	assert_contents("1970-01-01T00:00:00Z,1970-01-01T00:00:10Z,type,t,1,1."
			"0,1.0,1,0\n"
			"1970-01-01T00:00:00Z,1970-01-01T00:00:10Z,name,n,1,1."
			"0,1.0,1,0\n"
			"1970-01-01T00:00:30Z,1970-01-01T00:00:40Z,type,t,2,1."
			"0,2.0,0,0\n"
			"1970-01-01T00:00:30Z,1970-01-01T00:00:40Z,name,n,2,1."
			"0,2.0,0,0\n"
			",,end,complete,3,,,1,0\n");
}

/* The end of the file, without the totals. */
static void assert_ends(const char *state)
{
	struct str text = contents(), want = STR_INIT;
	const char *end = strstr(text.p, ",,end,");

	str_addf(&want, ",,end,%s,", state);
	assert_non_null(end);
	assert_int_equal(strncmp(end, want.p, want.len), 0);
	str_release(&text);
	str_release(&want);
}

static void a_failure_makes_it_invalid(void **state)
{
	struct ledger *l = open_ledger();

	(void)state;
	enter(l, 0, 1, 1);
	enter(l, 0, 2, 1);
	enter(l, 0, 3, 1);
	ledger_ack(l, 0, 0, 0, true);
	ledger_ack(l, 0, 1, -1001, false);
	ledger_ack(l, 0, 2, 1, true);
	finish(l);
	assert_ends("invalid: messages failed");
}

static void an_order_that_is_not_known_makes_it_invalid(void **state)
{
	static const struct {
		uint64_t nth[2];
		int64_t offset[2];
	} acks[] = {
		{{1, 0}, {1, 0}},     /* the second before the first */
		{{0, 1}, {5, 4}},     /* offsets that go back */
		{{0, 1}, {5, 5}},     /* and stay */
		{{0, 1}, {0, -1001}}, /* and are not told */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(acks) / sizeof(*acks); i++) {
		struct ledger *l = open_ledger();

		enter(l, 0, 1, 1);
		enter(l, 0, 2, 1);
		for (int k = 0; k < 2; k++)
			ledger_ack(l, 0, acks[i].nth[k], acks[i].offset[k],
				   true);
		finish(l);
		assert_ends("invalid: acknowledged out of order");
	}
}

static void what_was_never_acknowledged_makes_it_invalid(void **state)
{
	struct ledger *l = open_ledger();

	(void)state;
	enter(l, 0, 1, 1);
	enter(l, 1, 1, 1);
	ledger_ack(l, 0, 0, 0, true);
	finish(l);
	assert_ends("invalid: messages without answer,1");
}

/* The ring grows while its beginning stands anywhere in it. */
static void what_is_on_its_way_may_be_many(void **state)
{
	struct ledger *l = open_ledger();
	uint64_t entered = 0, acked = 0;
	double sum = 0;
	struct str want = STR_INIT;

	(void)state;
	for (uint64_t n = 1; n < 3000; n = n * 3 / 2 + 1) {
		for (uint64_t i = 0; i < n; i++, entered++)
			enter(l, 3, 5, (double)entered);
		for (uint64_t i = 0; i < n * 2 / 3; i++, acked++) {
			sum += (double)acked;
			ledger_ack(l, 3, acked, (int64_t)acked, true);
		}
	}
	for (; acked < entered; acked++) {
		sum += (double)acked;
		ledger_ack(l, 3, acked, (int64_t)acked, true);
	}
	str_addf(&want, "complete,%d", (int)acked);
	finish(l);
	assert_ends(want.p);
	str_clear(&want);
	str_addf(&want, "1970-01-01T00:00:00Z,1970-01-01T00:00:10Z,type,t,%d,",
		 (int)acked);
	{
		struct str text = contents();
		const char *row = strstr(text.p, want.p);
		double mean, total;

		assert_non_null(row);
		assert_int_equal(
			sscanf(row + want.len, "%lf,%lf", &mean, &total), 2);
		assert_true(total == sum);
		str_release(&text);
	}
	str_release(&want);
}

/* Windows that are over leave in a block of 64 KiB; the rest at the end. */
static void the_file_grows_while_it_runs(void **state)
{
	struct ledger *l = open_ledger();
	struct err e = ERR_INIT;
	struct str text;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		enter(l, 0, 10 * i, 1);
		ledger_ack(l, 0, (uint64_t)i, i, true);
		assert_int_equal(ledger_write(l, &e), 0);
	}
	text = contents();
	assert_in_range(text.len, 65536, 2 * 65536);
	str_release(&text);
	finish(l);
	assert_ends("complete,1000");
}

static void without_a_finish_it_has_no_end(void **state)
{
	struct ledger *l = open_ledger();
	struct str text;

	(void)state;
	enter(l, 0, 1, 1);
	ledger_ack(l, 0, 0, 0, true);
	ledger_free(l);
	text = contents();
	assert_null(strstr(text.p, ",,end,"));
	str_release(&text);
	ledger_free(NULL);
}

static void a_file_that_cannot_be_made_is_named(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_null(ledger_new("no/such/place", &conf, &e));
	assert_string_equal(e.msg, "cannot write to 'no/such/place': No such "
				   "file or directory");
}

static void a_full_disk_is_told(void **state)
{
	struct err e = ERR_INIT;
	struct ledger *l = ledger_new("/dev/full", &conf, &e);

	(void)state;
	assert_non_null(l);
	assert_int_equal(ledger_write(l, &e), 0);
	assert_int_equal(ledger_finish(l, &e), -1);
	assert_string_equal(e.msg, "cannot write to '/dev/full': No space left "
				   "on device");
	ledger_free(l);
}

/* Files of this process end there; what goes beyond fails. Returns what was. */
static rlim_t limit_files(rlim_t bytes)
{
	struct rlimit limit;
	rlim_t was;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	was = limit.rlim_cur;
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	return was;
}

/* Rows are missing: that there is room again does not make it whole. */
static void a_file_that_lost_rows_is_never_complete(void **state)
{
	struct ledger *l = open_ledger();
	struct err e = ERR_INIT, later = ERR_INIT;
	struct str text;
	uint64_t n = 0;
	rlim_t was;
	int rc = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	was = limit_files(1000);
	for (; !rc && n < 2000; n++) {
		enter(l, 0, 10 * (int64_t)n, 1);
		ledger_ack(l, 0, n, (int64_t)n, true);
		rc = ledger_write(l, &e);
	}
	limit_files(was);
	assert_int_equal(rc, -1);
	assert_non_null(strstr(e.msg, "File too large"));
	enter(l, 0, 10 * (int64_t)n, 1);
	ledger_ack(l, 0, n, (int64_t)n, true);
	ledger_finish(l, &later);
	ledger_free(l);
	text = contents();
	assert_null(strstr(text.p, ",,end,complete"));
	str_release(&text);
}

#define ON_A_FILE(f) cmocka_unit_test_setup_teardown(f, make_file, remove_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_FILE(nothing_sent_is_a_whole_file),
		ON_A_FILE(what_is_acknowledged_is_counted),
		ON_A_FILE(each_partition_has_an_order_of_its_own),
		ON_A_FILE(a_failure_makes_it_invalid),
		ON_A_FILE(an_order_that_is_not_known_makes_it_invalid),
		ON_A_FILE(what_was_never_acknowledged_makes_it_invalid),
		ON_A_FILE(what_is_on_its_way_may_be_many),
		ON_A_FILE(the_file_grows_while_it_runs),
		ON_A_FILE(without_a_finish_it_has_no_end),
		ON_A_FILE(a_file_that_lost_rows_is_never_complete),
		cmocka_unit_test(a_file_that_cannot_be_made_is_named),
		cmocka_unit_test(a_full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
