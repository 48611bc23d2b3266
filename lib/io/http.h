/* SPDX-License-Identifier: MIT */
/*
 * http.h - a small HTTP server for those who watch
 *
 * A thread of its own answers GET and HEAD: what is at a path is asked of one
 * function. A few connections at once, none for long; nothing is ever taken in.
 * It knows nothing of what it serves.
 *
 * Floor 2. libmicrohttpd is seen in lib/io only.
 */
#ifndef IO_HTTP_H
#define IO_HTTP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct http_answer {
	unsigned status;  /* 200 unless it says otherwise */
	const char *type; /* of the body, text unless it says otherwise */
	struct str body;  /* empty; released by the server */
};

/* False: there is nothing at the path. Called from the server's thread. */
typedef bool http_fn(void *arg, const char *path, struct http_answer *a);

/*
 * Where to listen: HOST:PORT, or :PORT or PORT, which is this machine alone.
 * HOST is a name (by IPv4 where it has both), an address, [ADDRESS] where that
 * has colons, or * for all.
 * Port 0 is any that is free. http_check sees whether it is that.
 */
int http_check(const char *where, struct err *e);

struct http;
struct http *http_new(const char *where, http_fn *fn, void *arg, struct err *e);
void http_free(struct http *h); /* takes NULL */

/* Where it does listen: "127.0.0.1:9100", "[::1]:9100". */
const char *http_address(const struct http *h);

/* "0.9.75" */
const char *http_library_version(void);

#endif
