/* SPDX-License-Identifier: MIT */
#include "sim/ar.h"

#include "sim/law.h"

int ar_check(const struct ar *a, struct err *e)
{
	if (!(a->phi > -1 && a->phi < 1))
		return err_set(e,
			       "phi %.10g is out of bounds (above -1, below "
			       "1; for 1, take a random walk)",
			       a->phi);
	if (!(a->sd >= 0 && a->sd <= LAW_MAX))
		return err_set(e, "sd %.10g is out of bounds (0 to %g)", a->sd,
			       LAW_MAX);
	return 0;
}
