/* SPDX-License-Identifier: MIT */
#include "run/output.h"

#include <assert.h>

#include "run/output_ops.h"

static struct output *new_of_kind(const struct output_conf *conf, struct err *e)
{
	assert(!conf->dir || conf->ids);
	assert(!conf->dir || !conf->topic);
	if (conf->dir)
		return output_dir_new(conf, e);
	return conf->topic ? output_topic_new(conf, e) : output_fd_new(conf);
}

struct output *output_new(const struct output_conf *conf, struct err *e)
{
	struct output *o = new_of_kind(conf, e);

	if (!o)
		return NULL;
	o->conf = *conf;
	str_init(&o->out);
	return o;
}

void output_free(struct output *o)
{
	if (!o)
		return;
	str_release(&o->out);
	o->ops->free(o);
}

int output_report(struct output *o, const struct report *r, struct err *e)
{
	int rc;

	assert(o->conf.ids == !!r->group);
	o->dirty = true;
	rc = o->ops->report(o, r, e);
	str_clear(&o->out);
	return rc;
}

int output_serve(struct output *o, struct err *e)
{
	return o->ops->serve ? o->ops->serve(o, e) : 0;
}

int output_flush(struct output *o, struct err *e)
{
	if (!o->dirty)
		return 0;
	if (o->ops->flush(o, e))
		return -1;
	o->dirty = false;
	return 0;
}

int output_end(struct output *o, struct err *e)
{
	int rc;

	if (!o->ops->end)
		return 0;
	o->dirty = true;
	rc = o->ops->end(o, e);
	str_clear(&o->out);
	return rc;
}
