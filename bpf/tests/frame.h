/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frames, built from the inside out: a frame begins as a TCP segment, and each push_…() puts a header in front of what
 * is there, with the lengths that make it whole. Built after the RFCs, with none of the parsers' definitions.
 */
#ifndef HOPSPAN_FRAME_H
#define HOPSPAN_FRAME_H

#include "test.h"

#define PAYLOAD "GET / HTTP/1.1\r\n\r\n"
#define FRAME_ROOM 6000

struct frame {
	__u8 room[FRAME_ROOM];
	__u32 start;
};

/* The IP headers that are built say 0, as those of BIG TCP do: then a cut frame does not contradict itself. */
static int lengths_unknown;

static __u32 length_of(const struct frame *f)
{
	return FRAME_ROOM - f->start;
}

/* Room for a header of zeros. */
static void *push(struct frame *f, __u32 size)
{
	f->start -= size;
	memset(f->room + f->start, 0, size);
	return f->room + f->start;
}

static void put16(void *at, __u32 value)
{
	__be16 wire = bpf_htons(value);

	memcpy(at, &wire, 2);
}

static void put32(void *at, __u32 value)
{
	__be32 wire = bpf_htonl(value);

	memcpy(at, &wire, 4);
}

static void begin_tcp(struct frame *f, __u32 options, const char *payload)
{
	__u8 *tcp;

	f->start = FRAME_ROOM;
	memcpy(push(f, strlen(payload)), payload, strlen(payload));
	memset(push(f, options), 1, options);
	tcp = push(f, 20);
	put16(tcp, 40000);
	put16(tcp + 2, 80);
	put32(tcp + 4, 0xfffffff0);
	tcp[12] = (5 + options / 4) << 4;
}

/* From 10.0.0.host to 10.0.1.host; options are NOPs. */
static __u8 *push_ipv4(struct frame *f, __u8 protocol, __u8 host, __u32 options)
{
	__u32 total = 20 + options + length_of(f);
	__u8 *ip;

	memset(push(f, options), 1, options);
	ip = push(f, 20);
	ip[0] = 0x45 + options / 4;
	put16(ip + 2, lengths_unknown ? 0 : total);
	ip[8] = 64;
	ip[9] = protocol;
	put32(ip + 12, 0x0a000000 | host);
	put32(ip + 16, 0x0a000100 | host);
	return ip;
}

/* From fd00::host to fd01::host. What follows may be an extension header. */
static __u8 *push_ipv6(struct frame *f, __u8 next, __u8 host)
{
	__u32 payload = length_of(f);
	__u8 *ip = push(f, 40);

	ip[0] = 0x60;
	put16(ip + 4, lengths_unknown ? 0 : payload);
	ip[6] = next;
	ip[7] = 64;
	put16(ip + 8, 0xfd00);
	ip[23] = host;
	put16(ip + 24, 0xfd01);
	ip[39] = host;
	return ip;
}

/* An extension header but for its length. */
static __u8 *push_extension(struct frame *f, __u8 next, __u32 size, __u8 length)
{
	__u8 *header = push(f, size);

	header[0] = next;
	header[1] = length;
	return header;
}

static void push_ethernet(struct frame *f, __u16 type)
{
	put16((__u8 *)push(f, 14) + 12, type);
}

/* A tag; the header in front says which kind of tag it is. */
static void push_tag(struct frame *f, __u16 type)
{
	__u8 *tag = push(f, 4);

	put16(tag, 0x2007);
	put16(tag + 2, type);
}

static __u8 *push_udp(struct frame *f, __u16 port)
{
	__u32 length = 8 + length_of(f);
	__u8 *udp = push(f, 8);

	put16(udp, 50000);
	put16(udp + 2, port);
	put16(udp + 4, length);
	return udp;
}

static __u8 *push_vxlan(struct frame *f, __u16 port)
{
	__u8 *vxlan = push(f, 8);

	vxlan[0] = 0x08;
	put32(vxlan + 4, 0x12345600);
	push_udp(f, port);
	return f->room + f->start + 8;
}

static __u8 *push_geneve(struct frame *f, __u32 options)
{
	__u8 *geneve;

	memset(push(f, options), 0xaa, options);
	geneve = push(f, 8);
	geneve[0] = options / 4;
	put16(geneve + 2, 0x6558);
	put32(geneve + 4, 0x12345600);
	push_udp(f, 6081);
	return f->room + f->start + 8;
}

/* The fields that the flags call for: checksum 0x8000, key 0x2000, sequence number 0x1000. */
static __u8 *push_gre(struct frame *f, __u16 flags, __u16 protocol)
{
	__u8 *gre;

	if (flags & 0x1000)
		put32(push(f, 4), 0x11111111);
	if (flags & 0x2000)
		put32(push(f, 4), 0xfedcba98);
	if (flags & 0x8000)
		put32(push(f, 4), 0x22222222);
	gre = push(f, 4);
	put16(gre, flags);
	put16(gre + 2, protocol);
	return gre;
}

#endif
