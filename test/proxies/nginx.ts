// SPDX-License-Identifier: Apache-2.0
import { type ProxyProcess, startProxy } from './proxy-process.ts';

/** nginx in front of a server; `directives` stand beside its proxy_pass. */
export function startNginx(target: string, directives: string): Promise<ProxyProcess> {
  const config = (port: number, folder: string): string => `daemon off; worker_processes 1; pid ${folder}/pid;
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; location / { ${directives}
    proxy_pass ${target}; } }
}
`;
  return startProxy(
    'nginx',
    (folder) => ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'],
    (port, folder) => ({ 'nginx.conf': config(port, folder) }),
  );
}
