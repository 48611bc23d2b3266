/* SPDX-License-Identifier: MIT */
/*
 * The embedded broker, with topics of four partitions, and trouble on demand:
 *
 *	faulty TOPIC...
 *
 * It prints KAFKA_BOOTSTRAP_SERVERS=HOST:PORT. Then each line of standard
 * input is a command, answered by a line `ok` or `error: WHY`:
 *
 *	error API CODE N	answer the next N requests of that kind, such
 *				as OffsetCommit, with the error of that name,
 *				such as NOT_COORDINATOR (_TRANSPORT: hang up)
 *	left API		ok if all of these were answered
 *	fail API CODE		answer all requests of that kind so
 *	heal API		until this
 *	rtt MS			let each answer take so long
 *	down			hang up, and listen no more
 *	up			listen again
 *
 * It ends at the end of its input.
 */
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "io/broker.h"

#define PARTITIONS 4
#define BROKER	   1
#define WORDS	   4	/* of a command */
#define MANY	   1000 /* for ever, in a test */

/* What the mock cluster of librdkafka 2.0.2 has errors for. */
static const struct api {
	const char *name;
	int16_t key;
} apis[] = {
	{"Produce", 0},	     {"Fetch", 1},	     {"ListOffsets", 2},
	{"OffsetCommit", 8}, {"OffsetFetch", 9},     {"FindCoordinator", 10},
	{"JoinGroup", 11},   {"Heartbeat", 12},	     {"LeaveGroup", 13},
	{"SyncGroup", 14},   {"InitProducerId", 22},
};

static int find_api(const char *name, int16_t *key, struct err *e)
{
	for (size_t i = 0; i < sizeof(apis) / sizeof(*apis); i++) {
		if (!strcmp(apis[i].name, name)) {
			*key = apis[i].key;
			return 0;
		}
	}
	return err_set(e, "no errors for requests of the kind '%s'", name);
}

static int find_code(const char *name, rd_kafka_resp_err_t *code, struct err *e)
{
	const struct rd_kafka_err_desc *all;
	size_t n;

	rd_kafka_get_err_descs(&all, &n);
	for (size_t i = 0; i < n; i++) {
		if (all[i].name && !strcmp(all[i].name, name)) {
			*code = all[i].code;
			return 0;
		}
	}
	return err_set(e, "no error is called '%s'", name);
}

/* What librdkafka says of a call. */
static int answered(rd_kafka_resp_err_t err, struct err *e)
{
	return err ? err_set(e, "%s", rd_kafka_err2str(err)) : 0;
}

static int add_errors(rd_kafka_mock_cluster_t *cluster, char **words,
		      struct err *e)
{
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	int64_t n;
	int16_t key = 0;
	int rc;

	if (find_api(words[1], &key, e) || find_code(words[2], &code, e) ||
	    num_parse_int(words[3], &n, e))
		return -1;
	/* The broker's own errors, not the cluster's: these can be counted. */
	for (rc = 0; !rc && n > 0; n--)
		rc = answered(rd_kafka_mock_broker_push_request_error_rtts(
				      cluster, BROKER, key, 1, code, 0),
			      e);
	return rc;
}

static int add_many(rd_kafka_mock_cluster_t *cluster, char **words,
		    struct err *e)
{
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	int16_t key = 0;

	if (find_api(words[1], &key, e) || find_code(words[2], &code, e))
		return -1;
	for (int i = 0; i < MANY; i++)
		rd_kafka_mock_push_request_errors(cluster, key, 1, code);
	return 0;
}

static int clear_many(rd_kafka_mock_cluster_t *cluster, char **words,
		      struct err *e)
{
	int16_t key = 0;

	if (find_api(words[1], &key, e))
		return -1;
	rd_kafka_mock_clear_request_errors(cluster, key);
	return 0;
}

static int count_errors(rd_kafka_mock_cluster_t *cluster, char **words,
			struct err *e)
{
	int16_t key = 0;
	size_t n = 0; /* it stays so where there never was one */

	if (find_api(words[1], &key, e) ||
	    answered(rd_kafka_mock_broker_error_stack_cnt(cluster, BROKER, key,
							  &n),
		     e))
		return -1;
	return n ? err_set(e, "%zu are left", n) : 0;
}

static int set_rtt(rd_kafka_mock_cluster_t *cluster, char **words,
		   struct err *e)
{
	int64_t ms;

	if (num_parse_int(words[1], &ms, e))
		return -1;
	return answered(rd_kafka_mock_broker_set_rtt(cluster, BROKER, (int)ms),
			e);
}

static int set_down(rd_kafka_mock_cluster_t *cluster, char **words,
		    struct err *e)
{
	(void)words;
	return answered(rd_kafka_mock_broker_set_down(cluster, BROKER), e);
}

static int set_up(rd_kafka_mock_cluster_t *cluster, char **words, struct err *e)
{
	(void)words;
	return answered(rd_kafka_mock_broker_set_up(cluster, BROKER), e);
}

static const struct verb {
	const char *name;
	int words;
	int (*run)(rd_kafka_mock_cluster_t *cluster, char **words,
		   struct err *e);
} verbs[] = {
	{"error", 4, add_errors}, {"left", 2, count_errors},
	{"fail", 3, add_many},	  {"heal", 2, clear_many},
	{"rtt", 2, set_rtt},	  {"down", 1, set_down},
	{"up", 1, set_up},
};

/* Splits at blanks; too many words count, but are not there. */
static int split(char *line, char *words[WORDS])
{
	int n = 0;

	for (char *p = line + strspn(line, " \n"); *p; n++) {
		size_t len = strcspn(p, " \n");
		char *next = p + len + strspn(p + len, " \n");

		if (n < WORDS)
			words[n] = p;
		p[len] = '\0';
		p = next;
	}
	return n;
}

static int obey(const struct broker *b, char *line, struct err *e)
{
	char *words[WORDS];
	int n = split(line, words);

	for (size_t i = 0; n && i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (!strcmp(verbs[i].name, words[0]) && verbs[i].words == n)
			return verbs[i].run(broker_cluster(b), words, e);
	}
	return err_set(e, "no command");
}

static void serve(const struct broker *b)
{
	char line[256];

	printf("KAFKA_BOOTSTRAP_SERVERS=%s\n", broker_address(b));
	while (!fflush(stdout) && fgets(line, sizeof(line), stdin)) {
		struct err e = ERR_INIT;

		if (obey(b, line, &e))
			printf("error: %s\n", e.msg);
		else
			puts("ok");
	}
}

int main(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct broker *b = broker_new(&e);
	int rc = b ? 0 : -1;

	for (int i = 1; !rc && i < argc; i++)
		rc = broker_add_topic(b, argv[i], PARTITIONS, &e);
	if (rc)
		fprintf(stderr, "faulty: %s\n", e.msg);
	else
		serve(b);
	broker_free(b);
	return rc ? 1 : 0;
}
