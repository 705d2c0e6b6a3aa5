// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { AgentConfig, ProcessorConfig } from './agent-config.ts';

/** What of the receiver takes effect while the agent runs. */
const LIVE_KEYS = ['interfaces', 'pods'] as const;
/** Processors whose configuration does. */
const LIVE_PROCESSORS: readonly ProcessorConfig['type'][] = ['probabilistic_sampler', 'hop_filter'];

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
  // Which there are, and in which order, is settled at the start.
  note('processors', false, before.processors.map(idOf), after.processors.map(idOf));
  for (const each of after.processors) {
    const same = before.processors.find(({ id }) => id === each.id);
    if (same !== undefined)
      note(`processors::${each.id}`, LIVE_PROCESSORS.includes(each.type), same.config, each.config);
  }
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

function idOf({ id }: ProcessorConfig): string {
  return id;
}
