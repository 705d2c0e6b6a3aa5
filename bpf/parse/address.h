/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The two addresses of an IP header. IPv4 uses the first four bytes of each; the rest is zero. */
#ifndef HOPSPAN_PARSE_ADDRESS_H
#define HOPSPAN_PARSE_ADDRESS_H

struct address_pair {
	__u32 source[4];
	__u32 destination[4];
	__u32 family; /* 4 or 6 */
};

#endif
