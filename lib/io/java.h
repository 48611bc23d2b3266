/* SPDX-License-Identifier: MIT */
/*
 * java.h - what a Java client's properties mean to librdkafka
 *
 * Most have the same names. Others are of the login (sasl.jaas.config) and of
 * certificates, which Java keeps in stores, or mean nothing outside Java.
 *
 * Floor 2. Pure.
 */
#ifndef IO_JAVA_H
#define IO_JAVA_H

#include <stdbool.h>

#include "base/err.h"
#include "io/properties.h"

/*
 * Adds to `ours` those of `file` under the names of librdkafka, each with its
 * line. An error ("LINE: property 'NAME': ...") says what to do where it has
 * nothing of the kind.
 */
int java_translate(const struct properties *file, struct properties *ours,
		   struct err *e);

/* A property without meaning to librdkafka, which is passed over. */
bool java_is_only(const char *name);

#endif
