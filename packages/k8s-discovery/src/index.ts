// SPDX-License-Identifier: Apache-2.0
export { DiscoveryError, type DiscoveryErrorCode } from './errors.ts';
