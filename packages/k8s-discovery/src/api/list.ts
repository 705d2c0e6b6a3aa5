// SPDX-License-Identifier: Apache-2.0
import { DiscoveryError, KubeApiError } from '../errors.ts';
import type { KubeClient } from './kube-client.ts';
import { acceptFor, type RawObject, type Resource } from './resource.ts';

const DEFAULT_PAGE_SIZE = 500;
const GONE = 410;

interface RawList<Raw> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly Raw[] | null;
}

/** Where a list begins. */
export interface ListStart {
  /** No older than this resource version, from the server's cache; undefined: the newest there is. */
  readonly atLeast?: string;
  readonly signal: AbortSignal;
}

/**
 * Lists a kind page by page.
 * A list whose continuation has expired (410: etcd was compacted meanwhile) begins again, in one piece.
 * @param onPage takes the objects of each page; `first` tells that a list begins
 * @returns the resource version to watch from
 * @throws as KubeClient.get
 */
export async function listAll<Raw extends RawObject>(
  client: KubeClient,
  resource: Resource<Raw>,
  { atLeast, signal }: ListStart,
  onPage: (items: readonly Raw[], first: boolean) => void,
): Promise<string> {
  let limit = resource.pageSize ?? DEFAULT_PAGE_SIZE;
  let token = '';
  for (;;) {
    const query: Record<string, string> = { ...resource.query };
    if (limit > 0) query.limit = String(limit);
    if (token !== '') query.continue = token;
    else if (atLeast !== undefined) {
      query.resourceVersion = atLeast;
      query.resourceVersionMatch = 'NotOlderThan';
    }
    let page: RawList<Raw>;
    try {
      const request = { path: resource.path, query, accept: acceptFor(resource, true) };
      page = (await client.get(request, signal)) as RawList<Raw>;
    } catch (error) {
      if (!(token !== '' && error instanceof KubeApiError && error.status === GONE)) throw error;
      [token, limit] = ['', 0];
      continue;
    }
    onPage(page.items ?? [], token === '');
    token = page.metadata?.continue ?? '';
    if (token === '') return versionOf(resource, page);
  }
}

function versionOf(resource: Resource<unknown>, page: RawList<unknown>): string {
  const version = page.metadata?.resourceVersion;
  if (version) return version;
  const message = `the list of ${resource.name} has no resourceVersion; expected a list of the Kubernetes API.`;
  throw new DiscoveryError('HOPSPAN_ERR_KUBE_PROTOCOL', message);
}
