// SPDX-License-Identifier: Apache-2.0

/** A point of a curve: per cent, or less than all where the paper gives no number; null where there is none. */
export type PaperRate = 100 | '<100' | null;

/** With a window of 900 bytes the paper's program had too many instructions for the kernel. */
const LARGEST_WINDOW = 800;

/**
 * What the paper's text (section 4.2) says of its figure 8, and no more: at 100 bytes no format is detected fully;
 * from 200 on the one with the context first is, the original one is not.
 */
export const paperFormats: Readonly<Record<string, (window: number) => PaperRate>> = {
  'paper: first': (window) => (window > LARGEST_WINDOW ? null : window >= 200 ? 100 : '<100'),
  'paper: original': (window) => (window > LARGEST_WINDOW ? null : '<100'),
};
