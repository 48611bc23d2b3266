/* SPDX-License-Identifier: MIT */
/*
 * reason.h - why a broker does not want us, and what to change
 *
 * librdkafka says what has happened to a connection. Of that, and of how we
 * meant to come, a line is made that a person can act upon.
 *
 * Floor 2, for lib/io only. Pure.
 */
#ifndef IO_REASON_H
#define IO_REASON_H

#include <stdbool.h>

#include <librdkafka/rdkafka.h>

#include "base/str.h"

/* How we come: the properties in force, "" where there is none. */
struct entry {
	char protocol[16];     /* security.protocol */
	char mechanism[32];    /* sasl.mechanism */
	char user[128];	       /* sasl.username */
	char authority[256];   /* ssl.ca.location */
	char certificate[256]; /* of ours: the property that names it */
};

void entry_init(struct entry *en, const rd_kafka_conf_t *rkconf);
/* "User:alice" to the broker; false where we cannot know. */
bool entry_add_principal(struct str *out, const struct entry *en);

/* The last thing that was said of a connection. */
struct trouble {
	rd_kafka_resp_err_t err;
	int x509;	  /* X509_V_ERR_ of the broker's certificate, or 0 */
	bool no_token;	  /* none could be had to log in with */
	char broker[128]; /* "host:port"; "" where it was not said */
	char text[200];	  /* in librdkafka's words, without all around them */
};

/* Takes them out of what librdkafka's error callback was given. */
void trouble_set(struct trouble *t, rd_kafka_resp_err_t err, int x509,
		 const char *text);
/* It will be the same at the next try. */
bool trouble_is_final(const struct trouble *t, const struct entry *en);
/*
 * Adds "the broker at HOST:PORT ...: WHAT TO DO". False, and nothing is
 * added, where there is nothing to be said but that it does not answer.
 */
bool trouble_add(struct str *out, const struct trouble *t,
		 const struct entry *en);

/* rd_kafka_new has said `text`: adds it, and what may help. */
void reason_add_unmade(struct str *out, const char *text);

/* An ACL is missing: of the topic, the group or the cluster. */
bool reason_is_denied(rd_kafka_resp_err_t err);

/* What we may not do to what. */
struct denial {
	const char *kind;	   /* "topic", "group" */
	const char *name;	   /* of that kind */
	const char *operations[3]; /* "Read"; ends with NULL */
};
/* Adds that we may not, and what would have to be granted. */
void denial_add(struct str *out, const struct denial *d,
		const struct entry *en);

#endif
