// SPDX-License-Identifier: Apache-2.0
import { serve } from './serve.ts';
import { details } from './services/details.ts';
import { gateway } from './services/gateway.ts';
import { productpage } from './services/productpage.ts';
import { ratings } from './services/ratings.ts';
import { reviews } from './services/reviews.ts';

const services = { gateway, productpage, details, reviews, ratings };

const name = process.argv[2] ?? '';
const handler = services[name as keyof typeof services];
if (handler === undefined) {
  console.error(`usage: node --import ./src/tracing.ts src/main.ts ${Object.keys(services).join('|')}`);
  process.exit(2);
}
serve(name, handler, Number(process.env.PORT ?? 9080));
