/* SPDX-License-Identifier: MIT */
/*
 * stop.h - the one flag that all threads share: time to end the run
 *
 * Set by a signal handler, or by a side of the demo that is done. Runs look
 * at it often, finish what they have in hand, and return.
 *
 * Floor 0. Any thread, any signal handler.
 */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <stdbool.h>
#include <stdint.h>

void stop_request(void);
bool stop_requested(void);

/*
 * What is left of the time within which a run ends once it is asked to,
 * however many parts of it have something to wait for; all of it before.
 */
int64_t stop_left_us(int64_t within_us);

#endif
