/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The hop table: messages on their way through the node.
 *
 * An array of sets of HOP_WAYS slots, a slot two cache lines: the key and the path in the first, the
 * addresses at the last point in the second. A slot is claimed by compare-and-swap on its state word,
 * which carries a generation, so that a claim can never hit a slot that was reused in between.
 *
 *   FREE ──first──► LIVE ──its end, or given up by the sweeper──► DONE ──sweeper──► FREE
 *
 * DONE keeps its key, so that a late copy of the message is still recognised, and is the first to be reused.
 *
 * Nothing here touches a map or a packet: it is compiled for the host, too, and tested there.
 */
#ifndef HOPSPAN_HOP_TABLE_H
#define HOPSPAN_HOP_TABLE_H

#include "include/hop_record.h"

enum slot_state {
	SLOT_FREE = 0,
	SLOT_LIVE,
	SLOT_DONE,
	SLOT_BUSY,
};
#define SLOT_STATE_MASK 3u
#define SLOT_GENERATION 4u

#define SLOT_MARK_GIVEN_UP 1  /* DONE because the sweeper gave it up */
#define SLOT_MARK_SUSPECTED 2 /* there is evidence that it was lost, and no other will be taken */

struct message_key {
	__u64 trace_id[2];
	__u64 span_id;
	__u32 position;
	__u32 kind;
};

/* Addresses as they were at the last point. Those of an IPv6 tunnel do not fit: struct tunnel_ends. */
struct slot_endpoint {
	__u8 source[16];
	__u8 destination[16];
	__u16 source_port;
	__u16 destination_port;
	__u8 family;
	__u8 tunnel_type;
	__u8 tunnel_family;
	__u8 trace_flags; /* not the end's but the message's; there is room for it here */
	__u32 tunnel_id;
	__u8 tunnel_source[4];
	__u8 tunnel_destination[4];
	__u8 reserved2[12];
};

struct hop_slot {
	__u32 state; /* generation << 2 | enum slot_state */
	__u8 steps;  /* points visited by this copy of the message */
	__u8 retransmission;
	__u8 copy;  /* of the programs: the one that saw the last sighting */
	__u8 marks; /* SLOT_MARK_* */
	__u64 last_ns;
	struct message_key key;
	union {
		__u16 visited[HOP_PATH_MAX];
		__u64 visited4[HOP_PATH_MAX / 4];
	};
	struct slot_endpoint end;
};
_Static_assert(sizeof(struct hop_slot) == 128, "a slot is two cache lines");

struct hop_set {
	struct hop_slot way[HOP_WAYS];
};

/* Beside the table, so that a slot stays two cache lines; touched only for tunnels over IPv6. */
struct tunnel_ends {
	__u8 source[16];
	__u8 destination[16];
};

struct tunnel_set {
	struct tunnel_ends way[HOP_WAYS];
};

/* One branch, not five: each would double what the verifier has to look at. */
static __always_inline int same_key(const struct message_key *a, const struct message_key *b)
{
	return !((a->span_id ^ b->span_id) | (a->trace_id[0] ^ b->trace_id[0]) |
		 (a->trace_id[1] ^ b->trace_id[1]) | (a->position ^ b->position) |
		 (a->kind ^ b->kind));
}

/* Position and span differ between any two messages; multiplication spreads them over all bits. */
static __always_inline __u32 hash_key(const struct message_key *key)
{
	__u64 h = key->span_id ^ key->trace_id[1];

	h = (h ^ h >> 32 ^ key->position) * 0x9e3779b97f4a7c15ULL;
	h ^= h >> 29;
	h = (h + key->kind) * 0xbf58476d1ce4e5b9ULL;
	return h >> 32;
}

/* Takes the slot if it is still as it was when `seen` was read. */
static __always_inline int slot_claim(struct hop_slot *slot, __u32 seen)
{
	__u32 busy = (seen & ~SLOT_STATE_MASK) | SLOT_BUSY;

	return seen != busy && __sync_val_compare_and_swap(&slot->state, seen, busy) == seen;
}

/* Gives the slot back in a new generation. An exchange, because it is a full barrier on every CPU. */
static __always_inline void slot_release(struct hop_slot *slot, __u32 seen, enum slot_state state)
{
	__sync_lock_test_and_set(&slot->state,
				 ((seen & ~SLOT_STATE_MASK) + SLOT_GENERATION) | state);
}

static __always_inline __u32 slot_seen(const struct hop_slot *slot)
{
	return *(const volatile __u32 *)&slot->state;
}

/* The high bit of every 16-bit lane that is zero. */
static __always_inline __u64 zero_lanes(__u64 lanes)
{
	__u64 low = 0x7fff7fff7fff7fffULL;

	return ~(((lanes & low) + low) | lanes | low);
}

/* All lanes at once, without a branch. Lanes not in use hold 0, which is no point. */
static __always_inline int has_visited(const struct hop_slot *slot, __u16 point)
{
	__u64 wanted = point * 0x0001000100010001ULL;

	return (zero_lanes(slot->visited4[0] ^ wanted) | zero_lanes(slot->visited4[1] ^ wanted)) !=
	       0;
}

static __always_inline __u32 last_point(const struct hop_slot *slot)
{
	return slot->visited[(slot->steps - 1) & (HOP_PATH_MAX - 1)];
}

static __always_inline void path_restart(struct hop_slot *slot, __u16 point)
{
	slot->steps = 1;
	slot->visited4[0] = point;
	slot->visited4[1] = 0;
}

/* Of four lanes, those up to the first that holds the point; `lanes` comes out of zero_lanes(), not 0. */
static __always_inline __u64 lanes_up_to(__u64 lanes)
{
	return ((lanes & -lanes) << 1) - 1;
}

/*
 * Goes back to where this point stands on the path, which it does: the message comes by again, and what is behind the
 * point was seen of an earlier copy. What is before it stays, so that the next copy is known there, too.
 */
static __always_inline void path_rewind(struct hop_slot *slot, __u16 point)
{
	__u64 wanted = point * 0x0001000100010001ULL;
	__u64 first = zero_lanes(slot->visited4[0] ^ wanted), keep = lanes_up_to(first);
	__u64 *half = first ? &slot->visited4[0] : &slot->visited4[1];

	if (first)
		slot->visited4[1] = 0;
	else
		keep = lanes_up_to(zero_lanes(slot->visited4[1] ^ wanted));
	*half &= keep;
	slot->steps =
		(first ? 1 : 5) + (keep > 0xffff) + (keep > 0xffffffff) + (keep > 0xffffffffffff);
}

static __always_inline void slot_remember(struct hop_slot *slot, const struct hop_endpoint *at,
					  __u64 now_ns)
{
	slot->last_ns = now_ns;
	__builtin_memcpy(slot->end.source, at->source, 16);
	__builtin_memcpy(slot->end.destination, at->destination, 16);
	slot->end.source_port = at->source_port;
	slot->end.destination_port = at->destination_port;
	slot->end.family = at->family;
	slot->end.tunnel_type = at->tunnel_type;
	slot->end.tunnel_family = at->tunnel_family;
	slot->end.tunnel_id = at->tunnel_id;
	__builtin_memcpy(slot->end.tunnel_source, at->tunnel_source, 4);
	__builtin_memcpy(slot->end.tunnel_destination, at->tunnel_destination, 4);
}

static __always_inline void slot_recall(const struct hop_slot *slot, struct hop_endpoint *at)
{
	__builtin_memset(at, 0, sizeof(*at));
	__builtin_memcpy(at->source, slot->end.source, 16);
	__builtin_memcpy(at->destination, slot->end.destination, 16);
	at->source_port = slot->end.source_port;
	at->destination_port = slot->end.destination_port;
	at->point = slot->visited[(slot->steps - 1) & (HOP_PATH_MAX - 1)];
	at->family = slot->end.family;
	at->tunnel_type = slot->end.tunnel_type;
	at->tunnel_family = slot->end.tunnel_family;
	at->tunnel_id = slot->end.tunnel_id;
	__builtin_memcpy(at->tunnel_source, slot->end.tunnel_source, 4);
	__builtin_memcpy(at->tunnel_destination, slot->end.tunnel_destination, 4);
}

/* A slot as it was found: its state then is what slot_claim() wants to see. */
struct slot_pick {
	struct hop_slot *slot;
	__u32 seen;
	__u32 way;
};

/* The slot of the key, if there is one. */
static __always_inline int set_find(struct hop_set *set, const struct message_key *key,
				    struct slot_pick *pick)
{
	int i;

#pragma unroll
	for (i = 0; i < HOP_WAYS; i++) {
		struct hop_slot *slot = &set->way[i];
		__u32 state = slot_seen(slot);

		if (state & SLOT_STATE_MASK && same_key(&slot->key, key)) {
			*pick = (struct slot_pick){ slot, state, i };
			return 1;
		}
	}
	return 0;
}

/* How gladly a slot is given up: free ones first, then finished paths, the oldest of them first. */
static __always_inline __u64 slot_cost(const struct hop_slot *slot, __u32 state)
{
	switch (state & SLOT_STATE_MASK) {
	case SLOT_FREE:
		return 0;
	case SLOT_DONE:
		return 1 + (slot->last_ns >> 1);
	case SLOT_LIVE:
		return (1ULL << 63) + (slot->last_ns >> 1);
	default:
		return ~0ULL;
	}
}

/* The slot to use for a new path. */
static __always_inline void set_victim(struct hop_set *set, struct slot_pick *pick)
{
	__u64 least = ~0ULL;
	int i;

	*pick = (struct slot_pick){ &set->way[0], slot_seen(&set->way[0]), 0 };
#pragma unroll
	for (i = 0; i < HOP_WAYS; i++) {
		struct hop_slot *slot = &set->way[i];
		__u32 state = slot_seen(slot);
		__u64 cost = slot_cost(slot, state);

		if (cost < least) {
			least = cost;
			*pick = (struct slot_pick){ slot, state, i };
		}
	}
}

#endif
