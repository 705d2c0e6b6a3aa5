// SPDX-License-Identifier: Apache-2.0
export { BoundedQueue } from './bounded-queue.ts';
export { type BudgetCounters, type BudgetProcessorOptions, getBudgetDefaults } from './budget-options.ts';
export { BudgetProcessor } from './budget-processor.ts';
export { type BurstLog, createBurstLog } from './burst-log.ts';
export { checkInteger, checkNumber, invalidOption, type OptionRange } from './check-option.ts';
export { type Clock, type ClockOptions, createClock, getClockDefaults } from './clock.ts';
export { type ClockSource, processClockSource } from './clock-source.ts';
export type { Component, Counters, HopConsumer, HopProcessor, HopReceiver, HopSink } from './component.ts';
export { directionOf, podEnd } from './direction.ts';
export { type CoreErrorCode, HopspanError } from './errors.ts';
export { CONTEXT_HEADERS, contextFirst } from './header-order.ts';
export type {
  Endpoint,
  Hook,
  Hop,
  HopDirection,
  PacketContext,
  PointRole,
  Sighting,
  TracingPoint,
  Tunnel,
  TunnelType,
} from './hop.ts';
export { type EndpointSelector, HopFilter, type HopFilterOptions } from './hop-filter.ts';
export { type HrTime, toHrTime } from './hr-time.ts';
export { type BudgetRole, budgetTotalNs, type LatencyBudget } from './latency-budget.ts';
export type { LostMessage, PacketDrop } from './lost-message.ts';
export { createPipeline, type Pipeline } from './pipeline.ts';
export {
  getPipelineDefaults,
  type PipelineCounters,
  type PipelineOptions,
  type QueueCounters,
} from './pipeline-options.ts';
export { ProbabilisticSampler, type ProbabilisticSamplerOptions } from './probabilistic-sampler.ts';
export { type RoundTripPart, roundTripKey } from './round-trip-part.ts';
export { Stitcher } from './stitcher.ts';
export {
  getStitcherDefaults,
  type Released,
  type StitcherCounters,
  type StitcherOptions,
} from './stitcher-options.ts';
export {
  formatTraceParent,
  isSampled,
  isValidSpanId,
  isValidTraceId,
  parseTraceParent,
  TRACE_FLAG_RANDOM,
  TRACE_FLAG_SAMPLED,
  type TraceParent,
} from './trace-parent.ts';
export {
  formatTraceState,
  MAX_TRACE_STATE_MEMBERS,
  MIN_TRACE_STATE_LENGTH,
  parseTraceState,
  TraceState,
} from './trace-state.ts';
export { isValidTraceStateKey, isValidTraceStateValue } from './trace-state-grammar.ts';
export { type Settled, withDeadline } from './with-deadline.ts';
