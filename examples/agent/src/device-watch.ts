// SPDX-License-Identifier: Apache-2.0
import type { Devices } from './devices.ts';
import { describeError } from './errors.ts';
import type { Logger } from './logging/logger.ts';
import type { Probe } from './platform.ts';

/** What is to be watched, by whom it is told. */
type Wanted = Pick<Devices, 'nic' | 'vport'>;

/**
 * Keeps what the probe watches equal to what the configuration says and to the devices that pods were found to have: those
 * in addition to the configured ones, or instead of them where pods are selected.
 */
export class DeviceWatch {
  readonly #log: Pick<Logger, 'warn'>;
  #configured: Wanted;
  #selective: boolean;
  #found: readonly string[] = [];
  #probe: Pick<Probe, 'setInterfaces'> | undefined;
  #applied: string;
  #turn: Promise<void> = Promise.resolve();

  /** @param selective whether only the devices of the selected pods are vports */
  constructor(configured: Wanted, selective: boolean, log: Pick<Logger, 'warn'>) {
    this.#configured = configured;
    this.#selective = selective;
    this.#log = log;
    this.#applied = JSON.stringify(this.first());
  }

  /** What the probe is to begin with: devices of pods may go before it gets to them, so they come after. */
  first(): Wanted {
    const { nic, vport } = this.#configured;
    return { nic, vport: this.#selective ? [] : vport };
  }

  /** From now on the probe follows. Resolves when it has caught up. */
  start(probe: Pick<Probe, 'setInterfaces'>): Promise<void> {
    this.#probe = probe;
    return this.#apply();
  }

  /** Pods have these devices now. */
  find(devices: readonly string[]): Promise<void> {
    this.#found = devices;
    return this.#apply();
  }

  /** The configuration says something else now. */
  configure(configured: Wanted, selective: boolean): Promise<void> {
    this.#configured = configured;
    this.#selective = selective;
    return this.#apply();
  }

  #wanted(): Wanted {
    const { nic, vport } = this.first();
    const found = this.#found.filter((name) => !nic.includes(name) && !vport.includes(name));
    return { nic, vport: [...vport, ...found] };
  }

  /** One change at a time; the last one counts. Never rejects. */
  #apply(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      const wanted = this.#wanted();
      const text = JSON.stringify(wanted);
      if (this.#probe === undefined || text === this.#applied) return;
      try {
        await this.#probe.setInterfaces(wanted);
        this.#applied = text;
      } catch (error) {
        this.#log.warn(`the devices could not be changed: ${describeError(error)}`);
      }
    });
    return this.#turn;
  }
}
