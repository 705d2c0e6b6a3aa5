/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a tunnel header says about the tunnel. */
#ifndef HOPSPAN_PARSE_TUNNEL_H
#define HOPSPAN_PARSE_TUNNEL_H

/* Transparent Ethernet bridging: not in every linux/if_ether.h by this name. */
#ifndef ETH_P_TEB
#define ETH_P_TEB 0x6558
#endif

struct tunnel {
	__u32 type; /* enum tunnel_type; TUNNEL_NONE without */
	__u32 id;   /* VNI or GRE key */
};

#endif
