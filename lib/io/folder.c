/* SPDX-License-Identifier: MIT */
#include "io/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "io/fd.h"

#define TEMP_PREFIX ".iotsim-"
#define TEMP_SUFFIX ".tmp"

struct folder {
	char *path; /* for errors */
	int fd;
	unsigned long temps;
	char temp[64]; /* name of the last temporary file */
};

/* ---- temporary files ---- */

static int lock(int fd, int how)
{
	int rc;

	do
		rc = flock(fd, how);
	while (rc && errno == EINTR);
	return rc;
}

/* The open file is the one that has this name now. */
static bool has_name(int dir, const char *name, int fd)
{
	struct stat is, named;

	return !fstat(fd, &is) &&
	       !fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) &&
	       is.st_dev == named.st_dev && is.st_ino == named.st_ino;
}

/*
 * Makes f->temp and returns it open and locked, or -1 with errno. A name may
 * be taken: in another container there is another process of our number.
 * And between open and flock the file may be taken for a left-over one.
 * Where there are no locks nobody gets one to remove it with.
 */
static int make_temp(struct folder *f)
{
	int fd;

	for (;;) {
		snprintf(f->temp, sizeof(f->temp),
			 TEMP_PREFIX "%ld-%lu" TEMP_SUFFIX, (long)getpid(),
			 f->temps++);
		fd = openat(f->fd, f->temp,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST && errno != EINTR)
			return -1;
		if (fd < 0)
			continue;
		if (lock(fd, LOCK_EX) || has_name(f->fd, f->temp, fd))
			return fd;
		close(fd);
	}
}

static bool is_temp(const char *name)
{
	size_t len = strlen(name), suffix = strlen(TEMP_SUFFIX);

	return !strncmp(name, TEMP_PREFIX, strlen(TEMP_PREFIX)) &&
	       len > suffix && !strcmp(name + len - suffix, TEMP_SUFFIX);
}

/* With the lock and the name nobody else makes or removes what has it. */
static void remove_left_over(int dir, const char *name)
{
	int fd = openat(dir, name,
			O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	if (!lock(fd, LOCK_EX | LOCK_NB) && has_name(dir, name, fd))
		unlinkat(dir, name, 0);
	close(fd);
}

/* They do no harm: what cannot be removed stays. */
static void remove_left_overs(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(d)))
		if (is_temp(entry->d_name))
			remove_left_over(dir, entry->d_name);
	closedir(d);
}

/* ---- the directory ---- */

/* The name of a directory that we made is on the disk before what is in it. */
static void sync_parent(int dir)
{
	struct err e = ERR_INIT;
	int fd = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return; /* it may be closed to us */
	fd_sync(fd, "..", &e);
	close(fd);
}

static int open_dir(const char *path, struct err *e)
{
	const int how = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int fd = open(path, how);

	if (fd < 0 && errno == ENOENT) {
		if (mkdir(path, 0777) && errno != EEXIST)
			return err_set(e, "cannot make directory '%s': %s",
				       path, strerror(errno));
		fd = open(path, how);
		if (fd >= 0)
			sync_parent(fd);
	}
	if (fd < 0)
		return err_set(e, "cannot open directory '%s': %s", path,
			       strerror(errno));
	return fd;
}

/* Better known now than at the first file. */
static int try_out(struct folder *f, struct err *e)
{
	int fd = make_temp(f);

	if (fd < 0)
		return err_set(e, "cannot write to directory '%s': %s", f->path,
			       strerror(errno));
	unlinkat(f->fd, f->temp, 0);
	close(fd);
	return 0;
}

struct folder *folder_new(const char *path, struct err *e)
{
	int fd = open_dir(path, e);
	struct folder *f;

	if (fd < 0)
		return NULL;
	f = mem_zalloc(1, sizeof(*f));
	f->path = mem_dup(path);
	f->fd = fd;
	remove_left_overs(fd);
	if (try_out(f, e)) {
		folder_free(f);
		return NULL;
	}
	return f;
}

void folder_free(struct folder *f)
{
	if (!f)
		return;
	close(f->fd);
	free(f->path);
	free(f);
}

/* Through f->temp, which is gone in the end, one way or the other. */
static int put(struct folder *f, const char *name, const char *what,
	       const char *bytes, size_t len, struct err *e)
{
	int fd = make_temp(f), rc = 0;

	if (fd < 0)
		return err_set(e, "cannot write to %s: %s", what,
			       strerror(errno));
	if (fd_write(fd, what, bytes, len, e) || fd_sync(fd, what, e))
		rc = -1;
	else if (renameat(f->fd, f->temp, f->fd, name))
		rc = err_set(e, "cannot write to %s: %s", what,
			     strerror(errno));
	if (rc)
		unlinkat(f->fd, f->temp, 0);
	close(fd);
	return rc;
}

int folder_put(struct folder *f, const char *name, const char *bytes,
	       size_t len, struct err *e)
{
	struct str what = STR_INIT;
	int rc;

	str_addf(&what, "'%s/%s'", f->path, name);
	rc = put(f, name, what.p, bytes, len, e);
	str_release(&what);
	return rc;
}

int folder_flush(struct folder *f, struct err *e)
{
	struct str what = STR_INIT;
	int rc;

	str_addf(&what, "directory '%s'", f->path);
	rc = fd_sync(f->fd, what.p, e);
	str_release(&what);
	return rc;
}
