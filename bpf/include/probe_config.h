/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the loader tells the programs, once, before they are verified. The struct lives in .rodata,
 * so the verifier prunes what is switched off. Defaults: bpf/hop_probe.bpf.c.
 */
#ifndef HOPSPAN_PROBE_CONFIG_H
#define HOPSPAN_PROBE_CONFIG_H

#include "hop_record.h"

struct probe_config {
	__u64 path_timeout_ns; /* an unfinished path is given up after this long */
	__u64 linger_ns;    /* the key of a finished path is kept this long, to know late copies */
	__u32 search_bytes; /* how much of the header is searched, at most SEARCH_BYTES_MAX */
	__u32 table_sets;   /* sets of HOP_WAYS slots in the hop table; a power of two */
	__u32 max_points;   /* rows in the counters map for each CPU */
	__u32 cpus;	    /* possible CPUs */
	__u32 wakeup_bytes; /* user space is woken when a ring holds this much */
	__u16 vxlan_ports[VXLAN_PORTS_MAX]; /* UDP destination ports, host order; 0: unused */
	__u32 source_interval_ns; /* between two new paths of one source address; 0: no limit */
	__u32 cpu_interval_ns;	  /* between two new paths on one CPU; 0: no limit */
	__u32 copy;		  /* which of the loader's copies of the programs this is: 0 or 1 */
	__u32 connection_sets;	  /* sets of CONNECTION_WAYS connections; a power of two */
	__u32 header_sets; /* sets of HEADER_WAYS buffers for headers in several segments; a power of two */
	__u64 connection_idle_ns; /* a connection that was quiet for this long is forgotten */
	__u64 seed; /* of the hash over connections: a secret, so that nobody can fill one set */
	__u32 responses;     /* 1: the responses to traced requests are followed, too */
	__u32 lost_messages; /* 1: messages that go no further are looked for */
	__u32 netns;	   /* inode of the network namespace whose drops count; 0: no drop counts */
	__u32 trace_state; /* 1: a request's tracestate is carried along */
	__u8 contexts[CONTEXTS_MAX]; /* enum context_format in order of precedence; 0 ends it */
};
_Static_assert(sizeof(struct probe_config) == 104, "probe_config is part of the ABI");

#endif
