// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { AgentConfig } from './config/agent-config.ts';
import type { AgentEnvironment } from './env.ts';
import { version } from './version.ts';

export type ResourceAttributes = Readonly<Record<string, string | number | boolean>>;

/** Options of createResourceAttributes. */
export interface ResourceOptions {
  readonly configured: AgentConfig['resourceAttributes'];
  readonly environment: AgentEnvironment;
  /** Default: this host's. */
  readonly machineIdFile?: string;
}

/**
 * What produces the hop spans: this agent on this host. OTEL_RESOURCE_ATTRIBUTES replaces the defaults,
 * OTEL_SERVICE_NAME the service name there, and `service::telemetry::resource` all of them.
 */
export function createResourceAttributes({
  configured,
  environment,
  machineIdFile,
}: ResourceOptions): ResourceAttributes {
  const { serviceName, nodeName, resourceAttributes } = environment;
  const hostId = readMachineId(machineIdFile ?? '/etc/machine-id');
  return {
    'service.name': 'overlay-network',
    'service.version': version,
    'service.instance.id': randomUUID(),
    'host.name': nodeName ?? hostname(),
    ...(hostId === undefined ? {} : { 'host.id': hostId }),
    ...(nodeName === undefined ? {} : { 'k8s.node.name': nodeName }),
    ...resourceAttributes,
    ...(serviceName === undefined ? {} : { 'service.name': serviceName }),
    ...configured,
  };
}

/** systemd's machine-id(5); containers often have none, or an empty one. */
function readMachineId(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
