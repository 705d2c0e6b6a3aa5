// SPDX-License-Identifier: Apache-2.0
import { type ExecFileException, execFile } from 'node:child_process';
import { isAbsolute, resolve } from 'node:path';
import { DiscoveryError } from '../errors.ts';
import type { Credentials } from './cluster-access.ts';
import { type KubeconfigCluster, type KubeconfigExec, kubeconfigError } from './kubeconfig-document.ts';

/** The kubeconfig that a plugin is named in. */
export interface ExecContext {
  readonly path: string;
  readonly folder: string;
  readonly cluster: KubeconfigCluster;
}

const API_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const TIMEOUT_MILLIS = 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** A token is renewed this long before it expires, so that it does not expire on its way. */
const EXPIRY_MARGIN_MILLIS = 10_000;

interface ExecStatus {
  token?: string;
  clientCertificateData?: string;
  clientKeyData?: string;
  expirationTimestamp?: string;
}

/**
 * Credentials from a client-go exec plugin, cached until they expire or are refused
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 */
export class ExecCredentialSource {
  readonly #exec: KubeconfigExec;
  readonly #context: ExecContext;
  #cached: { credentials: Credentials; expiresMillis: number } | undefined;
  #running: Promise<Credentials> | undefined;

  /** @throws DiscoveryError HOPSPAN_ERR_KUBE_CONFIG */
  constructor(exec: KubeconfigExec, context: ExecContext) {
    if (!exec.command) throw kubeconfigError(context.path, 'exec has no command.');
    if (!API_VERSIONS.includes(exec.apiVersion ?? '')) {
      const fault = `exec apiVersion is '${exec.apiVersion}'; expected ${API_VERSIONS.join(' or ')}.`;
      throw kubeconfigError(context.path, fault);
    }
    if (exec.interactiveMode === 'Always')
      throw kubeconfigError(
        context.path,
        `exec command '${exec.command}' wants a terminal; there is none here.`,
      );
    this.#exec = exec;
    this.#context = context;
  }

  async get(): Promise<Credentials> {
    if (this.#cached !== undefined && Date.now() < this.#cached.expiresMillis)
      return this.#cached.credentials;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  invalidate(): void {
    this.#cached = undefined;
  }

  async #run(): Promise<Credentials> {
    const status = parseStatus(await this.#execute(), (fault) => this.#error(fault));
    const credentials = {
      token: status.token,
      cert: status.clientCertificateData,
      key: status.clientKeyData,
    };
    const expiry = Date.parse(status.expirationTimestamp ?? '');
    const expiresMillis = Number.isNaN(expiry) ? Number.POSITIVE_INFINITY : expiry - EXPIRY_MARGIN_MILLIS;
    this.#cached = { credentials, expiresMillis };
    return credentials;
  }

  #execute(): Promise<string> {
    const { command = '', args, env } = this.#exec;
    // As kubectl: a path is relative to the kubeconfig, a bare name is looked up in PATH.
    const relative = command.includes('/') && !isAbsolute(command);
    const options = {
      timeout: TIMEOUT_MILLIS,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
      // A plugin finds its own settings in the environment that it inherits, as under kubectl.
      env: {
        ...process.env,
        ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
        KUBERNETES_EXEC_INFO: this.#info(),
      },
    } as const;
    return new Promise((done, fail) => {
      const file = relative ? resolve(this.#context.folder, command) : command;
      const child = execFile(file, args ?? [], options, (error, stdout, stderr) => {
        if (error === null) done(stdout);
        else fail(this.#error(describe(error, stderr), error));
      });
      child.stdin?.end();
    });
  }

  #info(): string {
    const { apiVersion, provideClusterInfo } = this.#exec;
    const { cluster } = this.#context;
    const info = {
      server: cluster.server,
      'tls-server-name': cluster['tls-server-name'],
      'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
      'certificate-authority-data': cluster['certificate-authority-data'],
      'proxy-url': cluster['proxy-url'],
    };
    const spec = { interactive: false, ...(provideClusterInfo ? { cluster: info } : {}) };
    return JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
  }

  #error(fault: string, cause?: unknown): DiscoveryError {
    const { command, installHint } = this.#exec;
    const hint = installHint ? ` ${installHint.trim()}` : '';
    const message = `exec plugin '${command}' of ${this.#context.path}: ${fault}.${hint}`;
    return new DiscoveryError('HOPSPAN_ERR_KUBE_CREDENTIALS', message, { cause });
  }
}

function describe(error: ExecFileException, stderr: string): string {
  if (error.killed) return `did not end within ${TIMEOUT_MILLIS / 1000} s, or printed too much`;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return typeof error.code === 'string'
    ? `cannot be run (${error.code})`
    : `failed with status ${error.code}: ${said}`;
}

function parseStatus(stdout: string, newError: (fault: string) => DiscoveryError): ExecStatus {
  let status: ExecStatus | undefined;
  try {
    status = (JSON.parse(stdout) as { status?: ExecStatus }).status;
  } catch {
    throw newError('printed something that is not JSON; expected an ExecCredential');
  }
  if (status?.token || (status?.clientCertificateData && status.clientKeyData)) return status;
  throw newError('gave neither a token nor a client certificate with its key');
}
