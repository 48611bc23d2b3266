/* SPDX-License-Identifier: MIT */
#include "run/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/fd.h"

#define WRITE_BYTES 65536

struct entry {
	struct reading reading;
	bool malformed;
};

/* Messages of one partition, in a ring; they are numbered from 0. */
struct page {
	struct entry *v;
	size_t cap; /* 0, or a power of two */
	uint64_t entered, acked;
	int64_t offset; /* of the last that was acknowledged */
};

struct ledger {
	struct str what; /* the file, as errors call it */
	int fd;
	struct truth *truth;
	struct page *pages; /* by partition */
	size_t n, cap;
	struct str out;
	bool torn; /* a write has failed */
};

struct ledger *ledger_new(const char *path, const struct truth_conf *conf,
			  struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct ledger *l;

	if (fd < 0) {
		err_set(e, "cannot write to '%s': %s", path, strerror(errno));
		return NULL;
	}
	l = mem_zalloc(1, sizeof(*l));
	str_init(&l->what);
	str_addf(&l->what, "'%s'", path);
	l->fd = fd;
	l->truth = truth_new(conf);
	str_init(&l->out);
	truth_add_head(&l->out);
	return l;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n; i++)
		free(l->pages[i].v);
	free(l->pages);
	truth_free(l->truth);
	str_release(&l->out);
	str_release(&l->what);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

static struct page *page_of(struct ledger *l, int32_t partition)
{
	size_t need = (size_t)partition + 1;

	if (need > l->n) {
		l->pages =
			mem_reserve(l->pages, &l->cap, need, sizeof(*l->pages));
		memset(l->pages + l->n, 0, (need - l->n) * sizeof(*l->pages));
		for (; l->n < need; l->n++)
			l->pages[l->n].offset = -1;
	}
	return &l->pages[partition];
}

/* Twice as large, each entry where the new size has it. */
static void enlarge(struct page *p)
{
	size_t cap = p->cap ? 2 * p->cap : 64;
	struct entry *v = mem_zalloc(cap, sizeof(*v));

	for (uint64_t i = p->acked; i < p->entered; i++)
		v[i & (cap - 1)] = p->v[i & (p->cap - 1)];
	free(p->v);
	p->v = v;
	p->cap = cap;
}

void ledger_enter(struct ledger *l, int32_t partition, const struct reading *r,
		  bool malformed)
{
	struct page *p = page_of(l, partition);

	if (p->entered - p->acked == p->cap)
		enlarge(p);
	p->v[p->entered++ & (p->cap - 1)] = (struct entry){*r, malformed};
}

void ledger_ack(void *arg, int32_t partition, uint64_t nth, int64_t offset,
		bool delivered)
{
	struct ledger *l = arg;
	struct page *p = page_of(l, partition);
	const struct entry *m = &p->v[p->acked & (p->cap - 1)];

	if (!delivered) {
		truth_invalidate(l->truth, "messages failed");
	} else if (nth != p->acked || offset <= p->offset) {
		truth_invalidate(l->truth, "acknowledged out of order");
	} else {
		p->offset = offset;
		truth_add(l->truth, partition, &m->reading, m->malformed);
	}
	p->acked++;
}

/* What could not be written leaves a hole, which no end may follow. */
static int write_out(struct ledger *l, struct err *e)
{
	if (!l->torn)
		l->torn = fd_write(l->fd, l->what.p, l->out.p, l->out.len, e);
	str_clear(&l->out);
	return l->torn ? -1 : 0;
}

int ledger_write(struct ledger *l, struct err *e)
{
	truth_take(l->truth, &l->out);
	return l->out.len < WRITE_BYTES ? 0 : write_out(l, e);
}

int ledger_finish(struct ledger *l, struct err *e)
{
	int rc;

	for (size_t i = 0; i < l->n; i++)
		if (l->pages[i].acked < l->pages[i].entered)
			truth_invalidate(l->truth, "messages without answer");
	truth_finish(l->truth, &l->out);
	rc = write_out(l, e);
	if (close(l->fd) && !rc)
		rc = err_set(e, "cannot write to %s: %s", l->what.p,
			     strerror(errno));
	l->fd = -1;
	return rc;
}
