// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the header around says about the one inside: lengths, fragments, and how deep tunnels may be nested. */
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

/* The outer packet ends before the inner one does, but the frame goes on. Of a first fragment that is to be expected. */
static void check_shorter(void (*push_inside)(struct frame *f), __u8 protocol, int unknown, int cut)
{
	struct parsed found;
	struct frame f;
	__u32 total, whole;
	__u8 *ip;

	lengths_unknown = unknown;
	begin_tcp(&f, 0, PAYLOAD);
	push_inside(&f);
	lengths_unknown = 0;
	ip = push_ipv4(&f, protocol, 1, 0);
	put16(ip + 6, cut ? 0x2000 : 0);
	whole = length_of(&f);
	for (total = 20; total < whole; total++) {
		int honest = !(unknown || cut) || total < whole - strlen(PAYLOAD) ? PARSE_MALFORMED
			     : total == whole - strlen(PAYLOAD)			  ? PARSE_OTHER
										  : 0;
		int result;

		put16(ip + 2, total);
		result = parse(&f, ETH_P_IP, &found);
		CHECK(result == honest, "%u of %u bytes: %d", total, whole, result);
		CHECK(result || found.end == total, "%u bytes: ends at %u", total, found.end);
	}
}

static void push_inside4(struct frame *f)
{
	push_ipv4(f, IPPROTO_TCP, 7, 0);
}

static void push_inside6(struct frame *f)
{
	push_ipv6(f, IPPROTO_TCP, 7);
}

static void push_inside_gre(struct frame *f)
{
	push_inside4(f);
	push_gre(f, 0xb000, ETH_P_IP);
}

static void push_inside_vxlan(struct frame *f)
{
	push_inside6(f);
	push_ethernet(f, ETH_P_IPV6);
	push_vxlan(f, 4789);
}

static void believes_the_shorter_length(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		check_shorter(push_inside4, IPPROTO_IPIP, i & 1, i & 2);
		check_shorter(push_inside6, IPPROTO_IPV6, i & 1, i & 2);
		check_shorter(push_inside_gre, IPPROTO_GRE, i & 1, i & 2);
		check_shorter(push_inside_vxlan, IPPROTO_UDP, i & 1, i & 2);
	}
}

/* The first fragment of an outer packet holds the start of an inner one; the others hold no header. */
static void counts_fragments_of_the_outer_packet(void)
{
	struct parsed found;
	struct frame f;
	__u8 *ip;

	begin_inside(&f);
	put16(f.room + f.start + 2, 1400);
	ip = push_ipv4(&f, IPPROTO_IPIP, 1, 0);
	put16(ip + 6, 0x2000);
	CHECK(parse(&f, ETH_P_IP, &found) == 0, "the first");
	CHECK(found.end == length_of(&f), "ends at %u", found.end);
	put16(ip + 6, 0x2001);
	CHECK(parse(&f, ETH_P_IP, &found) == PARSE_FRAGMENT, "the second");
}

static int with_nested(__u32 tunnels, struct parsed *found)
{
	struct frame f;
	__u32 i;

	begin_inside(&f);
	for (i = tunnels; i > 1; i--) {
		push_gre(&f, 0, ETH_P_IP);
		push_ipv4(&f, IPPROTO_GRE, i, 0);
	}
	return tunnels ? finish(&f, IPPROTO_IPIP, found) : parse(&f, ETH_P_IP, found);
}

static void follows_two_tunnels_and_reports_the_outer_one(void)
{
	struct parsed found;
	__u32 tunnels;

	CHECK(with_nested(0, &found) == 0, "none");
	check_tunnel(&found, TUNNEL_NONE, 0, 0, "none");
	for (tunnels = 1; tunnels <= TUNNELS_MAX; tunnels++) {
		CHECK(with_nested(tunnels, &found) == 0, "%u tunnels", tunnels);
		check_tunnel(&found, TUNNEL_IPIP, 0, 4, "nested");
	}
	for (; tunnels < 20; tunnels++)
		CHECK(with_nested(tunnels, &found) == PARSE_NESTED, "%u tunnels", tunnels);
}

int main(void)
{
	believes_the_shorter_length();
	counts_fragments_of_the_outer_packet();
	follows_two_tunnels_and_reports_the_outer_one();
	return test_summary("nesting");
}
