// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { ServerProcess } from '../e2e/backends/server.ts';
import { buildKube } from './build.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { Etcd } from './etcd.ts';
import { freePort } from './free-port.ts';

const READY_MILLIS = 180_000;

/** An answer of the API server that tests want to look at. */
export interface ApiAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: objects of the API, each test knows its own
  readonly body: any;
}

/** Options of KubeCluster.start. */
export interface KubeClusterOptions {
  /** Whether pods get the service account of their namespace, which a controller has to make. Default: false. */
  readonly serviceAccounts?: boolean;
}

/** A patch document, by its media type. */
const PATCH = 'application/merge-patch+json';

/**
 * A real API server on a real etcd, both on loopback: no scheduler, no controllers, no kubelet. What those would
 * write the test writes. Ends with its starter, however that ends.
 */
export class KubeCluster implements AsyncDisposable {
  readonly folder: string;
  readonly certificates: Certificates;
  readonly etcd: Etcd;
  readonly url: string;
  readonly #port: number;
  readonly #serviceAccounts: boolean;
  readonly #agent: Agent;
  #server: ServerProcess | undefined;

  private constructor(
    folder: string,
    certificates: Certificates,
    etcd: Etcd,
    port: number,
    { serviceAccounts = false }: KubeClusterOptions,
  ) {
    this.folder = folder;
    this.certificates = certificates;
    this.etcd = etcd;
    this.#port = port;
    this.#serviceAccounts = serviceAccounts;
    this.url = `https://127.0.0.1:${port}`;
    const connect = {
      ca: readFileSync(certificates.caFile),
      cert: readFileSync(certificates.adminCertFile),
      key: readFileSync(certificates.adminKeyFile),
    };
    this.#agent = new Agent({ allowH2: false, connect, connections: 16 });
  }

  /** Builds Kubernetes where needed, starts it, and waits until it serves. */
  static async start(options: KubeClusterOptions = {}): Promise<KubeCluster> {
    await buildKube('kube-apiserver');
    const folder = mkdtempSync(join(tmpdir(), 'hopspan-kube-'));
    const certificates = await makeCertificates(folder);
    const etcd = await Etcd.start(folder);
    const cluster = new KubeCluster(folder, certificates, etcd, await freePort(), options);
    try {
      await cluster.startApiServer();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get apiServerPid(): number {
    return this.#server?.pid ?? 0;
  }

  async startApiServer(): Promise<void> {
    this.#server = await ServerProcess.start({
      name: 'kube-apiserver',
      binary: await buildKube('kube-apiserver'),
      args: this.#args(),
      // The namespace that tests use is made by the server itself, some time after it is ready.
      isReady: async () =>
        (await this.call('GET', '/readyz')).status === 200 &&
        (await this.call('GET', '/api/v1/namespaces/default')).status === 200,
      readyMillis: READY_MILLIS,
    });
  }

  /** As kill -9. */
  async killApiServer(): Promise<void> {
    await this.#server?.stop();
  }

  /** What the API server has logged last. */
  log(): string {
    return this.#server?.log() ?? '';
  }

  /** One request as administrator, whatever its status. */
  async call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<ApiAnswer> {
    const answer = await request(`${this.url}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: { 'content-type': method === 'PATCH' ? PATCH : 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    const isJson = answer.headers['content-type']?.includes('json') === true;
    return { status: answer.statusCode, body: isJson ? JSON.parse(text) : text };
  }

  /** @throws for any status but 2xx */
  // biome-ignore lint/suspicious/noExplicitAny: see ApiAnswer
  async do(method: Parameters<KubeCluster['call']>[0], path: string, body?: object): Promise<any> {
    const answer = await this.call(method, path, body);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path}: ${answer.status}: ${answer.body.message ?? answer.body}`);
  }

  /** A token of a service account, as the kubelet has one made for a pod. */
  async createToken(namespace: string, account: string, seconds = 3600): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const wish = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: seconds },
    };
    return (await this.do('POST', path, wish)).status.token as string;
  }

  /** A kubeconfig for the administrator. @param server where it finds the API server. Default: where that is */
  kubeconfig(server = this.url): string {
    const { caFile, adminCertFile, adminKeyFile } = this.certificates;
    const name = 'test';
    const user = { 'client-certificate': adminCertFile, 'client-key': adminKeyFile };
    return JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': name },
      clusters: [{ name, cluster: { server, 'certificate-authority': caFile } }],
      users: [{ name, user }],
      contexts: [{ name, context: { cluster: name, user: name } }],
    });
  }

  async stop(): Promise<void> {
    await this.#agent.destroy();
    await this.#server?.stop();
    await this.etcd.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #args(): string[] {
    const { caFile, serverCertFile, serverKeyFile, accountKeyFile } = this.certificates;
    const options = {
      'etcd-servers': this.etcd.url,
      'etcd-compaction-interval': '0',
      'bind-address': '127.0.0.1',
      'secure-port': String(this.#port),
      'tls-cert-file': serverCertFile,
      'tls-private-key-file': serverKeyFile,
      'client-ca-file': caFile,
      'authorization-mode': 'RBAC',
      'service-account-issuer': 'https://kubernetes.default.svc',
      'service-account-key-file': accountKeyFile,
      'service-account-signing-key-file': accountKeyFile,
      'service-cluster-ip-range': '10.96.0.0/16,fd00:10:96::/112',
      'endpoint-reconciler-type': 'none',
      ...(this.#serviceAccounts ? {} : { 'disable-admission-plugins': 'ServiceAccount' }),
      profiling: 'false',
    };
    return Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  }
}
