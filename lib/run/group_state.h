/* SPDX-License-Identifier: MIT */
/*
 * group_state.h - what a consumer group has stored for a topic, for people
 *
 *     group     means
 *     topic     iot, 2 partitions
 *     interval  20s
 *     ...
 *
 *     partition  next  end  lag  reread-from  reread  greatest-time  ...
 *             0   812  900   88          780      32  ...
 *             1   ...
 *
 *     partition  read  used  open  late  future  malformed  skipped
 *             0   812   779    32     1       0          0        0
 *             1   ...
 *
 *     partitions 0-1: about to print the windows to ...
 *
 * What stands where is told in iotsim-group(1).
 *
 * Floor 3. Pure.
 */
#ifndef RUN_GROUP_STATE_H
#define RUN_GROUP_STATE_H

#include <stdbool.h>

#include "base/str.h"
#include "io/committed.h"

struct group_state {
	const char *group, *topic;
	struct committed_list all; /* every partition of the topic, in order */
};

/* Something is committed, whoever did it. */
bool group_state_is_any(const struct group_state *g);

void group_state_add(struct str *out, const struct group_state *g);

/*
 * What to commit so that the group is as if it had never been there, to be
 * released: for each partition that has a committed offset the same one, with
 * the text that says so. And a line that tells it, for when it is done.
 */
struct committed_list group_state_reset(const struct group_state *g,
					struct str *told);

#endif
