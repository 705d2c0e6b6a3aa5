/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ethernet II (IEEE 802.3) with up to two VLAN tags (802.1Q, 802.1ad). Returns the EtherType behind them.
 * At tc ingress the kernel has taken the outer tag out of the frame; it is not needed to find the rest.
 */
#ifndef HOPSPAN_PARSE_ETHERNET_H
#define HOPSPAN_PARSE_ETHERNET_H

#include "packet.h"

#define VLAN_DEPTH_MAX 2

struct vlan_tag {
	__be16 tci;
	__be16 type;
};

static __always_inline int is_vlan(int type)
{
	return type == ETH_P_8021Q || type == ETH_P_8021AD;
}

static __always_inline int parse_ethernet(struct packet *p)
{
	struct ethhdr copy, *eth = packet_peek(p, sizeof(copy), &copy);
	int type, depth;

	if (!eth)
		return PARSE_MALFORMED;
	p->offset += sizeof(*eth);
	type = bpf_ntohs(eth->h_proto);
#pragma unroll
	for (depth = 0; depth < VLAN_DEPTH_MAX && is_vlan(type); depth++) {
		struct vlan_tag tag_copy, *tag = packet_peek(p, sizeof(tag_copy), &tag_copy);

		if (!tag)
			return PARSE_MALFORMED;
		p->offset += sizeof(*tag);
		type = bpf_ntohs(tag->type);
	}
	return type;
}

#endif
