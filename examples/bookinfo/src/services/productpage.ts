// SPDX-License-Identifier: Apache-2.0
import { getJson } from '../undici-client.ts';

const DETAILS = process.env.DETAILS_URL ?? 'http://details:9080';
const REVIEWS = process.env.REVIEWS_URL ?? 'http://reviews:9080';
const PRODUCT = {
  id: 0,
  title: 'The Comedy of Errors',
  description: 'A farce of two pairs of twins, by William Shakespeare.',
};

/** Puts a page together of the book's details and, after them, its reviews. */
export async function productpage(path: string): Promise<unknown> {
  if (path !== '/productpage') return undefined;
  const details = await getJson(`${DETAILS}/details/${PRODUCT.id}`);
  const reviews = await getJson(`${REVIEWS}/reviews/${PRODUCT.id}`);
  return { product: PRODUCT, details, reviews };
}
