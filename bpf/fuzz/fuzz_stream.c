// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The programs themselves on a stream that comes in pieces: framing, reassembly, and what lies between. An input is
 *
 *   byte 0          bit 0: the beginning of the connection was not seen, bit 1: responses are awaited
 *   the rest        the stream and its segments: stream_model.h
 *
 * However the stream is cut, in whatever order its segments come, and however often: each of its requests makes one
 * hop, as in one piece, and nothing else does. The hop is that of the last copy that came to the first point.
 *
 * What is let pass:
 *   a stream whose order is broken may be lost when chunks were overtaken or when there are too many holes, if that is
 *   counted; then a body may be taken for a request;
 *   a connection is followed from its first traced request on, and where no responses are awaited only if more
 *   follows: before that, a body may be taken for a request, and a request for none;
 *   and a stream whose beginning was not seen comes in order.
 */
#include "kernel.h"
#include "hop_probe.bpf.c"
#include "stream_model.h"

#define DEVICE 7
#define SEQUENCE 0xffffff80u
#define HEADERS 54
#define HOPS_MAX 256

static struct model model;
static struct hop_record hops[HOPS_MAX];
static __u32 n_hops;
/* When each segment last came to the first point. */
static __u64 last_ns[SEGMENTS_MAX];

static void take_hop(const struct hop_record *record)
{
	EXPECT(n_hops < HOPS_MAX, "%u hops", n_hops);
	hops[n_hops++] = *record;
}

static void put_point(__u32 index, __u32 hook)
{
	struct point_key key = { .ifindex = DEVICE, .hook = hook };
	struct point_config point = { .index = index, .role = ROLE_NIC };

	bpf_map_update_elem(&points, &key, &point, 0);
}

static void begin_run(int responses)
{
	empty_maps();
	n_hops = 0;
	config.table_sets = 256;
	config.connection_sets = 4;
	config.max_points = 4;
	config.search_bytes = 1024;
	config.responses = responses;
	put_point(1, HOOK_INGRESS);
	put_point(2, HOOK_EGRESS);
}

static void put16(__u8 *at, __u32 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(__u8 *at, __u32 value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* Ethernet, IPv4 and TCP in front of it. Only the headers are linear, as on packets of a pod. */
static void show(__u32 hook, __u32 sequence, __u32 flags, const char *payload, __u32 length)
{
	__u8 *frame = calloc(1, HEADERS + length);
	struct __sk_buff skb = { .bytes = frame, .len = HEADERS + length, .ifindex = DEVICE };

	if (!frame)
		exit(1);
	put16(frame + 12, ETH_P_IP);
	frame[14] = 0x45;
	put16(frame + 16, 40 + length);
	frame[22] = 64;
	frame[23] = IPPROTO_TCP;
	put32(frame + 26, 0x0a000001);
	put32(frame + 30, 0x0a000102);
	put16(frame + 34, 40000);
	put16(frame + 36, 8080);
	put32(frame + 38, sequence);
	put32(frame + 42, 1);
	frame[46] = 5 << 4;
	frame[47] = flags;
	memcpy(frame + HEADERS, payload, length);
	skb.data = (unsigned long)frame;
	skb.data_end = skb.data + HEADERS;
	(hook == HOOK_INGRESS ? hopspan_ingress : hopspan_egress)(&skb);
	free(frame);
}

#define SYN 0x02
#define ACK 0x10

static void show_piece(__u32 hook, __u32 from, __u32 to)
{
	show(hook, SEQUENCE + from, ACK, model.text + from, to - from);
}

static __u64 counted(enum probe_counter counter)
{
	__u64 sum = 0;
	__u32 row;

	for (row = 0; row < 4; row++)
		sum += ((struct counter_row *)bpf_map_lookup_elem(&counters, &row))->value[counter];
	return sum;
}

/* Places where what follows is not known any more. */
static __u64 lost(void)
{
	return counted(COUNTER_FRAMING_LOST) + counted(COUNTER_HEADER_DISORDERED) +
	       counted(COUNTER_HEADER_GARBLED) + counted(COUNTER_HEADER_OVERLONG);
}

static void expect_sums(void)
{
	EXPECT(counted(COUNTER_SIGHTINGS) == counted(COUNTER_FIRST) + counted(COUNTER_CONTINUING) +
						     counted(COUNTER_REPEATED),
	       "sightings");
	EXPECT(counted(COUNTER_CONTINUING) == n_hops, "%u hops", n_hops);
}

/* How many hops there are of the n-th traced request of the stream. */
static __u32 hops_of(__u32 n)
{
	__u32 i, found = 0;

	for (i = 0; i < n_hops; i++)
		if (hops[i].position == SEQUENCE + model.context_at[n] &&
		    !memcmp(hops[i].span_id, &model.span_id[n], 8)) {
			EXPECT(hops[i].from.point == 1 && hops[i].to.point == 2, "direction");
			EXPECT(hops[i].from_ns < hops[i].to_ns, "time");
			EXPECT(model.repeats || !hops[i].retransmission,
			       "a copy of what came once");
			found++;
		}
	return found;
}

static void expect_requests(const char *how)
{
	__u32 n;

	for (n = 0; n < model.requests; n++)
		EXPECT(hops_of(n) == 1, "request %u of %u has %u hops, %s", n, model.requests,
		       hops_of(n), how);
	EXPECT(n_hops == model.requests, "%u hops of %u requests, %s", n_hops, model.requests, how);
}

static void expect_latest_copies(void)
{
	__u32 i, n, segment;

	for (i = 0; i < n_hops; i++)
		for (n = 0; n < model.requests; n++) {
			if (memcmp(hops[i].span_id, &model.span_id[n], 8))
				continue;
			for (segment = 0; model.edge[segment + 1] <= model.context_at[n]; segment++)
				;
			EXPECT(hops[i].from_ns > last_ns[segment], "request %u, an earlier copy",
			       n);
		}
}

static void expect_none_twice(void)
{
	__u32 n;

	for (n = 0; n < model.requests; n++)
		EXPECT(hops_of(n) <= 1, "request %u has %u hops", n, hops_of(n));
}

static void run_whole(int responses)
{
	__u32 hook;

	begin_run(responses);
	for (hook = HOOK_INGRESS; hook <= HOOK_EGRESS; hook++)
		show_piece(hook, 0, model.length);
	EXPECT(!lost(), "in one piece");
	expect_requests("in one piece");
	expect_sums();
}

static void run_cut(int responses, int opened)
{
	__u32 hook, i;

	begin_run(responses);
	for (hook = HOOK_INGRESS; hook <= HOOK_EGRESS; hook++) {
		if (opened)
			show(hook, SEQUENCE - 1, SYN, "", 0);
		for (i = 0; i < model.deliveries; i++) {
			__u32 n = model.delivery[i];

			if (hook == HOOK_INGRESS)
				last_ns[n] = kernel_ns;
			show_piece(hook, model.edge[n], model.edge[n + 1]);
		}
	}
	expect_sums();
	expect_none_twice();
	if (!model.begins_traced || !(responses || model.begins_with_body))
		return;
	if (!lost()) {
		expect_requests("in pieces");
		expect_latest_copies();
	}
	/* With as many stretches as there is room for, and all of the stream in a buffer, nothing need be lost. */
	EXPECT(!lost() || (!model.in_order && (model.has_chunks || model.segments > STRETCHES ||
					       model.length >= config.search_bytes)),
	       "%llu times for no reason", lost());
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input in = { .at = bytes, .end = bytes + size };
	__u32 flags = next_byte(&in);

	make_model(&model, &in);
	run_whole(flags >> 1 & 1);
	run_cut(flags >> 1 & 1, !(flags & 1) || !model.in_order);
	empty_maps();
	return 0;
}
