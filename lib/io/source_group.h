/* SPDX-License-Identifier: MIT */
/*
 * source_group.h - a topic whose partitions a consumer group shares out
 *
 * Of each partition the group keeps an offset and a text that goes with it.
 * What they mean is the caller's: when partitions are given to this member
 * it is asked where each starts, and it commits when it wants to. An answer
 * to a commit says whether the partitions are still ours.
 *
 * Floor 2. Not shared between threads.
 */
#ifndef IO_SOURCE_GROUP_H
#define IO_SOURCE_GROUP_H

#include "io/source.h"

/* A partition of the topic, when the group has shared them out. */
struct assigned {
	bool ours;	    /* else only for knowledge */
	int64_t begin, end; /* of the log, now; only of ours, as is `from` */
	int64_t from;	    /* where source_conf.from points to */
	int64_t committed;  /* -1: nothing was */
	const char *text;   /* what went with it, len bytes; borrowed */
	size_t len;
	int64_t start; /* out, of ours: the first offset to read */
};

struct commit {
	int partition;
	int64_t offset;
	const char *text; /* no NUL in it */
};

enum source_commit {
	COMMIT_DONE,
	COMMIT_LOST,   /* the partitions are another's; they were revoked */
	COMMIT_FAILED, /* e is set */
};

/*
 * What happens to a member, beside the events of the source. `of` are the
 * partitions of the topic, n of them.
 */
struct group_events {
	/*
	 * Before the group is joined, none is ours. -1 on error: so who does
	 * not belong there takes no partitions away from those who do.
	 */
	int (*joining)(void *arg, const struct assigned *of, int n,
		       struct err *e);
	/* LOST: no longer ours. */
	enum source_commit (*assigned)(void *arg, struct assigned *of, int n,
				       struct err *e);
	/* All are given up. `lost`: others may have them by now. */
	void (*revoked)(void *arg, bool lost);
};

/*
 * A member of kafka->group. Until the group has shared out nothing is read;
 * with exit_at_end a member that is given nothing ends. source_free leaves
 * the group, without a revoked event.
 */
struct source *source_group_new(const struct kafka_conf *kafka,
				const struct source_conf *conf,
				const struct source_events *events,
				const struct group_events *group_events,
				struct err *e);

/*
 * Commits all n in one request, and waits for the answer; for a coordinator
 * that is not there too, but after a stop request 10 s at the most.
 */
enum source_commit source_commit(struct source *s, const struct commit *commits,
				 int n, struct err *e);

#endif
