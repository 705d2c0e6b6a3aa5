// SPDX-License-Identifier: Apache-2.0
import { componentTypes, sections } from '../config/component-types.ts';

/** The component types by section, as YAML or JSON. */
export function listComponents(json: boolean): string {
  const types = Object.fromEntries(
    sections.map((section) => [section, Object.keys(componentTypes[section])]),
  );
  if (json) return `${JSON.stringify(types)}\n`;
  return sections.map((section) => `${section}: [${types[section]?.join(', ')}]\n`).join('');
}
