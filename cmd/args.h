/* SPDX-License-Identifier: MIT */
/*
 * args.h - the option tables that several commands show
 *
 * Each table fills a structure; a command binds those it wants. The
 * functions make of the structures what a run takes.
 *
 * Floor 4.
 */
#ifndef CMD_ARGS_H
#define CMD_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opts.h"
#include "plan.h"
#include "io/kafka.h"
#include "run/consume.h"
#include "run/produce.h"

/* Stands in for -b. */
#define BROKERS_ENV "KAFKA_BOOTSTRAP_SERVERS"

enum log_format {
	LOG_TEXT,
	LOG_JSON,
};

/* What each table in cmd/args.c fills. */
struct talk_args {
	bool quiet;
	int verbose;
	int log_format; /* enum log_format */
};

struct kafka_args {
	const char *brokers, *topic, *config_file;
	struct opt_words props;
	int64_t connect_timeout_us;
	bool show_config;
};

struct schedule_args {
	uint64_t count;
	int64_t duration_us;
	const char *start, *speed;
	bool then_live;
	double rate;
	const char *stages;
};

struct windows_args {
	int64_t interval_us, grace_us, idle_us, max_ahead_us;
	int clock; /* enum consume_clock */
	bool accumulate, empty;
	uint64_t max_reports, max_open, max_names;
};

enum print_by {
	BY_TYPE,
	BY_NAME,
};

struct print_args {
	int format;		/* enum report_format; -1: nothing was said */
	struct opt_picks stats; /* enum statistic */
	struct opt_picks by;	/* enum print_by */
	const char *max_rows;
	bool chart;
};

extern const struct opt_table talk_table, kafka_table, schedule_table,
	windows_table, print_table;

/* -X list was given: prints them all and returns true. */
bool args_listed_properties(const struct kafka_args *k);

/*
 * For --show-config: prints what is in force of the options, parsed with the
 * same arguments, and of Kafka's properties, where there is a Kafka. Returns
 * an exit status.
 */
int args_show(const struct opt_binding *binds, int argc, char **argv,
	      const struct kafka_conf *conf, enum kafka_role role);

/* From what the tables hold to what a run takes. Borrow the arguments. */
int args_kafka_conf(const struct kafka_args *k, const struct talk_args *talk,
		    struct kafka_conf *conf, struct err *e);
/* The plan is borrowed too; the conf's pace is to be released. */
int args_produce_conf(const struct schedule_args *a, const struct plan *plan,
		      bool to_kafka, struct produce_conf *conf, struct err *e);
int args_consume_conf(const struct windows_args *w, const struct print_args *p,
		      struct consume_conf *conf, struct err *e);
/* Another one, with what hangs on it. */
void args_set_interval(struct consume_conf *conf, int64_t interval_us);

#endif
