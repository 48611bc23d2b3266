/* SPDX-License-Identifier: MIT */
/*
 * member.h - a consumer that is a member of a group: each window once
 *
 * What the group keeps of a partition is its mark (agg/mark.h), as the text
 * of agg/saved.h beside the offset of the first reading of an open window.
 * So windows are closed in these steps, and whoever comes after a crash
 * between any two of them prints the same reports or none:
 *
 *   member_intend --> print --> flush --> member_commit
 *
 * Floor 3. Not shared between threads.
 */
#ifndef RUN_MEMBER_H
#define RUN_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "agg/agg.h"
#include "base/err.h"
#include "io/source_group.h"
#include "wire/reading.h"

struct member_conf {
	const struct kafka_conf *kafka;
	/* What all members have to agree on. */
	int64_t interval_us, grace_us;
	int64_t clock;
	struct reading_fields fields;
	/* Where a first start begins to report; see struct agg_conf. */
	int64_t from_us;
	bool from_first;
	/* Before each commit: what was left out of all that was read is where
	 * it goes. */
	int (*flush)(void *arg, struct err *e);
	void *flush_arg;
};

struct member;

/* The conf and the agg are borrowed. */
struct member *member_new(const struct member_conf *conf, struct agg *agg);
void member_free(struct member *m); /* takes NULL */
/* Before the first event of it. */
void member_set_source(struct member *m, struct source *s);

/* The events of struct group_events; `revoked` hands over what it can. */
int member_joining(const struct member *m, const struct assigned *of, int n,
		   struct err *e);
enum source_commit member_assigned(struct member *m, struct assigned *of, int n,
				   struct err *e);
void member_revoked(struct member *m, bool lost);

/*
 * Looks at a record before it is used: false where it was used already, or
 * is not what the group has left off at; member_check then tells.
 */
bool member_look(struct member *m, int partition, int64_t offset,
		 int64_t timestamp_us);
/* After each poll. -1 when a record was not what it had to be. */
int member_check(const struct member *m, struct err *e);

/* What agg_next has found closable is committed as an intent. */
enum source_commit member_intend(struct member *m, struct err *e);
/*
 * After that, or AGG_AGAIN: whether we have printed it before, and were no
 * member any more when it was to be committed.
 */
bool member_has_printed(struct member *m);
/* What that was about is printed and flushed. */
void member_note_printed(struct member *m);
/* How far all partitions are is committed. */
enum source_commit member_commit(struct member *m, struct err *e);
/* It is time for that, though no window has been closed. */
bool member_is_due(const struct member *m);

/* How many partitions are held, and how many the topic has. */
int member_held(const struct member *m, int *total);

#endif
