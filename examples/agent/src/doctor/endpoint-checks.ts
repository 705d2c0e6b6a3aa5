// SPDX-License-Identifier: Apache-2.0
import type { ExporterConfig, OtlpExporterConfig } from '../config/agent-config.ts';
import { toOtlpEndpoint } from '../exporters/otlp-endpoint.ts';
import { findUnreachable, formatTarget } from '../net/reach.ts';
import type { Check } from './check.ts';

/** Whether somebody accepts connections at the endpoint of every exporter that has one. */
export function checkEndpoints(exporters: readonly ExporterConfig[]): Promise<Check[]> {
  return Promise.all(exporters.filter((each) => each.type !== 'debug').map(checkEndpoint));
}

async function checkEndpoint(exporter: OtlpExporterConfig): Promise<Check> {
  const { target } = toOtlpEndpoint(exporter);
  const reason = await findUnreachable(target);
  const name = `endpoint of ${exporter.id}`;
  const where = formatTarget(target);
  if (reason === undefined) return { name, ok: true, detail: `${where} accepts connections` };
  return {
    name,
    ok: false,
    detail: `${where} cannot be reached (${reason})`,
    mend: `start the collector there, or set exporters::${exporter.id}::endpoint to where it is`,
  };
}
