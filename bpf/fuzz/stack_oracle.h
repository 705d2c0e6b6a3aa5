/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From the frame to the payload once more, straight from the RFCs: a byte at a time, by offsets, with nothing of
 * bpf/parse but the names of the results. Where the two differ, one of them is wrong.
 *
 * Limits, taken over: two VLAN tags, six IPv6 extension headers, two tunnels, no header (nor GRE key) that begins
 * behind byte 1,024.
 */
#ifndef HOPSPAN_FUZZ_STACK_ORACLE_H
#define HOPSPAN_FUZZ_STACK_ORACLE_H

enum {
	REF_TEB = 0x6558,
	REF_HEADER_OFFSET_MAX = 1024,
};

struct ref_packet {
	const __u8 *byte;
	__u32 at;
	__u32 end;
	__u32 cut;    /* by the fragmentation of a layer around */
	__u32 family; /* of the last IP header */
	__u8 source[16];
	__u8 destination[16];
	__u32 tunnel; /* enum tunnel_type, of the header just read */
	__u32 tunnel_id;
};

struct ref_parsed {
	struct ref_packet inner; /* `at` and `end` are the payload's */
	struct ref_packet outer; /* as it was at the outermost tunnel */
	__u32 sequence;
	__u32 acknowledgment;
	__u32 source_port;
	__u32 destination_port;
};

static __u32 ref_u16(const struct ref_packet *p, __u32 offset)
{
	return p->byte[p->at + offset] << 8 | p->byte[p->at + offset + 1];
}

static __u32 ref_u32(const struct ref_packet *p, __u32 offset)
{
	return ref_u16(p, offset) << 16 | ref_u16(p, offset + 2);
}

static int ref_has(const struct ref_packet *p, __u32 size)
{
	return p->at <= REF_HEADER_OFFSET_MAX && p->at + size <= p->end;
}

/* Moves on; a header that reaches behind the packet's end is a lie. */
static int ref_skip(struct ref_packet *p, __u32 size)
{
	if (size > p->end - p->at)
		return 0;
	p->at += size;
	return 1;
}

static int ref_ethernet(struct ref_packet *p)
{
	int type, tags;

	if (!ref_has(p, 14))
		return PARSE_MALFORMED;
	type = ref_u16(p, 12);
	p->at += 14;
	for (tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); tags++) {
		if (!ref_has(p, 4))
			return PARSE_MALFORMED;
		type = ref_u16(p, 2);
		p->at += 4;
	}
	return type;
}

static int ref_ipv4(struct ref_packet *p)
{
	__u32 header, total;
	int protocol;

	if (!ref_has(p, 20) || p->byte[p->at] >> 4 != 4)
		return PARSE_MALFORMED;
	header = (p->byte[p->at] & 15) * 4;
	total = ref_u16(p, 2);
	if (total == 0 || (p->cut && total > p->end - p->at))
		total = p->end - p->at;
	if (header < 20 || header > total || total > p->end - p->at)
		return PARSE_MALFORMED;
	if (ref_u16(p, 6) & 0x1fff)
		return PARSE_FRAGMENT;
	p->cut |= ref_u16(p, 6) & 0x2000;
	protocol = p->byte[p->at + 9];
	p->family = 4;
	memset(p->source, 0, 16);
	memset(p->destination, 0, 16);
	memcpy(p->source, p->byte + p->at + 12, 4);
	memcpy(p->destination, p->byte + p->at + 16, 4);
	p->end = p->at + total;
	p->at += header;
	return protocol;
}

static int ref_is_extension(int protocol)
{
	return protocol == 0 || protocol == 43 || protocol == 44 || protocol == 51 ||
	       protocol == 60;
}

static int ref_extension(struct ref_packet *p, int protocol)
{
	__u32 units, size;
	int next;

	if (!ref_has(p, 4))
		return PARSE_MALFORMED;
	if (protocol == 44 && ref_u16(p, 2) & 0xfff8)
		return PARSE_FRAGMENT;
	next = p->byte[p->at];
	units = p->byte[p->at + 1];
	size = protocol == 44 ? 8 : protocol == 51 ? 8 + units * 4 : 8 + units * 8;
	return ref_skip(p, size) ? next : PARSE_MALFORMED;
}

static int ref_ipv6(struct ref_packet *p)
{
	__u32 payload;
	int protocol, extensions;

	if (!ref_has(p, 40) || p->byte[p->at] >> 4 != 6)
		return PARSE_MALFORMED;
	payload = ref_u16(p, 4);
	protocol = p->byte[p->at + 6];
	p->family = 6;
	memcpy(p->source, p->byte + p->at + 8, 16);
	memcpy(p->destination, p->byte + p->at + 24, 16);
	p->at += 40;
	if (payload > p->end - p->at && !p->cut)
		return PARSE_MALFORMED;
	if (payload && payload <= p->end - p->at)
		p->end = p->at + payload;
	for (extensions = 0; ref_is_extension(protocol); extensions++) {
		if (extensions == 6)
			return PARSE_MALFORMED;
		p->cut |= protocol == 44;
		protocol = ref_extension(p, protocol);
	}
	return protocol;
}

/* The transport protocol of the next layer. */
static int ref_layer(struct ref_packet *p, int type)
{
	if (type == REF_TEB)
		type = ref_ethernet(p);
	if (type < 0)
		return type;
	if (type == 0x0800)
		return ref_ipv4(p);
	if (type == 0x86dd)
		return ref_ipv6(p);
	return type == 0x0806 ? PARSE_OTHER : PARSE_PROTOCOL;
}

static int ref_udp_tunnel(struct ref_packet *p)
{
	__u32 port, options = 0;

	if (!ref_has(p, 8))
		return PARSE_MALFORMED;
	port = ref_u16(p, 2);
	if (port != 6081 && port != 4789 && port != 8472)
		return PARSE_OTHER;
	if (!ref_has(p, 16))
		return PARSE_MALFORMED;
	if (port == 6081) {
		if (ref_u16(p, 10) != REF_TEB || p->byte[p->at + 8] >> 6)
			return PARSE_GENEVE;
		options = (p->byte[p->at + 8] & 0x3f) * 4;
	} else if (!(p->byte[p->at + 8] & 8)) {
		return PARSE_OTHER;
	}
	p->tunnel = port == 6081 ? TUNNEL_GENEVE : TUNNEL_VXLAN;
	p->tunnel_id = ref_u32(p, 12) >> 8;
	return ref_skip(p, 16 + options) ? REF_TEB : PARSE_MALFORMED;
}

static int ref_gre(struct ref_packet *p)
{
	__u32 flags, key, size = 4;
	int type;

	if (!ref_has(p, 4))
		return PARSE_MALFORMED;
	flags = ref_u16(p, 0);
	type = ref_u16(p, 2);
	if (flags & 0x4007)
		return PARSE_GRE;
	size += flags & 0x8000 ? 4 : 0;
	key = size;
	size += flags & 0x2000 ? 4 : 0;
	size += flags & 0x1000 ? 4 : 0;
	if (size > p->end - p->at)
		return PARSE_MALFORMED;
	if (flags & 0x2000 && p->at + key > REF_HEADER_OFFSET_MAX)
		return PARSE_MALFORMED;
	p->tunnel = TUNNEL_GRE;
	p->tunnel_id = flags & 0x2000 ? ref_u32(p, key) : 0;
	p->at += size;
	return type;
}

/* The EtherType of what is in the tunnel. */
static int ref_tunnel(struct ref_packet *p, int protocol)
{
	p->tunnel_id = 0;
	switch (protocol) {
	case 17:
		return ref_udp_tunnel(p);
	case 47:
		return ref_gre(p);
	case 4:
		p->tunnel = p->family == 4 ? TUNNEL_IPIP : TUNNEL_4IN6;
		return 0x0800;
	case 41:
		p->tunnel = p->family == 4 ? TUNNEL_6IN4 : TUNNEL_IP6IP6;
		return 0x86dd;
	case 50:
		return PARSE_ESP;
	default:
		return PARSE_OTHER;
	}
}

static int ref_tcp(struct ref_parsed *r)
{
	struct ref_packet *p = &r->inner;
	__u32 header;
	__u8 bits;

	if (!ref_has(p, 20))
		return PARSE_MALFORMED;
	bits = p->byte[p->at + 13];
	r->source_port = ref_u16(p, 0);
	r->destination_port = ref_u16(p, 2);
	/* A SYN counts like a byte in front of the data; a segment with SYN, FIN or RST needs no data. */
	r->sequence = ref_u32(p, 4) + (bits & 2 ? 1 : 0);
	r->acknowledgment = ref_u32(p, 8);
	header = (p->byte[p->at + 12] >> 4) * 4;
	if (header < 20 || !ref_skip(p, header))
		return PARSE_MALFORMED;
	return p->at == p->end && !(bits & 7) ? PARSE_OTHER : 0;
}

static int ref_stack(const __u8 *frame, __u32 length, int type, struct ref_parsed *r)
{
	int protocol, tunnels;

	memset(r, 0, sizeof(*r));
	r->inner.byte = frame;
	r->inner.end = length;
	for (tunnels = 0;; tunnels++) {
		protocol = ref_layer(&r->inner, type);
		if (protocol < 0)
			return protocol;
		if (protocol == 6)
			return ref_tcp(r);
		type = ref_tunnel(&r->inner, protocol);
		if (type < 0)
			return type;
		if (tunnels == 2)
			return PARSE_NESTED;
		if (tunnels == 0)
			r->outer = r->inner;
	}
}

#endif
