/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The path of a message: what a sighting does to the hop table, and the record of a hop. Included by
 * hop_probe.bpf.c behind the maps, the configuration and count().
 */
#ifndef HOPSPAN_PATH_H
#define HOPSPAN_PATH_H

#include "admission.h"
#include "loss.h"

/* A sighting on its way to the table. */
struct sighting {
	struct message_key key;
	struct parsed packet;
	__u64 now_ns;
	__u32 request_position; /* of the request itself, or of the one that is answered */
	__u32 set;		/* of the hop table */
	__u32 way;
	__u16 status; /* of a response */
	__u8 flags;
	__u8 ingress;
	__u8 at_end; /* the point is a NIC or a vport */
	__u8 copy;   /* its connection has seen the message before */
};

/* Whether user space is to be woken: `size` bytes make the ring as full as that. */
static __always_inline __u64 wake_flags(__u64 held, __u64 size)
{
	int crossed = held + size >= config.wakeup_bytes && held < config.wakeup_bytes;

	return crossed ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

static __always_inline void record_wake(void *ring, struct hop_record *record)
{
	__u64 size = sizeof(*record) + BPF_RINGBUF_HDR_SZ;
	__u64 held = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(record, wake_flags(held - size, size));
}

/* Puts this sighting into the slot as its last. */
static __always_inline void remember(struct hop_slot *slot, const struct sighting *s)
{
	slot_remember(slot, &s->packet.at, s->now_ns);
	slot->copy = config.copy;
	if (s->packet.at.tunnel_family == 6) {
		struct tunnel_ends *ends = tunnel_ends_at(s->set, s->way);

		if (ends) {
			__builtin_memcpy(ends->source, s->packet.at.tunnel_source, 16);
			__builtin_memcpy(ends->destination, s->packet.at.tunnel_destination, 16);
		}
	}
}

/*
 * The hop from the slot's last point to this one. The caller holds the slot. It ends when the packet leaves this
 * point, so the clock is read again, last of all: what the search has taken here has delayed the packet, too. The
 * next hop begins there, so that the hops of a path neither overlap nor leave a gap.
 */
static __always_inline void fill_hop(struct hop_record *record, const struct hop_slot *slot,
				     struct sighting *s)
{
	record->type = RECORD_HOP;
	record->kind = s->key.kind;
	record->trace_flags = s->flags;
	record->retransmission = slot->retransmission;
	record->position = s->key.position;
	record->from_ns = slot->last_ns;
	__builtin_memcpy(record->trace_id, s->key.trace_id, 16);
	__builtin_memcpy(record->span_id, &s->key.span_id, 8);
	record->status_code = s->status;
	record->trace_state_length = 0;
	record->request_position = s->request_position;
	recall(slot, s->set, s->way, &record->from);
	record->to = s->packet.at;
	s->now_ns = bpf_ktime_get_ns();
	record->to_ns = s->now_ns;
}

/* With the tracestate behind it, so in a length of its own, which cannot be reserved. Returns whether there was room. */
static __always_inline int emit_long_hop(void *ring, const struct hop_slot *slot,
					 struct sighting *s, const struct trace_state *state)
{
	__u32 zero = 0, length = opaque(state->length);
	struct long_record *record = bpf_map_lookup_elem(&long_records, &zero);
	__u64 size = sizeof(record->hop) + length;

	if (!record || length > TRACE_STATE_MAX)
		return 0;
	bpf_probe_read_kernel(record->trace_state, length, state->byte);
	fill_hop(&record->hop, slot, s);
	record->hop.trace_state_length = length;
	return !bpf_ringbuf_output(
		ring, record, size,
		wake_flags(bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA), size + BPF_RINGBUF_HDR_SZ));
}

static __always_inline int emit_short_hop(void *ring, const struct hop_slot *slot,
					  struct sighting *s)
{
	struct hop_record *record = bpf_ringbuf_reserve(ring, sizeof(*record), 0);

	if (!record)
		return 0;
	fill_hop(record, slot, s);
	record_wake(ring, record);
	return 1;
}

static __always_inline void emit_hop(const struct hop_slot *slot, struct sighting *s)
{
	__u32 cpu = bpf_get_smp_processor_id(), zero = 0;
	void *ring = bpf_map_lookup_elem(&rings, &cpu);
	struct trace_state *state = 0;
	int done = 0;

	if (CARRY_TRACE_STATE)
		state = bpf_map_lookup_elem(&trace_states, &zero);
	if (ring)
		done = state && state->carried ? emit_long_hop(ring, slot, s, state)
					       : emit_short_hop(ring, slot, s);
	count(s->packet.at.point, done ? COUNTER_RECORDS : COUNTER_RING_FULL);
}

/*
 * While the loader puts our program in front of somebody else's, a hook runs two copies of it for a moment, and
 * both see the packet. A retransmission is seen by one copy twice, or long after.
 */
#define ECHO_NS 10000000

static __always_inline int is_echo(const struct hop_slot *slot, const struct sighting *s)
{
	return slot->copy != (__u8)config.copy &&
	       slot->visited[(slot->steps - 1) & (HOP_PATH_MAX - 1)] == s->packet.at.point &&
	       s->now_ns - slot->last_ns < ECHO_NS;
}

/* The message has been seen before. The caller holds the slot; the result is its new state. */
static __always_inline enum slot_state go_on(struct hop_slot *slot, enum slot_state state,
					     struct sighting *s)
{
	if (has_visited(slot, s->packet.at.point)) {
		count(s->packet.at.point, COUNTER_REPEATED);
		if (is_echo(slot, s))
			return state;
		if (config.lost_messages)
			seen_again(slot, s->packet.at.point, state == SLOT_LIVE,
				   s->set * HOP_WAYS + s->way, s->now_ns);
		path_rewind(slot, s->packet.at.point);
		if (slot->retransmission < 255)
			slot->retransmission++;
	} else if (slot->steps >= HOP_PATH_MAX) {
		count(s->packet.at.point, COUNTER_REFUSED_PATH_FULL);
		return state;
	} else {
		count(s->packet.at.point, COUNTER_CONTINUING);
		/* NIC and vport are the ends of every path through a node; bridges and the like are on the way. */
		if (state == SLOT_LIVE && s->at_end) {
			count(s->packet.at.point, COUNTER_COMPLETED);
			state = SLOT_DONE;
		}
		if (config.lost_messages)
			seen_further(slot, s->at_end);
		emit_hop(slot, s);
		slot->visited[slot->steps & (HOP_PATH_MAX - 1)] = s->packet.at.point;
		slot->steps++;
	}
	remember(slot, s);
	return state;
}

static __always_inline void begin(struct hop_slot *slot, __u32 seen, const struct sighting *s)
{
	if ((seen & SLOT_STATE_MASK) == SLOT_LIVE)
		count(slot->visited[(slot->steps - 1) & (HOP_PATH_MAX - 1)], COUNTER_OVERWRITTEN);
	slot->key = s->key;
	/* The table may have forgotten the first copy; it is not this one. */
	slot->retransmission = s->copy;
	slot->marks = 0;
	slot->end.trace_flags = s->flags;
	path_restart(slot, s->packet.at.point);
	remember(slot, s);
	count(s->packet.at.point, COUNTER_FIRST);
}

/*
 * Shows a sighting to the table. Returns whether it was let in. Global: the verifier looks at it once in each program.
 * Responses are let in without a token: there are no more of them than of the requests that were.
 */
__noinline int observe(struct sighting *s)
{
	enum slot_state state = SLOT_LIVE;
	struct slot_pick pick;
	struct hop_set *set;
	__u32 index;
	int known;

	if (!s)
		return 0;
	index = hash_key(&s->key) & (config.table_sets - 1);
	s->set = index;
	set = bpf_map_lookup_elem(&hop_table, &index);
	if (!set)
		return 0;
	count(s->packet.at.point, COUNTER_SIGHTINGS);
	known = set_find(set, &s->key, &pick);
	if (!known) {
		__u32 refusal = s->key.kind == MESSAGE_RESPONSE
					? 0
					: refuse_path(&s->packet.at, s->now_ns, s->ingress);

		if (refusal) {
			count(s->packet.at.point, refusal);
			return 0;
		}
		set_victim(set, &pick);
	}
	if (!slot_claim(pick.slot, pick.seen)) {
		count(s->packet.at.point, COUNTER_REFUSED_CONTENDED);
		return 0;
	}
	s->way = pick.way;
	if (known)
		state = go_on(pick.slot, pick.seen & SLOT_STATE_MASK, s);
	else
		begin(pick.slot, pick.seen, s);
	if (config.lost_messages)
		note_flight(s->key.position, s->set * HOP_WAYS + s->way);
	slot_release(pick.slot, pick.seen, state);
	return 1;
}

#endif
