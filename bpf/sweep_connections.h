/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sweeper of the connection table: forgets connections that were quiet for too long, and gives up headers whose
 * rest does not come. Beside sweep.h, and for the same reasons in the kernel.
 */
#ifndef HOPSPAN_SWEEP_CONNECTIONS_H
#define HOPSPAN_SWEEP_CONNECTIONS_H

#include "connections.h"

/* Only the sweeper counts these, so the row may be any CPU's. Atomic: it may migrate. */
static __always_inline void count_expired(__u32 point, __u32 counter, __u32 n)
{
	struct counter_row *counts = bpf_map_lookup_elem(&counters, &point);

	if (counts && counter < COUNTER_ROW)
		__sync_fetch_and_add(&counts->value[counter], n);
}

static __always_inline int is_late(__u32 buffer, __u64 now_ns)
{
	struct header_buffer *b = buffer ? buffer_at(buffer) : 0;

	return b && (__s64)(now_ns - b->since_ns) > (__s64)config.path_timeout_ns;
}

/* Takes headers away whose rest has not come for as long as a message may need. */
static __always_inline void expire_headers(struct connection *c, __u64 now_ns)
{
	if (c->requests.buffer && half_claim(&c->requests.claim)) {
		if (is_late(c->requests.buffer, now_ns)) {
			free_buffer(c->requests.buffer);
			c->requests.buffer = 0;
			c->requests.framing.state = STREAM_UNKNOWN;
			count_expired(c->requests.point, COUNTER_HEADER_EXPIRED, 1);
		}
		half_release(&c->requests.claim);
	}
	if (c->responses.buffer && half_claim(&c->responses.claim)) {
		if (is_late(c->responses.buffer, now_ns)) {
			free_buffer(c->responses.buffer);
			c->responses.buffer = 0;
			c->responses.framing.state = STREAM_UNKNOWN;
			count_expired(c->requests.point, COUNTER_HEADER_EXPIRED, 1);
		}
		half_release(&c->responses.claim);
	}
}

static __always_inline void expire_connection(struct connection_set *set, __u32 way,
					      struct connection *c, __u64 tag)
{
	struct connection_losses losses = {};

	if (!take_out(set, way, c, tag))
		return;
	forget(c, &losses);
	half_release(&c->responses.claim);
	half_release(&c->requests.claim);
	put_back(set, way, TAG_FREE);
	count_expired(losses.point, COUNTER_CONNECTION_EXPIRED, 1);
	count_expired(losses.point, COUNTER_RESPONSE_EXPIRED, losses.responses);
	count_expired(losses.point, COUNTER_HEADER_EXPIRED, losses.headers);
}

struct sweeping {
	__u64 now_ns;
	__u32 first_set;
	__u32 open;
	__u32 awaited;
	__u32 waiting;
};

__noinline int sweep_connection(struct sweeping *sweep, __u32 index, __u32 way)
{
	struct connection_set *set = connection_set_at(index);
	struct connection *c = connection_at(index * CONNECTION_WAYS + way);
	__u64 tag;

	if (!sweep || !set || !c)
		return 0;
	way &= CONNECTION_WAYS - 1;
	tag = set->tag[way];
	if (tag == TAG_FREE || tag == TAG_BUSY)
		return 0;
	expire_headers(c, sweep->now_ns);
	/* The coarse clock lags behind, so the age may be negative. */
	if ((__s64)(sweep->now_ns - c->requests.last_ns) > (__s64)config.connection_idle_ns)
		expire_connection(set, way, c, tag);
	if (set->tag[way] != tag)
		return 0;
	sweep->open++;
	sweep->awaited += config.responses ? unanswered(c) : 0;
	sweep->waiting += (c->requests.buffer != 0) + (c->responses.buffer != 0);
	return 0;
}

static long sweep_connection_set(__u32 i, struct sweeping *sweep)
{
	__u32 way;

	for (way = 0; way < CONNECTION_WAYS; way++)
		sweep_connection(sweep, sweep->first_set + i, way);
	return 0;
}

SEC("syscall")
int hopspan_sweep_connections(struct connection_sweep *context)
{
	struct sweeping sweep = {
		.first_set = context->first_set,
		.now_ns = bpf_ktime_get_ns(),
	};

	bpf_loop(context->sets, sweep_connection_set, &sweep, 0);
	context->open = sweep.open;
	context->awaited = sweep.awaited;
	context->waiting = sweep.waiting;
	return 0;
}

#endif
