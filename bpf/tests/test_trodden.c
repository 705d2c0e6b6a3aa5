// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What makes two ways one: the point, both addresses and the server's port; with the client's port, a connection. */
#include "test.h"
#include "hop_table.h"
#include "trodden.h"

#define CLIENT_PORT 40000
#define SERVER_PORT 80

static const struct flow_ends there = { .address = { 1, 2, 3, 4 },
					.source_port = CLIENT_PORT,
					.destination_port = SERVER_PORT };

static __u64 connection_of(const struct flow_ends *flow, __u32 point, __u32 kind)
{
	return connection_hash(flow, path_hash(flow, point, kind), kind);
}

static void tells_ways_apart(void)
{
	__u64 way = path_hash(&there, 7, MESSAGE_REQUEST);
	struct flow_ends other;
	__u32 i;

	CHECK(way == path_hash(&there, 7, MESSAGE_REQUEST), "the same");
	CHECK(way != path_hash(&there, 8, MESSAGE_REQUEST), "another point");
	for (i = 0; i < 4; i++) {
		other = there;
		other.address[i] ^= 1ULL << 63;
		CHECK(way != path_hash(&other, 7, MESSAGE_REQUEST), "another address, %u", i);
	}
	other = (struct flow_ends){ .address = { 3, 4, 1, 2 },
				    .source_port = CLIENT_PORT,
				    .destination_port = SERVER_PORT };
	CHECK(way != path_hash(&other, 7, MESSAGE_REQUEST), "the other way round");
	other = there;
	other.destination_port++;
	CHECK(way != path_hash(&other, 7, MESSAGE_REQUEST), "another service");
}

static void takes_all_clients_of_a_service_for_one(void)
{
	struct flow_ends other = there;

	other.source_port++;
	CHECK(path_hash(&there, 7, MESSAGE_REQUEST) == path_hash(&other, 7, MESSAGE_REQUEST),
	      "another connection goes the same way");
	CHECK(connection_of(&there, 7, MESSAGE_REQUEST) !=
		      connection_of(&other, 7, MESSAGE_REQUEST),
	      "and is another connection");
	CHECK(connection_of(&there, 7, MESSAGE_REQUEST) != path_hash(&there, 7, MESSAGE_REQUEST),
	      "a way and a connection are two things");
}

/* A response comes from the port that its request went to. */
static void knows_the_server_in_both_directions(void)
{
	struct flow_ends back = { .address = { 3, 4, 1, 2 },
				  .source_port = SERVER_PORT,
				  .destination_port = CLIENT_PORT };
	struct flow_ends other = back;
	__u64 way = path_hash(&back, 7, MESSAGE_RESPONSE);

	CHECK(way != path_hash(&back, 7, MESSAGE_REQUEST), "another kind");
	other.destination_port++;
	CHECK(way == path_hash(&other, 7, MESSAGE_RESPONSE), "to another port of the client");
	CHECK(connection_of(&back, 7, MESSAGE_RESPONSE) !=
		      connection_of(&other, 7, MESSAGE_RESPONSE),
	      "which is another connection");
	other = back;
	other.source_port++;
	CHECK(way != path_hash(&other, 7, MESSAGE_RESPONSE), "from another service");
}

/* A slot and an endpoint are hashed where they lie. */
static void reads_ends_where_others_wrote_them(void)
{
	struct hop_endpoint at = { .source = { 1, [8] = 2 },
				   .destination = { 3, [8] = 4 },
				   .source_port = CLIENT_PORT,
				   .destination_port = SERVER_PORT };
	struct hop_slot slot = {};

	CHECK(!memcmp(&at, &there, sizeof(at.source) + sizeof(at.destination) + 4), "an endpoint");
	slot_remember(&slot, &at, 1);
	CHECK(!memcmp(&slot.end, &there, sizeof(at.source) + sizeof(at.destination) + 4), "a slot");
}

/* As many ways as entries: by chance 1/e of the entries stay empty. */
static void spreads_ways_over_the_entries(void)
{
	static __u8 used[TRODDEN_MAX];
	struct flow_ends flow = there;
	__u32 n, entries = 0;

	for (n = 0; n < TRODDEN_MAX; n++) {
		/* Pods of one subnet: only the last bytes of an address differ. */
		flow.address[0] = 0x0a | (__u64)(n >> 8) << 16 | (__u64)(n & 0xff) << 24;
		used[path_hash(&flow, 7, MESSAGE_REQUEST) & (TRODDEN_MAX - 1)] = 1;
	}
	for (n = 0; n < TRODDEN_MAX; n++)
		entries += used[n];
	CHECK(entries > TRODDEN_MAX * 6 / 10, "%u of %u", entries, TRODDEN_MAX);
}

int main(void)
{
	tells_ways_apart();
	takes_all_clients_of_a_service_for_one();
	knows_the_server_in_both_directions();
	reads_ends_where_others_wrote_them();
	spreads_ways_over_the_entries();
	return test_summary("trodden");
}
