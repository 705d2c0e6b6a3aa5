/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every fuzzer needs: the kernel's headers, the helpers as functions, and a way to object. */
#ifndef HOPSPAN_FUZZ_H
#define HOPSPAN_FUZZ_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define EXPECT(condition, ...)                                                                     \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);            \
			fprintf(stderr, __VA_ARGS__);                                              \
			fputc('\n', stderr);                                                       \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* A block of exactly this size, so that a byte too far is seen. */
static inline __u8 *block_of(const __u8 *bytes, size_t size)
{
	__u8 *block = malloc(size ? size : 1);

	if (!block)
		exit(1);
	memcpy(block, bytes, size);
	return block;
}

#endif
