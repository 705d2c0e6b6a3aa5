/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One segment on its way through the programs: filled by the first, which parses the packet, read by those that follow
 * the stream. Included by hop_probe.bpf.c behind path.h.
 */
#ifndef HOPSPAN_WORK_H
#define HOPSPAN_WORK_H

#include "connection.h"
#include "reassembly.h"

/* What stands between two chunks is looked at in pieces of this size. */
#define CHUNK_WINDOW 64

#define NO_CONNECTION (~0u)

struct work {
	struct sighting sighting;
	struct framing framing; /* of the stream behind what was looked at */
	__u64 tag;
	__u32 connection; /* index */
	__u32 held;	  /* one half of the connection is ours */
	__u32 refused;	  /* no connection is to be had */
	__u32 direction;
	__u32 at;	/* the next byte of the payload to look at */
	__u32 length;	/* of the payload */
	__u32 start;	/* sequence number of the message's first byte */
	__u32 end;	/* length of its header; 0: not known yet */
	__u32 buffer;	/* index + 1 of the buffer that holds the header */
	__u32 status;	/* of the response */
	__u32 unplaced; /* requests in this segment that no connection remembers */
	__u8 decided;	/* whether the header has a context is known */
	__u8 more;	/* there are bytes behind the header already */
	__u8 kind;	/* enum payload_kind */
	__u8 server;	/* this segment is the server's */
	__u8 bodiless;	/* the response has no body */
	__u8 reserved[7];
	__u8 window[CHUNK_WINDOW];
};

/* One a CPU: tc programs run with bottom halves disabled. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct work);
} works SEC(".maps");

static __always_inline struct work *this_work(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&works, &zero);
}

static __always_inline struct text *this_text(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

static __always_inline struct header_lines *these_lines(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&header_line_table, &zero);
}

static __always_inline struct trace_state *this_trace_state(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&trace_states, &zero);
}

static __always_inline struct connection *connection_at(__u32 index)
{
	return bpf_map_lookup_elem(&connections, &index);
}

static __always_inline struct connection_set *connection_set_at(__u32 index)
{
	return bpf_map_lookup_elem(&connection_tags, &index);
}

/* @n index + 1 */
static __always_inline struct header_buffer *buffer_at(__u32 n)
{
	__u32 index = n - 1;

	return bpf_map_lookup_elem(&header_buffers, &index);
}

static __always_inline __u32 point_of(const struct work *w)
{
	return w->sighting.packet.at.point;
}

/* Sequence number of the payload's byte that is looked at next. */
static __always_inline __u32 sequence_at(const struct work *w)
{
	return w->sighting.packet.segment.sequence + w->at;
}

/* A hop that begins at this point begins before anything is searched. */
static __always_inline void note_time(struct work *w)
{
	if (!w->sighting.now_ns)
		w->sighting.now_ns = bpf_ktime_get_ns();
}

#endif
