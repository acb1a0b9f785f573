/**
 * Sends orders to a device, in the way that it takes.
 *
 * @module
 */

import type { SessionId } from "../../dhip/envelope.ts";
import type { JsonObject } from "../../dhip/frame.ts";
import type { Addressing as Form } from "../../dhip/instances.ts";
import { DhipError } from "../../errors.ts";
import { withDeadline } from "../../net/deadline.ts";
import type { CallOptions } from "../../net/stream.ts";
import { wireChannel } from "../channel.ts";
import type { DahuaLink } from "../link.ts";
import type { Order, Way } from "./orders.ts";

/** Methods that the web interface numbers (dahua-rpc). */
const NUMBERED = ["start", "stop", "moveContinuously", "stopMove"];

/** What a caller's caller wants to know. */
export interface SendOptions extends CallOptions {
  /** Called when the call of a way is about to leave; what it throws ends the order. */
  readonly onSend?: ((way: Way) => void) | undefined;
}

/**
 * Knows how one device wants to be spoken to: which of its ways worked for an order is remembered,
 * and which methods it does not have.
 */
export class PtzCaller {
  readonly link: DahuaLink;
  /** Place of the way that worked, by channel (a recorder has cameras of all kinds) and order. */
  readonly #proven = new Map<string, number>();
  readonly #absent = new Set<string>();
  #count = 0;

  /** Speaks over the link. */
  constructor(link: DahuaLink) {
    this.link = link;
  }

  /**
   * Carries out an order. A way that the device refuses is followed by the next one, until one
   * worked: from then on that one's refusals are final.
   *
   * @param channel 1 is the first
   * @returns the way that worked
   * @throws {RangeError} when there can be no such channel
   * @throws {DhipError} the device's refusal; `DHIP_NOT_SUPPORTED` when it has no method for it
   */
  async send(order: Order, channel: number, options: SendOptions): Promise<Way> {
    const form = await this.#form(channel, options);
    const ways = order.ways(form);
    const key = `${channel} ${order.name}`;
    const proven = ways[this.#proven.get(key) ?? -1];
    let refusal: DhipError | undefined;
    for (const way of proven === undefined ? ways : [proven]) {
      if (this.#absent.has(way.method)) continue;
      try {
        await this.carryOut(way, channel, options);
        this.#proven.set(key, ways.indexOf(way));
        return way;
      } catch (error) {
        if (!isRefusal(error) || FINAL.includes(error.code)) throw error;
        if (error.code === "DHIP_METHOD_NOT_FOUND") this.#absent.add(way.method);
        else refusal ??= error;
      }
    }
    throw refusal ??
      new DhipError("DHIP_NOT_SUPPORTED", `The device cannot do this: ${order.name}`, {
        host: this.link.host,
        hint: "See what it can do: dhip ptz capabilities TARGET",
      });
  }

  /**
   * Makes the call of one way.
   *
   * @throws {DhipError} the device's refusal, a plain `result: false` too
   */
  async carryOut(way: Way, channel: number, options: SendOptions): Promise<void> {
    const { method, params } = way;
    const answer = await this.ask(method, channel, options, params, () => options.onSend?.(way));
    if (answer !== false) return;
    throw new DhipError("DHIP_DEVICE_REFUSED", `ptz.${method} was refused without a reason`, {
      host: this.link.host,
      method: `ptz.${method}`,
      hint: "See what the camera can do: dhip ptz capabilities TARGET",
    });
  }

  /**
   * Calls a method and returns its payload.
   *
   * @param channel 1 is the first
   * @throws {DhipError} the device's refusal
   */
  async ask(
    method: string,
    channel: number,
    options: CallOptions,
    params: JsonObject | null = null,
    onSend?: () => void,
  ): Promise<unknown> {
    const selector = { channel: wireChannel(channel) };
    const session = await this.link.session(options);
    const form = await this.#form(channel, options);
    const numbered = form === "object" && NUMBERED.includes(method);
    const { timeout } = options;
    onSend?.();
    return await this.#within(
      options,
      `ptz.${method}`,
      (signal) =>
        session.instances.call("ptz", selector, method, params, {
          signal,
          timeout,
          extra: numbered ? { seq: sequence(session.id, this.#count++) } : undefined,
        }),
    );
  }

  async #form(channel: number, options: CallOptions): Promise<Form> {
    const selector = { channel: wireChannel(channel) };
    const { instances } = await this.link.session(options);
    const { timeout } = options;
    return await this.#within(
      options,
      "ptz.factory.instance",
      () => instances.addressing("ptz", selector, { timeout }),
    );
  }

  /** Finding an object is shared by many and has no signal; nobody has to wait for it. */
  #within<T>(
    { signal }: CallOptions,
    what: string,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { host, clock } = this.link;
    return withDeadline(work, { what, host, signal, clock });
  }
}

/** The device's own no, as opposed to no answer. */
export function isRefusal(error: unknown): error is DhipError {
  return error instanceof DhipError && REFUSALS.includes(error.code);
}

/** Refusals that no other way changes. */
const FINAL: readonly DhipError["code"][] = ["DHIP_NO_PERMISSION", "DHIP_DEVICE_BUSY"];
const REFUSALS: readonly DhipError["code"][] = [
  ...FINAL,
  "DHIP_DEVICE_REFUSED",
  "DHIP_METHOD_NOT_FOUND",
  "DHIP_BAD_PARAMS",
  "DHIP_NOT_SUPPORTED",
];

/**
 * The number of an order as the web interface makes it (dahua-rpc): the low 24 bits of the session's
 * decimal digits, and 8 bits that count.
 */
export function sequence(session: SessionId, count: number): number {
  const digits = Number(String(session).replace(/\D/g, "").slice(0, 300));
  return digits % 2 ** 24 * 256 + count % 256;
}
