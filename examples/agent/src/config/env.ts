// SPDX-License-Identifier: Apache-2.0
import type { Environment } from '../env.ts';

/** What a scalar of the configuration became. */
export type Expansion =
  | { readonly ok: true; readonly text: string; readonly changed: boolean }
  | { readonly ok: false; readonly message: string };

const reference = /\$(\$|\{([^}]*)\})/g;
const variable = /^env:([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Replaces `${env:NAME}`, `${env:NAME:-default}` and `$$` (a literal dollar) in one scalar. The default is used
 * when the variable is unset or empty, as in POSIX shells. A `$` before anything else stays.
 */
export function expandEnvironment(text: string, environment: Environment): Expansion {
  let problem: string | undefined;
  const expanded = text.replaceAll(reference, (whole: string, kind: string, body?: string) => {
    if (kind === '$') return '$';
    const value = lookUp(body ?? '', environment);
    if (value.ok) return value.text;
    problem ??= value.message;
    return whole;
  });
  return problem === undefined
    ? { ok: true, text: expanded, changed: expanded !== text }
    : { ok: false, message: problem };
}

function lookUp(body: string, environment: Environment): Expansion {
  const [, name, fallback] = variable.exec(body) ?? [];
  if (name === undefined) {
    return {
      ok: false,
      message: `\${${body}} is not a reference: expected \${env:NAME} or \${env:NAME:-default}`,
    };
  }
  const value = environment[name];
  if (value !== undefined && (value !== '' || fallback === undefined))
    return { ok: true, text: value, changed: true };
  if (fallback !== undefined) return { ok: true, text: fallback, changed: true };
  return {
    ok: false,
    message: `environment variable ${name} is not set: set it, or give a default with \${env:${name}:-default}`,
  };
}
