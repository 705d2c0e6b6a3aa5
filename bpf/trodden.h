/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From where messages have gone on before. Traffic that ends on the node is never seen at a next point, and must not be
 * called lost: so a loss is believed only where others went on, from the same point between the same addresses.
 *
 * An array of hashes that remembers what it can. What it has forgotten makes a loss go unreported, which is counted.
 */
#ifndef HOPSPAN_TRODDEN_H
#define HOPSPAN_TRODDEN_H

#include "include/hop_record.h"

#define TRODDEN_MAX 4096

/* How both struct hop_endpoint and struct slot_endpoint begin. */
struct flow_ends {
	__u64 address[4];
	__u16 source_port;
	__u16 destination_port;
};

static __always_inline __u64 trodden_mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/* Of the way from this point, between these addresses, to or from the port of the server. */
static __always_inline __u64 path_hash(const struct flow_ends *flow, __u32 point, __u32 kind)
{
	__u32 server = kind == MESSAGE_REQUEST ? flow->destination_port : flow->source_port;
	__u64 hash = trodden_mix(point, (__u64)kind << 16 | server);

	hash = trodden_mix(hash, flow->address[0]);
	hash = trodden_mix(hash, flow->address[1]);
	hash = trodden_mix(hash, flow->address[2]);
	return trodden_mix(hash, flow->address[3]);
}

/* Of the same way, for one connection alone. */
static __always_inline __u64 connection_hash(const struct flow_ends *flow, __u64 path, __u32 kind)
{
	return trodden_mix(path,
			   kind == MESSAGE_REQUEST ? flow->source_port : flow->destination_port);
}

#endif
