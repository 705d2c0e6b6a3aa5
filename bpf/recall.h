/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A slot's last sighting as one end of a record. Included behind the maps. */
#ifndef HOPSPAN_RECALL_H
#define HOPSPAN_RECALL_H

/* Where the addresses of a tunnel over IPv6 are kept: beside the table. */
static __always_inline struct tunnel_ends *tunnel_ends_at(__u32 set, __u32 way)
{
	struct tunnel_set *tunnels = bpf_map_lookup_elem(&tunnel_table, &set);

	return tunnels ? &tunnels->way[way & (HOP_WAYS - 1)] : 0;
}

static __always_inline void recall(const struct hop_slot *slot, __u32 set, __u32 way,
				   struct hop_endpoint *at)
{
	slot_recall(slot, at);
	if (at->tunnel_family == 6) {
		struct tunnel_ends *ends = tunnel_ends_at(set, way);

		if (ends) {
			__builtin_memcpy(at->tunnel_source, ends->source, 16);
			__builtin_memcpy(at->tunnel_destination, ends->destination, 16);
		}
	}
}

#endif
