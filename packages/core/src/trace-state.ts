// SPDX-License-Identifier: Apache-2.0
import type { TraceState as ApiTraceState } from '@opentelemetry/api';
import { isValidTraceStateKey, isValidTraceStateValue } from './trace-state-grammar.ts';

/** Most members a list may have (W3C Trace Context level 1, 3.3.1.1). */
export const MAX_TRACE_STATE_MEMBERS = 32;
/** Characters that everybody must be able to pass on (3.3.1.5). */
export const MIN_TRACE_STATE_LENGTH = 512;
/** A member longer than this goes first when the list has to be cut (3.3.1.5). */
const LONG_MEMBER = 128;

type Member = readonly [key: string, value: string];

/**
 * An immutable `tracestate` list in the order of the header: left is the newest. It has the shape of
 * the OpenTelemetry API's TraceState, so it can be put into a span context as it is.
 */
export class TraceState implements ApiTraceState {
  readonly #members: readonly Member[];

  /** @param members valid, without duplicates; use parseTraceState for what came from outside */
  private constructor(members: readonly Member[]) {
    this.#members = members;
  }

  static readonly EMPTY = new TraceState([]);

  /** Used by parseTraceState, which has checked the members. */
  static fromMembers(members: readonly Member[]): TraceState {
    return members.length === 0 ? TraceState.EMPTY : new TraceState(members);
  }

  /** Number of members. */
  get size(): number {
    return this.#members.length;
  }

  /** Keys from left to right. */
  keys(): string[] {
    return this.#members.map(([key]) => key);
  }

  get(key: string): string | undefined {
    return this.#members.find(([name]) => name === key)?.[1];
  }

  /**
   * A list with the member in front, as 3.3.1.4 asks for what is added or changed; the last member
   * goes when there would be more than 32. An invalid key or value leaves the list as it is.
   */
  set(key: string, value: string): TraceState {
    if (!isValidTraceStateKey(key) || !isValidTraceStateValue(value)) return this;
    const rest = this.#members.filter(([name]) => name !== key);
    return new TraceState([[key, value] as const, ...rest].slice(0, MAX_TRACE_STATE_MEMBERS));
  }

  unset(key: string): TraceState {
    return TraceState.fromMembers(this.#members.filter(([name]) => name !== key));
  }

  /** The whole list as a header value; see formatTraceState for one of bounded length. */
  serialize(): string {
    return this.#members.map(([key, value]) => `${key}=${value}`).join(',');
  }
}

/**
 * Reads a `tracestate` header; several header lines are one list, in their order (3.3.1). Empty
 * members are skipped and not counted. Of two members with the same key the first one stays.
 * @returns undefined when a member is invalid or there are more than 32: the whole list is discarded,
 *   while the traceparent beside it stays valid (4.3)
 */
export function parseTraceState(header: string | readonly string[]): TraceState | undefined {
  const text = typeof header === 'string' ? header : header.join(',');
  const members = new Map<string, string>();
  let count = 0;
  for (const part of text.split(',')) {
    const member = part.replace(/^[ \t]+|[ \t]+$/g, '');
    if (member === '') continue;
    const equals = member.indexOf('=');
    const key = member.slice(0, Math.max(equals, 0));
    const value = member.slice(equals + 1);
    if (!isValidTraceStateKey(key) || !isValidTraceStateValue(value)) return undefined;
    count += 1;
    if (count > MAX_TRACE_STATE_MEMBERS) return undefined;
    if (!members.has(key)) members.set(key, value);
  }
  return TraceState.fromMembers([...members]);
}

/**
 * The list as a header value of at most `maxLength` characters (default 512): members longer than 128
 * characters go first, then members from the right; never a part of a member (3.3.1.5).
 */
export function formatTraceState(state: ApiTraceState, maxLength: number = MIN_TRACE_STATE_LENGTH): string {
  const members = state.serialize().split(',');
  let length = members.reduce((sum, member) => sum + member.length, members.length - 1);
  while (length > maxLength && members.length > 0) {
    const long = members.findLastIndex((member) => member.length > LONG_MEMBER);
    const [removed] = members.splice(long === -1 ? members.length - 1 : long, 1);
    length -= (removed as string).length + 1;
  }
  return members.join(',');
}
