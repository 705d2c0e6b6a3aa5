/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A packet whose first `linear` bytes may be pointed into; the rest must be copied, as in the kernel. */
#ifndef HOPSPAN_SHIM_LINUX_BPF_H
#define HOPSPAN_SHIM_LINUX_BPF_H

#include <linux/types.h>

struct __sk_buff {
	const __u8 *bytes;
	__u32 len;
	__u32 ifindex;
	__u32 protocol;
	unsigned long data;
	unsigned long data_end;
};

#endif
