/* SPDX-License-Identifier: MIT */
/*
 * failpoint.h - places at which a test can kill the program
 *
 * IOTSIM_FAILPOINT=NAME:N in the environment kills it with SIGKILL when it
 * comes to the place of that name for the N-th time (from 1). Compiled in
 * for tests only: in a release there is nothing of it.
 *
 * Floor 0.
 */
#ifndef BASE_FAILPOINT_H
#define BASE_FAILPOINT_H

#ifdef IOTSIM_FAILPOINTS
void failpoint(const char *name);
#else
#define failpoint(name) ((void)0)
#endif

#endif
