// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOtlpEndpoint } from '../../src/net/endpoint.ts';

const tcp = (host: string, port: number) => ({ kind: 'tcp', host, port });

describe('parseOtlpEndpoint', () => {
  const grpc: [string, boolean, unknown][] = [
    [
      'http://10.0.0.1:4317',
      false,
      { url: 'http://10.0.0.1:4317', secure: false, target: tcp('10.0.0.1', 4317) },
    ],
    [
      'https://collector',
      false,
      { url: 'https://collector:4317', secure: true, target: tcp('collector', 4317) },
    ],
    [
      'http://collector:80',
      false,
      { url: 'http://collector:80', secure: false, target: tcp('collector', 80) },
    ],
    [
      'collector:4317',
      false,
      { url: 'https://collector:4317', secure: true, target: tcp('collector', 4317) },
    ],
    ['collector:4317', true, { url: 'http://collector:4317', secure: false, target: tcp('collector', 4317) }],
    ['http://[fd00::1]:99', false, { url: 'http://[fd00::1]:99', secure: false, target: tcp('fd00::1', 99) }],
    [
      'unix:///run/otlp.sock',
      false,
      { url: 'unix:///run/otlp.sock', secure: false, target: { kind: 'unix', path: '/run/otlp.sock' } },
    ],
  ];
  for (const [text, insecure, endpoint] of grpc) {
    it(`reads ${text}${insecure ? ' without TLS' : ''} for gRPC`, () => {
      assert.deepEqual(parseOtlpEndpoint(text, 'grpc', insecure), endpoint);
    });
  }

  it('takes the port of the scheme for HTTP', () => {
    assert.deepEqual(parseOtlpEndpoint('https://c', 'http/protobuf')?.target, tcp('c', 443));
  });

  for (const [text, protocol] of [
    ['unix:///run/otlp.sock', 'http/protobuf'],
    ['collector:4318', 'http/protobuf'],
    ['unix://relative', 'grpc'],
    ['ftp://collector:21', 'grpc'],
    ['http://', 'grpc'],
    ['a b:1', 'grpc'],
  ] as const) {
    it(`refuses ${text} for ${protocol}`, () => assert.equal(parseOtlpEndpoint(text, protocol), undefined));
  }
});
