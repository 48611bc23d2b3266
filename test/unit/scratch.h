/* SPDX-License-Identifier: MIT */
/* scratch.h - a directory for the files of a test, which works in it */
#ifndef TEST_UNIT_SCRATCH_H
#define TEST_UNIT_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char scratch_dir[] = "test.XXXXXX";

/* For cmocka_run_group_tests. */
static inline int scratch_set_up(void **state)
{
	(void)state;
	return mkdtemp(scratch_dir) && chdir(scratch_dir) == 0 ? 0 : -1;
}

/* By then it has to be empty. */
static inline int scratch_tear_down(void **state)
{
	(void)state;
	return chdir("..") || rmdir(scratch_dir);
}

/* Removes a directory with what is in it, if it is there. */
static inline int scratch_remove(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (unlinkat(dirfd(d), entry->d_name, 0))
			unlinkat(dirfd(d), entry->d_name, AT_REMOVEDIR);
	return d ? closedir(d) || rmdir(path) : 0;
}

#endif
