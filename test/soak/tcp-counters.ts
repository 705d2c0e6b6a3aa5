// SPDX-License-Identifier: Apache-2.0
import type { Namespace } from '../lab/index.ts';

/** What the kernel of a pod says of its own TCP (RFC 4022, and Linux' TcpExt). */
export interface TcpCounters {
  /** Segments with data, each counted once. */
  readonly sent: number;
  /** Segments that were sent again. */
  readonly retransmitted: number;
}

export async function readTcpCounters(pod: Namespace): Promise<TcpCounters> {
  const { stdout } = await pod.exec('cat', ['/proc/net/snmp', '/proc/net/netstat']);
  return {
    sent: counterOf(stdout, 'TcpExt', 'TCPOrigDataSent'),
    retransmitted: counterOf(stdout, 'Tcp', 'RetransSegs'),
  };
}

/** The files have lines in pairs: names, then values. */
function counterOf(text: string, group: string, name: string): number {
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith(`${group}: `))
    .map((line) => line.split(' '));
  const value = Number(values?.[names?.indexOf(name) ?? -1]);
  if (Number.isNaN(value)) throw new Error(`/proc/net has no ${group} ${name}`);
  return value;
}
