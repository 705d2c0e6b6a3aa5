/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The helpers as plain functions, so that the parsers run on the host, under sanitizers. */
#ifndef HOPSPAN_SHIM_BPF_HELPERS_H
#define HOPSPAN_SHIM_BPF_HELPERS_H

#include <linux/types.h>
#include <string.h>

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))

static inline long bpf_skb_load_bytes(const struct __sk_buff *skb, __u32 offset, void *to,
				      __u32 len)
{
	if (offset > skb->len || len > skb->len - offset)
		return -14;
	memcpy(to, skb->bytes + offset, len);
	return 0;
}

static inline long bpf_probe_read_kernel(void *to, __u32 size, const void *from)
{
	memcpy(to, from, size);
	return 0;
}

/* The callbacks differ in the type of their context, which the kernel's declaration hides, too. */
#define bpf_loop(n, callback, context, flags)                                                      \
	({                                                                                         \
		__u32 _i, _n = (n);                                                                \
		for (_i = 0; _i < _n; _i++)                                                        \
			if (callback(_i, context)) {                                               \
				_i++;                                                              \
				break;                                                             \
			}                                                                          \
		(long)_i;                                                                          \
	})

#endif
