/* SPDX-License-Identifier: MIT */
/*
 * shells.h - the scripts that `iotsim completion` prints
 *
 * Their files are completion/SHELL; the Makefile makes the texts of them. In
 * each, "@TABLE@" stands for what cmd/completion.c makes of the options.
 *
 * Floor 4.
 */
#ifndef CMD_SHELLS_H
#define CMD_SHELLS_H

struct shell {
	const char *name, *text; /* NULL: the end */
};

extern const struct shell shells[];

#endif
