// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { AgentConfig } from './agent-config.ts';

/** What of the receiver takes effect while the agent runs. */
const LIVE_KEYS = ['interfaces', 'pods'] as const;

/** The keys that differ between two configurations. */
export interface ConfigChanges {
  /** Those that take effect at once, as paths. */
  readonly live: readonly string[];
  /** Those that take effect when the agent is started the next time. */
  readonly restart: readonly string[];
}

/** What has changed from one configuration to the other. */
export function findChanges(before: AgentConfig, after: AgentConfig): ConfigChanges {
  const live: string[] = [];
  const restart: string[] = [];
  const note = (path: string, isLive: boolean, one: unknown, other: unknown): void => {
    if (!isDeepStrictEqual(one, other)) (isLive ? live : restart).push(path);
  };
  const [old, now] = [before.receiver, after.receiver];
  note('receivers', false, old.id, now.id);
  const keys = new Set([...Object.keys(old.config), ...Object.keys(now.config)]) as Set<
    keyof typeof old.config
  >;
  for (const key of keys) {
    const isLive = (LIVE_KEYS as readonly string[]).includes(key);
    note(`receivers::${now.id}::${key}`, isLive, old.config[key], now.config[key]);
  }
  note('service::telemetry::logs::level', false, before.logLevel, after.logLevel);
  note('processors', false, before.processors, after.processors);
  note('exporters', false, before.exporters, after.exporters);
  note('extensions', false, before.extensions, after.extensions);
  note('service::telemetry::metrics::readers', false, before.readers, after.readers);
  note(
    'service::telemetry::resource::attributes',
    false,
    before.resourceAttributes,
    after.resourceAttributes,
  );
  return { live, restart };
}
