/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TCP with options (RFC 9293). Returns 0 with the packet on the payload, PARSE_OTHER without payload. */
#ifndef HOPSPAN_PARSE_TCP_H
#define HOPSPAN_PARSE_TCP_H

#include "packet.h"

struct tcp_segment {
	__u32 sequence;
	__u16 source_port;
	__u16 destination_port;
};

static __always_inline int parse_tcp(struct packet *p, struct tcp_segment *segment)
{
	struct tcphdr copy, *tcp = packet_peek(p, sizeof(copy), &copy);
	__u32 header;

	if (!tcp)
		return PARSE_MALFORMED;
	header = tcp->doff * 4;
	if (header < sizeof(*tcp) || header > p->end - p->offset)
		return PARSE_MALFORMED;
	p->offset += header;
	if (p->offset == p->end)
		return PARSE_OTHER;
	segment->sequence = bpf_ntohl(tcp->seq);
	segment->source_port = bpf_ntohs(tcp->source);
	segment->destination_port = bpf_ntohs(tcp->dest);
	return 0;
}

#endif
