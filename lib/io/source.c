/* SPDX-License-Identifier: MIT */
#include "io/source.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/when.h"
#include "io/source_ops.h"

#define READ_BYTES 65536

void source_free(struct source *s)
{
	if (s)
		s->ops->free(s);
}

enum source_state source_poll(struct source *s, int timeout_ms, struct err *e)
{
	return s->ops->poll(s, timeout_ms, e);
}

bool source_ask_ends(struct source *s)
{
	return s->ops->ask_ends(s);
}

uint64_t source_lag(const struct source *s)
{
	return s->ops->lag(s);
}

bool source_where(const struct source *s, int partition, struct source_where *w)
{
	return s->ops->where(s, partition, w);
}

const char *source_trouble(const struct source *s)
{
	return s->ops->trouble ? s->ops->trouble(s) : NULL;
}

/* The source of lines. */
struct fd_source {
	struct source base;
	int fd;
	const char *what;
	struct str buf; /* from the start of an unfinished line */
	size_t seen;	/* bytes of buf known to hold no newline */
	int64_t lines;
	bool held;
	bool skipping; /* what is left of a line that was cut */
};

static void fd_line(struct fd_source *s, const char *line, size_t len)
{
	bool cut = len > SOURCE_LINE_MOST;
	struct record rec = {
		.offset = ++s->lines,
		.timestamp_us = WHEN_NONE,
		.payload = line,
		.len = cut ? SOURCE_LINE_MOST : len,
		.cut = cut,
	};

	s->base.events.record(s->base.events.arg, &rec);
}

/*
 * Hands over the whole lines, keeps what is left of the last: but not of one
 * that is too long already.
 */
static void fd_lines(struct fd_source *s)
{
	const char *line = s->buf.p, *end = s->buf.p + s->buf.len;
	const char *nl, *from = line + s->seen;
	size_t rest;

	while ((nl = memchr(from, '\n', (size_t)(end - from)))) {
		if (!s->skipping)
			fd_line(s, line, (size_t)(nl - line));
		s->skipping = false;
		line = from = nl + 1;
	}
	rest = (size_t)(end - line);
	if (rest > SOURCE_LINE_MOST && !s->skipping) {
		fd_line(s, line, rest);
		s->skipping = true;
	}
	if (s->skipping)
		rest = 0;
	if (rest && line != s->buf.p)
		memmove(s->buf.p, line, rest);
	s->buf.len = rest;
	s->seen = rest;
}

static enum source_state fd_read(struct fd_source *s, struct err *e)
{
	char *room = str_reserve(&s->buf, READ_BYTES);
	ssize_t n = read(s->fd, room, READ_BYTES);

	if (n > 0) {
		str_took(&s->buf, (size_t)n);
		s->base.events.turn(s->base.events.arg);
		fd_lines(s);
		return SOURCE_MORE;
	}
	if (n == 0) {
		s->base.events.turn(s->base.events.arg);
		if (s->buf.len)
			fd_line(s, s->buf.p, s->buf.len);
		str_clear(&s->buf);
		return SOURCE_ENDED;
	}
	if (errno == EINTR || errno == EAGAIN)
		return SOURCE_MORE;
	err_set(e, "cannot read %s: %s", s->what, strerror(errno));
	return SOURCE_FAILED;
}

static enum source_state fd_poll(struct source *base, int timeout_ms,
				 struct err *e)
{
	struct fd_source *s = (struct fd_source *)base;
	struct pollfd p = {.fd = s->fd, .events = POLLIN};
	int n;

	if (!s->held) {
		s->held = true;
		base->events.held(base->events.arg, 0);
	}
	n = poll(&p, 1, timeout_ms);
	if (n < 0 && errno != EINTR) {
		err_set(e, "cannot read %s: %s", s->what, strerror(errno));
		return SOURCE_FAILED;
	}
	if (n > 0)
		return fd_read(s, e);
	if (n == 0)
		base->events.at_end(base->events.arg, 0);
	return SOURCE_MORE;
}

/* What poll(2) did not see is not there. */
static bool fd_ask_ends(struct source *base)
{
	struct fd_source *s = (struct fd_source *)base;
	struct pollfd p = {.fd = s->fd, .events = POLLIN};

	if (poll(&p, 1, 0) > 0)
		base->events.behind(base->events.arg, 0);
	return true;
}

static uint64_t fd_lag(const struct source *s)
{
	(void)s;
	return 0;
}

/* A line has a number, and the end is not known. */
static bool fd_where(const struct source *base, int partition,
		     struct source_where *w)
{
	const struct fd_source *s = (const struct fd_source *)base;

	*w = (struct source_where){
		.start = 1,
		.next = s->lines + 1,
		.stop = -1,
		.end = -1,
	};
	return partition == 0 && s->held;
}

static void fd_free(struct source *base)
{
	struct fd_source *s = (struct fd_source *)base;

	str_release(&s->buf);
	free(s);
}

static const struct source_ops fd_ops = {
	.poll = fd_poll,
	.ask_ends = fd_ask_ends,
	.lag = fd_lag,
	.where = fd_where,
	.free = fd_free,
};

struct source *source_fd_new(int fd, const char *what,
			     const struct source_events *events)
{
	struct fd_source *s = mem_zalloc(1, sizeof(*s));

	s->base.ops = &fd_ops;
	s->base.events = *events;
	s->fd = fd;
	s->what = what;
	str_init(&s->buf);
	return &s->base;
}
