/* SPDX-License-Identifier: MIT */
/*
 * micro.h - parts of the library, each beside the least that could do its work
 *
 *	micro list				NAME of each row, and its sides
 *	micro NAME ours|reference SCALE		runs it, prints M/s
 *
 * Each side does its work n times and returns the CPU seconds of that alone,
 * from `start` to `stop`; to `stop` it gives a sum of its results, so that no
 * compiler leaves the work out.
 */
#ifndef BENCH_MICRO_H
#define BENCH_MICRO_H

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/num.h"

#define START INT64_C(1795478400000000) /* us: 2026-11-24T00:00:00Z */

typedef double side_fn(const char *arg, uint64_t n);

struct row {
	const char *name;
	double count; /* that n is at a scale of 1 */
	side_fn *ours, *reference;
	const char *arg; /* what both are given */
};

static void die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("micro: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

static inline double start(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static inline double stop(double started, double sum)
{
	static volatile double result;

	result = sum;
	(void)result;
	return start() - started;
}

static inline void list_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%s ours%s\n", rows[i].name,
		       rows[i].reference ? " reference" : "");
}

static inline const struct row *find_row(const struct row *rows, size_t n,
					 const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	die("there is no row '%s'", name);
}

static inline int micro_main(const struct row *rows, size_t num_rows, int argc,
			     char **argv)
{
	struct err e = ERR_INIT;
	const struct row *row;
	side_fn *side;
	double scale, n, t;

	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		list_rows(rows, num_rows);
		return 0;
	}
	if (argc != 4)
		die("list, or NAME ours|reference SCALE");
	row = find_row(rows, num_rows, argv[1]);
	side = strcmp(argv[2], "ours") == 0 ? row->ours : row->reference;
	if (!side || num_parse_double(argv[3], &scale, &e) < 0)
		die("%s %s: nothing to measure", argv[1], argv[2]);
	n = fmax(1, row->count * scale);
	t = fmax(1e-9, side(row->arg, (uint64_t)n));
	printf("%.6g\n", n / t / 1e6);
	return 0;
}

#endif
