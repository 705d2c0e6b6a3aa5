// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Tells user space what crosses, so that nobody writes an offset by hand.
 *
 *   gen_layout           the layout of every ABI struct and the values of every enum, as JSON
 *   gen_layout --golden  one filled hop_record as raw bytes: what a decoder must be able to read
 *   gen_layout --loss    the same for a loss_record
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "../include/probe_config.h"

/* A list of fields is separated by commas only between its members: JSON allows no other. */
static const char *separator;

static void field(const char *name, size_t offset, size_t size, size_t element)
{
	printf("%s\n      \"%s\": { \"offset\": %zu, \"size\": %zu, \"element\": %zu }", separator,
	       name, offset, size, element);
	separator = ",";
}

static void value(const char *name, long number)
{
	printf("%s\n      \"%s\": %ld", separator, name, number);
	separator = ",";
}

#define BEGIN_STRUCT(type)                                                                         \
	printf("%s\n    \"%s\": { \"size\": %zu, \"fields\": {", separator, #type,                 \
	       sizeof(struct type));                                                               \
	separator = ""
#define FIELD(type, name)                                                                          \
	field(#name, offsetof(struct type, name), sizeof(((struct type *)0)->name),                \
	      sizeof(((struct type *)0)->name))
#define ARRAY(type, name)                                                                          \
	field(#name, offsetof(struct type, name), sizeof(((struct type *)0)->name),                \
	      sizeof(((struct type *)0)->name[0]))
#define END_STRUCT()                                                                               \
	printf("\n    } }");                                                                       \
	separator = ","
#define BEGIN_ENUM(type)                                                                           \
	printf("%s\n    \"%s\": {", separator, #type);                                             \
	separator = ""
#define VALUE(name) value(#name, name)
#define END_ENUM()                                                                                 \
	printf("\n    }");                                                                         \
	separator = ","

static void print_record(void)
{
	BEGIN_STRUCT(hop_record);
	FIELD(hop_record, type);
	FIELD(hop_record, kind);
	FIELD(hop_record, trace_flags);
	FIELD(hop_record, retransmission);
	FIELD(hop_record, position);
	FIELD(hop_record, from_ns);
	FIELD(hop_record, to_ns);
	ARRAY(hop_record, trace_id);
	ARRAY(hop_record, span_id);
	FIELD(hop_record, status_code);
	FIELD(hop_record, trace_state_length);
	FIELD(hop_record, request_position);
	FIELD(hop_record, from);
	FIELD(hop_record, to);
	END_STRUCT();
}

static void print_loss(void)
{
	BEGIN_STRUCT(loss_record);
	FIELD(loss_record, type);
	FIELD(loss_record, kind);
	FIELD(loss_record, trace_flags);
	FIELD(loss_record, retransmission);
	FIELD(loss_record, position);
	FIELD(loss_record, last_ns);
	FIELD(loss_record, lost_ns);
	ARRAY(loss_record, trace_id);
	ARRAY(loss_record, span_id);
	FIELD(loss_record, reason);
	FIELD(loss_record, evidence);
	FIELD(loss_record, copies);
	ARRAY(loss_record, device);
	FIELD(loss_record, last);
	END_STRUCT();
}

static void print_endpoint(void)
{
	BEGIN_STRUCT(hop_endpoint);
	ARRAY(hop_endpoint, source);
	ARRAY(hop_endpoint, destination);
	FIELD(hop_endpoint, source_port);
	FIELD(hop_endpoint, destination_port);
	FIELD(hop_endpoint, point);
	FIELD(hop_endpoint, family);
	FIELD(hop_endpoint, tunnel_type);
	FIELD(hop_endpoint, tunnel_id);
	FIELD(hop_endpoint, tunnel_family);
	ARRAY(hop_endpoint, tunnel_source);
	ARRAY(hop_endpoint, tunnel_destination);
	END_STRUCT();
}

static void print_points(void)
{
	BEGIN_STRUCT(point_key);
	FIELD(point_key, ifindex);
	FIELD(point_key, hook);
	END_STRUCT();
	BEGIN_STRUCT(point_config);
	FIELD(point_config, index);
	FIELD(point_config, role);
	END_STRUCT();
	BEGIN_STRUCT(counter_row);
	ARRAY(counter_row, value);
	END_STRUCT();
}

static void print_config(void)
{
	BEGIN_STRUCT(probe_config);
	FIELD(probe_config, path_timeout_ns);
	FIELD(probe_config, linger_ns);
	FIELD(probe_config, search_bytes);
	FIELD(probe_config, table_sets);
	FIELD(probe_config, max_points);
	FIELD(probe_config, cpus);
	FIELD(probe_config, wakeup_bytes);
	ARRAY(probe_config, vxlan_ports);
	FIELD(probe_config, source_interval_ns);
	FIELD(probe_config, cpu_interval_ns);
	FIELD(probe_config, lost_messages);
	FIELD(probe_config, netns);
	FIELD(probe_config, copy);
	FIELD(probe_config, connection_sets);
	FIELD(probe_config, header_sets);
	FIELD(probe_config, connection_idle_ns);
	FIELD(probe_config, seed);
	FIELD(probe_config, responses);
	FIELD(probe_config, trace_state);
	ARRAY(probe_config, contexts);
	END_STRUCT();
}

static void print_sweep(void)
{
	BEGIN_STRUCT(sweep_context);
	FIELD(sweep_context, first_set);
	FIELD(sweep_context, sets);
	FIELD(sweep_context, now_ns);
	FIELD(sweep_context, live);
	FIELD(sweep_context, held);
	FIELD(sweep_context, swept);
	FIELD(sweep_context, last);
	FIELD(sweep_context, suspected);
	END_STRUCT();
	BEGIN_STRUCT(connection_sweep);
	FIELD(connection_sweep, first_set);
	FIELD(connection_sweep, sets);
	FIELD(connection_sweep, open);
	FIELD(connection_sweep, awaited);
	FIELD(connection_sweep, waiting);
	END_STRUCT();
}

static void print_record_enums(void)
{
	BEGIN_ENUM(record_type);
	VALUE(RECORD_HOP);
	VALUE(RECORD_LOSS);
	END_ENUM();
	BEGIN_ENUM(loss_evidence);
	VALUE(EVIDENCE_DROP);
	VALUE(EVIDENCE_RETRANSMISSION);
	END_ENUM();
	BEGIN_ENUM(message_kind);
	VALUE(MESSAGE_REQUEST);
	VALUE(MESSAGE_RESPONSE);
	END_ENUM();
	BEGIN_ENUM(context_format);
	VALUE(FORMAT_TRACEPARENT);
	VALUE(FORMAT_B3);
	VALUE(FORMAT_X_B3);
	VALUE(FORMAT_UBER_TRACE_ID);
	VALUE(FORMAT_X_AMZN_TRACE_ID);
	VALUE(FORMAT_SW8);
	END_ENUM();
	BEGIN_ENUM(tunnel_type);
	VALUE(TUNNEL_NONE);
	VALUE(TUNNEL_VXLAN);
	VALUE(TUNNEL_GENEVE);
	VALUE(TUNNEL_GRE);
	VALUE(TUNNEL_IPIP);
	VALUE(TUNNEL_IP6IP6);
	VALUE(TUNNEL_6IN4);
	VALUE(TUNNEL_4IN6);
	END_ENUM();
}

static void print_point_enums(void)
{
	BEGIN_ENUM(point_role);
	VALUE(ROLE_NIC);
	VALUE(ROLE_VPORT);
	VALUE(ROLE_BRIDGE);
	VALUE(ROLE_TUNNEL);
	VALUE(ROLE_BOND);
	END_ENUM();
	BEGIN_ENUM(hook_kind);
	VALUE(HOOK_INGRESS);
	VALUE(HOOK_EGRESS);
	END_ENUM();
}

static void print_limits(void)
{
	BEGIN_ENUM(limits);
	VALUE(HOPSPAN_ABI_VERSION);
	VALUE(HOP_PATH_MAX);
	VALUE(HOP_WAYS);
	VALUE(CONNECTION_WAYS);
	VALUE(HEADER_WAYS);
	VALUE(SEARCH_BYTES_MAX);
	VALUE(VXLAN_PORTS_MAX);
	VALUE(CONTEXTS_MAX);
	VALUE(TRACE_STATE_MAX);
	VALUE(SWEEP_SETS_MAX);
	VALUE(FLIGHTS_LINE);
	VALUE(DEVICE_NAME_MAX);
	END_ENUM();
}

static void print_counters(void)
{
	separator = "";
#define X(name, text)                                                                              \
	printf("%s\n    { \"name\": \"%s\", \"text\": \"%s\" }", separator, #name, text);          \
	separator = ",";
	PROBE_COUNTERS(X)
#undef X
}

static void print_layout(void)
{
	separator = "";
	printf("{\n  \"structs\": {");
	print_record();
	print_loss();
	print_endpoint();
	print_points();
	print_config();
	print_sweep();
	separator = "";
	printf("\n  },\n  \"enums\": {");
	print_record_enums();
	print_point_enums();
	print_limits();
	printf("\n  },\n  \"counters\": [");
	print_counters();
	printf("\n  ]\n}\n");
}

static void fill(void *bytes, size_t size, unsigned int first)
{
	for (size_t i = 0; i < size; i++)
		((unsigned char *)bytes)[i] = (unsigned char)(first + i);
}

/* An end in VXLAN, IPv4 in IPv4, and one in GRE without a key, IPv6 in IPv6: both shapes in one record. */
static void print_golden(void)
{
	static const unsigned char from[] = { 10, 244, 1, 2 }, to[] = { 10, 244, 2, 255 };
	static const unsigned char outer_from[] = { 192, 168, 0, 1 },
				   outer_to[] = { 192, 168, 0, 2 };
	struct hop_record record;

	memset(&record, 0, sizeof(record));
	record.type = RECORD_HOP;
	record.kind = MESSAGE_RESPONSE;
	record.trace_flags = 0x03;
	record.retransmission = 7;
	record.position = 0xfedcba98;
	record.from_ns = 0x0000fffffffffff0;
	record.to_ns = 0x0001000000000010;
	fill(record.trace_id, sizeof(record.trace_id), 0xf8);
	fill(record.span_id, sizeof(record.span_id), 0x01);
	record.status_code = 503;
	record.request_position = 0xffffffff;

	memcpy(record.from.source, from, sizeof(from));
	memcpy(record.from.destination, to, sizeof(to));
	record.from.source_port = 65535;
	record.from.destination_port = 80;
	record.from.point = 1;
	record.from.family = 4;
	record.from.tunnel_type = TUNNEL_VXLAN;
	record.from.tunnel_id = 0xffffff;
	record.from.tunnel_family = 4;
	memcpy(record.from.tunnel_source, outer_from, sizeof(outer_from));
	memcpy(record.from.tunnel_destination, outer_to, sizeof(outer_to));

	record.to.source[0] = 0xfd;
	record.to.source[15] = 0x01;
	fill(record.to.destination, sizeof(record.to.destination), 0x20);
	record.to.source_port = 1;
	record.to.destination_port = 0x1f90;
	record.to.point = 0x0102;
	record.to.family = 6;
	record.to.tunnel_type = TUNNEL_GRE;
	record.to.tunnel_family = 6;
	fill(record.to.tunnel_source, sizeof(record.to.tunnel_source), 0x30);
	record.to.tunnel_destination[0] = 0xfe;
	record.to.tunnel_destination[1] = 0x80;
	record.to.tunnel_destination[15] = 0x02;
	fwrite(&record, sizeof(record), 1, stdout);
}

static void print_golden_loss(void)
{
	static const unsigned char from[] = { 10, 244, 1, 2 }, to[] = { 10, 244, 2, 255 };
	struct loss_record record;

	memset(&record, 0, sizeof(record));
	record.type = RECORD_LOSS;
	record.kind = MESSAGE_REQUEST;
	record.trace_flags = 0x03;
	record.retransmission = 2;
	record.position = 0xfedcba98;
	record.last_ns = 0x0000fffffffffff0;
	record.lost_ns = 0x0001000000000010;
	fill(record.trace_id, sizeof(record.trace_id), 0xf8);
	fill(record.span_id, sizeof(record.span_id), 0x01);
	record.reason = 0x00020001;
	record.evidence = EVIDENCE_DROP;
	record.copies = 5;
	/* As long as a name can be: there is always a zero at its end. */
	fill(record.device, DEVICE_NAME_MAX - 1, 'a');
	memcpy(record.last.source, from, sizeof(from));
	memcpy(record.last.destination, to, sizeof(to));
	record.last.source_port = 65535;
	record.last.destination_port = 80;
	record.last.point = 1;
	record.last.family = 4;
	fwrite(&record, sizeof(record), 1, stdout);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--golden"))
		print_golden();
	else if (argc > 1 && !strcmp(argv[1], "--loss"))
		print_golden_loss();
	else
		print_layout();
	return ferror(stdout) ? 1 : 0;
}
