/**
 * Events: who listens, and what is under way.
 *
 * @module
 */

import type { Session, SessionKey } from "./sessions.ts";

/** What an event does. */
export type EventAction = "Start" | "Stop" | "Pulse" | "State";

/** An event as it happens at the camera. */
export interface SimulatedEvent {
  /** Event code, for example `VideoMotion`. */
  readonly code: string;
  /** Default `Pulse`. */
  readonly action?: EventAction;
  /** Channel, 1-based. Default 1. */
  readonly channel?: number;
  /** Device, 0-based. Default 0. */
  readonly device?: number;
  /** Content; an object or a list. Default local time and UTC of the device. */
  readonly data?: object;
}

/** An event as the listeners are told of it. */
export interface Happening {
  /** Event code. */
  readonly code: string;
  /** What it does. */
  readonly action: EventAction;
  /** Channel, 0-based. */
  readonly index: number;
  /** Content. */
  readonly data: object;
}

/** Where the pushes of a session go. */
export interface PushTarget {
  /** Sends a push; false when the connection is gone. */
  push(requestId: number, session: SessionKey, json: object): boolean;
}

/** What a listener is told: the events, the pictures that events set off, or changed tables. */
export type Interest = "events" | "pictures" | "config";

/** Who listens. */
export interface Listener {
  /** What it is told. */
  readonly interest: Interest;
  /** Session it lives in; undefined for CGI, which has none. */
  readonly session: Session | undefined;
  /** What it lives on: a connection, or whatever collects the pushes of its session. */
  readonly owner: object;
  /** Callback number of the client. */
  readonly proc: number | undefined;
  /** True when it wants to be told. */
  wants(happening: Happening): boolean;
  /** Tells it; false when it is gone. */
  tell(sid: number, happening: Happening): boolean;
}

/** A listener with its number. */
export interface Subscription extends Listener {
  /** Number of the subscription. */
  readonly sid: number;
}

/** Most subscriptions of one session. */
const MOST = 64;

/** All subscriptions of a device and the events under way. */
export class EventHub {
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #underWay = new Map<string, Set<number>>();
  #nextSid = 513;

  /** Adds a listener; undefined when its session has too many. */
  attach(listener: Listener): Subscription | undefined {
    const { session } = listener;
    if (session !== undefined) {
      let own = 0;
      for (const each of this.#subscriptions.values()) if (each.session === session) own++;
      if (own >= MOST) return undefined;
    }
    const subscription = { ...listener, sid: this.#nextSid++ };
    this.#subscriptions.set(subscription.sid, subscription);
    return subscription;
  }

  /** Ends the subscription with that SID, or that callback number; false when there is none. */
  detach(
    interest: Interest,
    session: Session,
    sid: number | undefined,
    proc: number | undefined,
  ): boolean {
    for (const each of this.#subscriptions.values()) {
      if (each.session !== session || each.interest !== interest) continue;
      if (sid !== undefined ? each.sid !== sid : each.proc !== proc) continue;
      return this.#subscriptions.delete(each.sid);
    }
    return false;
  }

  /** Ends the subscriptions of a session, or of what they live on. */
  forget(owner: object): void {
    for (const each of [...this.#subscriptions.values()]) {
      if (each.session === owner || each.owner === owner) this.#subscriptions.delete(each.sid);
    }
  }

  /** Notes start and stop of an event. */
  note({ code, action, index }: Happening): void {
    if (action === "Start") {
      let channels = this.#underWay.get(code);
      if (channels === undefined) this.#underWay.set(code, channels = new Set());
      channels.add(index);
    } else if (action === "Stop") {
      this.#underWay.get(code)?.delete(index);
    }
  }

  /** Channels, 0-based, on which an event is under way. */
  underWay(code: string): number[] {
    return [...this.#underWay.get(code) ?? []].sort((a, b) => a - b);
  }

  /** Ends all events under way. */
  calm(): void {
    this.#underWay.clear();
  }

  /** The subscriptions with one of the interests that want to be told of it. */
  wanting(happening: Happening, ...interests: readonly Interest[]): Subscription[] {
    return [...this.#subscriptions.values()].filter((each) =>
      interests.includes(each.interest) && each.wants(happening)
    );
  }

  /** Number of subscriptions. */
  get size(): number {
    return this.#subscriptions.size;
  }
}

/** True when a list of codes, as clients give it, has this one; `All` has all. */
export function hasCode(codes: ReadonlySet<string>, code: string): boolean {
  return codes.has("All") || codes.has(code);
}

/** The codes of a request: 1-256 texts; undefined when they are something else. */
export function codesOf(value: unknown): ReadonlySet<string> | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > 256) return undefined;
  return value.every((code) => typeof code === "string") ? new Set(value) : undefined;
}
