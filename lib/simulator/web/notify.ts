/**
 * `/SubscribeNotify.cgi`: how pushes reach a client that speaks RPC2 over HTTP.
 *
 * @module
 */

import type { Timer } from "../../net/clock.ts";
import type { PushTarget } from "../events.ts";
import type { Session, SessionKey } from "../sessions.ts";
import type { DeviceState } from "../state.ts";
import { carriesCookie } from "./cookies.ts";
import type { HttpAnswer, HttpRequest } from "./message.ts";
import type { Outlet } from "./outlet.ts";

/** Where the pushes of all RPC2 sessions of a device go. */
export class NotifyDesk {
  readonly #state: DeviceState;
  readonly #boxes = new Map<Session, Mailbox>();

  /** The boxes end with their sessions. */
  constructor(state: DeviceState) {
    this.#state = state;
    state.sessions.onEnd((session) => {
      this.#boxes.get(session)?.close();
      this.#boxes.delete(session);
    });
  }

  /** What collects the pushes of a session. */
  boxOf(session: Session): PushTarget {
    return this.#box(session);
  }

  /** The answer to a request; `key` is the session that it names, undefined when malformed. */
  answer(request: HttpRequest, key: SessionKey | undefined): HttpAnswer {
    const { sessions, options } = this.#state;
    const call = "SubscribeNotify";
    const session = key === undefined ? undefined : sessions.find(key);
    if (
      session?.service !== "rpc2" || !sessions.alive(session) ||
      !carriesCookie(options.webGeneration, request, session.key)
    ) {
      // The status is (unverified): no source shows a refusal.
      const body = "Error\r\nInvalid session\r\n";
      return { status: 403, type: "text/plain;charset=utf-8", body, call };
    }
    const live = (outlet: Outlet) => this.#box(session).open(outlet);
    return { status: 200, type: "text/html; charset=utf-8", body: "", call, live };
  }

  #box(session: Session): Mailbox {
    let box = this.#boxes.get(session);
    if (box === undefined) this.#boxes.set(session, box = new Mailbox(session, this.#state));
    return box;
  }
}

/** The pushes of one session: kept until somebody listens for the first time, then sent or lost. */
class Mailbox implements PushTarget {
  readonly #session: Session;
  readonly #state: DeviceState;
  #kept: string[] = [];
  #most: number;
  #outlet: Outlet | undefined;
  #expiry: Timer | undefined;

  constructor(session: Session, state: DeviceState) {
    this.#session = session;
    this.#state = state;
    this.#most = state.options.notifyBacklog;
  }

  push(_requestId: number, _key: SessionKey, json: object): boolean {
    const script = `<script>var json=${JSON.stringify(json)};receiveMessage(json);</script>\r\n`;
    if (this.#outlet === undefined) {
      if (this.#most === 0) return false;
      if (this.#kept.length >= this.#most) this.#kept.shift();
      this.#kept.push(script);
    } else if (!this.#outlet.send(script)) return false;
    this.#state.counters.pushes++;
    return true;
  }

  /** Sends to this outlet from now on, and no longer to the one before. */
  open(outlet: Outlet): () => void {
    this.#outlet?.end();
    this.#outlet = outlet;
    outlet.send("<html><body>\r\n");
    for (const script of this.#kept) outlet.send(script);
    this.#kept = [];
    this.#most = 0;
    this.#watch();
    return () => {
      if (this.#outlet !== outlet) return; // somebody else listens by now
      this.#outlet = undefined;
      this.#expiry?.cancel();
    };
  }

  /** Nothing comes any more: the session is over. */
  close(): void {
    this.#expiry?.cancel();
    this.#outlet?.end();
    this.#outlet = undefined;
    this.#kept = [];
    this.#most = 0;
  }

  /** An open stream does not keep its session alive: the calls beside it do. */
  #watch(): void {
    this.#expiry?.cancel();
    const left = this.#state.sessions.timeLeft(this.#session); // an expired one ends with this
    if (left > 0) this.#expiry = this.#state.clock.timer(() => this.#watch(), left + 1);
  }
}
