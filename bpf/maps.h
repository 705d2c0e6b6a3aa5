/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every map. Sizes that depend on the machine or on options are set by the loader before it loads. */
#ifndef HOPSPAN_MAPS_H
#define HOPSPAN_MAPS_H

#include "budget.h"
#include "connection.h"
#include "flight.h"
#include "hop_table.h"
#include "reassembly.h"
#include "parse/text.h"
#include "trodden.h"
#include "parse/header_lines.h"

/* Which devices are tracing points. Written by user space when it attaches. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 512);
	__type(key, struct point_key);
	__type(value, struct point_config);
} points SEC(".maps");

/* Row = CPU × max_points + index of the point. A plain array, so that every reader may map it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counter_row);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct hop_set);
} hop_table SEC(".maps");

/* Same sets, same ways as the hop table. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tunnel_set);
} tunnel_table SEC(".maps");

/* Connections: their tags in sets, and beside them what is known, at the same places. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct connection_set);
} connection_tags SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct connection);
} connections SEC(".maps");

/* Headers that arrive in pieces, in sets of HEADER_WAYS: one source fills one set at most. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct header_buffer);
} header_buffers SEC(".maps");

/* Where the data of new connections begins: upper half of the tag, sequence number. Newer ones displace older. */
#define OPENINGS 8192
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, OPENINGS);
	__type(key, __u32);
	__type(value, __u64);
} openings SEC(".maps");

/* Messages of the hop table by their stream position; see flight.h. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flight_line);
} flights SEC(".maps");

/* From where messages have gone on; see trodden.h. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TRODDEN_MAX);
	__type(key, __u32);
	__type(value, __u64);
} trodden SEC(".maps");

/* A loss that waits to be judged; see loss.h. */
struct loss {
	__u64 due_ns;	     /* 0: somebody is working on it */
	__u64 path_complete; /* the message had been seen at the end of its path */
	struct loss_record record;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct message_key);
	__type(value, struct loss);
} losses SEC(".maps");

/* The buckets of sources; swept with the table. Those that find no room share other_sources. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct source_key);
	__type(value, __u64);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} other_sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} cpu_budget SEC(".maps");

/* One ring a CPU: a shared one costs 2.5 times as much on two CPUs. */
struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps");

/* tc programs run with bottom halves disabled: one text a CPU is enough. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct text);
} scratch SEC(".maps");

/* The lines of the request at hand that matter, and its tracestate, beside the text they are in. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct header_lines);
} header_line_table SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct trace_state);
} trace_states SEC(".maps");

/* A hop on its way to the ring, with its tracestate behind it; see report_hop(). */
struct pending_hop {
	struct hop_record record;
	__u8 trace_state[2 * TRACE_STATE_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pending_hop);
} pending_hops SEC(".maps");

#endif
