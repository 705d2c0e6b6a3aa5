// SPDX-License-Identifier: Apache-2.0
import type { AgentCounters } from './agent-counters.ts';
import type { HttpAnswer } from './http-listener.ts';

export type AgentState = 'starting' | 'ok' | 'stopping';

/** How one component is. */
export interface ComponentHealth {
  readonly status: AgentState | 'degraded';
  /** Why it is degraded, or what is to be known when it is not. */
  readonly reason?: string;
  /** How many devices a receiver watches now. */
  readonly interfaces?: { readonly nic: number; readonly vport: number };
}

/** What the health endpoint needs to know. */
export interface HealthSource {
  state(): AgentState;
  startTime(): Date;
  /** By section and id: `exporters/otlp_grpc`. */
  components(): Readonly<Record<string, ComponentHealth>>;
  counters(): AgentCounters;
}

/**
 * `/` and `/status`: 200 when everything is attached, 503 while starting and stopping, with `?verbose` the
 * components too. A backend that is away degrades a component but does not make the agent unhealthy: a restart
 * would not mend it. `/debug/counters`: every counter.
 */
export function answerHealth(url: URL, source: HealthSource): HttpAnswer | undefined {
  if (url.pathname === '/debug/counters') return json(200, source.counters());
  if (url.pathname !== '/' && url.pathname !== '/status') return undefined;
  const status = source.state();
  const verbose = url.searchParams.has('verbose') && url.searchParams.get('verbose') !== 'false';
  return json(status === 'ok' ? 200 : 503, {
    status,
    start_time: source.startTime().toISOString(),
    ...(verbose ? { components: source.components() } : {}),
  });
}

function json(status: number, body: unknown): HttpAnswer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` };
}
