/* SPDX-License-Identifier: MIT */
#include "io/sink.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/fd.h"
#include "io/sink_ops.h"

#define FD_BUFFER 65536

void sink_free(struct sink *s)
{
	if (s)
		s->ops->free(s);
}

void sink_on_ack(struct sink *s, sink_ack_fn *fn, void *arg)
{
	s->ack = fn;
	s->ack_arg = arg;
}

void sink_on_wait(struct sink *s, sink_wait_fn *fn, void *arg)
{
	s->wait = fn;
	s->wait_arg = arg;
}

bool sink_limits(struct sink *s, struct sink_limits *limits)
{
	return s->ops->limits && s->ops->limits(s, limits);
}

int32_t sink_partition(const struct sink *s, const char *key, size_t len)
{
	return s->ops->partition(s, key, len);
}

int sink_put(struct sink *s, const struct message *m, struct err *e)
{
	return s->ops->put(s, m, e);
}

int sink_serve(struct sink *s, int timeout_ms, struct err *e)
{
	return s->ops->serve(s, timeout_ms, e);
}

uint64_t sink_kept(const struct sink *s)
{
	return s->ops->kept(s);
}

int sink_finish(struct sink *s, int timeout_ms, struct err *e)
{
	return s->ops->finish(s, timeout_ms, e);
}

struct sink_counts sink_counts(const struct sink *s)
{
	return s->counts;
}

const char *sink_trouble(const struct sink *s)
{
	return s->ops->trouble ? s->ops->trouble(s) : NULL;
}

const char *sink_failure(const struct sink *s)
{
	return s->failure;
}

/* The sink to a file descriptor: one message a line, in one partition. */
struct fd_sink {
	struct sink base;
	int fd;
	const char *what;
	struct str buf;
	uint64_t settled; /* messages that left buf */
};

/* The whole lines between both are there. */
static void settle_lines(struct fd_sink *s, const char *p, const char *end)
{
	while ((p = memchr(p, '\n', (size_t)(end - p)))) {
		sink_settle(&s->base, 0, s->settled, (int64_t)s->settled, true);
		s->settled++;
		p++;
	}
}

/* A disk that is full may have taken some of it. */
static int fd_serve(struct sink *base, int timeout_ms, struct err *e)
{
	struct fd_sink *s = (struct fd_sink *)base;
	const char *end = s->buf.p;
	int rc;

	(void)timeout_ms;
	if (!s->buf.len)
		return 0;
	rc = fd_write_from(s->fd, s->what, &end, s->buf.len, e);
	if (rc)
		settle_lines(s, s->buf.p, end);
	for (; s->settled < base->counts.sent; s->settled++)
		sink_settle(base, 0, s->settled, (int64_t)s->settled, !rc);
	str_clear(&s->buf);
	return rc;
}

static int fd_put(struct sink *base, const struct message *m, struct err *e)
{
	struct fd_sink *s = (struct fd_sink *)base;

	str_add(&s->buf, m->payload, m->len);
	str_addc(&s->buf, '\n');
	base->counts.sent++;
	base->counts.bytes += m->len;
	return s->buf.len < FD_BUFFER ? 0 : fd_serve(base, 0, e);
}

static uint64_t fd_kept(const struct sink *base)
{
	return base->counts.sent - ((const struct fd_sink *)base)->settled;
}

static int32_t fd_partition(const struct sink *s, const char *key, size_t len)
{
	(void)s;
	(void)key;
	(void)len;
	return 0;
}

static void fd_free(struct sink *base)
{
	struct fd_sink *s = (struct fd_sink *)base;

	str_release(&s->buf);
	free(s);
}

static const struct sink_ops fd_ops = {
	.put = fd_put,
	.serve = fd_serve,
	.finish = fd_serve,
	.kept = fd_kept,
	.partition = fd_partition,
	.free = fd_free,
};

struct sink *sink_fd_new(int fd, const char *what)
{
	struct fd_sink *s = mem_zalloc(1, sizeof(*s));

	s->base.ops = &fd_ops;
	s->fd = fd;
	s->what = what;
	str_init(&s->buf);
	return &s->base;
}
