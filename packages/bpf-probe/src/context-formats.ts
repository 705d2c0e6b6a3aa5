// SPDX-License-Identifier: Apache-2.0
import {
  FORMAT_B3,
  FORMAT_SW8,
  FORMAT_TRACEPARENT,
  FORMAT_UBER_TRACE_ID,
  FORMAT_X_AMZN_TRACE_ID,
  FORMAT_X_B3,
} from './generated/abi.ts';

/** Formats of a trace context by the name of their header, as the kernel knows them; `x-b3` is `x-b3-traceid` and its like. */
export const CONTEXT_FORMATS = {
  traceparent: FORMAT_TRACEPARENT,
  b3: FORMAT_B3,
  'x-b3': FORMAT_X_B3,
  'uber-trace-id': FORMAT_UBER_TRACE_ID,
  'x-amzn-trace-id': FORMAT_X_AMZN_TRACE_ID,
  sw8: FORMAT_SW8,
} as const;

/** A format of a trace context, by the name of its header. */
export type ContextFormat = keyof typeof CONTEXT_FORMATS;

export function isContextFormat(name: unknown): name is ContextFormat {
  return typeof name === 'string' && Object.hasOwn(CONTEXT_FORMATS, name);
}
