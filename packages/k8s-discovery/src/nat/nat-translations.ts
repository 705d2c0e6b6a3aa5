// SPDX-License-Identifier: Apache-2.0
import { type Counters, checkNumber, invalidOption } from '@hopspan/core';
import { Refresher } from '../refresher.ts';
import { type NatSource, readNat } from './nat-source.ts';
import { NatTable } from './nat-table.ts';
import { collectTranslations, type Translations } from './translations.ts';

/** Options of NatTranslations. */
export interface NatTranslationsOptions {
  /** Each is read by itself: when one fails, what it told last still counts. */
  readonly sources: readonly NatSource[];
  /** How often they are read, in milliseconds, spread by half. Default: 30000. */
  readonly intervalMillis?: number;
}

/** Virtual addresses from the rules of this machine's kernel, read again and again. */
export class NatTranslations {
  readonly #refreshers: readonly Refresher<Translations>[];
  #table = new NatTable([]);

  /** @throws HopspanError HOPSPAN_ERR_INVALID_OPTION */
  constructor({ sources, intervalMillis = 30_000 }: NatTranslationsOptions) {
    if (sources.length === 0)
      throw invalidOption('NatTranslations', 'sources', '[]', 'a list of at least one');
    checkNumber('NatTranslations', 'intervalMillis', intervalMillis, { min: 1 });
    this.#refreshers = sources.map(
      (source) =>
        new Refresher({
          what: `address translation from ${source.file ?? source.tool}`,
          ask: async (signal) => collectTranslations(await readNat(source, signal)),
          intervalMillis,
          onAnswer: () => this.#rebuild(),
        }),
    );
  }

  /** Reads for the first time, and from then on by itself. Resolves with the first attempt; never rejects. */
  async start(): Promise<void> {
    await Promise.all(this.#refreshers.map((each) => each.start()));
  }

  /** What is known; empty while nothing is. */
  get table(): NatTable {
    return this.#table;
  }

  counters(): Counters {
    const sum = (countOf: (refresher: Refresher<Translations>) => number): number =>
      this.#refreshers.reduce((total, refresher) => total + countOf(refresher), 0);
    return {
      nat_refreshes: sum((each) => each.counters().refreshes),
      nat_refresh_errors: sum((each) => each.counters().refresh_errors),
      nat_translations: this.#table.size,
      nat_rules_unknown: sum(({ answer }) => answer?.unknownRules ?? 0),
      nat_truncated: sum(({ answer }) => (answer?.truncated ? 1 : 0)),
    };
  }

  /** What is known stays readable. */
  async shutdown(): Promise<void> {
    await Promise.all(this.#refreshers.map((each) => each.stop()));
  }

  #rebuild(): void {
    this.#table = new NatTable(this.#refreshers.flatMap(({ answer }) => answer?.all ?? []));
  }
}
