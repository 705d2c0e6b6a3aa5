// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { createProxy } from './proxy.ts';

const usage = `usage: node main.ts --listen [HOST:]PORT --to http://HOST:PORT [--attach | --detach]

Sends every request on with its trace context directly behind the request line.

  --listen  where requests come in; the host is 127.0.0.1 when none is given
  --to      where they go
  --attach  give a request without a valid traceparent a new, sampled one
  --detach  take the context out instead, for an application that must not see it
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      listen: { type: 'string' },
      to: { type: 'string' },
      attach: { type: 'boolean', default: false },
      detach: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const listen = /^(?:(?<host>.+):)?(?<port>\d{1,5})$/.exec(values.listen ?? '');
  const port = Number(listen?.groups?.port);
  if (!listen || port > 65_535)
    throw new Error(`--listen: got ${values.listen ?? 'nothing'}, expected [HOST:]PORT`);
  const to = URL.canParse(values.to ?? '') ? new URL(values.to ?? '') : undefined;
  if (to?.protocol !== 'http:')
    throw new Error(`--to: got ${values.to ?? 'nothing'}, expected http://HOST:PORT`);
  if (values.attach && values.detach) throw new Error('--attach and --detach: expected one of them');
  const host = listen.groups?.host ?? '127.0.0.1';
  return { host, port, proxy: { target: to, attach: values.attach, detach: values.detach } };
}

try {
  const options = readOptions();
  if (options === undefined) process.stdout.write(usage);
  else {
    const server = createProxy(options.proxy);
    server.once('error', (error) => fail(error.message, 1));
    server.listen(options.port, options.host, () => {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : options.port;
      process.stdout.write(`listening on ${options.host}:${port}, sending to ${options.proxy.target.href}\n`);
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close());
  }
} catch (error) {
  fail((error as Error).message, 2);
}

function fail(message: string, code: number): void {
  process.stderr.write(`sidecar: ${message} (--help tells the options)\n`);
  process.exitCode = code;
}
