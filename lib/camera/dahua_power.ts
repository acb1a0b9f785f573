/**
 * Power of a Dahua device: `magicBox.reboot`, `magicBox.shutdown`, `configManager.restore`.
 *
 * @module
 */

import { DhipError, isConnectionLost } from "../errors.ts";
import { sleep } from "../net/deadline.ts";
import type { CallOptions } from "../net/stream.ts";
import type { DahuaLink } from "./link.ts";
import type {
  PowerOutcome,
  PowerService,
  RebootOptions,
  RebootOutcome,
  RestoreScope,
} from "./power.ts";

/** Time that a device which is back gets to answer a question, in milliseconds. */
const ANSWER_TIMEOUT = 5_000;
/** Between two looks at the port, in milliseconds; also the time limit of a look. */
const LOOK_WAIT = 2_000;
/** Between a login that the device was not ready for and the next, in milliseconds. */
const LOGIN_WAIT = 10_000;

/** {@linkcode PowerService} of a Dahua device. */
export class DahuaPower implements PowerService {
  readonly #link: DahuaLink;

  /** Works over the given link. */
  constructor(link: DahuaLink) {
    this.#link = link;
  }

  /** See {@linkcode PowerService.reboot}. */
  async reboot(options: RebootOptions = {}): Promise<RebootOutcome> {
    const { wait } = options;
    const outcome = await this.#order("magicBox.reboot", {}, options);
    return { ...outcome, back: wait === undefined ? null : await this.back({ ...options, wait }) };
  }

  /** See {@linkcode PowerService.shutdown}. */
  shutdown(options: CallOptions = {}): Promise<PowerOutcome> {
    return this.#order("magicBox.shutdown", {}, options);
  }

  /** See {@linkcode PowerService.restoreDefaults}. */
  async restoreDefaults(scope: RestoreScope, options: CallOptions = {}): Promise<PowerOutcome> {
    const { only, except = [] } = scope;
    if (only !== undefined) {
      if (only.length === 0) throw new RangeError("No table to restore is named");
      return await this.#order("configManager.restore", { names: [...only] }, options);
    }
    // `restoreExcept` without names was seen to restore everything but accounts and addresses,
    // where `restore` without names was refused (both on one firmware of 2.800).
    return await this.#order("configManager.restoreExcept", { names: [...except] }, options);
  }

  /** See {@linkcode PowerService.back}. */
  async back(options: RebootOptions & { readonly wait: number }): Promise<number> {
    const { wait, onStep, signal } = options;
    const { clock } = this.#link;
    const start = clock.now();
    const left = () => {
      const rest = start + wait - clock.now();
      if (rest > 0) return rest;
      throw new DhipError("DHIP_TIMEOUT", `The device did not come back within ${wait} ms`, {
        host: this.#link.host,
        hint: "It may need longer, or have another address now: dhip discover finds it.",
      });
    };
    const pause = (time: number) => sleep(Math.min(time, left()), signal, clock);
    // A quick restart is seen by nothing but the session: it ends, or the device forgets it.
    const before = this.#link.current;
    const generation = before?.generation;
    const lasts = () =>
      before !== undefined && this.#link.current === before && before.generation === generation;
    onStep?.("going-down");
    while (lasts() && await this.#answers(left(), signal)) {
      await this.#prove(signal, LOOK_WAIT).catch(() => {});
      if (lasts()) await pause(LOOK_WAIT);
    }
    onStep?.("down");
    for (;;) {
      while (!await this.#answers(left(), signal)) await pause(LOOK_WAIT);
      try {
        await this.#link.session({ signal, timeout: left() });
        await this.#prove(signal, Math.min(ANSWER_TIMEOUT, left()));
        onStep?.("up");
        return Math.round(clock.now() - start);
      } catch (error) {
        // Ports open before the services behind them are ready. A refused login is the end.
        if (!(error instanceof DhipError && error.retryable)) throw error;
        await pause(LOGIN_WAIT);
      }
    }
  }

  #answers(left: number, signal: AbortSignal | undefined): Promise<boolean> {
    return this.#link.reachable({ signal, timeout: Math.min(LOOK_WAIT, left) });
  }

  /** A session may be one that does not know yet that its device went away under it. */
  async #prove(signal: AbortSignal | undefined, timeout: number): Promise<void> {
    await this.#link.request("global.getCurrentTime", null, { signal, timeout });
  }

  /** Gives an order that may cost the connection before it is answered. */
  async #order(method: string, params: object, options: CallOptions): Promise<PowerOutcome> {
    const { signal, timeout } = options;
    await this.#link.session({ signal, timeout }); // what fails here has not ordered anything
    try {
      const answer = await this.#link.call(method, params, { signal, timeout });
      if (answer !== false) return { confirmed: true };
    } catch (error) {
      if (!(error instanceof DhipError)) throw error;
      if (isConnectionLost(error)) return { confirmed: true };
      if (error.code === "DHIP_TIMEOUT") {
        // Power that is cut ends no connection: only the port tells.
        return { confirmed: !await this.#answers(LOOK_WAIT, signal) };
      }
      throw error;
    }
    throw new DhipError("DHIP_DEVICE_REFUSED", `${method} was refused without a reason`, {
      host: this.#link.host,
      method,
    });
  }
}
