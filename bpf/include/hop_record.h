/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ABI between the kernel programs and user space: every byte that crosses is
 * defined here and nowhere else. The TypeScript offsets are generated from this
 * file (bpf/tools/gen_layout.c) and checked in CI.
 *
 * Rules: fixed-width fields, explicit padding, never packed, zero is never a valid
 * value of an enum, the type tag comes first. Integers are in host byte order;
 * addresses and ids are bytes as on the wire.
 */
#ifndef HOPSPAN_HOP_RECORD_H
#define HOPSPAN_HOP_RECORD_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define HOPSPAN_ABI_VERSION 1

/* One pod has one path: pod veth, bridge, tunnel device, bond, NIC and room to spare. */
#define HOP_PATH_MAX 8
#define HOP_WAYS 4
#define CONNECTION_WAYS 4
#define HEADER_WAYS 8
#define SEARCH_BYTES_MAX 8192
#define VXLAN_PORTS_MAX 4
#define CONTEXTS_MAX 8 /* formats in an order of precedence */
/* Characters of a tracestate that are carried: what everybody has to pass on (W3C Trace Context §3.3.1.5). */
#define TRACE_STATE_MAX 512

enum record_type {
	RECORD_INVALID = 0,
	RECORD_HOP,
	RECORD_LOSS,
	N_RECORD_TYPES,
};

/* Why a message is thought to be lost. */
enum loss_evidence {
	EVIDENCE_NONE = 0,
	EVIDENCE_DROP,		 /* the kernel freed a packet that carried it (skb:kfree_skb) */
	EVIDENCE_RETRANSMISSION, /* it came again before the first copy had been seen further on */
	N_LOSS_EVIDENCE,
};

/* The headers that a context may come in. */
enum context_format {
	FORMAT_NONE = 0,
	FORMAT_TRACEPARENT,
	FORMAT_B3,
	FORMAT_X_B3,
	FORMAT_UBER_TRACE_ID,
	FORMAT_X_AMZN_TRACE_ID,
	FORMAT_SW8,
	N_CONTEXT_FORMATS,
};

enum message_kind {
	MESSAGE_INVALID = 0,
	MESSAGE_REQUEST,
	MESSAGE_RESPONSE,
	N_MESSAGE_KINDS,
};

/* What a device is to the node. NIC and vport are the ends of every path, the others lie between them. */
enum point_role {
	ROLE_INVALID = 0,
	ROLE_NIC,
	ROLE_VPORT,
	ROLE_BRIDGE,
	ROLE_TUNNEL,
	ROLE_BOND,
	N_POINT_ROLES,
};

/* Direction of the hook, as the kernel names it. Ingress of a vport is traffic that leaves the pod. */
enum hook_kind {
	HOOK_INVALID = 0,
	HOOK_INGRESS,
	HOOK_EGRESS,
	N_HOOK_KINDS,
};

enum tunnel_type {
	TUNNEL_NONE = 0,
	TUNNEL_VXLAN,
	TUNNEL_GENEVE,
	TUNNEL_GRE,
	TUNNEL_IPIP,
	TUNNEL_IP6IP6,
	TUNNEL_6IN4,
	TUNNEL_4IN6,
	N_TUNNEL_TYPES,
};

/* The packet as it looked at one end of a hop. IPv4 addresses use the first four bytes. */
struct hop_endpoint {
	__u8 source[16];
	__u8 destination[16];
	__u16 source_port;
	__u16 destination_port;
	__u16 point;	  /* index of the tracing point, from the points map; 0 is never valid */
	__u8 family;	  /* 4 or 6 */
	__u8 tunnel_type; /* enum tunnel_type */
	__u32 tunnel_id;  /* VNI of VXLAN (RFC 7348) and Geneve (RFC 8926), key of GRE (RFC 2890) */
	__u8 tunnel_family; /* 4 or 6; 0 without a tunnel */
	__u8 reserved[3];
	__u8 tunnel_source[16];
	__u8 tunnel_destination[16];
};
_Static_assert(sizeof(struct hop_endpoint) == 80, "hop_endpoint is part of the ABI");

/* One message between two tracing points of one node. */
struct hop_record {
	__u8 type;	  /* enum record_type: RECORD_HOP */
	__u8 kind;	  /* enum message_kind */
	__u8 trace_flags; /* as in the packet */
	__u8 retransmission; /* 0: first copy of the message; n: its nth retransmitted copy, capped at 255 */
	__u32 position; /* stream position: TCP sequence number + offset of the context value, or of a response's begin */
	__u64 from_ns; /* CLOCK_MONOTONIC at the from-point */
	__u64 to_ns;   /* CLOCK_MONOTONIC at the to-point */
	__u8 trace_id[16];
	__u8 span_id[8];   /* parent-id of the traceparent: the span that sent the request */
	__u16 status_code; /* HTTP status of a response; 0 for a request */
	__u16 trace_state_length; /* bytes of the tracestate behind this record; 0: none, or not asked for */
	__u32 request_position; /* of a response: position of the request it answers; of a request: its own */
	struct hop_endpoint from;
	struct hop_endpoint to;
};
_Static_assert(sizeof(struct hop_record) == 216, "hop_record is part of the ABI");

#define DEVICE_NAME_MAX 16

/* A message that went no further than `last`. */
struct loss_record {
	__u8 type;	     /* enum record_type: RECORD_LOSS */
	__u8 kind;	     /* enum message_kind */
	__u8 trace_flags;    /* as in the packet */
	__u8 retransmission; /* which copy was lost, as in hop_record */
	__u32 position;	     /* as in hop_record */
	__u64 last_ns;	     /* CLOCK_MONOTONIC at the last point */
	__u64 lost_ns;	     /* when it was dropped, or when the next copy was seen */
	__u8 trace_id[16];
	__u8 span_id[8];
	__u32 reason;  /* enum skb_drop_reason of this kernel; 0 without a drop */
	__u8 evidence; /* enum loss_evidence */
	__u8 copies;   /* retransmitted copies that were seen until this record was written */
	__u8 reserved[2];
	char device
		[DEVICE_NAME_MAX]; /* the packet's device when it was dropped; empty without a drop */
	struct hop_endpoint last;
};
_Static_assert(sizeof(struct loss_record) == 152, "loss_record is part of the ABI");

/* Key and value of the points map: which devices are tracing points. */
struct point_key {
	__u32 ifindex;
	__u32 hook; /* enum hook_kind */
};

struct point_config {
	__u16 index; /* 1 .. max_points - 1; index 0 counts what cannot be attributed */
	__u8 role;   /* enum point_role */
	__u8 reserved[5];
};
_Static_assert(sizeof(struct point_config) == 8, "point_config is part of the ABI");

/*
 * Why a packet did or did not become a hop: one row a tracing point, one array a CPU.
 *
 * The sums close once traffic has stopped:
 *   sightings  = first + continuing + repeated + refused_*
 *   continuing = records + ring_full
 *   first      = completed + swept + overwritten + live (from the table)
 *   header_split      = header_joined + header_garbled + header_overlong + header_disordered + header_no_buffer +
 *                       header_no_connection + header_closed + header_evicted + header_expired + waiting
 *   connection_opened = connection_closed + connection_evicted + connection_expired + open
 *   response_awaited  = response_paired + response_missed + response_closed + response_evicted + response_expired +
 *                       awaited
 *   response          = response_paired + response_interim + response_untraced + response_unarmed
 * (waiting, open and awaited: from the sweeper)
 *   loss_suspected = losses + loss_ring_full + loss_refuted + loss_path_unknown + suspected (from the table)
 *
 * X(NAME, "what it counts")
 */
#define PROBE_COUNTERS(X)                                                                          \
	X(SIGHTINGS, "valid sampled contexts seen")                                                \
	X(FIRST, "sightings that opened a path")                                                   \
	X(CONTINUING, "sightings that closed a hop")                                               \
	X(REPEATED, "sightings at a point already visited: a retransmitted copy")                  \
	X(REFUSED_CONTENDED, "sightings refused because another CPU held the slot")                \
	X(REFUSED_PATH_FULL, "sightings refused because the path has too many points")             \
	X(REFUSED_SOURCE, "sightings refused because their source has used up its share")          \
	X(REFUSED_BUDGET, "sightings refused because this CPU has had its share of new paths")     \
	X(RECORDS, "hop records handed to the ring buffer")                                        \
	X(RING_FULL, "hop records lost because the ring buffer was full")                          \
	X(COMPLETED, "paths that reached a NIC or vport from another point")                       \
	X(SWEPT, "paths given up after the time-out")                                              \
	X(OVERWRITTEN, "unfinished paths displaced by newer ones")                                 \
	X(UNSAMPLED, "contexts whose sampled flag is 0")                                           \
	X(DEFERRED, "contexts whose sender leaves the decision on sampling to the receiver")       \
	X(INVALID_CONTEXT, "contexts with an invalid value")                                       \
	X(DUPLICATE_CONTEXT, "requests whose context comes more than once")                        \
	X(UNMAPPED_CONTEXT, "sw8 contexts whose ids have no counterpart")                          \
	X(PASSED_OVER, "requests followed by a context behind one that was of no use")             \
	X(TRACE_STATE_DROPPED,                                                                     \
	  "tracestates that were too long or not whole, hops made without them")                   \
	X(NO_CONTEXT, "complete request headers without a context")                                \
	X(HEADER_SPLIT, "headers that went on in another segment")                                 \
	X(HEADER_JOINED, "split headers that were put together")                                   \
	X(HEADER_GARBLED, "split headers that turned out to be none")                              \
	X(HEADER_OVERLONG, "split headers longer than search_bytes")                               \
	X(HEADER_DISORDERED, "split headers with too many holes at once")                          \
	X(HEADER_NO_BUFFER, "split headers for which no buffer was free")                          \
	X(HEADER_NO_CONNECTION, "split headers for which no connection was free")                  \
	X(HEADER_CLOSED, "split headers whose connection ended")                                   \
	X(HEADER_EVICTED, "split headers whose connection was displaced")                          \
	X(HEADER_EXPIRED, "split headers whose rest did not come in time")                         \
	X(DUPLICATE_LATE, "second contexts that came when the first was reported already")         \
	X(CONTINUED, "segments inside of a message that is followed")                              \
	X(FRAMING_LOST, "places where a message should begin and none did")                        \
	X(MESSAGES_BEYOND, "segments with more messages than are looked at")                       \
	X(CONNECTION_OPENED, "connections that were remembered")                                   \
	X(CONNECTION_CLOSED, "connections that ended")                                             \
	X(CONNECTION_EVICTED, "connections displaced by newer ones")                               \
	X(CONNECTION_EXPIRED, "connections that were quiet for too long")                          \
	X(CONNECTION_CONTENDED, "segments not followed because another CPU held the connection")   \
	X(RESPONSE_AWAITED, "traced requests whose response is awaited")                           \
	X(RESPONSE_PAIRED, "final responses to traced requests")                                   \
	X(RESPONSE_INTERIM, "responses before the final one, such as 100 (Continue)")              \
	X(RESPONSE_UNTRACED, "responses to other requests on connections that are followed")       \
	X(RESPONSE_UNARMED, "responses that nothing awaited")                                      \
	X(RESPONSE_CLOSED, "responses awaited when the connection ended")                          \
	X(RESPONSE_EVICTED, "responses awaited when the connection was displaced")                 \
	X(RESPONSE_EXPIRED, "responses awaited when the connection had been quiet for too long")   \
	X(RESPONSE_MISSED, "responses awaited that had passed unseen when a later one came")       \
	X(PIPELINE_FULL, "traced requests beyond those whose responses can be awaited at once")    \
	X(HEADER_BEYOND_WINDOW, "request headers longer than search_bytes, no context found")      \
	X(RESPONSE, "HTTP/1 status lines")                                                         \
	X(TLS, "segments that start with a TLS record")                                            \
	X(HTTP2, "HTTP/2 connection prefaces")                                                     \
	X(NOT_HTTP, "TCP payload that starts with nothing known")                                  \
	X(OTHER_PROTOCOL, "frames that are neither IP nor ARP")                                    \
	X(TUNNELS_NESTED, "packets in more than two tunnels")                                      \
	X(GRE_OTHER, "GRE of version 1 (PPTP), or with source routes")                             \
	X(GENEVE_OTHER, "Geneve around something else than Ethernet, or of another version")       \
	X(ESP, "packets encrypted by IPsec")                                                       \
	X(FRAGMENT, "IP fragments other than the first")                                           \
	X(MALFORMED, "headers that are truncated or contradict themselves")                        \
	X(UNREADABLE, "payload the kernel would not copy")                                         \
	X(UNKNOWN_POINT, "packets at a device that is not in the points map")                      \
	X(DROPS, "dropped packets with TCP payload, in this network namespace")                    \
	X(DROPS_REFUSED, "dropped packets that were not looked at, because there were too many")   \
	X(DROPS_VAGUE,                                                                             \
	  "dropped packets without a reason, at a device that may just have sent them")            \
	X(DROPS_ARRIVED, "dropped packets that had reached a socket of the node: no loss")         \
	X(DROPS_UNRELATED, "dropped packets that carry no message that is followed")               \
	X(LOSS_SUSPECTED, "messages with first evidence of a loss")                                \
	X(LOSS_REPEATED, "more evidence about messages that have some")                            \
	X(LOSS_CONTENDED, "evidence not taken because another CPU held the slot")                  \
	X(LOSS_TABLE_FULL, "evidence not taken because too many losses wait to be judged")         \
	X(LOSS_REFUTED, "suspected messages that were seen further on after all")                  \
	X(LOSS_PATH_UNKNOWN, "suspected messages on paths never seen to go on: these end here")    \
	X(LOSSES, "loss records handed to the ring buffer")                                        \
	X(LOSS_RING_FULL, "loss records lost because the ring buffer was full")

enum probe_counter {
#define X(name, text) COUNTER_##name,
	PROBE_COUNTERS(X)
#undef X
	N_PROBE_COUNTERS,
};

/* Room for more without a change of the map: twelve cache lines a row. */
#define COUNTER_ROW 96

struct counter_row {
	__u64 value[COUNTER_ROW];
};
_Static_assert((int)N_PROBE_COUNTERS <= COUNTER_ROW, "more counters than a row has room for");

/* Context of the sweeper, a SEC("syscall") program: what it may touch and what it found. */
struct sweep_context {
	__u32 first_set;
	__u32 sets; /* at most SWEEP_SETS_MAX a run */
	__u64 now_ns;
	__u32 live;	 /* out: paths that still wait for their next point */
	__u32 held;	 /* out: finished paths whose key is kept for late copies */
	__u32 swept;	 /* out: paths given up in this run */
	__u32 last;	 /* 1: the programs are detached, so what was dropped is judged at once */
	__u32 suspected; /* out, of the run that begins with set 0: messages suspected to be lost */
	__u32 reserved;
};
#define SWEEP_SETS_MAX 4096

/* The same for the sweeper of connections. */
struct connection_sweep {
	__u32 first_set;
	__u32 sets;    /* at most SWEEP_SETS_MAX a run */
	__u32 open;    /* out: connections that are remembered */
	__u32 awaited; /* out: traced requests whose response has not come */
	__u32 waiting; /* out: headers whose rest has not come */
	__u32 reserved;
};

/* Messages that share a line of the flights map. */
#define FLIGHTS_LINE 8

#endif
