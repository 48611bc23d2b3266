/* SPDX-License-Identifier: MIT */
#include "base/failpoint.h"

#ifdef IOTSIM_FAILPOINTS

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"

void failpoint(const char *name)
{
	static int64_t passed;
	const char *wanted = getenv("IOTSIM_FAILPOINT");
	size_t len = strlen(name);
	struct err e = ERR_INIT;
	int64_t n;

	if (!wanted || strncmp(wanted, name, len) != 0 || wanted[len] != ':' ||
	    num_parse_int(wanted + len + 1, &n, &e))
		return;
	if (++passed == n)
		raise(SIGKILL);
}

#endif
