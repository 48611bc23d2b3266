/* SPDX-License-Identifier: MIT */
/*
 * verify.h - consume --verify: its file, and what was found of it
 *
 * Floor 4.
 */
#ifndef CMD_VERIFY_H
#define CMD_VERIFY_H

#include "base/err.h"
#include "run/consume.h"

/*
 * Reads the file into conf->verify, and makes the conf that of a run which
 * finds its reports again: up to the end as it is now, with the interval of the
 * file. Another interval that was asked for is an error, and so is a --from
 * behind the first of its windows.
 */
int verify_load(const char *path, struct consume_conf *conf, struct err *e);

/* Says how many reports agree. The exit status. */
int verify_summary(const struct verify *v);

#endif
