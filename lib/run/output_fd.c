/* SPDX-License-Identifier: MIT */
/* The output to a descriptor: a report is one write. */
#include <stdlib.h>

#include "agg/chart.h"
#include "base/mem.h"
#include "io/fd.h"
#include "run/output_ops.h"

#define FD_NAME	  "standard output"
#define ROWS_MOST 10000 /* in one write */

struct fd_output {
	struct output base;
	bool begun;	     /* it has its head */
	struct chart *chart; /* or NULL */
};

/*
 * Not before there is something to write: of two that append to the same
 * file the second finds what the first has begun.
 */
static void begin(struct fd_output *o)
{
	const struct output_conf *conf = &o->base.conf;
	off_t size;

	if (o->begun)
		return;
	o->begun = true;
	size = fd_appended(conf->fd);
	if (!size)
		report_add_head(&o->base.out, &conf->form, conf->ids);
	else if (fd_is_torn(conf->fd, size))
		str_addc(&o->base.out, '\n');
}

static int fd_print(struct output *o, struct err *e)
{
	return fd_write(o->conf.fd, FD_NAME, o->out.p, o->out.len, e);
}

/* The rows of t from *i on, *room of them at the most. */
static struct report_table take_rows(const struct report_table *t, size_t *i,
				     size_t *room)
{
	struct report_table some = {t->rows + *i, t->n - *i};

	if (some.n > *room)
		some.n = *room;
	*i += some.n;
	*room -= some.n;
	return some;
}

/*
 * Rows that stand for themselves go by so many: the text of a million is more
 * than all that it is made of.
 */
static int print_rows(struct output *o, const struct report *r, struct err *e)
{
	size_t types = 0, names = 0;
	struct report some = *r;

	do {
		size_t room = ROWS_MOST;

		some.by_type = take_rows(&r->by_type, &types, &room);
		some.by_name = take_rows(&r->by_name, &names, &room);
		report_add(&o->out, &some, &o->conf.form);
		if (fd_print(o, e))
			return -1;
		str_clear(&o->out);
	} while (types < r->by_type.n || names < r->by_name.n);
	return 0;
}

/* A terminal may have got another size. */
static void chart(struct fd_output *o, const struct report *r)
{
	const struct output_conf *conf = &o->base.conf;

	chart_set_width(o->chart, conf->chart.columns ? conf->chart.columns
						      : fd_columns(conf->fd));
	chart_take(o->chart, r);
}

static int fd_report(struct output *o, const struct report *r, struct err *e)
{
	struct fd_output *f = (struct fd_output *)o;
	struct report_form form = o->conf.form;

	begin(f);
	if (form.format != REPORT_TABLE)
		return print_rows(o, r, e);
	if (f->chart)
		chart(f, r);
	form.chart = f->chart;
	report_add(&o->out, r, &form);
	return fd_print(o, e);
}

static int fd_flush(struct output *o, struct err *e)
{
	return fd_sync(o->conf.fd, FD_NAME, e);
}

/* The head of CSV, when no report had it. */
static int fd_end(struct output *o, struct err *e)
{
	begin((struct fd_output *)o);
	return fd_print(o, e);
}

static void fd_free(struct output *o)
{
	chart_free(((struct fd_output *)o)->chart);
	free(o);
}

static const struct output_ops fd_ops = {
	.report = fd_report,
	.flush = fd_flush,
	.end = fd_end,
	.free = fd_free,
};

static struct chart *make_chart(const struct output_conf *conf)
{
	return chart_new(&(struct chart_conf){
		.interval_us = conf->chart.interval_us,
		.stats = conf->form.stats,
		.max_rows = conf->form.max_rows,
		.utf8 = conf->chart.utf8,
		.most_bytes = CHART_BYTES,
	});
}

struct output *output_fd_new(const struct output_conf *conf)
{
	struct fd_output *o = mem_zalloc(1, sizeof(*o));

	o->base.ops = &fd_ops;
	if (conf->chart.wanted)
		o->chart = make_chart(conf);
	return &o->base;
}
