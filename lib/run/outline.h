/* SPDX-License-Identifier: MIT */
/*
 * outline.h - a fleet in numbers, before it runs
 *
 *     3 groups, 1200 sensors, 205 readings/s, 19.5 kB/s
 *
 *     type         sensors  readings/s      bytes/s
 *     humidity         400        6.67          640
 *     temperature      800      198.33        18860
 *
 * Rates are those of the delays' laws, as if nothing went wrong; bytes are
 * those of the JSON, from readings that were drawn for it.
 *
 * Floor 3. Pure.
 */
#ifndef RUN_OUTLINE_H
#define RUN_OUTLINE_H

#include "base/str.h"
#include "sim/group.h"

void outline_add(struct str *out, const struct groups *groups);

#endif
