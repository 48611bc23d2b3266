/* SPDX-License-Identifier: MIT */
/*
 * jaas.h - who logs in, as a Java client writes it
 *
 *	MODULE FLAG NAME=VALUE NAME="VALUE" ...;
 *
 * is the value of sasl.jaas.config: a class, "required" or another word for how
 * it stands beside other classes, and its options.
 * A value in quotes may have escapes, as in Java's own strings.
 *
 * Floor 2. Pure.
 */
#ifndef IO_JAAS_H
#define IO_JAAS_H

#include "base/err.h"
#include "base/str.h"
#include "io/properties.h"

struct jaas {
	struct str module; /* the class, without its package */
	struct properties options;
};

/* To be released, also on failure. Errors name no value: it is a secret. */
int jaas_parse(struct jaas *j, const char *text, struct err *e);
void jaas_release(struct jaas *j);

#endif
