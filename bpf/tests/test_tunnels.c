// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The headers of tunnels, field by field. */
#include "parsed.h"

static void begin_inside(struct frame *f)
{
	begin_tcp(f, 0, PAYLOAD);
	push_ipv4(f, IPPROTO_TCP, 7, 0);
}

static int finish(struct frame *f, __u8 protocol, struct parsed *found)
{
	push_ipv4(f, protocol, 1, 0);
	push_ethernet(f, ETH_P_IP);
	return parse(f, ETH_P_TEB, found);
}

static int with_vxlan(__u16 port, __u8 flags)
{
	struct parsed found;
	struct frame f;

	begin_inside(&f);
	push_ethernet(&f, ETH_P_IP);
	push_vxlan(&f, port)[0] = flags;
	return finish(&f, IPPROTO_UDP, &found);
}

static void takes_vxlan_at_its_ports(void)
{
	CHECK(with_vxlan(4789, 0x08) == 0, "IANA's port");
	CHECK(with_vxlan(8472, 0x08) == 0, "Linux's port");
	CHECK(with_vxlan(8472, 0x88) == 0, "with a group policy (VXLAN-GBP)");
	CHECK(with_vxlan(53, 0x08) == PARSE_OTHER, "another port");
	CHECK(with_vxlan(0, 0x08) == PARSE_OTHER, "an unused entry is no port");
	CHECK(with_vxlan(4789, 0) == PARSE_OTHER, "no valid VNI");
	CHECK(with_vxlan(4789, 0xf7) == PARSE_OTHER, "all but that");
}

static int with_geneve(__u32 options, __u8 first, __u16 protocol, struct parsed *found)
{
	struct frame f;
	__u8 *geneve;

	begin_inside(&f);
	push_ethernet(&f, ETH_P_IP);
	geneve = push_geneve(&f, options);
	geneve[0] = first;
	put16(geneve + 2, protocol);
	return finish(&f, IPPROTO_UDP, found);
}

static void skips_geneve_options(void)
{
	struct parsed found;
	__u32 words;

	for (words = 0; words < 64; words++) {
		CHECK(with_geneve(words * 4, words, 0x6558, &found) == 0, "%u words", words);
		check_tunnel(&found, TUNNEL_GENEVE, 0x123456, 4, "geneve");
	}
	CHECK(with_geneve(0, 63, 0x6558, &found) == PARSE_MALFORMED, "options beyond the packet");
}

static void leaves_other_geneve_alone(void)
{
	struct parsed found;
	int version;

	for (version = 1; version < 4; version++)
		CHECK(with_geneve(0, version << 6, 0x6558, &found) == PARSE_GENEVE, "version %d",
		      version);
	CHECK(with_geneve(0, 0, ETH_P_IP, &found) == PARSE_GENEVE, "not around Ethernet");
	CHECK(with_geneve(0, 0, 0, &found) == PARSE_GENEVE, "around nothing known");
}

static int with_gre(__u16 flags, __u16 protocol, struct parsed *found)
{
	struct frame f;

	begin_inside(&f);
	if (protocol == 0x6558)
		push_ethernet(&f, ETH_P_IP);
	push_gre(&f, flags, protocol);
	return finish(&f, IPPROTO_GRE, found);
}

static void skips_every_field_of_gre(void)
{
	static const __u16 protocols[] = { ETH_P_IP, 0x6558 };
	struct parsed found;
	__u32 bits, i;

	for (bits = 0; bits < 8; bits++)
		for (i = 0; i < 2; i++) {
			__u16 flags = (bits & 1) << 12 | (bits & 2) << 12 | (bits & 4) << 13;
			__u32 key = flags & 0x2000 ? 0xfedcba98 : 0;

			CHECK(with_gre(flags, protocols[i], &found) == 0, "flags %04x", flags);
			check_tunnel(&found, TUNNEL_GRE, key, 4, "gre");
		}
}

static void leaves_other_gre_alone(void)
{
	struct parsed found;

	CHECK(with_gre(0x2001, ETH_P_IP, &found) == PARSE_GRE, "version 1 (PPTP)");
	CHECK(with_gre(0x0007, ETH_P_IP, &found) == PARSE_GRE, "version 7");
	CHECK(with_gre(0x4000, ETH_P_IP, &found) == PARSE_GRE, "source routes");
	CHECK(with_gre(0, ETH_P_ARP, &found) == PARSE_OTHER, "around ARP");
	CHECK(with_gre(0, 0x88be, &found) == PARSE_PROTOCOL, "around something else (ERSPAN)");
	CHECK(with_gre(0, ETH_P_IPV6, &found) == PARSE_MALFORMED, "IPv6 it is not");
}

static void leaves_other_protocols_alone(void)
{
	static const __u8 protocols[] = { IPPROTO_ICMP, IPPROTO_ESP, IPPROTO_SCTP, IPPROTO_MPLS };
	struct parsed found;
	__u32 i;

	for (i = 0; i < sizeof(protocols); i++) {
		struct frame f;

		begin_inside(&f);
		CHECK(finish(&f, protocols[i], &found) ==
			      (protocols[i] == IPPROTO_ESP ? PARSE_ESP : PARSE_OTHER),
		      "%u", protocols[i]);
	}
}

/* The sequence number that the flags call for is not there. */
static void counts_gre_without_its_fields(void)
{
	struct frame f = { .start = FRAME_ROOM };
	struct parsed found;

	put16(push_gre(&f, 0, ETH_P_ARP), 0x1000);
	CHECK(finish(&f, IPPROTO_GRE, &found) == PARSE_MALFORMED, "no sequence number");
}

int main(void)
{
	takes_vxlan_at_its_ports();
	skips_geneve_options();
	leaves_other_geneve_alone();
	skips_every_field_of_gre();
	leaves_other_gre_alone();
	leaves_other_protocols_alone();
	counts_gre_without_its_fields();
	return test_summary("tunnels");
}
