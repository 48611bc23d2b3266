/* SPDX-License-Identifier: MIT */
/*
 * flow.h - what a fleet sends, and when
 *
 * Between drawing a reading and sending it, delivery goes wrong: a late
 * reading is held back while the others go on, a duplicate comes twice, of a
 * silent sensor nothing comes. The flow gives what is sent in order of the
 * time of sending (equal ones in order of the sensors, of one sensor in the
 * order in which they were drawn), on the clock of the schedule: so it is
 * the same at every speed.
 *
 * Floor 2. Pure. Not shared between threads.
 */
#ifndef SIM_FLOW_H
#define SIM_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/fleet.h"

struct send {
	struct draw draw;
	int64_t send_ns; /* since the beginning of the schedule; >= due_ns */
};

struct flow;

/*
 * All that is due before end_ns, and no further reading. Borrows the fleet,
 * from which nobody else may draw.
 */
struct flow *flow_new(struct fleet *f, int64_t end_ns);
void flow_free(struct flow *flow);

/*
 * The next one. False when all was sent, which flow_is_over tells, or when so
 * many readings in a row were silent or held back that the caller should see
 * whether to go on: then it is called again.
 */
bool flow_next(struct flow *flow, struct send *s);
bool flow_is_over(const struct flow *flow);

#endif
