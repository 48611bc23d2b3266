/* SPDX-License-Identifier: MIT */
#include "io/brokers.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#define BLANKS " \t\r\n"

/* Behind "PROTOCOL://", where it is one that brokers have. */
static const char *skip_protocol(const char *broker)
{
	static const char *const known[] = {"plaintext", "ssl",
					    "sasl_plaintext", "sasl_ssl"};
	const char *end = strstr(broker, "://");

	if (!end)
		return broker;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t len = strlen(known[i]);

		if (len == (size_t)(end - broker) &&
		    !strncasecmp(known[i], broker, len))
			return end + 3;
	}
	return broker;
}

/* The colon before the port; NULL where there is none. */
static const char *find_port(const char *host)
{
	const char *colon = strrchr(host, ':');

	if (*host == '[')
		return colon && colon > host && colon[-1] == ']' ? colon : NULL;
	return colon == strchr(host, ':') ? colon : NULL;
}

static bool is_port(const char *text)
{
	struct err e = ERR_INIT;
	uint64_t n;

	return !text[strspn(text, "0123456789")] &&
	       !num_parse_count(text, &n, &e) && n > 0 && n <= 65535;
}

static int check_broker(const char *broker, struct err *e)
{
	const char *host = skip_protocol(broker), *port = find_port(host);

	if (host == port || !*host || strpbrk(host, "/" BLANKS))
		return err_set(e, "'%.80s' is no broker (HOST:PORT)", broker);
	if (port && !is_port(port + 1))
		return err_set(e, "'%.80s': the port is not 1 to 65535",
			       broker);
	return 0;
}

int brokers_check(const char *list, struct err *e)
{
	char *copy = mem_dup(list), *rest = copy, *broker;
	bool found = false;
	int rc = 0;

	while (!rc && (broker = strsep(&rest, ","))) {
		broker = str_trim(broker, BLANKS);
		if (!*broker)
			continue;
		found = true;
		rc = check_broker(broker, e);
	}
	free(copy);
	if (!rc && !found)
		return err_set(e, "it names no broker (HOST:PORT, with commas "
				  "between)");
	return rc;
}
