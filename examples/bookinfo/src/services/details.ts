// SPDX-License-Identifier: Apache-2.0

const DETAILS = {
  id: 0,
  author: 'William Shakespeare',
  year: 1594,
  type: 'play',
  pages: 128,
  language: 'English',
};

/** What is printed on the book. */
export function details(path: string): unknown {
  return path === '/details/0' ? DETAILS : undefined;
}
