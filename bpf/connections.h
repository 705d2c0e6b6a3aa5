/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The connection table in its maps: how a connection is found, remembered and forgotten, and the buffers of headers.
 * Each function is global, so that the verifier looks at it once.
 */
#ifndef HOPSPAN_CONNECTIONS_H
#define HOPSPAN_CONNECTIONS_H

#include "work.h"

static __always_inline void free_buffer(__u32 n)
{
	struct header_buffer *b = n ? buffer_at(n) : 0;

	if (b)
		__sync_lock_test_and_set(&b->owner, 0);
}

/* A free buffer from the set of this source: its index + 1, or 0. */
__noinline int take_buffer(struct work *w)
{
	__u32 set, way;

	if (!w)
		return 0;
	note_time(w);
	set = mix(*(const __u64 *)w->sighting.packet.at.source ^
		  *(const __u64 *)(w->sighting.packet.at.source + 8) ^ config.seed) >>
	      32;
	set &= config.header_sets - 1;
	for (way = 0; way < HEADER_WAYS; way++) {
		__u32 n = set * HEADER_WAYS + way + 1;
		struct header_buffer *b = buffer_at(n);

		if (b && !__sync_val_compare_and_swap(&b->owner, 0, 1)) {
			reassembly_begin(b, w->start, w->sighting.now_ns);
			b->acknowledgment = w->sighting.packet.segment.acknowledgment;
			return n;
		}
	}
	return 0;
}

/* Why a connection is forgotten; each has three counters. */
enum end_of_connection {
	END_CLOSED = 0,
	END_EVICTED,
	END_EXPIRED,
};

struct connection_losses {
	__u32 point;
	__u32 responses; /* that were awaited */
	__u32 headers;	 /* that were not whole */
};

/* Both halves are held, and the tag is gone. Frees what hangs on it. */
static __always_inline void forget(struct connection *c, struct connection_losses *losses)
{
	losses->point = c->requests.point;
	losses->responses = config.responses ? unanswered(c) : 0;
	losses->headers = (c->requests.buffer != 0) + (c->responses.buffer != 0);
	free_buffer(c->requests.buffer);
	free_buffer(c->responses.buffer);
	c->requests.buffer = 0;
	c->responses.buffer = 0;
}

static __always_inline void count_losses(const struct connection_losses *losses,
					 enum end_of_connection end)
{
	count(losses->point, COUNTER_CONNECTION_CLOSED + end);
	count_n(losses->point, COUNTER_RESPONSE_CLOSED + end, losses->responses);
	count_n(losses->point, COUNTER_HEADER_CLOSED + end, losses->headers);
}

/* Takes the connection out of the table if its tag still is `tag`; both halves are ours then, and no tag is left. */
static __always_inline int take_out(struct connection_set *set, __u32 way, struct connection *c,
				    __u64 tag)
{
	if (__sync_val_compare_and_swap(&set->tag[way & (CONNECTION_WAYS - 1)], tag, TAG_BUSY) !=
	    tag)
		return 0;
	if (half_claim(&c->requests.claim)) {
		if (half_claim(&c->responses.claim))
			return 1;
		half_release(&c->requests.claim);
	}
	__sync_lock_test_and_set(&set->tag[way & (CONNECTION_WAYS - 1)], tag);
	return 0;
}

static __always_inline void put_back(struct connection_set *set, __u32 way, __u64 tag)
{
	__sync_lock_test_and_set(&set->tag[way & (CONNECTION_WAYS - 1)], tag);
}

/* What it would cost to give this way up. */
__noinline __u64 way_cost(__u32 index, __u32 way)
{
	struct connection_set *set = connection_set_at(index);
	struct connection *c = connection_at(index * CONNECTION_WAYS + way);
	__u64 tag;

	if (!set || !c)
		return ~0ULL;
	tag = set->tag[way & (CONNECTION_WAYS - 1)];
	if (tag == TAG_BUSY)
		return ~0ULL;
	return tag == TAG_FREE ? 0 : connection_cost(c) | 1;
}

/* The way to give to a new connection. */
static __always_inline __u32 connection_victim(__u32 index)
{
	__u64 least = ~0ULL;
	__u32 victim = 0, way;

	for (way = 0; way < CONNECTION_WAYS; way++) {
		__u64 cost = way_cost(index, way);

		if (cost < least) {
			least = cost;
			victim = way;
		}
	}
	return victim;
}

/*
 * Remembers the connection of this segment, whose sender is the client; its request half is held then.
 * Returns whether it is.
 */
__noinline int open_connection(struct work *w)
{
	struct connection_losses losses = {};
	struct connection_set *set;
	struct connection *c;
	__u32 index, way;
	__u64 tag;

	if (!w)
		return 0;
	if (w->held)
		return 1;
	index = flow_set(w->tag, config.connection_sets);
	set = w->refused ? 0 : connection_set_at(index);
	if (!set)
		return 0;
	way = connection_victim(index) & (CONNECTION_WAYS - 1);
	tag = set->tag[way];
	w->connection = index * CONNECTION_WAYS + way;
	c = connection_at(w->connection);
	if (!c || tag == TAG_BUSY || !take_out(set, way, c, tag)) {
		w->refused = 1;
		count(point_of(w), COUNTER_CONNECTION_CONTENDED);
		return 0;
	}
	if (tag != TAG_FREE) {
		forget(c, &losses);
		count_losses(&losses, END_EVICTED);
	}
	__builtin_memset((void *)c + 4, 0, sizeof(c->requests) - 4);
	__builtin_memset((void *)&c->responses + 4, 0, sizeof(c->responses) - 4);
	__builtin_memset(c->early, 0, sizeof(c->early));
	c->requests.point = point_of(w);
	c->requests.client = w->direction;
	c->requests.asked = w->unplaced;
	c->requests.last_ns = bpf_ktime_get_coarse_ns();
	w->unplaced = 0;
	w->held = 1;
	count(point_of(w), COUNTER_CONNECTION_OPENED);
	put_back(set, way, w->tag);
	half_release(&c->responses.claim);
	return 1;
}

/* Forgets the connection that this segment belongs to, of which no half is held. */
__noinline int close_connection(struct work *w)
{
	struct connection_losses losses = {};
	struct connection_set *set;
	struct connection *c;
	__u32 way;

	if (!w)
		return 0;
	set = connection_set_at(w->connection / CONNECTION_WAYS);
	c = connection_at(w->connection);
	way = w->connection & (CONNECTION_WAYS - 1);
	if (!set || !c)
		return 0;
	if (!take_out(set, way, c, w->tag)) {
		count(point_of(w), COUNTER_CONNECTION_CONTENDED);
		return 0;
	}
	forget(c, &losses);
	half_release(&c->responses.claim);
	half_release(&c->requests.claim);
	put_back(set, way, TAG_FREE);
	count_losses(&losses, END_CLOSED);
	return 1;
}

/* The connection of this segment, if it is still the one that was found. */
static __always_inline int is_still(const struct work *w)
{
	struct connection_set *set = connection_set_at(w->connection / CONNECTION_WAYS);

	return set && *(volatile __u64 *)&set->tag[w->connection & (CONNECTION_WAYS - 1)] == w->tag;
}

static __always_inline struct connection *hold_requests(struct work *w)
{
	struct connection *c = connection_at(w->connection);

	if (!c || !half_claim(&c->requests.claim)) {
		count(point_of(w), COUNTER_CONNECTION_CONTENDED);
		return 0;
	}
	if (is_still(w)) {
		w->held = 1;
		return c;
	}
	half_release(&c->requests.claim);
	return 0;
}

static __always_inline struct connection *hold_responses(struct work *w)
{
	struct connection *c = connection_at(w->connection);

	if (!c || !half_claim(&c->responses.claim)) {
		count(point_of(w), COUNTER_CONNECTION_CONTENDED);
		return 0;
	}
	if (is_still(w)) {
		w->held = 1;
		return c;
	}
	half_release(&c->responses.claim);
	return 0;
}

#endif
