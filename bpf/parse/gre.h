/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* GRE (RFC 2784) with key and sequence number (RFC 2890). Returns the EtherType of what is inside. */
#ifndef HOPSPAN_PARSE_GRE_H
#define HOPSPAN_PARSE_GRE_H

#include "packet.h"
#include "tunnel.h"

#define GRE_CHECKSUM 0x8000
#define GRE_ROUTING 0x4000
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_VERSION 0x0007

struct gre_header {
	__be16 flags;
	__be16 protocol;
};

static __always_inline int parse_gre(struct packet *p, struct tunnel *tunnel)
{
	struct gre_header copy, *gre = packet_peek(p, sizeof(copy), &copy);
	__u16 flags;
	int protocol;

	if (!gre)
		return PARSE_MALFORMED;
	flags = bpf_ntohs(gre->flags);
	protocol = bpf_ntohs(gre->protocol);
	/* Version 1 is PPTP; source routes (RFC 1701) are obsolete and their length is not known here. */
	if (flags & (GRE_VERSION | GRE_ROUTING))
		return PARSE_GRE;
	p->offset += sizeof(*gre) + (flags & GRE_CHECKSUM ? 4 : 0);
	if (flags & GRE_KEY) {
		__be32 key_copy, *key = packet_peek(p, sizeof(key_copy), &key_copy);

		if (!key)
			return PARSE_MALFORMED;
		tunnel->id = bpf_ntohl(*key);
		p->offset += sizeof(*key);
	}
	p->offset += flags & GRE_SEQUENCE ? 4 : 0;
	tunnel->type = TUNNEL_GRE;
	return p->offset > p->end ? PARSE_MALFORMED : protocol;
}

#endif
