// SPDX-License-Identifier: Apache-2.0
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { ip } from '../batch.ts';
import type { NodePlan } from '../plan.ts';
import { bringUp, ipBytes, type OverlayKind, type OverlaySite, routesByDevice } from './site.ts';

const DEVICE = 'wg0';
/** PKCS #8 for an X25519 key (RFC 8410), up to the key. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** One device; what leaves by the NIC is encrypted. https://www.wireguard.com/papers/wireguard.pdf */
export const wireguard: OverlayKind = {
  linkType: () => 'wireguard',
  deviceNames: () => [DEVICE],
  carries: ['ipv4', 'ipv6'],
  underlays: ['ipv4', 'ipv6'],
  // UDP, WireGuard's header and its authentication tag.
  overhead: (underlay) => ipBytes(underlay) + 8 + 16 + 16,
  port: 51_820,
  program: 'wg',
  script: (site) => {
    const { overlay, node, peers } = site;
    const configure = `wg set ${DEVICE} listen-port ${overlay.port} private-key /proc/self/fd/0`;
    return [
      ip([`link add ${DEVICE} mtu ${overlay.mtu} type wireguard`]),
      `${[configure, ...peers.map((peer) => peerOption(site, peer))].join(' ')} <<'END'`,
      `${privateKey(node).toString('base64')}\nEND`,
      ip([...bringUp(site, DEVICE), ...peers.flatMap((peer) => routesByDevice(site, DEVICE, peer))]),
    ].join('\n');
  },
};

function peerOption({ overlay, families, addressOf }: OverlaySite, peer: NodePlan): string {
  const address = addressOf(peer);
  const endpoint = `${address.includes(':') ? `[${address}]` : address}:${overlay.port}`;
  const allowed = families.map((family) => peer.podSubnet[family]).join(',');
  return `peer ${publicKey(peer)} endpoint ${endpoint} allowed-ips ${allowed}`;
}

/** Anybody may know it: what it protects is a lab. */
function privateKey(node: NodePlan): Buffer {
  const key = createHash('sha256').update(`hopspan lab, node ${node.number}`).digest();
  key[0] = (key[0] as number) & 248;
  key[31] = ((key[31] as number) & 127) | 64;
  return key;
}

function publicKey(node: NodePlan): string {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8, privateKey(node)]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(x, 'base64url').toString('base64');
}
