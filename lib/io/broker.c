/* SPDX-License-Identifier: MIT */
#include "io/broker.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdlib.h>

#include "base/mem.h"
#include "io/room.h"

struct broker {
	rd_kafka_t *rk; /* the mock cluster lives in a client */
	rd_kafka_mock_cluster_t *cluster;
};

static void no_log(const rd_kafka_t *rk, int level, const char *fac,
		   const char *text)
{
	(void)rk;
	(void)level;
	(void)fac;
	(void)text;
}

struct broker *broker_new(struct err *e)
{
	struct broker *b;
	rd_kafka_conf_t *rkconf;
	char text[256];

	if (room_check("the embedded broker", e))
		return NULL;
	b = mem_zalloc(1, sizeof(*b));
	rkconf = rd_kafka_conf_new();
	rd_kafka_conf_set_log_cb(rkconf, no_log);
	b->rk = rd_kafka_new(RD_KAFKA_PRODUCER, rkconf, text, sizeof(text));
	if (!b->rk) {
		rd_kafka_conf_destroy(rkconf);
		err_set(e, "cannot make the embedded broker: %s", text);
		goto fail;
	}
	b->cluster = rd_kafka_mock_cluster_new(b->rk, 1);
	if (!b->cluster) {
		err_set(e, "cannot start the embedded broker: no port of the "
			   "loopback interface can be listened on");
		goto fail;
	}
	return b;
fail:
	broker_free(b);
	return NULL;
}

void broker_free(struct broker *b)
{
	if (!b)
		return;
	if (b->cluster)
		rd_kafka_mock_cluster_destroy(b->cluster);
	if (b->rk)
		rd_kafka_destroy(b->rk);
	free(b);
}

const char *broker_address(const struct broker *b)
{
	return rd_kafka_mock_cluster_bootstraps(b->cluster);
}

int broker_add_topic(struct broker *b, const char *topic, int partitions,
		     struct err *e)
{
	rd_kafka_resp_err_t err;

	err = rd_kafka_mock_topic_create(b->cluster, topic, partitions, 1);
	if (err)
		return err_set(e, "cannot make topic '%s': %s", topic,
			       rd_kafka_err2str(err));
	return 0;
}

rd_kafka_mock_cluster_t *broker_cluster(const struct broker *b)
{
	return b->cluster;
}
