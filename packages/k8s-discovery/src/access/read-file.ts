// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { DiscoveryError } from '../errors.ts';

/** @throws DiscoveryError HOPSPAN_ERR_KUBE_CREDENTIALS when it cannot be read, or has nothing in it */
export async function readCredentialFile(path: string, what: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const message = `${what}: ${path} cannot be read (${reason}). Mount it, or correct the path.`;
    throw new DiscoveryError('HOPSPAN_ERR_KUBE_CREDENTIALS', message, { cause });
  }
  if (text !== '') return text;
  const message = `${what}: ${path} is empty; it must hold the ${what}.`;
  throw new DiscoveryError('HOPSPAN_ERR_KUBE_CREDENTIALS', message);
}
