/**
 * Events that happen by themselves, for soaks and demos: the same seed gives the same events.
 *
 * @module
 */

import type { Timer } from "../net/clock.ts";
import { LASTING_CODES } from "./event_codes.ts";
import { Random } from "./prng.ts";
import type { DeviceState } from "./state.ts";

/** One event each time the interval is over, while the device is on. */
export class EventSource {
  readonly #state: DeviceState;
  readonly #random: Random;
  #timer: Timer | undefined;

  /** Its generator is its own: what happens must not change the session numbers. */
  constructor(state: DeviceState) {
    this.#state = state;
    const { seed, index } = state.options;
    this.#random = new Random(seed, index + 0x30000);
  }

  /** Goes on; does nothing on a device without the option `eventsEvery`. */
  start(): void {
    const { eventsEvery } = this.#state.options;
    if (eventsEvery === 0) return;
    this.#timer = this.#state.clock.timer(() => {
      this.#happen();
      this.start();
    }, eventsEvery);
  }

  /** Nothing happens until the next start. */
  stop(): void {
    this.#timer?.cancel();
  }

  #happen(): void {
    const { events, options } = this.#state;
    const code = LASTING_CODES[this.#random.integer(0, LASTING_CODES.length - 1)]!;
    const index = this.#random.integer(0, options.channels - 1);
    const action = events.underWay(code).includes(index) ? "Stop" : "Start";
    this.#state.happen({ code, action, index });
  }
}
