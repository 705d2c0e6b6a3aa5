// SPDX-License-Identifier: Apache-2.0
import type { KubeRequest } from './kube-client.ts';

/** A kind of object that is listed and watched. */
export interface Resource<Raw> {
  /** For messages and counters: `pods`. */
  readonly name: string;
  readonly path: string;
  readonly query?: KubeRequest['query'];
  /** Only metadata is sent, where that is all that is used. Default: false. */
  readonly metadataOnly?: boolean;
  /** Objects a page of the list. Default: 500. */
  readonly pageSize?: number;
  /**
   * `cache`: the first list may come from the API server's cache in one piece, which finds the pods of one node
   * without reading those of all others from etcd. Default: `etcd`, in pages.
   */
  readonly listFrom?: 'cache' | 'etcd';
  /** Never set: binds the type of the objects. */
  readonly raw?: Raw;
}

/** What every object of the API has. */
export interface RawObject {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
}

/** Takes what a reflector sees. Must not throw. Times are in milliseconds of CLOCK_MONOTONIC. */
export interface ReflectorSink<Raw> {
  /** A list begins: what is not upserted until replaceEnd is no longer there. May be called again before. */
  replaceBegin(): void;
  /** @param sinceMillis earliest time at which the object may have become what it is now */
  upsert(object: Raw, sinceMillis: number): void;
  remove(object: Raw): void;
  replaceEnd(): void;
}

const METADATA = 'as=PartialObjectMetadata';

/** The media type that asks for whole objects, or for their metadata alone. */
export function acceptFor({ metadataOnly }: Pick<Resource<unknown>, 'metadataOnly'>, list: boolean): string {
  if (metadataOnly !== true) return 'application/json';
  return `application/json;${METADATA}${list ? 'List' : ''};g=meta.k8s.io;v=v1`;
}
