// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Environment } from '../env.ts';
import { ConfigError, UsageError } from '../errors.ts';
import type { AgentConfig } from './agent-config.ts';
import { sections } from './component-types.ts';
import { type Findings, resolveComponents } from './components.ts';
import { ConfigDocument } from './document.ts';
import { toProblems } from './issues.ts';
import { documentSchema } from './schema.ts';

/** Where a configuration comes from. */
export interface ConfigSource {
  /** Name of the YAML file; without it the defaults apply. */
  readonly file?: string;
  /** `a::b=c`, applied in order after the file. */
  readonly overrides?: readonly string[];
  readonly environment: Environment;
}

/**
 * Reads, expands and checks a configuration. Throws ConfigError with the place of every problem, UsageError
 * when the file cannot be read or an override has no `=`.
 */
export function loadConfig(source: ConfigSource): AgentConfig {
  const text = source.file === undefined ? '' : readConfigFile(source.file);
  return parseConfig(text, { ...source, file: source.file ?? 'defaults' });
}

/** loadConfig for text that is already there; `file` is the name that problems are located with. */
export function parseConfig(text: string, source: ConfigSource): AgentConfig {
  const document = new ConfigDocument(text, source.file ?? 'config');
  for (const override of source.overrides ?? []) applyOverride(document, override);
  document.expand(source.environment);
  const value = normalizeNulls(document.toPlain());
  const result = documentSchema.safeParse(value);
  if (!result.success) {
    throw new ConfigError(
      toProblems(result.error.issues, { schema: documentSchema, value, base: [], document }),
    );
  }
  const findings: Findings = { problems: [], warnings: [] };
  const components = resolveComponents(result.data, document, findings);
  if (components === undefined) throw new ConfigError(findings.problems);
  const { telemetry } = result.data.service;
  return {
    ...components,
    readers: telemetry.metrics.readers,
    logLevel: telemetry.logs.level,
    resourceAttributes: telemetry.resource.attributes,
    warnings: findings.warnings,
  };
}

function readConfigFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new UsageError(`--config ${file}: ${reason}`, { cause: error });
  }
}

/** `exporters::otlp_grpc::endpoint=http://127.0.0.1:4317`; the value is YAML. */
function applyOverride(document: ConfigDocument, override: string): void {
  const separator = override.indexOf('=');
  const path = override.slice(0, Math.max(separator, 0)).split('::');
  if (separator < 1 || path.includes('')) {
    throw new UsageError(
      `--set ${override}: expected path=value, such as service::telemetry::logs::level=debug`,
    );
  }
  document.set(path, parseValue(override, separator));
}

function parseValue(override: string, separator: number): unknown {
  try {
    return parse(override.slice(separator + 1));
  } catch (error) {
    throw new UsageError(`--set ${override}: the value is not YAML`, { cause: error });
  }
}

/** `key:` with nothing after it: an absent key, but a component with all its defaults. */
function normalizeNulls(value: unknown): unknown {
  if (value === null) return {};
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, child]) => {
    const holdsComponents = (sections as readonly string[]).includes(key) && isRecord(child);
    return [key, holdsComponents ? fillComponents(child) : dropNulls(child)] as const;
  });
  return Object.fromEntries(entries.filter(([, child]) => child !== null));
}

function fillComponents(components: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(components).map(([id, value]) => [id, value === null ? {} : dropNulls(value)]),
  );
}

function dropNulls(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, dropNulls(child)] as const);
  return Object.fromEntries(entries.filter(([, child]) => child !== null));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
