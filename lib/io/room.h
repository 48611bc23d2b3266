/* SPDX-License-Identifier: MIT */
/*
 * room.h - whether librdkafka will find what it cannot do without
 *
 * A client or a broker of librdkafka that cannot open its pipes or start its
 * threads aborts the process, waits for ever, or calls it a broker that does
 * not answer. So we look first.
 *
 * Floor 2.
 */
#ifndef IO_ROOM_H
#define IO_ROOM_H

#include "base/err.h"

/* `what` wants to be made: fails with the limit that is in its way. */
int room_check(const char *what, struct err *e);

#endif
