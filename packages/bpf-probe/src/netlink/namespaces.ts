// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync } from 'node:fs';
import { ask, fixedPart, type Requester, readAttributes, readUint, uintAttribute } from './message.ts';

const RTM_GETNSID = 90;
const RTGENMSG = 4;
const NETNSA = { nsid: 1, pid: 2, fd: 3 } as const;
/** NETNSA_NSID_NOT_ASSIGNED */
const NOT_ASSIGNED = 0xffff_ffff;

/** A network namespace: that of a process, by its id, or one that a path names (/run/netns/NAME). */
export type NamespaceRef = { readonly pid: number } | { readonly path: string };

/**
 * The id by which this network namespace knows another one: what `linkNamespace` of a veth says of where its
 * other end is. It takes no capability. Undefined when there is no such process or path, or when no device
 * leads there, so that it has no id.
 */
export function readNamespaceId(native: Requester, ref: NamespaceRef): number | undefined {
  if ('pid' in ref) return askFor(native, NETNSA.pid, ref.pid);
  let fd: number;
  try {
    fd = openSync(ref.path, 'r');
  } catch {
    return undefined;
  }
  try {
    return askFor(native, NETNSA.fd, fd);
  } finally {
    closeSync(fd);
  }
}

function askFor(native: Requester, attribute: number, value: number): number | undefined {
  const parts = [fixedPart(RTGENMSG, []), uintAttribute(attribute, value)];
  const answer = ask(native, RTM_GETNSID, parts);
  if (typeof answer === 'number') return undefined;
  const id = readAttributes(answer.view, answer.at + RTGENMSG, answer.end).get(NETNSA.nsid);
  const number = id === undefined ? NOT_ASSIGNED : readUint(id, 0);
  return number === NOT_ASSIGNED ? undefined : number;
}
