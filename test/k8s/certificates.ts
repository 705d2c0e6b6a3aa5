// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '../../scripts/lib/exec.ts';

/** Files of one cluster's certificates, all PEM. */
export interface Certificates {
  readonly caFile: string;
  readonly serverCertFile: string;
  readonly serverKeyFile: string;
  readonly adminCertFile: string;
  readonly adminKeyFile: string;
  /** Signs service account tokens. */
  readonly accountKeyFile: string;
}

/** The `kubernetes` Service: the first address of the range that the API server gives out. */
export const API_SERVICE_ADDRESS = '10.96.0.1';

/** Makes an authority, a certificate for 127.0.0.1 and for the `kubernetes` Service, and one for an administrator. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string) => join(folder, name);
  const caKey = file('ca.key');
  const caFile = file('ca.crt');
  await openssl(
    'req',
    '-x509',
    ...newKey(caKey),
    '-subj',
    '/CN=hopspan-test-ca',
    '-days',
    '2',
    '-out',
    caFile,
  );
  const issue = async (name: string, subject: string, extensions: string) => {
    const [key, request, cert, extensionFile] = [
      `${name}.key`,
      `${name}.csr`,
      `${name}.crt`,
      `${name}.ext`,
    ].map(file);
    writeFileSync(extensionFile as string, extensions);
    await openssl('req', ...newKey(key as string), '-subj', subject, '-out', request as string);
    const signing = [
      '-CA',
      caFile,
      '-CAkey',
      caKey,
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      extensionFile as string,
    ];
    await openssl('x509', '-req', '-in', request as string, ...signing, '-out', cert as string);
    return [cert, key] as [string, string];
  };
  const names = `subjectAltName=IP:127.0.0.1,IP:${API_SERVICE_ADDRESS},DNS:localhost,DNS:kubernetes.default.svc\n`;
  const [serverCertFile, serverKeyFile] = await issue('server', '/CN=kube-apiserver', names);
  const client = 'extendedKeyUsage=clientAuth\n';
  const [adminCertFile, adminKeyFile] = await issue('admin', '/O=system:masters/CN=hopspan-test', client);
  const accountKeyFile = file('account.key');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(accountKeyFile, privateKey.export({ type: 'sec1', format: 'pem' }));
  return { caFile, serverCertFile, serverKeyFile, adminCertFile, adminKeyFile, accountKeyFile };
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file];
}

function openssl(...args: string[]): Promise<string> {
  return exec('openssl', args);
}
