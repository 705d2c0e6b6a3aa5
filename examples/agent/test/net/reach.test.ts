// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findUnreachable, formatTarget } from '../../src/net/reach.ts';

describe('findUnreachable', () => {
  it('finds nothing wrong where somebody listens, and the reason where nobody does any more', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const target = { kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port } as const;
    assert.equal(await findUnreachable(target), undefined);
    server.close();
    await once(server, 'close');
    assert.equal(await findUnreachable(target), 'ECONNREFUSED');
  });

  it('connects to a socket in the file system', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'hopspan-'));
    context.after(() => rmSync(folder, { recursive: true }));
    const target = { kind: 'unix', path: join(folder, 'a.sock') } as const;
    assert.equal(await findUnreachable(target), 'ENOENT');
    const server = createServer().listen(target.path);
    context.after(() => server.close());
    await once(server, 'listening');
    assert.equal(await findUnreachable(target), undefined);
  });
});

describe('formatTarget', () => {
  it('shows a path, or host and port', () => {
    assert.equal(formatTarget({ kind: 'unix', path: '/a' }), '/a');
    assert.equal(formatTarget({ kind: 'tcp', host: 'fd00::1', port: 1 }), '[fd00::1]:1');
  });
});
