/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tunnels in UDP (RFC 768): VXLAN (RFC 7348) and Geneve with options (RFC 8926), both around Ethernet.
 * Returns the EtherType that stands for "an Ethernet header follows", or PARSE_OTHER for other UDP.
 */
#ifndef HOPSPAN_PARSE_UDP_TUNNEL_H
#define HOPSPAN_PARSE_UDP_TUNNEL_H

#include "packet.h"
#include "tunnel.h"

#define GENEVE_PORT 6081
#define VXLAN_VNI_VALID 0x08

/* UDP and, behind it, eight bytes that VXLAN and Geneve lay out alike up to the flags. */
struct udp_tunnel {
	struct udphdr udp;
	__u8 flags; /* VXLAN: bit 3 says that the VNI is valid; Geneve: version, length of the options */
	__u8 reserved;
	__be16 protocol; /* Geneve's; VXLAN has zeros here */
	__u8 vni[3];
	__u8 reserved2;
};

static __always_inline int is_vxlan_port(const volatile __u16 *ports, __u16 port)
{
	return port &&
	       (port == ports[0] || port == ports[1] || port == ports[2] || port == ports[3]);
}

static __always_inline int parse_udp_tunnel(struct packet *p, const volatile __u16 *vxlan_ports,
					    struct tunnel *tunnel)
{
	struct udphdr udp_copy, *udp = packet_peek(p, sizeof(udp_copy), &udp_copy);
	struct udp_tunnel copy, *header;
	int geneve;

	if (!udp)
		return PARSE_MALFORMED;
	geneve = udp->dest == bpf_htons(GENEVE_PORT);
	if (!geneve && !is_vxlan_port(vxlan_ports, bpf_ntohs(udp->dest)))
		return PARSE_OTHER;
	header = packet_peek(p, sizeof(copy), &copy);
	if (!header)
		return PARSE_MALFORMED;
	/* The port may serve something else: without a valid VNI this is not VXLAN, nor Geneve around something else. */
	if (geneve ? header->protocol != bpf_htons(ETH_P_TEB) || header->flags >> 6
		   : !(header->flags & VXLAN_VNI_VALID))
		return geneve ? PARSE_GENEVE : PARSE_OTHER;
	tunnel->type = geneve ? TUNNEL_GENEVE : TUNNEL_VXLAN;
	tunnel->id = header->vni[0] << 16 | header->vni[1] << 8 | header->vni[2];
	p->offset += sizeof(*header);
	if (geneve)
		p->offset += (header->flags & 0x3f) * 4;
	return p->offset > p->end ? PARSE_MALFORMED : ETH_P_TEB;
}

#endif
