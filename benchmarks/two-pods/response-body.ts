// SPDX-License-Identifier: Apache-2.0

/** What the server answers with: the client knows by it that a response is whole. */
export const RESPONSE_BODY = '{"rating":5}';
