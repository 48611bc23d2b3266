/* SPDX-License-Identifier: MIT */
#include "run/output.h"

#include <assert.h>

#include "run/output_ops.h"

struct output *output_new(const struct output_conf *conf, struct err *e)
{
	struct output *o;

	assert(!conf->dir || conf->ids);
	o = conf->dir ? output_dir_new(conf, e) : output_fd_new();
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
