/**
 * Siren and warning light of a Dahua camera: `CoaxialControlIO`, also in IP cameras.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { sleep } from "../net/deadline.ts";
import type { CallOptions } from "../net/stream.ts";
import { amount, flag, object, text } from "./_fields.ts";
import { wireChannel } from "./channel.ts";
import {
  type Deterrent,
  DETERRENTS,
  type DeterrentService,
  type DeterrentState,
} from "./deterrent.ts";
import type { DahuaLink } from "./link.ts";
import type { ChangeOutcome } from "./dahua_config.ts";
import type { PlannedChange } from "./planned_change.ts";

/** The device's words (rroller/dahua, dahua-rpc). */
const WORDS = {
  siren: { cap: "SupportControlSpeaker", status: "Speaker", type: 2 },
  light: { cap: "SupportControlLight", status: "WhiteLight", type: 1 },
} as const;
/** `IO`: 1 is on, 2 is off. */
const IO = { on: 1, off: 2 } as const;
/** How often the state is looked at until it follows, and the wait in between in milliseconds. */
const LOOKS = 4;
const LOOK_WAIT = 300;

/** {@linkcode DeterrentService} of a Dahua device. */
export class DahuaDeterrent implements DeterrentService {
  readonly #link: DahuaLink;

  /** Works over the given link. */
  constructor(link: DahuaLink) {
    this.#link = link;
  }

  /** See {@linkcode DeterrentService.state}. */
  async state(channel: number, options: CallOptions = {}): Promise<DeterrentState> {
    const caps = await this.#ask("getCaps", channel, options);
    const status = await this.#ask("getStatus", channel, options);
    if (caps === undefined && status === undefined) throw this.#lacks("no siren and no light");
    const told = object(object(caps).caps ?? caps);
    const has = caps === undefined
      ? null
      : DETERRENTS.filter((one) => isYes(told[WORDS[one].cap]) ?? false);
    return { ...statesOf(status), has };
  }

  /** See {@linkcode DeterrentService.plan}. */
  async plan(
    channel: number,
    what: Deterrent,
    on: boolean,
    options: CallOptions = {},
  ): Promise<PlannedChange> {
    const state = await this.state(channel, options);
    if (state.has !== null && !state.has.includes(what)) {
      throw this.#lacks(
        `no ${what} on channel ${channel}`,
        state.has.length === 0 ? undefined : `It has: ${state.has.join(", ")}.`,
      );
    }
    if (state[what] === on) {
      return { differences: [], apply: () => Promise.resolve({ options: [], notHeld: [] }) };
    }
    return {
      differences: [{ path: what, before: wordOf(state[what]), after: wordOf(on) }],
      apply: (limits) => this.#switch(channel, what, on, limits ?? {}),
    };
  }

  async #switch(
    channel: number,
    what: Deterrent,
    on: boolean,
    options: CallOptions,
  ): Promise<ChangeOutcome> {
    const method = "CoaxialControlIO.control";
    const info = [{ Type: WORDS[what].type, IO: on ? IO.on : IO.off, TriggerMode: 2 }];
    const params = { channel: wireChannel(channel), info };
    if (await this.#link.call(method, params, options) === false) {
      throw new DhipError("DHIP_DEVICE_REFUSED", `The device did not switch its ${what}`, {
        host: this.#link.host,
        method,
      });
    }
    const now = await this.#settled(channel, what, on, options);
    const followed = now === null || now === on;
    return {
      options: [],
      notHeld: followed ? [] : [{ path: what, before: wordOf(on), after: wordOf(now) }],
    };
  }

  /** The state, once it follows or has had its time. */
  async #settled(
    channel: number,
    what: Deterrent,
    on: boolean,
    options: CallOptions,
  ): Promise<boolean | null> {
    for (let look = 1;; look++) {
      const now = statesOf(await this.#ask("getStatus", channel, options))[what];
      if (now === on || now === null || look === LOOKS) return now;
      await sleep(LOOK_WAIT, options.signal, this.#link.clock);
    }
  }

  /** Undefined when the device does not have the method. */
  async #ask(method: string, channel: number, options: CallOptions): Promise<unknown> {
    try {
      const params = { channel: wireChannel(channel) };
      const payload = await this.#link.call(`CoaxialControlIO.${method}`, params, options);
      return payload === false ? undefined : payload;
    } catch (error) {
      if (error instanceof DhipError && error.code === "DHIP_METHOD_NOT_FOUND") return undefined;
      throw error;
    }
  }

  #lacks(what: string, hint?: string): DhipError {
    return new DhipError("DHIP_NOT_SUPPORTED", `The device has ${what}`, {
      host: this.#link.host,
      hint,
    });
  }
}

/** `status: {Speaker: "On"}`; the web API repeats the level, so it may be there twice. */
function statesOf(payload: unknown): Record<Deterrent, boolean | null> {
  const outer = object(object(payload).status ?? payload);
  const status = object(outer.status ?? outer);
  return { siren: isYes(status[WORDS.siren.status]), light: isYes(status[WORDS.light.status]) };
}

function isYes(value: unknown): boolean | null {
  const number = amount(value);
  if (number !== null) return number !== 0;
  const word = text(value)?.toLowerCase();
  return flag(value) ?? (word === "on" ? true : word === "off" ? false : null);
}

function wordOf(on: boolean | null): string | null {
  return on === null ? null : on ? "on" : "off";
}
