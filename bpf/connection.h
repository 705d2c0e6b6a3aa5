/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The connection table: what a device has to remember of a TCP connection, because a message goes on in its next
 * segment, or because a response is awaited.
 *
 * Tags stand in an array of their own, four to a set, so that a packet of a connection that nobody remembers costs one
 * hash and half a cache line. A connection has two halves, one for each direction, which two CPUs may work on at the
 * same time: each is claimed by compare-and-swap. Between them stands a queue of requests that await their response,
 * written by one half and read by the other.
 *
 * The key is a hash with a secret seed over both ends and the device, because addresses change on their way through
 * the node, and two devices see the same connection at different times.
 *
 * Nothing here touches a map or a packet: it is compiled for the host, too, and tested there.
 */
#ifndef HOPSPAN_CONNECTION_H
#define HOPSPAN_CONNECTION_H

#include "include/hop_record.h"
#include "parse/framing.h"
#include "parse/status_line.h"

/* Requests that may await their response; one less than there are places, so that the last answered one stays. */
#define EXCHANGES 16
#define TAG_FREE 0ULL
#define TAG_BUSY 1ULL
#define CLAIM_TRIES 64

struct connection_set {
	__u64 tag[CONNECTION_WAYS];
};

/* A request, for as long as its response or a copy of it may come. */
struct exchange {
	__u64 trace_id[2];
	__u64 span_id;
	__u32 position; /* of the context; of the header's end, where there is none */
	__u32 expected; /* sequence number at which the client awaits the response */
	__u8 trace_flags;
	__u8 traced;
	__u8 method; /* enum exchange_method */
	__u8 number; /* requests of the connection before this one, modulo 256 */
};

enum exchange_method {
	METHOD_OTHER = 0,
	METHOD_HEAD,
	METHOD_CONNECT,
};

struct request_half {
	__u32 claim;
	__u32 produced; /* exchanges ever queued */
	struct framing framing;
	__u32 start;  /* of the header, in STREAM_HEADER */
	__u16 buffer; /* index + 1 of the buffer of a header */
	__u16 point;  /* where requests are seen */
	__u8 decided; /* it is known whether the header has a context */
	__u8 asked;   /* requests ever heard, modulo 256: those without a place in the queue, too */
	__u8 client;  /* direction of the requests */
	__u8 reserved;
	__u32 reserved2;
	__u64 last_ns;
	__u64 reserved3[2];
};

struct response_half {
	__u32 claim;
	__u32 consumed; /* exchanges ever answered */
	struct framing framing;
	__u32 last_position; /* of the last response: its first byte */
	__u16 last_status;
	__u8 finals;  /* final responses ever heard, modulo 256 */
	__u8 carried; /* bytes of a status line that was split */
	__u8 carry[16];
	__u32 missed;  /* exchange whose response did not begin where it was expected, + 1 */
	__u8 tunnel;   /* nothing here is HTTP any more */
	__u8 answered; /* some response was: last_position and last_status are valid */
	__u16 buffer;  /* index + 1 of the buffer of a header */
	__u8 bodiless; /* what has that header has no body */
	__u8 reserved[7];
};

/* A status line at the beginning of a segment that overtook what belongs in front of it. */
struct early_response {
	__u32 start;  /* sequence number */
	__u32 length; /* of the body, or LENGTH_UNKNOWN */
	__u16 head;   /* length of the header; 0: no entry */
	__u16 status;
};
#define EARLY_RESPONSES 8
#define LENGTH_UNKNOWN (~0u)

struct connection {
	struct request_half requests;
	struct response_half responses;
	struct exchange exchange[EXCHANGES];
	struct early_response early[EARLY_RESPONSES];
	__u64 reserved[4];
};
_Static_assert(sizeof(struct request_half) == 64 && sizeof(struct response_half) == 64,
	       "each half is a cache line of its own");
_Static_assert(sizeof(struct connection) == 896, "a connection is fourteen cache lines");

static __always_inline __u64 mix(__u64 h)
{
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15ULL;
	h ^= h >> 29;
	return h * 0xbf58476d1ce4e5b9ULL;
}

static __always_inline __u64 hash_end(const __u8 *address, __u16 port, __u64 seed)
{
	const __u64 *half = (const __u64 *)address;

	return mix(mix(half[0] ^ seed) + half[1] + ((__u64)port << 47));
}

struct flow {
	__u64 tag;
	__u32 direction; /* 0 or 1: which of the two ends sends */
};

/*
 * Both directions have the same tag where requests come in and responses go out, or the other way round. A packet that
 * passes a device twice, in and out again, belongs to two.
 */
static __always_inline struct flow flow_of(const struct hop_endpoint *at, __u32 ifindex,
					   __u32 ingress, __u64 seed)
{
	__u64 source = hash_end(at->source, at->source_port, seed);
	__u64 destination = hash_end(at->destination, at->destination_port, seed);
	__u32 direction = source < destination;
	__u64 device = (__u64)(ifindex << 1 | (direction ^ ingress)) << 32;

	return (struct flow){
		.tag = mix((source + destination) ^ device ^ seed) | 2,
		.direction = direction,
	};
}

static __always_inline __u32 flow_set(__u64 tag, __u32 sets)
{
	return (tag >> 32) & (sets - 1);
}

/* The way of the tag, or -1. Global: the verifier need not know which. */
__noinline int connection_find(const struct connection_set *set, __u64 tag)
{
	int way = -1, i;

	if (!set)
		return -1;
#pragma unroll
	for (i = 0; i < CONNECTION_WAYS; i++)
		way = set->tag[i] == tag ? i : way;
	return way;
}

/* Global, so that the verifier walks its turns once. */
__noinline int half_claim(__u32 *claim)
{
	int i;

	if (!claim)
		return 0;
	for (i = 0; i < CLAIM_TRIES; i++)
		if (!__sync_val_compare_and_swap(claim, 0, 1))
			return 1;
	return 0;
}

static __always_inline void half_release(__u32 *claim)
{
	__sync_lock_test_and_set(claim, 0);
}

static __always_inline __u32 read_once(const __u32 *at)
{
	return *(const volatile __u32 *)at;
}

static __always_inline __u32 awaiting(const struct connection *c)
{
	return read_once(&c->requests.produced) - read_once(&c->responses.consumed);
}

static __always_inline struct exchange *exchange_at(struct connection *c, __u32 n)
{
	return &c->exchange[n & (EXCHANGES - 1)];
}

/* How gladly a connection is given up: those that await nothing first, then the longest quiet. */
static __always_inline __u64 connection_cost(const struct connection *c)
{
	return (c->requests.last_ns >> 1) | (__u64)(awaiting(c) || c->requests.buffer) << 63;
}

/* Requests whose final response has not been heard, those without a place in the queue included. */
static __always_inline __u32 outstanding(const struct connection *c)
{
	return (__u8)(*(const volatile __u8 *)&c->requests.asked - c->responses.finals);
}

/* How many traced requests still await their response. */
static __always_inline __u32 unanswered(const struct connection *c)
{
	__u32 n = 0, i, waiting = awaiting(c);

	for (i = 0; i < EXCHANGES; i++)
		if (i < waiting &&
		    c->exchange[(c->responses.consumed + i) & (EXCHANGES - 1)].traced)
			n++;
	return n;
}

/*
 * A place for one more request, the newest; 0 when the queue is full. Whoever calls holds the request half, fills the
 * place and then calls exchange_publish().
 */
static __always_inline struct exchange *exchange_place(struct connection *c)
{
	__u8 number = c->requests.asked++;
	struct exchange *e = exchange_at(c, c->requests.produced);

	if (awaiting(c) >= EXCHANGES - 1)
		return 0;
	e->number = number;
	return e;
}

static __always_inline void exchange_publish(struct connection *c)
{
	__sync_lock_test_and_set(&c->requests.produced, c->requests.produced + 1);
}

#endif
