// SPDX-License-Identifier: Apache-2.0

/**
 * W3C Trace Context level 1, 3.3.1.3.1: a simple key starts with a letter and has up to 256 characters;
 * a multi-tenant key is tenant (up to 241, may start with a digit), `@`, system (up to 14, letter first).
 */
const SIMPLE_KEY = /^[a-z][a-z0-9_\-*/]{0,255}$/;
const TENANT_KEY = /^[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13}$/;
/** 3.3.1.3.2: 1 to 256 printable characters without comma and equals sign, the last not a blank. */
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** Whether `key` may name a tracestate member. */
export function isValidTraceStateKey(key: string): boolean {
  return SIMPLE_KEY.test(key) || TENANT_KEY.test(key);
}

/** Whether `value` may be a tracestate member's value. */
export function isValidTraceStateValue(value: string): boolean {
  return VALUE.test(value);
}
