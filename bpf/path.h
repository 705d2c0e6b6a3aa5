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
	__u8 at_end;   /* the point is a NIC or a vport */
	__u8 copy;     /* its connection has seen the message before */
	__u8 pieced;   /* its header was put together from segments */
	__u32 pending; /* slot of the hop that is to be reported: its number plus one; 0: none */
};

/* Whether user space is to be woken: `size` bytes make the ring as full as that. */
static __always_inline __u64 wake_flags(__u64 held, __u64 size)
{
	int crossed = held + size >= config.wakeup_bytes && held < config.wakeup_bytes;

	return crossed ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
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

/* The hop from the slot's last point to this one, but for its end. */
static __always_inline void fill_hop(struct hop_record *record, const struct hop_slot *slot,
				     const struct sighting *s)
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
}

/* The tracestate goes behind the record. */
static __always_inline void carry_trace_state(struct pending_hop *hop)
{
	__u32 zero = 0, length;
	struct trace_state *state = bpf_map_lookup_elem(&trace_states, &zero);

	if (!state || !state->carried)
		return;
	length = opaque(state->length);
	if (length > TRACE_STATE_MAX)
		return;
	bpf_probe_read_kernel(hop->trace_state, length, state->byte);
	hop->record.trace_state_length = length;
}

static __always_inline struct hop_slot *slot_at(__u32 number)
{
	__u32 index = number / HOP_WAYS;
	struct hop_set *set = bpf_map_lookup_elem(&hop_table, &index);

	return set ? &set->way[number & (HOP_WAYS - 1)] : 0;
}

/*
 * The clock, and what the slot remembers as the beginning of the next hop with it, so that the hops of a path neither
 * overlap nor leave a gap. Whoever has got the slot since has written another time.
 */
static __always_inline __u64 end_hop(struct hop_slot *slot, const struct sighting *s)
{
	__u64 now_ns = bpf_ktime_get_ns();

	if (slot)
		__sync_val_compare_and_swap(&slot->last_ns, s->now_ns, now_ns);
	return now_ns;
}

/* With the tracestate behind it, so in a length of its own, which cannot be reserved. */
static __always_inline void report_long_hop(void *ring, struct hop_slot *slot, struct sighting *s,
					    struct pending_hop *hop)
{
	__u32 length = opaque(hop->record.trace_state_length);
	__u64 size = sizeof(hop->record) + length;
	__u64 flags =
		wake_flags(bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA), size + BPF_RINGBUF_HDR_SZ);
	long error;

	if (length > TRACE_STATE_MAX) /* never: for the verifier */
		return;
	hop->record.to_ns = end_hop(slot, s);
	error = bpf_ringbuf_output(ring, &hop->record, size, flags);
	count(s->packet.at.point, error ? COUNTER_RING_FULL : COUNTER_RECORDS);
}

static __always_inline void report_short_hop(void *ring, struct hop_slot *slot, struct sighting *s,
					     const struct pending_hop *hop)
{
	__u64 held = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);
	struct hop_record *record = bpf_ringbuf_reserve(ring, sizeof(*record), 0);
	__u64 flags = wake_flags(held, sizeof(*record) + BPF_RINGBUF_HDR_SZ);

	if (!record) {
		count(s->packet.at.point, COUNTER_RING_FULL);
		end_hop(slot, s);
		return;
	}
	*record = hop->record;
	count(s->packet.at.point, COUNTER_RECORDS);
	record->to_ns = end_hop(slot, s);
	bpf_ringbuf_submit(record, flags);
}

/*
 * Reports the hop that this packet has completed. It ends when the packet leaves this point, and what is done here
 * delays the packet, too: so this comes last of all, and the clock last of this. Inlined, for the same reason.
 */
static __always_inline void report_hop(struct sighting *s)
{
	__u32 cpu = bpf_get_smp_processor_id(), zero = 0;
	struct pending_hop *hop = bpf_map_lookup_elem(&pending_hops, &zero);
	void *ring = bpf_map_lookup_elem(&rings, &cpu);
	struct hop_slot *slot = slot_at(s->pending - 1);
	int long_hop = CARRY_TRACE_STATE && hop && hop->record.trace_state_length;

	s->pending = 0;
	if (!ring || !hop)
		count(s->packet.at.point, COUNTER_RING_FULL);
	else if (long_hop)
		report_long_hop(ring, slot, s, hop);
	else
		report_short_hop(ring, slot, s, hop);
}

/* Earlier than last of all, because one packet completes more hops than one. */
__noinline int report_earlier_hop(struct sighting *s)
{
	if (s)
		report_hop(s);
	return 0;
}

/* A hop from the slot's last point to this one, to be reported. The caller holds the slot. */
static __always_inline void complete_hop(const struct hop_slot *slot, struct sighting *s)
{
	__u32 zero = 0;
	struct pending_hop *hop = bpf_map_lookup_elem(&pending_hops, &zero);

	if (!hop) {
		count(s->packet.at.point, COUNTER_RING_FULL);
		return;
	}
	if (s->pending)
		report_earlier_hop(s);
	fill_hop(&hop->record, slot, s);
	if (CARRY_TRACE_STATE)
		carry_trace_state(hop);
	s->pending = s->set * HOP_WAYS + s->way + 1;
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
			seen_further(slot, s->at_end, s->pieced);
		complete_hop(slot, s);
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
