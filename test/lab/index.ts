// SPDX-License-Identifier: Apache-2.0
export { LabError, type LabErrorCode } from './errors.ts';
export { Lab, LabNode, LabPod } from './lab.ts';
export { type ExecOptions, type ExecResult, Namespace, type SpawnOptions } from './namespace.ts';
export {
  type Family,
  getLabDefaults,
  type LabOptions,
  type NodeOptions,
  type OverlayOptions,
  type OverlayType,
  type PodAttachment,
  type PodOptions,
} from './options.ts';
export { OtlpCollector, type OtlpCollectorCounters, type OtlpCollectorOptions } from './otlp-collector.ts';
export type { Attributes, AttributeValue, CollectedSpan, SpanKind } from './otlp-decode.ts';
export type { ForwarderCounters } from './otlp-forwarder.ts';
export { findOverlayObstacle } from './overlays/obstacle.ts';
export { LabProcess, type ProcessExit } from './process.ts';
export { openPods, type PodMaker, type ShortPod } from './short-pods.ts';
