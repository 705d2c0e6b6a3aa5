// SPDX-License-Identifier: Apache-2.0
// Checks the components of every section by their type, and which of them the service uses.
import type { ConfigProblem } from '../errors.ts';
import type {
  AgentConfig,
  ExporterConfig,
  ExtensionConfig,
  ProcessorConfig,
  ReceiverConfig,
} from './agent-config.ts';
import {
  componentTypes,
  deprecatedTypes,
  parseComponentId,
  type Section,
  sections,
} from './component-types.ts';
import { getDefaultComponents } from './defaults.ts';
import type { ConfigDocument } from './document.ts';
import { toProblems } from './issues.ts';
import { type ConfigPath, formatPath } from './path.ts';
import type { DocumentConfig } from './schema.ts';
import { suggest } from './suggest.ts';

/** A component whose configuration was checked. */
interface CheckedComponent {
  readonly id: string;
  readonly type: string;
  readonly config: unknown;
}

type Checked = Record<Section, ReadonlyMap<string, CheckedComponent>>;

/** What the checks found; the configuration is good when there is no problem. */
export interface Findings {
  readonly problems: ConfigProblem[];
  readonly warnings: string[];
}

/** Checks all components and picks those that the service uses; undefined when there were problems. */
export function resolveComponents(
  config: DocumentConfig,
  document: ConfigDocument,
  findings: Findings,
): Pick<AgentConfig, 'receiver' | 'processors' | 'exporters' | 'extensions'> | undefined {
  const defaults = getDefaultComponents();
  const checked = Object.fromEntries(
    sections.map((section) => [
      section,
      checkSection(section, config[section] ?? defaults[section], document, findings),
    ]),
  ) as unknown as Checked;
  if (findings.problems.length > 0) return undefined;
  const used = pickUsed(config, checked, document, findings);
  const receiver = used.receivers[0];
  if (findings.problems.length > 0 || receiver === undefined) return undefined;
  return {
    receiver: receiver as ReceiverConfig,
    processors: used.processors as ProcessorConfig[],
    exporters: used.exporters as ExporterConfig[],
    extensions: used.extensions as ExtensionConfig[],
  };
}

function checkSection(
  section: Section,
  components: Readonly<Record<string, unknown>>,
  document: ConfigDocument,
  findings: Findings,
): ReadonlyMap<string, CheckedComponent> {
  const checked = new Map<string, CheckedComponent>();
  for (const [id, value] of Object.entries(components)) {
    const type = findType(section, id, document, findings);
    const schema = type === undefined ? undefined : componentTypes[section][type];
    if (type === undefined || schema === undefined) continue;
    const result = schema.safeParse(value);
    if (result.success) checked.set(id, { id, type, config: result.data });
    else
      findings.problems.push(
        ...toProblems(result.error.issues, { schema, value, base: [section, id], document }),
      );
  }
  return checked;
}

function findType(
  section: Section,
  id: string,
  document: ConfigDocument,
  { problems, warnings }: Findings,
): string | undefined {
  const known = Object.keys(componentTypes[section]);
  const written = parseComponentId(id)?.type;
  const renamed = written === undefined ? undefined : deprecatedTypes[written];
  const type = renamed !== undefined && known.includes(renamed) ? renamed : written;
  const path = [section, id];
  if (type !== undefined && known.includes(type)) {
    const where = document.whereIsKey(path);
    if (type !== written)
      warnings.push(`${where}: ${formatPath(path)}: "${written}" is deprecated, use "${type}"`);
    return type;
  }
  const nearest = suggest(written ?? id, known);
  const hint = nearest === undefined ? `expected one of ${known.join(', ')}` : `did you mean "${nearest}"?`;
  const what =
    written === undefined ? `"${id}" is not of the form type or type/name` : `unknown type "${written}"`;
  problems.push({ where: document.whereIsKey(path), path: formatPath(path), message: `${what}; ${hint}` });
  return undefined;
}

/** What the pipeline and `service::extensions` name; everything configured where they are absent. */
function pickUsed(config: DocumentConfig, checked: Checked, document: ConfigDocument, findings: Findings) {
  const { pipelines, extensions } = config.service;
  const pick = (section: Section, ids: readonly string[] | undefined, path: ConfigPath) =>
    (ids ?? [...checked[section].keys()]).flatMap((id, index) => {
      const found = checked[section].get(id);
      if (found === undefined)
        findings.problems.push(undefinedComponent(section, id, checked, document, [...path, index]));
      return found ?? [];
    });
  const traces: ConfigPath = ['service', 'pipelines', 'traces'];
  const used = {
    receivers: pick('receivers', pipelines?.traces.receivers, [...traces, 'receivers']),
    processors: pick('processors', pipelines?.traces.processors, [...traces, 'processors']),
    exporters: pick('exporters', pipelines?.traces.exporters, [...traces, 'exporters']),
    extensions: pick('extensions', extensions, ['service', 'extensions']),
  };
  if (findings.problems.length === 0) checkNumbers(used, document, findings, traces);
  return used;
}

function checkNumbers(
  used: Record<'receivers' | 'processors' | 'exporters', readonly CheckedComponent[]>,
  document: ConfigDocument,
  { problems }: Findings,
  traces: ConfigPath,
): void {
  const complain = (section: Section, message: string) => {
    const path = [...traces, section];
    problems.push({ where: document.whereIsValue(path), path: formatPath(path), message });
  };
  if (used.receivers.length !== 1)
    complain('receivers', `got ${used.receivers.length} receivers, expected exactly one`);
  if (used.receivers.some(selectsPods) && !used.processors.some(({ type }) => type === 'k8s_attributes'))
    complain(
      'processors',
      'got no k8s_attributes, expected it where receivers::ebpf_hops::pods selects pods',
    );
  if (used.exporters.length === 0) complain('exporters', 'got no exporter, expected at least one');
}

function selectsPods({ config }: CheckedComponent): boolean {
  return (config as { pods?: unknown }).pods !== undefined;
}

function undefinedComponent(
  section: Section,
  id: string,
  checked: Checked,
  document: ConfigDocument,
  path: ConfigPath,
): ConfigProblem {
  const defined = [...checked[section].keys()];
  const list = defined.length === 0 ? 'none is' : `defined: ${defined.join(', ')}`;
  return {
    where: document.whereIsValue(path),
    path: formatPath(path),
    message: `"${id}" is not defined under ${section}; ${list}`,
  };
}
