// SPDX-License-Identifier: Apache-2.0
// The YAML tree with its positions: where every problem with a value is located.
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
  visit,
} from 'yaml';
import type { Environment } from '../env.ts';
import { ConfigError, type ConfigProblem } from '../errors.ts';
import { expandEnvironment } from './env.ts';
import { type ConfigPath, formatPath } from './path.ts';

/** A parsed configuration that still knows the place of each value. */
export class ConfigDocument {
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #file: string;

  /** Parses YAML. Throws ConfigError with line and column when it is not YAML. */
  constructor(text: string, file: string) {
    this.#file = file;
    this.#lines = new LineCounter();
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    if (this.#document.errors.length === 0) return;
    throw new ConfigError(
      this.#document.errors.map((error) => ({
        where: this.#locate(error.pos[0]),
        path: '',
        message: `not YAML: ${error.message.replaceAll(/\s*\n\s*/g, ' ')}`,
      })),
    );
  }

  /** Puts a value at a path, as `--set` does; the mappings on the way are created. */
  set(path: readonly string[], value: unknown): void {
    if (!isMap(this.#document.contents)) this.#document.contents = this.#document.createNode({});
    let parent: Node = this.#document.contents as Node;
    for (const key of path.slice(0, -1)) parent = this.#openMapping(parent, key);
    const last = path.at(-1) ?? '';
    if (isMap(parent)) parent.set(this.#keyOf(parent, last), this.#document.createNode(value));
    else if (isSeq(parent)) parent.set(Number(last), this.#document.createNode(value));
  }

  /** Expands the environment references of all scalars. Throws ConfigError that names what is missing. */
  expand(environment: Environment): void {
    const problems: ConfigProblem[] = [];
    visit(this.#document, {
      Scalar: (key, node, ancestors) => {
        if (key === 'key' || typeof node.value !== 'string') return undefined;
        const result = expandEnvironment(node.value, environment);
        if (result.ok) return result.changed ? retype(node, result.text) : undefined;
        const path = getPath([...ancestors, node]);
        problems.push({ where: this.#locateNode(node), path: formatPath(path), message: result.message });
        return undefined;
      },
    });
    if (problems.length > 0) throw new ConfigError(problems);
  }

  /** The values as plain JavaScript. */
  toPlain(): unknown {
    try {
      return this.#document.toJS();
    } catch (error) {
      throw new ConfigError([{ where: this.#file, path: '', message: (error as Error).message }], {
        cause: error,
      });
    }
  }

  /** `file:line:column` of a value or of its nearest ancestor that was written. */
  whereIsValue(path: ConfigPath): string {
    const node = this.#document.getIn(path, true);
    if (isNode(node)) return this.#locateNode(node);
    return path.length === 0 ? this.#file : this.whereIsKey(path.slice(0, -1));
  }

  /** `file:line:column` of a key. */
  whereIsKey(path: ConfigPath): string {
    const parent = path.length > 1 ? this.#document.getIn(path.slice(0, -1), true) : this.#document.contents;
    const last = path.at(-1);
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last));
      if (isNode(pair?.key)) return this.#locateNode(pair.key);
    }
    return this.whereIsValue(path.slice(0, Math.max(path.length - 1, 0)));
  }

  #openMapping(parent: Node, key: string): Node {
    const found = isMap(parent) ? parent.get(this.#keyOf(parent, key), true) : undefined;
    const child = isSeq(parent) ? parent.get(Number(key), true) : found;
    if (isMap(child) || isSeq(child)) return child;
    const made = this.#document.createNode({});
    if (isMap(parent)) parent.set(this.#keyOf(parent, key), made);
    else if (isSeq(parent)) parent.set(Number(key), made);
    return made as Node;
  }

  /** The key as it is already there, so that `1` does not become a second key beside 1. */
  #keyOf(parent: Node, key: string): unknown {
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      : undefined;
    return pair?.key ?? key;
  }

  #locateNode(node: Node): string {
    return node.range ? this.#locate(node.range[0]) : '--set';
  }

  #locate(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }
}

/** A plain scalar gets the type its new text has in YAML; a quoted one stays a string. */
function retype(node: Scalar, text: string): Scalar {
  const quoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
  const replaced = new Scalar(quoted ? text : parseScalar(text));
  replaced.range = node.range;
  replaced.anchor = node.anchor;
  return replaced;
}

function parseScalar(text: string): unknown {
  const { contents, errors } = parseDocument(text);
  return errors.length === 0 && isScalar(contents) ? contents.value : text;
}

function getPath(nodes: readonly unknown[]): ConfigPath {
  return nodes.flatMap((node, index): PropertyKey[] => {
    if (isPair(node)) return [isScalar(node.key) ? String(node.key.value) : ''];
    const next = nodes[index + 1];
    return isSeq(node) ? [node.items.indexOf(next)] : [];
  });
}
