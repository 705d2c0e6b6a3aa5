// SPDX-License-Identifier: Apache-2.0
// Turns what zod reports into located problems in the words of the configuration.
import type { z } from 'zod';
import type { ConfigProblem } from '../errors.ts';
import type { ConfigDocument } from './document.ts';
import { type ConfigPath, formatPath } from './path.ts';
import { suggest } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** Problems of one checked part of the document; `base` is where the part sits in it. */
export function toProblems(
  issues: readonly Issue[],
  {
    schema,
    value,
    base,
    document,
  }: { schema: z.ZodType; value: unknown; base: ConfigPath; document: ConfigDocument },
): ConfigProblem[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const known = getKnownKeys(schema, issue.path);
      return issue.keys.map((key) => unknownKey(document, path, key, known));
    }
    const got = getAt(value, issue.path);
    const message = describeIssue(issue, got);
    return [{ where: document.whereIsValue(path), path: formatPath(path), message }];
  });
}

/** A key that is not known, with the nearest one that is. */
export function unknownKey(
  document: ConfigDocument,
  parent: ConfigPath,
  key: string,
  known: readonly string[],
): ConfigProblem {
  const nearest = suggest(key, known);
  const hint = nearest === undefined ? `expected one of ${known.join(', ')}` : `did you mean "${nearest}"?`;
  const path = [...parent, key];
  return {
    where: document.whereIsKey(path),
    path: formatPath(path),
    message: `unknown key "${key}"; ${hint}`,
  };
}

function describeIssue(issue: Issue, got: unknown): string {
  const shown = `got ${show(got)}`;
  if (issue.message.startsWith('expected')) return `${shown}, ${issue.message}`;
  switch (issue.code) {
    case 'invalid_type':
      return `${shown}, expected ${nameType(issue.expected)}`;
    case 'invalid_value':
      return `${shown}, expected ${describeChoices(issue.values, got)}`;
    case 'too_small':
      return `${shown}, expected ${describeBound('at least', issue.minimum, issue.origin)}`;
    case 'too_big':
      return `${shown}, expected ${describeBound('at most', issue.maximum, issue.origin)}`;
    case 'invalid_union':
      return `${shown}, expected a string, a number or a boolean`;
    default:
      return `${shown}: ${issue.message}`;
  }
}

function describeChoices(values: readonly unknown[], got: unknown): string {
  const nearest = typeof got === 'string' ? suggest(got, values.map(String)) : undefined;
  const choices = `one of ${values.join(', ')}`;
  return nearest === undefined ? choices : `${choices}; did you mean "${nearest}"?`;
}

function describeBound(bound: string, limit: number | bigint, origin: string): string {
  if (origin === 'array') return `${bound} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  if (origin === 'string') return `${bound} ${limit} ${limit === 1 ? 'character' : 'characters'}`;
  return `${bound} ${limit}`;
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function nameType(expected: string): string {
  return typeNames[expected] ?? expected;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (value === null || value === undefined) return 'nothing';
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value);
}

function getAt(value: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (parent, key) => (parent as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
}

/** Keys of the object schema at a path, through defaults, optionals and lists. */
function getKnownKeys(schema: z.ZodType, path: ConfigPath): string[] {
  let at = unwrap(schema);
  for (const key of path) {
    const def = at.def as { shape?: Record<string, z.ZodType>; element?: z.ZodType };
    const next = def.element ?? def.shape?.[String(key)];
    if (next === undefined) return [];
    at = unwrap(next);
  }
  return Object.keys((at.def as { shape?: object }).shape ?? {});
}

function unwrap(schema: z.ZodType): z.ZodType {
  const inner = (schema.def as { innerType?: z.ZodType }).innerType;
  return inner === undefined ? schema : unwrap(inner);
}
