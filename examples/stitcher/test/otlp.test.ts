// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countSpans, decodeRequest, encodeRequest } from '../src/otlp.ts';
import { makeRequest, makeSpan, parentSpanId, traceId } from './support/requests.ts';

/** Every field of the protocol, none with its default value. */
const attributes = [
  { key: 's', value: { stringValue: 'text' } },
  { key: 'empty', value: { stringValue: '' } },
  { key: 'b', value: { boolValue: false } },
  { key: 'i', value: { intValue: '-9007199254740993' } },
  { key: 'd', value: { doubleValue: 1 } },
  { key: 'a', value: { arrayValue: { values: [{ intValue: '0' }, {}] } } },
  { key: 'k', value: { kvlistValue: { values: [{ key: 'x', value: { stringValue: 'y' } }] } } },
  { key: 'y', value: { bytesValue: Buffer.from([0, 255]) } },
];
const whole = {
  resourceSpans: [
    {
      resource: {
        attributes,
        droppedAttributesCount: 1,
        entityRefs: [{ schemaUrl: 'u', type: 'host', idKeys: ['host.id'], descriptionKeys: ['host.name'] }],
      },
      schemaUrl: 'https://opentelemetry.io/schemas/1.43.0',
      scopeSpans: [
        {
          scope: { name: 'scope', version: '1', attributes, droppedAttributesCount: 2 },
          schemaUrl: 'https://other',
          spans: [
            {
              traceId,
              spanId: Buffer.from('1111111111111111', 'hex'),
              parentSpanId,
              traceState: 'a=b',
              name: 'GET',
              kind: 3,
              startTimeUnixNano: '1700000005123456788',
              endTimeUnixNano: '18446744073709551615',
              attributes,
              droppedAttributesCount: 3,
              events: [{ timeUnixNano: '5', name: 'e', attributes, droppedAttributesCount: 4 }],
              droppedEventsCount: 5,
              links: [
                {
                  traceId,
                  spanId: parentSpanId,
                  traceState: 'c=d',
                  attributes,
                  droppedAttributesCount: 6,
                  flags: 0x101,
                },
              ],
              droppedLinksCount: 7,
              status: { message: 'no', code: 2 },
              flags: 0x301,
            },
          ],
        },
      ],
    },
  ],
};

describe('OTLP on the wire', () => {
  it('keeps every field through decoding and encoding', () => {
    const bytes = encodeRequest(whole);
    assert.deepEqual(JSON.parse(JSON.stringify(decodeRequest(bytes))), JSON.parse(JSON.stringify(whole)));
    assert.deepEqual(encodeRequest(decodeRequest(bytes)), bytes);
  });

  it('counts spans', () => {
    assert.equal(countSpans(makeRequest([makeSpan(), makeSpan()])), 2);
    assert.equal(countSpans({}), 0);
  });

  it('refuses what is not a request', () => {
    assert.throws(() => decodeRequest(Buffer.from('not protobuf at all')));
  });
});
