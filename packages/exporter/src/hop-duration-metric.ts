// SPDX-License-Identifier: Apache-2.0
export { METRIC_HOPSPAN_HOP_DURATION as HOP_DURATION_METRIC } from './semconv.ts';

/** What the metric is, in one line. */
export const HOP_DURATION_DESCRIPTION =
  'Time a message took between two successive tracing points of a node.';
