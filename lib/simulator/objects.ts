/**
 * Objects of services: what `X.factory.instance` and `X.factory.create` hand out.
 *
 * @module
 */

import type { Random } from "./prng.ts";

/** An object of a service. */
export interface ServiceObject {
  /** Id on the wire, 1 to 2^31 - 1. */
  readonly id: number;
  /** Service it belongs to. */
  readonly service: string;
  /** Parameters it was made with, as JSON; undefined for `factory.create`. */
  readonly key: string | undefined;
  /** Channel that the parameters named, 0-based. */
  readonly channel: number;
}

/** Most objects of one owner. */
const MOST = 256;

/**
 * The objects of all sessions and of CGI. They are invisible to everybody but their owner, and end
 * with it.
 */
export class ObjectTable {
  readonly #owners = new Map<object, Map<number, ServiceObject>>();
  readonly #random: Random;

  /** Makes an empty table. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** The one object of these parameters, made when there is none; undefined when there are too many. */
  instance(owner: object, service: string, key: string, channel: number): number | undefined {
    for (const object of this.#owners.get(owner)?.values() ?? []) {
      if (object.service === service && object.key === key) return object.id;
    }
    return this.#make(owner, service, key, channel);
  }

  /** A new object; undefined when there are too many. */
  create(owner: object, service: string): number | undefined {
    return this.#make(owner, service, undefined, 0);
  }

  /** The object with this id, when it is of this owner and service. */
  find(owner: object, service: string, id: number): ServiceObject | undefined {
    const object = this.#owners.get(owner)?.get(id);
    return object?.service === service ? object : undefined;
  }

  /** Ends one object. */
  destroy(owner: object, id: number): void {
    this.#owners.get(owner)?.delete(id);
  }

  /** Ends all objects of an owner. */
  forget(owner: object): void {
    this.#owners.delete(owner);
  }

  /** All objects of a service. */
  of(service: string): ServiceObject[] {
    return [...this.#owners.values()].flatMap((objects) => [...objects.values()])
      .filter((object) => object.service === service);
  }

  #make(
    owner: object,
    service: string,
    key: string | undefined,
    channel: number,
  ): number | undefined {
    let objects = this.#owners.get(owner);
    if (objects === undefined) this.#owners.set(owner, objects = new Map());
    if (objects.size >= MOST) return undefined;
    let id: number;
    do id = this.#random.integer(1, 0x7fff_ffff); while (objects.has(id));
    objects.set(id, { id, service, key, channel });
    return id;
  }
}
