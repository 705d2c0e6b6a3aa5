// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';

/** Options of the demo, from its command line. */
export interface DemoOptions {
  /** End after one round. Default: rounds until Ctrl-C. */
  readonly once: boolean;
  /** Print one JSON object instead of pictures. */
  readonly json: boolean;
  /** Requests a round. Default: 100. */
  readonly requests: number;
  /** Requests under way at the same time. Default: 8. */
  readonly concurrency: number;
  /** Collector that gets everything too, `http://host:port`. Default: none. */
  readonly otlp: string | undefined;
  /** How pods are attached. Default: routed. */
  readonly pods: 'routed' | 'bridged';
}

export const demoUsage = `npm run demo -- [options]

Sets everything up, runs Bookinfo on a VXLAN overlay between four nodes made of network namespaces, one
agent a node, drives requests, and prints a trace with the overlay's hops in it. Needs root.

  --once             end after one round (default: rounds until Ctrl-C)
  --json             print one JSON object (with --once; npm's --silent keeps npm quiet)
  --requests N       requests a round (default 100)
  --concurrency N    requests at the same time (default 8)
  --otlp URL         also send everything to this OTLP/gRPC collector, such as http://127.0.0.1:4317
  --pods KIND        routed (default) or bridged
  --help             this text
`;

/**
 * Reads the command line.
 * @returns 'help' when that was asked for
 * @throws Error with one line that says what was got and what was expected
 */
export function parseDemoOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      requests: { type: 'string', default: '100' },
      concurrency: { type: 'string', default: '8' },
      otlp: { type: 'string' },
      pods: { type: 'string', default: 'routed' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.json && !values.once) throw new Error('--json prints one object at the end: use it with --once');
  if (values.pods !== 'routed' && values.pods !== 'bridged') {
    throw new Error(`--pods: got ${JSON.stringify(values.pods)}, expected routed or bridged`);
  }
  return {
    once: values.once,
    json: values.json,
    requests: parseCount('--requests', values.requests, 1_000_000),
    concurrency: parseCount('--concurrency', values.concurrency, 256),
    otlp: parseCollector(values.otlp),
    pods: values.pods,
  };
}

function parseCount(name: string, text: string, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new Error(`${name}: got ${JSON.stringify(text)}, expected a whole number from 1 to ${most}`);
}

function parseCollector(url: string | undefined): string | undefined {
  if (url === undefined || /^http:\/\/[^/\s]+:\d+\/?$/.test(url)) return url?.replace(/\/$/, '');
  throw new Error(`--otlp: got ${JSON.stringify(url)}, expected http://host:port of an OTLP/gRPC collector`);
}
