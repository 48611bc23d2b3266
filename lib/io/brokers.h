/* SPDX-License-Identifier: MIT */
/*
 * brokers.h - whether a list of brokers is one, before anybody is asked
 *
 *	[PROTOCOL://]HOST[:PORT],...
 *
 * as librdkafka takes it, which passes over what it cannot use. An IPv6 address
 * is in brackets where a port follows.
 *
 * Floor 2. Pure.
 */
#ifndef IO_BROKERS_H
#define IO_BROKERS_H

#include "base/err.h"

int brokers_check(const char *list, struct err *e);

#endif
