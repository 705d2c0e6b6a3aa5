// SPDX-License-Identifier: Apache-2.0
// Generated from bpf/include/*.h by 'make abi' in packages/bpf-probe. Do not edit: 'make check-abi' fails.

/** struct hop_record: its size and the offset of each field, in bytes. */
export const HOP_RECORD = {
  size: 216,
  type: 0,
  kind: 1,
  trace_flags: 2,
  retransmission: 3,
  position: 4,
  from_ns: 8,
  to_ns: 16,
  trace_id: 24,
  span_id: 40,
  status_code: 48,
  trace_state_length: 50,
  request_position: 52,
  from: 56,
  to: 136,
} as const;

/** struct loss_record: its size and the offset of each field, in bytes. */
export const LOSS_RECORD = {
  size: 152,
  type: 0,
  kind: 1,
  trace_flags: 2,
  retransmission: 3,
  position: 4,
  last_ns: 8,
  lost_ns: 16,
  trace_id: 24,
  span_id: 40,
  reason: 48,
  evidence: 52,
  copies: 53,
  device: 56,
  last: 72,
} as const;

/** struct hop_endpoint: its size and the offset of each field, in bytes. */
export const HOP_ENDPOINT = {
  size: 80,
  source: 0,
  destination: 16,
  source_port: 32,
  destination_port: 34,
  point: 36,
  family: 38,
  tunnel_type: 39,
  tunnel_id: 40,
  tunnel_family: 44,
  tunnel_source: 48,
  tunnel_destination: 64,
} as const;

/** struct point_key: its size and the offset of each field, in bytes. */
export const POINT_KEY = {
  size: 8,
  ifindex: 0,
  hook: 4,
} as const;

/** struct point_config: its size and the offset of each field, in bytes. */
export const POINT_CONFIG = {
  size: 8,
  index: 0,
  role: 2,
} as const;

/** struct counter_row: its size and the offset of each field, in bytes. */
export const COUNTER_ROW = {
  size: 768,
  value: 0,
} as const;

/** struct probe_config: its size and the offset of each field, in bytes. */
export const PROBE_CONFIG = {
  size: 104,
  path_timeout_ns: 0,
  linger_ns: 8,
  search_bytes: 16,
  table_sets: 20,
  max_points: 24,
  cpus: 28,
  wakeup_bytes: 32,
  vxlan_ports: 36,
  source_interval_ns: 44,
  cpu_interval_ns: 48,
  lost_messages: 84,
  netns: 88,
  copy: 52,
  connection_sets: 56,
  header_sets: 60,
  connection_idle_ns: 64,
  seed: 72,
  responses: 80,
  trace_state: 92,
  contexts: 96,
} as const;

/** struct sweep_context: its size and the offset of each field, in bytes. */
export const SWEEP_CONTEXT = {
  size: 40,
  first_set: 0,
  sets: 4,
  now_ns: 8,
  live: 16,
  held: 20,
  swept: 24,
  last: 28,
  suspected: 32,
} as const;

/** struct connection_sweep: its size and the offset of each field, in bytes. */
export const CONNECTION_SWEEP = {
  size: 24,
  first_set: 0,
  sets: 4,
  open: 8,
  awaited: 12,
  waiting: 16,
} as const;

// enum record_type
export const RECORD_HOP = 1;
export const RECORD_LOSS = 2;

// enum loss_evidence
export const EVIDENCE_DROP = 1;
export const EVIDENCE_RETRANSMISSION = 2;

// enum message_kind
export const MESSAGE_REQUEST = 1;
export const MESSAGE_RESPONSE = 2;

// enum context_format
export const FORMAT_TRACEPARENT = 1;
export const FORMAT_B3 = 2;
export const FORMAT_X_B3 = 3;
export const FORMAT_UBER_TRACE_ID = 4;
export const FORMAT_X_AMZN_TRACE_ID = 5;
export const FORMAT_SW8 = 6;

// enum tunnel_type
export const TUNNEL_NONE = 0;
export const TUNNEL_VXLAN = 1;
export const TUNNEL_GENEVE = 2;
export const TUNNEL_GRE = 3;
export const TUNNEL_IPIP = 4;
export const TUNNEL_IP6IP6 = 5;
export const TUNNEL_6IN4 = 6;
export const TUNNEL_4IN6 = 7;

// enum point_role
export const ROLE_NIC = 1;
export const ROLE_VPORT = 2;
export const ROLE_BRIDGE = 3;
export const ROLE_TUNNEL = 4;
export const ROLE_BOND = 5;

// enum hook_kind
export const HOOK_INGRESS = 1;
export const HOOK_EGRESS = 2;

// Limits
export const HOPSPAN_ABI_VERSION = 1;
export const HOP_PATH_MAX = 8;
export const HOP_WAYS = 4;
export const CONNECTION_WAYS = 4;
export const HEADER_WAYS = 8;
export const SEARCH_BYTES_MAX = 8192;
export const VXLAN_PORTS_MAX = 4;
export const CONTEXTS_MAX = 8;
export const TRACE_STATE_MAX = 512;
export const SWEEP_SETS_MAX = 4096;
export const FLIGHTS_LINE = 8;
export const DEVICE_NAME_MAX = 16;

/** enum probe_counter in its order: the name of each counter and what it counts. */
export const PROBE_COUNTER_TEXTS = {
  sightings: 'valid sampled contexts seen',
  first: 'sightings that opened a path',
  continuing: 'sightings that closed a hop',
  repeated: 'sightings at a point already visited: a retransmitted copy',
  refused_contended: 'sightings refused because another CPU held the slot',
  refused_path_full: 'sightings refused because the path has too many points',
  refused_source: 'sightings refused because their source has used up its share',
  refused_budget: 'sightings refused because this CPU has had its share of new paths',
  records: 'hop records handed to the ring buffer',
  ring_full: 'hop records lost because the ring buffer was full',
  completed: 'paths that reached a NIC or vport from another point',
  swept: 'paths given up after the time-out',
  overwritten: 'unfinished paths displaced by newer ones',
  unsampled: 'contexts whose sampled flag is 0',
  deferred: 'contexts whose sender leaves the decision on sampling to the receiver',
  invalid_context: 'contexts with an invalid value',
  duplicate_context: 'requests whose context comes more than once',
  unmapped_context: 'sw8 contexts whose ids have no counterpart',
  passed_over: 'requests followed by a context behind one that was of no use',
  trace_state_dropped: 'tracestates that were too long or not whole, hops made without them',
  no_context: 'complete request headers without a context',
  header_split: 'headers that went on in another segment',
  header_joined: 'split headers that were put together',
  header_garbled: 'split headers that turned out to be none',
  header_overlong: 'split headers longer than search_bytes',
  header_disordered: 'split headers with too many holes at once',
  header_no_buffer: 'split headers for which no buffer was free',
  header_no_connection: 'split headers for which no connection was free',
  header_closed: 'split headers whose connection ended',
  header_evicted: 'split headers whose connection was displaced',
  header_expired: 'split headers whose rest did not come in time',
  duplicate_late: 'second contexts that came when the first was reported already',
  continued: 'segments inside of a message that is followed',
  framing_lost: 'places where a message should begin and none did',
  messages_beyond: 'segments with more messages than are looked at',
  connection_opened: 'connections that were remembered',
  connection_closed: 'connections that ended',
  connection_evicted: 'connections displaced by newer ones',
  connection_expired: 'connections that were quiet for too long',
  connection_contended: 'segments not followed because another CPU held the connection',
  response_awaited: 'traced requests whose response is awaited',
  response_paired: 'final responses to traced requests',
  response_interim: 'responses before the final one, such as 100 (Continue)',
  response_untraced: 'responses to other requests on connections that are followed',
  response_unarmed: 'responses that nothing awaited',
  response_closed: 'responses awaited when the connection ended',
  response_evicted: 'responses awaited when the connection was displaced',
  response_expired: 'responses awaited when the connection had been quiet for too long',
  response_missed: 'responses awaited that had passed unseen when a later one came',
  pipeline_full: 'traced requests beyond those whose responses can be awaited at once',
  header_beyond_window: 'request headers longer than search_bytes, no context found',
  response: 'HTTP/1 status lines',
  tls: 'segments that start with a TLS record',
  http2: 'HTTP/2 connection prefaces',
  not_http: 'TCP payload that starts with nothing known',
  other_protocol: 'frames that are neither IP nor ARP',
  tunnels_nested: 'packets in more than two tunnels',
  gre_other: 'GRE of version 1 (PPTP), or with source routes',
  geneve_other: 'Geneve around something else than Ethernet, or of another version',
  esp: 'packets encrypted by IPsec',
  fragment: 'IP fragments other than the first',
  malformed: 'headers that are truncated or contradict themselves',
  unreadable: 'payload the kernel would not copy',
  unknown_point: 'packets at a device that is not in the points map',
  drops: 'dropped packets with TCP payload, in this network namespace',
  drops_refused: 'dropped packets that were not looked at, because there were too many',
  drops_vague: 'dropped packets without a reason, at a device that may just have sent them',
  drops_arrived: 'dropped packets that had reached a socket of the node: no loss',
  drops_unrelated: 'dropped packets that carry no message that is followed',
  loss_suspected: 'messages with first evidence of a loss',
  loss_repeated: 'more evidence about messages that have some',
  loss_contended: 'evidence not taken because another CPU held the slot',
  loss_table_full: 'evidence not taken because too many losses wait to be judged',
  loss_refuted: 'suspected messages that were seen further on after all',
  loss_path_unknown: 'suspected messages on paths never seen to go on: these end here',
  losses: 'loss records handed to the ring buffer',
  loss_ring_full: 'loss records lost because the ring buffer was full',
} as const;

export type ProbeCounterName = keyof typeof PROBE_COUNTER_TEXTS;

/** Names by index in a counter row. */
export const PROBE_COUNTERS = Object.keys(PROBE_COUNTER_TEXTS) as readonly ProbeCounterName[];
