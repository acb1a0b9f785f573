/**
 * Service instances: the objects that many services want their calls addressed to.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { objectIdOf, unwrap } from "./envelope.ts";
import type { JsonObject } from "./frame.ts";
import type { RpcCallOptions, SessionRequester } from "./rpc.ts";

/** An object of one's own on the device, made by `SERVICE.factory.create`. Destroyed on dispose. */
export interface ServiceObject extends AsyncDisposable {
  /** The object's id. */
  readonly id: number;
  /** Calls `SERVICE.METHOD` on the object; `method` comes without the service. */
  call(method: string, params?: unknown, options?: RpcCallOptions): Promise<unknown>;
  /** Destroys the object on the device. Never fails: the device ends objects with the session. */
  destroy(options?: Pick<RpcCallOptions, "timeout">): Promise<void>;
}

/** How a service wants to be addressed; found out once per session. */
export type Addressing = "object" | "channel";

/**
 * The instances of one session. `factory.instance` is asked once per service and parameters;
 * objects of `factory.create` belong to their caller.
 */
export class Instances {
  readonly #requester: SessionRequester;
  readonly #cache = new Map<string, Promise<number>>();
  readonly #addressing = new Map<string, Addressing>();

  /** Made by the session. */
  constructor(requester: SessionRequester) {
    this.#requester = requester;
  }

  /** Forgets all ids; called at each login. */
  forget(): void {
    this.#cache.clear();
  }

  /**
   * The id of `SERVICE.factory.instance` for these parameters. The request is shared by all who ask
   * for it meanwhile, so it has a time limit but no signal.
   *
   * @throws {DhipError} the device's refusal; `DHIP_METHOD_NOT_FOUND` on firmwares without objects
   */
  instance(
    service: string,
    params: unknown = null,
    options: Pick<RpcCallOptions, "timeout"> = {},
  ): Promise<number> {
    const key = `${service} ${JSON.stringify(params)}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const method = `${service}.factory.instance`;
    const { timeout } = options;
    const id = this.#requester.request(method, params, { timeout })
      .then((reply) => objectIdOf(reply.envelope, method, this.#requester.host));
    this.#cache.set(key, id);
    id.catch(() => {
      if (this.#cache.get(key) === id) this.#cache.delete(key);
    });
    return id;
  }

  /**
   * Whether the service wants an object, or the selector's fields in `params`: for services whose
   * parameters differ with it.
   *
   * @throws {DhipError} as {@linkcode Instances.instance}, but for `DHIP_METHOD_NOT_FOUND`
   */
  async addressing(
    service: string,
    selector: JsonObject,
    options: Pick<RpcCallOptions, "timeout"> = {},
  ): Promise<Addressing> {
    const known = this.#addressing.get(service);
    if (known !== undefined) return known;
    return await this.#findInstance(service, selector, options) === undefined
      ? "channel"
      : "object";
  }

  /**
   * Calls `SERVICE.METHOD` on the instance for these parameters. Firmwares without objects get the
   * selector's fields inside `params` instead; which of the two a service wants is remembered. A
   * stale id is replaced once.
   *
   * @param selector parameters of the instance, for example `{ channel: 0 }` (0-based, as on the wire)
   */
  async call(
    service: string,
    selector: JsonObject,
    method: string,
    params: JsonObject | null = null,
    options: RpcCallOptions = {},
  ): Promise<unknown> {
    const name = `${service}.${method}`;
    for (let attempt = 1;; attempt++) {
      const object = this.#addressing.get(service) === "channel"
        ? undefined
        : await this.#findInstance(service, selector, options);
      try {
        const reply = object === undefined
          ? await this.#requester.request(name, { ...selector, ...params }, options)
          : await this.#requester.request(name, params, { ...options, object });
        return unwrap(reply.envelope, name, this.#requester.host);
      } catch (error) {
        if (object === undefined || attempt > 1 || !isStale(error)) throw error;
        this.#cache.delete(`${service} ${JSON.stringify(selector)}`);
      }
    }
  }

  /**
   * Makes an object with `SERVICE.factory.create`.
   *
   * @throws {DhipError} the device's refusal
   */
  async create(
    service: string,
    params: unknown = null,
    options?: RpcCallOptions,
  ): Promise<ServiceObject> {
    const requester = this.#requester;
    const method = `${service}.factory.create`;
    const reply = await requester.request(method, params, options);
    const id = objectIdOf(reply.envelope, method, requester.host);
    const generation = requester.generation;
    let destroyed: Promise<void> | undefined;
    const destroy = ({ timeout }: Pick<RpcCallOptions, "timeout"> = {}) =>
      destroyed ??= requester.generation !== generation
        ? Promise.resolve() // it died with its session
        : requester.request(`${service}.destroy`, null, { object: id, timeout })
          .then(() => {}, () => {});
    return {
      id,
      call: async (name, args = null, callOptions = {}) => {
        const full = `${service}.${name}`;
        const answer = await requester.request(full, args, { ...callOptions, object: id });
        return unwrap(answer.envelope, full, requester.host);
      },
      destroy,
      [Symbol.asyncDispose]: () => destroy(),
    };
  }

  async #findInstance(
    service: string,
    selector: JsonObject,
    options: RpcCallOptions,
  ): Promise<number | undefined> {
    try {
      const id = await this.instance(service, selector, options);
      this.#addressing.set(service, "object");
      return id;
    } catch (error) {
      const none = error instanceof DhipError && error.code === "DHIP_METHOD_NOT_FOUND";
      if (!none || this.#addressing.get(service) === "object") throw error;
      this.#addressing.set(service, "channel");
      return undefined;
    }
  }
}

function isStale(error: unknown): boolean {
  return error instanceof DhipError &&
    (error.code === "DHIP_STALE_OBJECT" || error.code === "DHIP_SESSION_LOST");
}
