// SPDX-License-Identifier: Apache-2.0
import { getJson } from '../http-client.ts';

const RATINGS = process.env.RATINGS_URL ?? 'http://ratings:9080';
const REVIEWS = [
  { reviewer: 'Reviewer1', text: 'Mistaken identity has never been faster, or funnier.' },
  { reviewer: 'Reviewer2', text: 'Short and silly; later plays take the same tricks further.' },
];

/** What readers think of the book, each with the stars that ratings knows of. */
export async function reviews(path: string): Promise<unknown> {
  if (path !== '/reviews/0') return undefined;
  const { ratings } = (await getJson(`${RATINGS}/ratings/0`)) as { ratings: Record<string, number> };
  return { id: 0, reviews: REVIEWS.map((review) => ({ ...review, stars: ratings[review.reviewer] })) };
}
