// SPDX-License-Identifier: Apache-2.0
import { type ProxyProcess, startProxy } from './proxy-process.ts';

/** HAProxy in front of a server; `rules` stand in its frontend, `lua` is loaded when given. */
export function startHaproxy(target: string, rules: readonly string[], lua?: string): Promise<ProxyProcess> {
  const config = (port: number): string =>
    [
      'global',
      ...(lua === undefined ? [] : ['  lua-load action.lua']),
      'defaults',
      ...['  mode http', '  timeout connect 5s', '  timeout client 30s', '  timeout server 30s'],
      'frontend in',
      ...[`  bind 127.0.0.1:${port}`, ...rules.map((rule) => `  ${rule}`), '  default_backend out'],
      'backend out',
      `  server target ${new URL(target).host}`,
      '',
    ].join('\n');
  return startProxy(
    'haproxy',
    () => ['-db', '-f', 'haproxy.cfg'],
    (port) => ({ 'haproxy.cfg': config(port), ...(lua === undefined ? {} : { 'action.lua': lua }) }),
  );
}
