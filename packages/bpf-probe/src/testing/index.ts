// SPDX-License-Identifier: Apache-2.0
export { FakeProbe } from './fake-probe.ts';
export { type HopOverrides, makeHop } from './make-hop.ts';
export { makeLost } from './make-lost.ts';
