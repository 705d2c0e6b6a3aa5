// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Tags, claims and the queue of requests. What the programs do with them is tested in the kernel. */
#include "test.h"
#include "connection.h"

static struct hop_endpoint ends(__u32 n)
{
	struct hop_endpoint at = { .family = 4, .source_port = n, .destination_port = 80 };

	memcpy(at.source, &n, 4);
	at.destination[0] = 9;
	return at;
}

static struct hop_endpoint turned(const struct hop_endpoint *at)
{
	struct hop_endpoint other = *at;

	memcpy(other.source, at->destination, 16);
	memcpy(other.destination, at->source, 16);
	other.source_port = at->destination_port;
	other.destination_port = at->source_port;
	return other;
}

static void gives_both_directions_one_tag(void)
{
	__u32 n;

	for (n = 1; n < 1000; n++) {
		struct hop_endpoint at = ends(n), back = turned(&at);
		struct flow in = flow_of(&at, 7, 1, 42), out = flow_of(&back, 7, 0, 42);

		CHECK(in.tag == out.tag && in.direction != out.direction, "connection %u", n);
		CHECK(in.tag != flow_of(&at, 7, 0, 42).tag, "passing once more");
		CHECK(in.tag != flow_of(&at, 8, 1, 42).tag, "another device");
		CHECK(in.tag != flow_of(&at, 7, 1, 43).tag, "another seed");
		CHECK(in.tag != TAG_FREE && in.tag != TAG_BUSY, "a tag of its own");
	}
}

static void spreads_tags_over_the_sets(void)
{
	__u32 n, used[256] = {}, most = 0;

	for (n = 0; n < 256 * 16; n++) {
		struct hop_endpoint at = ends(1);
		__u32 set;

		at.source_port = n;
		set = flow_set(flow_of(&at, 7, 1, 42).tag, 256);
		if (++used[set] > most)
			most = used[set];
	}
	CHECK(most < 48, "the fullest of 256 sets has %u of 4096 connections", most);
}

static void finds_a_tag_in_its_set(void)
{
	struct connection_set set = { { 2, 6, 10, 14 } };

	CHECK(connection_find(&set, 2) == 0 && connection_find(&set, 14) == 3, "there");
	CHECK(connection_find(&set, 18) == -1, "not there");
}

static void lets_one_hold_a_half(void)
{
	__u32 claim = 0;

	CHECK(half_claim(&claim) && !half_claim(&claim), "the first only");
	half_release(&claim);
	CHECK(half_claim(&claim), "the next");
}

static int put(struct connection *c, __u32 position)
{
	struct exchange *e = exchange_place(c);

	if (!e)
		return 0;
	*e = (struct exchange){ .position = position, .traced = 1, .number = e->number };
	exchange_publish(c);
	return 1;
}

static void numbers_requests_without_a_place_too(void)
{
	struct connection c = {};
	__u32 n;

	for (n = 0; n < EXCHANGES + 3; n++)
		put(&c, n);
	CHECK(awaiting(&c) == EXCHANGES - 1 && outstanding(&c) == EXCHANGES + 3, "%u of %u",
	      awaiting(&c), outstanding(&c));
	c.responses.consumed = 1;
	c.responses.finals = 1;
	CHECK(put(&c, n) && exchange_at(&c, c.requests.produced - 1)->number == EXCHANGES + 3, "%u",
	      exchange_at(&c, c.requests.produced - 1)->number);
}

static void is_full_before_the_last_answered_one_is_lost(void)
{
	struct connection c = {};
	__u32 n;

	for (n = 0; n < 100; n++) {
		CHECK(put(&c, n), "room");
		c.responses.consumed = c.requests.produced;
	}
	for (n = 0; n < EXCHANGES - 1; n++)
		CHECK(put(&c, 100 + n), "request %u", n);
	CHECK(!put(&c, 200) && unanswered(&c) == EXCHANGES - 1, "no room");
	CHECK(exchange_at(&c, c.responses.consumed - 1)->position == 99, "the last answered one");
}

int main(void)
{
	gives_both_directions_one_tag();
	spreads_tags_over_the_sets();
	finds_a_tag_in_its_set();
	lets_one_hold_a_half();
	numbers_requests_without_a_place_too();
	is_full_before_the_last_answered_one_is_lost();
	return test_summary("connection");
}
