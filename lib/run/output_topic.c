/* SPDX-License-Identifier: MIT */
/*
 * The output to a topic: a row is a message. All those of a report have its
 * key, so they stand in one partition, in their order.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run/output_ops.h"
#include "run/sending.h"

struct topic_output {
	struct output base;
	struct sending *sending;
	struct str key;
};

static struct sending *sending_of(struct output *o)
{
	return ((struct topic_output *)o)->sending;
}

/* Each line, without its end. */
static int put_rows(struct output *o, struct message *m, struct err *e)
{
	const char *line = o->out.p, *end = line + o->out.len;

	for (; line < end; line += m->len + 1) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));

		m->payload = line;
		m->len = (size_t)(nl - line);
		if (sending_put(sending_of(o), m, e))
			return -1;
	}
	return 0;
}

static int topic_report(struct output *o, const struct report *r, struct err *e)
{
	struct str *key = &((struct topic_output *)o)->key;
	struct message m;

	str_clear(key);
	report_add_key(key, r);
	report_add(&o->out, r, &o->conf.form);
	m = (struct message){
		.key = key->p,
		.key_len = key->len,
		/* None of before 1970 can be said: that of sending is taken. */
		.time_us = r->end_us > 0 ? r->end_us : 0,
		.partition = sending_partition(sending_of(o), key->p, key->len),
	};
	if (put_rows(o, &m, e))
		return -1;
	return sending_go(sending_of(o), e);
}

static int topic_serve(struct output *o, struct err *e)
{
	return sending_serve(sending_of(o), e);
}

static int topic_flush(struct output *o, struct err *e)
{
	return sending_flush(sending_of(o), e);
}

static void topic_free(struct output *o)
{
	sending_free(sending_of(o));
	str_release(&((struct topic_output *)o)->key);
	free(o);
}

static const struct output_ops topic_ops = {
	.report = topic_report,
	.serve = topic_serve,
	.flush = topic_flush,
	.end = topic_flush,
	.free = topic_free,
};

struct output *output_topic_new(const struct output_conf *conf, struct err *e)
{
	struct sending *sending = sending_new(conf->topic, e);
	struct topic_output *o;

	if (!sending)
		return NULL;
	o = mem_zalloc(1, sizeof(*o));
	o->base.ops = &topic_ops;
	o->sending = sending;
	str_init(&o->key);
	return &o->base;
}
