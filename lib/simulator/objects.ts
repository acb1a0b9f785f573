/**
 * Objects of services: what `X.factory.instance` and `X.factory.create` hand out.
 *
 * @module
 */

import type { Random } from "./prng.ts";
import type { Session } from "./sessions.ts";

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

/** Most objects of one session. */
const MOST = 256;

/** The objects of all sessions. They are invisible to, and end with, their session. */
export class ObjectTable {
  readonly #sessions = new Map<Session, Map<number, ServiceObject>>();
  readonly #random: Random;

  /** Makes an empty table. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** The one object of these parameters, made when there is none; undefined when there are too many. */
  instance(session: Session, service: string, key: string, channel: number): number | undefined {
    for (const object of this.#sessions.get(session)?.values() ?? []) {
      if (object.service === service && object.key === key) return object.id;
    }
    return this.#make(session, service, key, channel);
  }

  /** A new object; undefined when there are too many. */
  create(session: Session, service: string): number | undefined {
    return this.#make(session, service, undefined, 0);
  }

  /** The object with this id, when it is of this session and service. */
  find(session: Session, service: string, id: number): ServiceObject | undefined {
    const object = this.#sessions.get(session)?.get(id);
    return object?.service === service ? object : undefined;
  }

  /** Ends one object. */
  destroy(session: Session, id: number): void {
    this.#sessions.get(session)?.delete(id);
  }

  /** Ends all objects of a session. */
  forget(session: Session): void {
    this.#sessions.delete(session);
  }

  #make(
    session: Session,
    service: string,
    key: string | undefined,
    channel: number,
  ): number | undefined {
    let objects = this.#sessions.get(session);
    if (objects === undefined) this.#sessions.set(session, objects = new Map());
    if (objects.size >= MOST) return undefined;
    let id: number;
    do id = this.#random.integer(1, 0x7fff_ffff); while (objects.has(id));
    objects.set(id, { id, service, key, channel });
    return id;
  }
}
