// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import type { LabNode } from './lab.ts';
import type { SpawnOptions } from './namespace.ts';
import type { LabProcess, ProcessExit } from './process.ts';

type Counters = Readonly<Record<string, number>>;

/** What the kernel's tables hold. */
export interface TableReport {
  readonly live: number;
  readonly held: number;
  readonly suspected?: number;
  readonly capacity: number;
  readonly connections?: number;
  readonly responses_awaited?: number;
  readonly headers_waiting?: number;
}

/** What an agent says of itself: its last log record, and GET /debug/counters. */
export interface AgentCounters {
  readonly receivers: Readonly<Record<string, Counters>>;
  readonly points: readonly {
    readonly interface: string;
    readonly role: string;
    readonly hook: string;
    readonly counters: Counters;
  }[];
  readonly table: TableReport;
  readonly pipeline: Counters;
  readonly exporters: Readonly<Record<string, Counters>>;
}

/** Options of startAgent. */
export interface AgentOptions {
  /** Where it sends spans: `unix:///path` or `http://host:port`. */
  readonly endpoint: string;
  /** More of the agent's configuration, as `--set` takes it: `receivers::ebpf_hops::table_slots=64`. Default: none. */
  readonly set?: readonly string[];
}

/** The bundled agent, running on a node of the lab. */
export interface LabAgent {
  readonly node: string;
  readonly process: LabProcess;
  /** Ends it by SIGTERM and reads the counters it prints last. */
  stop(): Promise<AgentCounters>;
  /** Ends it by SIGKILL. */
  kill(): Promise<ProcessExit>;
}

/** Enough to detach and to send what is queued on a slow machine; LabProcess.stop has more patience. */
const SHUTDOWN_TIMEOUT = '50s';
const command = fileURLToPath(new URL('../../examples/agent/bin/hopspan-agent.js', import.meta.url));

/** Where an agent runs: a node, or something that looks like one. */
export type AgentPlace = Pick<LabNode, 'name' | 'nicName'> & {
  spawn(command: string, args: readonly string[], options?: SpawnOptions): LabProcess;
};

/** Starts the agent on a node, with the node's own devices and nothing else; resolves when it is attached. */
export async function startAgent(node: AgentPlace, { endpoint, set = [] }: AgentOptions): Promise<LabAgent> {
  const settings = [
    `receivers::ebpf_hops::interfaces::nic=[${node.nicName}]`,
    'receivers::ebpf_hops::interfaces::vport=[veth*]',
    `exporters::otlp_grpc::endpoint=${endpoint}`,
    'exporters::otlp_grpc::tls::insecure=true',
    'service::pipelines::traces::receivers=[ebpf_hops]',
    'service::pipelines::traces::exporters=[otlp_grpc]',
    ...set,
  ];
  const args = [
    '--json',
    '--shutdown-timeout',
    SHUTDOWN_TIMEOUT,
    ...settings.flatMap((setting) => ['--set', setting]),
  ];
  const process_ = node.spawn(process.execPath, [command, ...args], { env: { K8S_NODE_NAME: node.name } });
  await process_.waitForLine(/"msg":"ready"/, 120_000);
  return {
    node: node.name,
    process: process_,
    stop: async () => {
      await process_.stop();
      return readCounters(process_);
    },
    kill: () => {
      process_.kill('SIGKILL');
      return process_.exited;
    },
  };
}

function readCounters(agent: LabProcess): AgentCounters {
  const line = agent.stderr.lines.findLast((text) => text.includes('"msg":"stopped"'));
  if (line === undefined) {
    throw new Error(
      `${agent.command} printed no final counters; its last lines:\n${agent.stderr.lines.slice(-10).join('\n')}`,
    );
  }
  return (JSON.parse(line) as { counters: AgentCounters }).counters;
}
