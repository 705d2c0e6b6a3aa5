/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One frame of every way in which a segment is wrapped. */
#ifndef HOPSPAN_WRAPPINGS_H
#define HOPSPAN_WRAPPINGS_H

#include "frame.h"
#include "include/hop_record.h"

#define OUTERMOST 1
#define SECOND 2
#define INSIDE 7

/* One segment between addresses of host 7, in tunnels between those of host 1 and 2. */
struct wrapping {
	const char *name;
	void (*wrap)(struct frame *f);
	__u32 type; /* as parse_stack() takes it */
	int family;
	int tunnel;
	__u32 id;
	int tunnel_family;
};

static void inside4(struct frame *f)
{
	begin_tcp(f, 12, PAYLOAD);
	push_ipv4(f, IPPROTO_TCP, INSIDE, 0);
}

static void inside6(struct frame *f)
{
	begin_tcp(f, 12, PAYLOAD);
	push_ipv6(f, IPPROTO_TCP, INSIDE);
}

static void inside4_ethernet(struct frame *f)
{
	inside4(f);
	push_ethernet(f, ETH_P_IP);
}

/* The outermost layer, in Ethernet. */
static void outside4(struct frame *f, __u8 protocol)
{
	push_ipv4(f, protocol, OUTERMOST, 0);
	push_ethernet(f, ETH_P_IP);
}

static void outside6(struct frame *f, __u8 protocol)
{
	push_ipv6(f, protocol, OUTERMOST);
	push_ethernet(f, ETH_P_IPV6);
}

static void ethernet6(struct frame *f)
{
	inside6(f);
	push_ethernet(f, ETH_P_IPV6);
}

static void vlan(struct frame *f)
{
	inside4(f);
	push_tag(f, ETH_P_IP);
	push_ethernet(f, ETH_P_8021Q);
}

static void vlan6(struct frame *f)
{
	inside6(f);
	push_tag(f, ETH_P_IPV6);
	push_ethernet(f, ETH_P_8021Q);
}

static void qinq(struct frame *f)
{
	inside4(f);
	push_tag(f, ETH_P_IP);
	push_tag(f, ETH_P_8021Q);
	push_ethernet(f, ETH_P_8021AD);
}

static void options4(struct frame *f)
{
	begin_tcp(f, 40, PAYLOAD);
	push_ipv4(f, IPPROTO_TCP, INSIDE, 40);
	push_ethernet(f, ETH_P_IP);
}

static void vxlan4(struct frame *f)
{
	inside4_ethernet(f);
	push_vxlan(f, 8472);
	outside4(f, IPPROTO_UDP);
}

static void vxlan6(struct frame *f)
{
	inside4_ethernet(f);
	push_vxlan(f, 4789);
	outside6(f, IPPROTO_UDP);
}

static void vxlan_vlan6(struct frame *f)
{
	vlan6(f);
	push_vxlan(f, 4789);
	push_ipv4(f, IPPROTO_UDP, OUTERMOST, 8);
	push_ethernet(f, ETH_P_IP);
}

static void geneve(struct frame *f)
{
	inside4_ethernet(f);
	push_geneve(f, 0);
	outside4(f, IPPROTO_UDP);
}

static void geneve_options(struct frame *f)
{
	ethernet6(f);
	push_geneve(f, 63 * 4);
	outside6(f, IPPROTO_UDP);
}

static void gre(struct frame *f)
{
	inside4(f);
	push_gre(f, 0, ETH_P_IP);
	outside4(f, IPPROTO_GRE);
}

static void gre_key6(struct frame *f)
{
	inside6(f);
	push_gre(f, 0x2000, ETH_P_IPV6);
	outside6(f, IPPROTO_GRE);
}

static void gre_teb(struct frame *f)
{
	inside4_ethernet(f);
	push_gre(f, 0xb000, 0x6558);
	outside4(f, IPPROTO_GRE);
}

static void ipip(struct frame *f)
{
	inside4(f);
	outside4(f, IPPROTO_IPIP);
}

static void ip6ip6(struct frame *f)
{
	inside6(f);
	outside6(f, IPPROTO_IPV6);
}

static void sit(struct frame *f)
{
	inside6(f);
	outside4(f, IPPROTO_IPV6);
}

static void ip4ip6(struct frame *f)
{
	inside4(f);
	outside6(f, IPPROTO_IPIP);
}

/* The tunnel encapsulation limit that ip6_tunnel adds by default (RFC 2473 §4.1.1). */
static void limited_ip6ip6(struct frame *f)
{
	__u8 *options;

	inside6(f);
	options = push_extension(f, IPPROTO_IPV6, 8, 0);
	memcpy(options + 2, "\x04\x01\x04\x01", 4);
	outside6(f, IPPROTO_DSTOPTS);
}

static void vxlan_in_vlan6(struct frame *f)
{
	inside4_ethernet(f);
	push_vxlan(f, 4789);
	push_ipv6(f, IPPROTO_UDP, OUTERMOST);
	push_tag(f, ETH_P_IPV6);
	push_ethernet(f, ETH_P_8021Q);
}

static void gre_in_ipip(struct frame *f)
{
	inside4(f);
	push_gre(f, 0x2000, ETH_P_IP);
	push_ipv4(f, IPPROTO_GRE, SECOND, 0);
	outside4(f, IPPROTO_IPIP);
}

static void ipip_in_gre(struct frame *f)
{
	inside4(f);
	push_ipv4(f, IPPROTO_IPIP, SECOND, 0);
	push_gre(f, 0x2000, ETH_P_IP);
	outside6(f, IPPROTO_GRE);
}

static void vxlan_in_geneve(struct frame *f)
{
	inside4_ethernet(f);
	push_vxlan(f, 4789);
	push_ipv6(f, IPPROTO_UDP, SECOND);
	push_ethernet(f, ETH_P_IPV6);
	push_geneve(f, 16);
	outside4(f, IPPROTO_UDP);
}

static void ipip_alone(struct frame *f)
{
	inside4(f);
	push_ipv4(f, IPPROTO_IPIP, OUTERMOST, 0);
}

static void vxlan6_alone(struct frame *f)
{
	inside4_ethernet(f);
	push_vxlan(f, 8472);
	push_ipv6(f, IPPROTO_UDP, OUTERMOST);
}

static const struct wrapping wrappings[] = {
	{ "plain", inside4_ethernet, ETH_P_TEB, 4, TUNNEL_NONE, 0, 0 },
	{ "IPv6", ethernet6, ETH_P_TEB, 6, TUNNEL_NONE, 0, 0 },
	{ "VLAN", vlan, ETH_P_TEB, 4, TUNNEL_NONE, 0, 0 },
	{ "IPv6 in VLAN", vlan6, ETH_P_TEB, 6, TUNNEL_NONE, 0, 0 },
	{ "QinQ", qinq, ETH_P_TEB, 4, TUNNEL_NONE, 0, 0 },
	{ "IPv4 options", options4, ETH_P_TEB, 4, TUNNEL_NONE, 0, 0 },
	{ "VXLAN over IPv4", vxlan4, ETH_P_TEB, 4, TUNNEL_VXLAN, 0x123456, 4 },
	{ "VXLAN over IPv6", vxlan6, ETH_P_TEB, 4, TUNNEL_VXLAN, 0x123456, 6 },
	{ "VLAN in VXLAN", vxlan_vlan6, ETH_P_TEB, 6, TUNNEL_VXLAN, 0x123456, 4 },
	{ "Geneve", geneve, ETH_P_TEB, 4, TUNNEL_GENEVE, 0x123456, 4 },
	{ "Geneve with options", geneve_options, ETH_P_TEB, 6, TUNNEL_GENEVE, 0x123456, 6 },
	{ "GRE", gre, ETH_P_TEB, 4, TUNNEL_GRE, 0, 4 },
	{ "GRE over IPv6", gre_key6, ETH_P_TEB, 6, TUNNEL_GRE, 0xfedcba98, 6 },
	{ "GRE with Ethernet", gre_teb, ETH_P_TEB, 4, TUNNEL_GRE, 0xfedcba98, 4 },
	{ "IPIP", ipip, ETH_P_TEB, 4, TUNNEL_IPIP, 0, 4 },
	{ "IP6IP6", ip6ip6, ETH_P_TEB, 6, TUNNEL_IP6IP6, 0, 6 },
	{ "6in4", sit, ETH_P_TEB, 6, TUNNEL_6IN4, 0, 4 },
	{ "4in6", ip4ip6, ETH_P_TEB, 4, TUNNEL_4IN6, 0, 6 },
	{ "IP6IP6 with options", limited_ip6ip6, ETH_P_TEB, 6, TUNNEL_IP6IP6, 0, 6 },
	{ "VXLAN in VLAN", vxlan_in_vlan6, ETH_P_TEB, 4, TUNNEL_VXLAN, 0x123456, 6 },
	{ "GRE in IPIP", gre_in_ipip, ETH_P_TEB, 4, TUNNEL_IPIP, 0, 4 },
	{ "IPIP in GRE", ipip_in_gre, ETH_P_TEB, 4, TUNNEL_GRE, 0xfedcba98, 6 },
	{ "VXLAN in Geneve", vxlan_in_geneve, ETH_P_TEB, 4, TUNNEL_GENEVE, 0x123456, 4 },
	{ "IPv4 alone", inside4, ETH_P_IP, 4, TUNNEL_NONE, 0, 0 },
	{ "IPv6 alone", inside6, ETH_P_IPV6, 6, TUNNEL_NONE, 0, 0 },
	{ "IPIP alone", ipip_alone, ETH_P_IP, 4, TUNNEL_IPIP, 0, 4 },
	{ "VXLAN over IPv6 alone", vxlan6_alone, ETH_P_IPV6, 4, TUNNEL_VXLAN, 0x123456, 6 },
};

#endif
