/**
 * Motorised lenses of Dahua devices: `devVideoInput`.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import { DhipError } from "../errors.ts";
import { sleep } from "../net/deadline.ts";
import type { CallOptions } from "../net/stream.ts";
import { amount, object, text } from "./_fields.ts";
import { wireChannel } from "./channel.ts";
import type { LensAim, LensService, LensSettleOptions, LensState } from "./lens.ts";
import type { DahuaLink } from "./link.ts";

/** Time between two looks, in milliseconds. */
const PERIOD = 250;
/** A lens has to rest for this long, in milliseconds: its motors may not have begun to run. */
const REST = 1_500;

/** {@linkcode LensService} of a Dahua device. */
export class DahuaLens implements LensService {
  readonly #link: DahuaLink;

  /** Works over the given link. */
  constructor(link: DahuaLink) {
    this.#link = link;
  }

  /** See {@linkcode LensService.state}. */
  async state(channel: number, options: CallOptions = {}): Promise<LensState> {
    const payload = object(await this.#ask("getFocusStatus", channel, null, options));
    const told = object(payload.status ?? payload);
    const status = text(told.Status);
    return {
      focus: amount(told.Focus),
      zoom: amount(told.Zoom),
      busy: status === null ? null : status.toLowerCase() !== "normal",
      status,
    };
  }

  /** See {@linkcode LensService.autofocus}. */
  async autofocus(channel: number, options: CallOptions = {}): Promise<void> {
    await this.#order("autoFocus", channel, null, options);
  }

  /** See {@linkcode LensService.goTo}. */
  async goTo(
    channel: number,
    aim: LensAim,
    options: CallOptions = {},
  ): Promise<{ readonly focus: number; readonly zoom: number }> {
    for (const [name, part] of Object.entries(aim)) {
      if (part !== undefined && !(part >= 0 && part <= 1)) {
        throw new RangeError(`No ${name} of ${part}; it is from 0 to 1`);
      }
    }
    if (aim.focus === undefined && aim.zoom === undefined) {
      throw new RangeError("Neither focus nor zoom was asked for");
    }
    // Both are always sent: what an absent one means differs between firmwares.
    const now = aim.focus === undefined || aim.zoom === undefined
      ? await this.state(channel, options)
      : undefined;
    const focus = aim.focus ?? now!.focus;
    const zoom = aim.zoom ?? now!.zoom;
    if (focus === null || zoom === null) {
      throw new DhipError("DHIP_NOT_SUPPORTED", "The camera does not tell where its lens stands", {
        host: this.#link.host,
        hint: "Give both focus and zoom.",
      });
    }
    await this.#order("adjustFocus", channel, { focus, zoom }, options);
    return { focus, zoom };
  }

  /** See {@linkcode LensService.settle}. */
  async settle(channel: number, options: LensSettleOptions = {}): Promise<LensState> {
    const { limit = 60_000, signal } = options;
    const { clock, host } = this.#link;
    const end = clock.now() + limit;
    let restsSince: number | undefined;
    let before: LensState | undefined;
    for (;;) {
      const state = await this.state(channel, { signal });
      if (state.busy === null) {
        throw new DhipError("DHIP_NOT_SUPPORTED", "The camera does not tell what its lens does", {
          host,
          hint: "Run the command again without --verify.",
        });
      }
      const now = clock.now();
      const stands = !state.busy && (before === undefined ||
        (before.focus === state.focus && before.zoom === state.zoom));
      restsSince = stands ? restsSince ?? now : undefined;
      if ((restsSince !== undefined && now - restsSince >= REST) || now >= end) return state;
      before = state;
      await sleep(PERIOD, signal, clock);
    }
  }

  async #order(
    method: string,
    channel: number,
    params: JsonObject | null,
    options: CallOptions,
  ): Promise<void> {
    if (await this.#ask(method, channel, params, options) === false) {
      throw new DhipError("DHIP_DEVICE_REFUSED", "The device did not move its lens", {
        host: this.#link.host,
        method: `devVideoInput.${method}`,
      });
    }
  }

  async #ask(
    method: string,
    channel: number,
    params: JsonObject | null,
    options: CallOptions,
  ): Promise<unknown> {
    const selector = { channel: wireChannel(channel) };
    try {
      return await this.#link.instanceCall("devVideoInput", selector, method, params, options);
    } catch (error) {
      if (!(error instanceof DhipError) || error.code !== "DHIP_METHOD_NOT_FOUND") throw error;
      throw new DhipError("DHIP_NOT_SUPPORTED", "The device has no lens that it moves", {
        host: this.#link.host,
        method: error.method,
        hint: "Cameras that turn move their lens with dhip ptz zoom and dhip ptz focus.",
        cause: error,
      });
    }
  }
}
