/* SPDX-License-Identifier: MIT */
#include "io/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"

#define LOOPBACK     "127.0.0.1"
#define BACKLOG	     16
#define CONNECTIONS  16 /* at once */
#define CONNECTION_S 10 /* without a word */
#define HOST_MAX     256
#define ADDRESS_MAX  (HOST_MAX + 9)

struct http {
	struct MHD_Daemon *daemon;
	http_fn *fn;
	void *arg;
	char address[ADDRESS_MAX];
};

/* ---- where ---- */

struct where {
	char host[HOST_MAX]; /* "" for all */
	char port[6];
};

static int no_where(const char *text, struct err *e)
{
	return err_set(e,
		       "'%.80s' is not HOST:PORT (like 127.0.0.1:9100, "
		       "[::1]:9100, *:9100, or :9100 for this machine alone)",
		       text);
}

/* What is before the last colon: a host, or nothing where there is none. */
static int parse_host(const char *text, size_t len, struct where *w,
		      struct err *e)
{
	const char *host = text;

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	} else if (memchr(host, ':', len)) {
		return err_set(e,
			       "'%.80s': an address that has colons goes into "
			       "brackets (like [::1]:9100)",
			       text);
	}
	if (len >= sizeof(w->host))
		return no_where(text, e);
	if (len == 0)
		snprintf(w->host, sizeof(w->host), LOOPBACK);
	else if (len == 1 && *host == '*')
		w->host[0] = '\0';
	else
		snprintf(w->host, sizeof(w->host), "%.*s", (int)len, host);
	return 0;
}

static int parse_where(const char *text, struct where *w, struct err *e)
{
	const char *colon = strrchr(text, ':');
	const char *port = colon ? colon + 1 : text;
	struct err not_whole = ERR_INIT;
	uint64_t n;

	if (!*port || strspn(port, "0123456789") != strlen(port) ||
	    num_parse_count(port, &n, &not_whole))
		return no_where(text, e);
	if (n > 65535)
		return err_set(e,
			       "'%.80s': the port is out of bounds "
			       "(0 to 65535)",
			       text);
	snprintf(w->port, sizeof(w->port), "%u", (unsigned)n);
	return parse_host(text, colon ? (size_t)(colon - text) : 0, w, e);
}

int http_check(const char *where, struct err *e)
{
	struct where w;

	return parse_where(where, &w, e);
}

/* ---- the socket ---- */

static int open_at(const struct addrinfo *a)
{
	int on = 1, off = 0;
	int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (!bind(fd, a->ai_addr, a->ai_addrlen) && !listen(fd, BACKLOG))
		return fd;
	close(fd);
	return -1;
}

/* Of IPv4 where there is one: many a name, as localhost, has both. */
static int best_family(const struct addrinfo *list)
{
	for (const struct addrinfo *a = list; a; a = a->ai_next) {
		if (a->ai_family == AF_INET)
			return AF_INET;
	}
	return AF_INET6;
}

/* At the first of its addresses where that can be done. */
static int open_host(const char *host, const char *port, struct err *e)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV,
	};
	struct addrinfo *list;
	int fd = -1, family, rc = getaddrinfo(host, port, &hints, &list);

	if (rc)
		return err_set(e, "cannot listen at %s: %s", host,
			       gai_strerror(rc));
	family = best_family(list);
	for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
		if (a->ai_family == family)
			fd = open_at(a);
	}
	if (fd < 0)
		err_set(e, "cannot listen at %s, port %s: %s", host, port,
			strerror(errno));
	freeaddrinfo(list);
	return fd;
}

/* All: of both families where there are two. */
static int open_where(const struct where *w, struct err *e)
{
	struct err no_v6 = ERR_INIT;
	int fd;

	if (*w->host)
		return open_host(w->host, w->port, e);
	fd = open_host("::", w->port, &no_v6);
	return fd >= 0 ? fd : open_host("0.0.0.0", w->port, e);
}

static void name_address(struct http *h, int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	char host[HOST_MAX], port[6];

	if (getsockname(fd, (struct sockaddr *)&a, &len) ||
	    getnameinfo((struct sockaddr *)&a, len, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	snprintf(h->address, sizeof(h->address),
		 strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

/* ---- answers ---- */

static enum MHD_Result answer(struct MHD_Connection *c,
			      const struct http_answer *a)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		a->body.len, a->body.p, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc;

	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, "Content-Type", a->type);
	if (a->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, "Allow", "GET, HEAD");
	rc = MHD_queue_response(c, a->status, r);
	MHD_destroy_response(r);
	return rc;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c,
				  const char *path, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_len, void **state)
{
	struct http *h = arg;
	struct http_answer a = {200, "text/plain; charset=utf-8", STR_INIT};
	enum MHD_Result rc;

	(void)version;
	(void)upload;
	(void)upload_len;
	if (strcmp(method, "GET") && strcmp(method, "HEAD")) {
		a.status = MHD_HTTP_METHOD_NOT_ALLOWED;
		str_adds(&a.body, "only GET and HEAD are answered\n");
	} else if (!*state) {
		*state = h; /* it comes again when all of it was read */
		return MHD_YES;
	} else if (!h->fn(h->arg, path, &a)) {
		a.status = MHD_HTTP_NOT_FOUND;
		str_adds(&a.body, "there is nothing here\n");
	}
	rc = answer(c, &a);
	str_release(&a.body);
	return rc;
}

/* Signals are for the other threads; the daemon's inherits what is blocked. */
static struct MHD_Daemon *start(struct http *h, int fd)
{
	struct MHD_Daemon *daemon;
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	daemon = MHD_start_daemon(
		MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, on_request, h,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)CONNECTION_S, MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return daemon;
}

struct http *http_new(const char *where, http_fn *fn, void *arg, struct err *e)
{
	struct http *h;
	struct where w = {.host = ""};
	int fd;

	if (parse_where(where, &w, e))
		return NULL;
	fd = open_where(&w, e);
	if (fd < 0)
		return NULL;
	h = mem_zalloc(1, sizeof(*h));
	h->fn = fn;
	h->arg = arg;
	name_address(h, fd);
	h->daemon = start(h, fd); /* which takes the descriptor */
	if (h->daemon)
		return h;
	err_set(e, "cannot serve at %s: %s", h->address, strerror(errno));
	http_free(h);
	return NULL;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	free(h);
}

const char *http_address(const struct http *h)
{
	return h->address;
}

const char *http_library_version(void)
{
	return MHD_get_version();
}
