/* SPDX-License-Identifier: MIT */
/*
 * ready.h - fleets that come with the program
 *
 * Their files are fleets/NAME.json; the Makefile makes lib/sim/ready.c's
 * texts of them. To add one is to add its file.
 *
 * Floor 2. Pure.
 */
#ifndef SIM_READY_H
#define SIM_READY_H

struct ready {
	const char *name, *text; /* NULL: the end */
};

extern const struct ready ready_fleets[];

#endif
