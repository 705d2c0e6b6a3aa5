// SPDX-License-Identifier: Apache-2.0
/**
 * Turns the layout that bpf/tools/gen_layout prints (JSON on standard input) into src/generated/abi.ts
 * (on standard output). Run by the Makefile: `make abi` writes the file, `make check-abi` compares it.
 */
import { readFileSync } from 'node:fs';

interface Layout {
  structs: Record<string, { size: number; fields: Record<string, { offset: number }> }>;
  enums: Record<string, Record<string, number>>;
  counters: { name: string; text: string }[];
}

const HEADER = `// SPDX-License-Identifier: Apache-2.0
// Generated from bpf/include/*.h by 'make abi' in packages/bpf-probe. Do not edit: 'make check-abi' fails.
`;

function structSource(name: string, struct: Layout['structs'][string]): string {
  const fields = Object.entries(struct.fields).map(([field, { offset }]) => `  ${field}: ${offset},`);
  return [
    `/** struct ${name}: its size and the offset of each field, in bytes. */`,
    `export const ${name.toUpperCase()} = {`,
    `  size: ${struct.size},`,
    ...fields,
    '} as const;\n',
  ].join('\n');
}

function enumSource(name: string, values: Record<string, number>): string {
  const lines = Object.entries(values).map(([value, number]) => `export const ${value} = ${number};`);
  const title = name === 'limits' ? '// Limits' : `// enum ${name}`;
  return `${[title, ...lines].join('\n')}\n`;
}

function countersSource(counters: Layout['counters']): string {
  const lines = counters.map(
    ({ name, text }) => `  ${name.toLowerCase()}: '${text.replaceAll("'", "\\'")}',`,
  );
  return [
    '/** enum probe_counter in its order: the name of each counter and what it counts. */',
    'export const PROBE_COUNTER_TEXTS = {',
    ...lines,
    '} as const;\n',
    'export type ProbeCounterName = keyof typeof PROBE_COUNTER_TEXTS;\n',
    '/** Names by index in a counter row. */',
    'export const PROBE_COUNTERS = Object.keys(PROBE_COUNTER_TEXTS) as readonly ProbeCounterName[];\n',
  ].join('\n');
}

const layout = JSON.parse(readFileSync(0, 'utf8')) as Layout;
const parts = [
  HEADER,
  ...Object.entries(layout.structs).map(([name, struct]) => structSource(name, struct)),
  ...Object.entries(layout.enums).map(([name, values]) => enumSource(name, values)),
  countersSource(layout.counters),
];
process.stdout.write(parts.join('\n'));
