// SPDX-License-Identifier: Apache-2.0
// The only file that reads the environment.
import { UsageError } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the agent takes from its environment. */
export interface AgentEnvironment {
  /** All variables, for `${env:NAME}` in the configuration. */
  readonly variables: Environment;
  /** OTEL_SERVICE_NAME. */
  readonly serviceName?: string;
  /** OTEL_RESOURCE_ATTRIBUTES, decoded. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** K8S_NODE_NAME, by convention set from the downward API. */
  readonly nodeName?: string;
  /** HOST_IP, by convention set from the downward API (status.hostIP). */
  readonly nodeAddress?: string;
  /** KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, which every pod has. */
  readonly apiServer?: { readonly host: string; readonly port: number };
}

/** Reads the environment. Throws UsageError when OTEL_RESOURCE_ATTRIBUTES cannot be understood. */
export function readEnvironment(variables: Environment = process.env): AgentEnvironment {
  return {
    variables,
    serviceName: variables.OTEL_SERVICE_NAME || undefined,
    resourceAttributes: parseResourceAttributes(variables.OTEL_RESOURCE_ATTRIBUTES ?? ''),
    nodeName: variables.K8S_NODE_NAME || undefined,
    nodeAddress: variables.HOST_IP || undefined,
    apiServer: readApiServer(variables),
  };
}

function readApiServer(variables: Environment): AgentEnvironment['apiServer'] {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = variables;
  return host && port && /^\d{1,5}$/.test(port) ? { host, port: Number(port) } : undefined;
}

/** `key=value` pairs separated by commas, percent-encoded (OpenTelemetry specification, resource/sdk.md). */
function parseResourceAttributes(text: string): Record<string, string> {
  const entries = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part): [string, string] => {
      const separator = part.indexOf('=');
      const key = decode(part.slice(0, Math.max(separator, 0)));
      if (key === '') {
        throw new UsageError(
          `OTEL_RESOURCE_ATTRIBUTES: got "${part.trim()}", expected key=value pairs separated by commas`,
        );
      }
      return [key, decode(part.slice(separator + 1))];
    });
  return Object.fromEntries(entries);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    throw new UsageError(`OTEL_RESOURCE_ATTRIBUTES: "${text.trim()}" is not percent-encoded UTF-8`);
  }
}
