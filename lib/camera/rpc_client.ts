/**
 * Raw calls of the device's own protocol.
 *
 * @module
 */

import {
  deviceError,
  type DeviceRefusal,
  refusalOf,
  type SessionId,
  unwrap,
} from "../dhip/envelope.ts";
import type { JsonObject } from "../dhip/frame.ts";
import type { ServiceObject } from "../dhip/instances.ts";
import type { PushStream, SubscribeOptions } from "../dhip/push_stream.ts";
import type { RpcCallOptions, RpcReply } from "../dhip/rpc.ts";
import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import type { DahuaLink } from "./link.ts";

/** One call of a {@linkcode RpcClient.multicall}. */
export interface MultiCall {
  /** Method. */
  readonly method: string;
  /** Parameters. */
  readonly params?: unknown;
  /** Service instance. */
  readonly object?: number | undefined;
}

/** What one call of a multicall brought: a payload or the device's refusal. */
export type MultiCallResult =
  | { readonly method: string; readonly ok: true; readonly payload: unknown }
  | { readonly method: string; readonly ok: false; readonly error: DhipError };

/** Calls any method that the device has. */
export class RpcClient {
  readonly #link: DahuaLink;

  /** Calls over the given link. */
  constructor(link: DahuaLink) {
    this.#link = link;
  }

  /** The device's name for the session that is open now, if any. */
  get sessionId(): SessionId | undefined {
    return this.#link.current?.id;
  }

  /**
   * Calls a method and returns its payload: `params` of the reply, or `result` when there are none.
   *
   * @throws {DhipError} the device's refusal or the link's failure
   */
  call(method: string, params?: unknown, options?: RpcCallOptions): Promise<unknown> {
    return this.#link.call(method, params, options);
  }

  /**
   * Calls a method and returns the whole reply with its binary part. A device's refusal is a reply
   * like any other here.
   *
   * @throws {DhipError} only the link's failure, a time limit or an interruption
   */
  request(method: string, params?: unknown, options?: RpcCallOptions): Promise<RpcReply> {
    return this.#link.request(method, params, options);
  }

  /**
   * Sends several calls in one request (`system.multicall`); the device runs them in their order.
   * Some devices refuse inside a multicall what they do outside (seen with `configManager.getConfig`
   * on a recorder), so each result says for itself whether it is one.
   *
   * @throws {DhipError} when the device refuses the multicall as a whole
   */
  async multicall(calls: readonly MultiCall[], options?: CallOptions): Promise<MultiCallResult[]> {
    const method = "system.multicall";
    const inner = (session: SessionId) =>
      calls.map((call, index) => ({
        method: call.method,
        params: call.params ?? null,
        id: index + 1,
        session,
        ...(call.object === undefined ? {} : { object: call.object }),
      }));
    const payload = await this.#link.call(method, inner, options);
    if (!Array.isArray(payload)) throw this.#badReply(method, "no list of results");
    // By id where the device repeats it, by position where it does not.
    const byId = new Map(payload.map((reply, index) => [reply?.id ?? index + 1, reply as unknown]));
    return calls.map(({ method }, index) => {
      const reply = byId.get(index + 1);
      if (!isObject(reply)) {
        return { method, ok: false, error: this.#badReply(method, "no result in the multicall") };
      }
      const refusal = innerRefusal(reply);
      return refusal === undefined
        ? { method, ok: true, payload: unwrap(reply, method, this.#link.host) }
        : {
          method,
          ok: false,
          error: deviceError(refusal, { method, host: this.#link.host, params: reply.params }),
        };
    });
  }

  /** Names of the device's services, sorted (`system.listService`). */
  services(options?: CallOptions): Promise<string[]> {
    return this.#names("system.listService", "service", options);
  }

  /** Names of a service's methods, sorted (`SERVICE.listMethod`). */
  methods(service: string, options?: CallOptions): Promise<string[]> {
    return this.#names(`${service}.listMethod`, "method", options);
  }

  /** See `Instances.call`. */
  instanceCall(
    service: string,
    selector: JsonObject,
    method: string,
    params?: JsonObject | null,
    options?: RpcCallOptions,
  ): Promise<unknown> {
    return this.#link.instanceCall(service, selector, method, params, options);
  }

  /** See `Instances.create`. */
  create(service: string, params?: unknown, options?: RpcCallOptions): Promise<ServiceObject> {
    return this.#link.create(service, params, options);
  }

  /** Starts to collect what the device sends on its own in the present session. */
  async subscribe(options?: SubscribeOptions): Promise<PushStream> {
    return (await this.#link.session()).subscribe(options);
  }

  async #names(method: string, field: string, options?: CallOptions): Promise<string[]> {
    const payload = await this.#link.call(method, null, options);
    const list = (payload as JsonObject | null)?.[field];
    if (!Array.isArray(list)) throw this.#badReply(method, `no list "${field}"`);
    return list.filter((name) => typeof name === "string").sort();
  }

  #badReply(method: string, what: string): DhipError {
    return new DhipError("DHIP_BAD_REPLY", `${method}: ${what} in the reply`, {
      method,
      host: this.#link.host,
    });
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Inside a multicall a plain `result: false` was seen for refused calls, never as an answer. */
function innerRefusal(reply: JsonObject): DeviceRefusal | undefined {
  return refusalOf(reply) ??
    (reply.result === false ? { deviceCode: undefined, text: "" } : undefined);
}
