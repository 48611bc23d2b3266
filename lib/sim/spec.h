/* SPDX-License-Identifier: MIT */
/*
 * spec.h - sensors as people write them down
 *
 *     --sensor 'name=boiler,type=temperature,value=normal(60,2),every=5s'
 *
 *     { "groups": [ { "name": "boiler", "type": "temperature",
 *                     "value": "normal(60,2)", "every": "5s",
 *                     "day": { "amplitude": 3, "peak": "15h" } } ] }
 *
 * Both have the same members, told in iotsim-fleet(5): an object within a
 * group is only another way to write "day.amplitude". To add a member: a row
 * and a function in the table of spec.c, and its words in that page.
 *
 * Floor 2. Pure.
 */
#ifndef SIM_SPEC_H
#define SIM_SPEC_H

#include <stddef.h>

#include "base/err.h"
#include "base/problems.h"
#include "sim/group.h"

/*
 * Adds the group of the text; on an error it is good for groups_release only.
 * `place` ("--sensor 2") is for later errors. Blanks around members and
 * values pass; commas in parentheses are the value's.
 */
int spec_sensor(struct groups *all, const char *text, const char *place,
		struct err *e);

/*
 * Adds the groups of a fleet file and takes all that is wrong with it into
 * `problems`: those that were added count only when there is none.
 */
void spec_fleet(struct groups *all, const char *file, const char *text,
		size_t len, struct problems *problems);

/* What the file says of itself, added to `out`; nothing if it is unreadable. */
void spec_title(const char *text, size_t len, struct str *out);

#endif
