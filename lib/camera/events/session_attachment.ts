/**
 * Events as pushes of a session, over DHIP or over HTTP.
 *
 * @module
 */

import { attachmentOf, eventsOfPush } from "../../dhip/event.ts";
import type { PushStream, SubscribeOptions } from "../../dhip/push_stream.ts";
import type { RpcSession } from "../../dhip/session.ts";
import { DhipError, isConnectionLost } from "../../errors.ts";
import type { Clock } from "../../net/clock.ts";
import { withDeadline } from "../../net/deadline.ts";
import type { CallOptions } from "../../net/stream.ts";
import { list, number, object } from "../_fields.ts";
import type { DahuaLink } from "../link.ts";
import type { Attachment, AttachmentSink } from "./attachment.ts";

/** How long a device may take to begin its answer before that counts as begun, in milliseconds. */
const BEGIN = 2_000;
/** Pushes over HTTP have no heartbeat: a dead request shows by its replacement only. */
const HTTP_MAX_AGE = 5 * 60_000;

/** Which pushes are collected. */
const EVENTS: SubscribeOptions = {
  filter: ({ method }) => method === "client.notifyEventStream",
};

/** What the device calls an attachment. */
interface Attached {
  /** Its number; null when the device did not say one. */
  readonly sid: number | null;
  /** Fields of the call that ends it. */
  readonly codes: readonly string[];
  /** Object that it was made on, where the firmware wants one. */
  readonly proc: number | undefined;
}

/** What an attachment needs beside its session. */
interface SessionParts {
  readonly attached: Attached;
  readonly clock: Clock;
  /** Turns away from the session. */
  leave(): void;
}

/** Makes attachments in the sessions of a link. */
export class SessionEvents {
  readonly #link: Pick<DahuaLink, "session" | "clock" | "leave">;
  readonly #codes: readonly string[];

  /** @param codes codes to ask for; `All` is all */
  constructor(link: Pick<DahuaLink, "session" | "clock" | "leave">, codes: readonly string[]) {
    this.#link = link;
    this.#codes = codes;
  }

  /** See `Attach`. */
  async attach(options: CallOptions): Promise<Attachment> {
    for (;;) {
      const session = await this.#link.session(options);
      try {
        const attachment = session.transport === "dhip"
          ? await this.#overDhip(session, options)
          : await this.#overHttp(session, options);
        if (!attachment.isOver) return attachment;
        // The call found the session forgotten and was repeated in the next login; the subscription
        // ended with the old one.
        await attachment.discard();
      } catch (error) {
        if (!(error instanceof DhipError)) throw error;
        // No answer to the attach: whoever comes next needs a link that lives. It is logged out of.
        if (error.code === "DHIP_TIMEOUT") this.#link.leave(session);
        // The session was, and the link is not: the next attempt gets another session.
        if (error.code === "DHIP_CLOSED") throw closedHere(session.host);
        throw error;
      }
    }
  }

  /** Pushes may come before the reply to the attach, so they are collected from before it. */
  async #overDhip(session: RpcSession, options: CallOptions): Promise<SessionAttachment> {
    const { generation } = session;
    const stream = session.subscribe(EVENTS);
    try {
      const attached = await this.#ask(session, options);
      return new SessionAttachment(session, generation, stream, this.#parts(session, attached));
    } catch (error) {
      stream.end();
      throw error;
    }
  }

  /**
   * The device keeps pushes until they are asked for, in the order of the devices' own pages; and the
   * attach finds out whether the session still exists, which the request for pushes does not tell.
   */
  async #overHttp(session: RpcSession, options: CallOptions): Promise<SessionAttachment> {
    const attached = await this.#ask(session, options);
    const { generation } = session;
    // Other streams of the camera may hold the request, which may be dead.
    const stream = session.subscribe({ ...EVENTS, maxAge: HTTP_MAX_AGE });
    try {
      await this.#begun(session, options);
      return new SessionAttachment(session, generation, stream, this.#parts(session, attached));
    } catch (error) {
      stream.end();
      throw error;
    }
  }

  #parts(session: RpcSession, attached: Attached): SessionParts {
    const link = this.#link;
    return { attached, clock: link.clock, leave: () => link.leave(session) };
  }

  async #begun(session: RpcSession, options: CallOptions): Promise<void> {
    await withDeadline(() => session.listening, {
      what: "wait for pushes",
      host: session.host,
      signal: options.signal,
      timeout: BEGIN,
      clock: this.#link.clock,
    }).catch((error) => {
      if (!(error instanceof DhipError && error.code === "DHIP_TIMEOUT")) throw error;
    });
  }

  /** Attaches; the number belongs to the login that is there when the reply has come. */
  async #ask(session: RpcSession, options: CallOptions): Promise<Attached> {
    const attached = await numbersOf(session).add(this.#attach(session, options));
    return await numbersOf(session).add(Promise.resolve(attached));
  }

  async #attach(session: RpcSession, options: CallOptions): Promise<Attached> {
    const method = "eventManager.attach";
    const codes = this.#codes;
    let payload: unknown;
    let proc: number | undefined;
    try {
      payload = await session.call(method, { codes }, options);
    } catch (error) {
      if (!(error instanceof DhipError) || error.code !== "DHIP_STALE_OBJECT") throw error;
      // Some firmwares want an object here (DahuaConsole always makes one).
      proc = await session.instances.instance("eventManager", null, options);
      payload = await session.call(method, { codes, proc }, { ...options, object: proc });
    }
    return { sid: number(object(payload).SID), codes, proc };
  }
}

/** The numbers of all listeners in one session: each of them gets the pushes of all. */
const NUMBERS = new WeakMap<RpcSession, Numbers>();

function numbersOf(session: RpcSession): Numbers {
  let numbers = NUMBERS.get(session);
  if (!numbers?.belongsTo(session)) NUMBERS.set(session, numbers = new Numbers(session));
  return numbers!;
}

/** The numbers (SID) of our attachments in one login. */
class Numbers {
  readonly #session: RpcSession;
  readonly #generation: number;
  readonly #ours = new Set<number>();
  #asking: Promise<unknown> = Promise.resolve();
  /** There may be an attachment whose number never arrived. */
  #stray = false;

  constructor(session: RpcSession) {
    this.#session = session;
    this.#generation = session.generation;
  }

  /** False when this login is over. */
  belongsTo(session: RpcSession): boolean {
    return session === this.#session && session.generation === this.#generation;
  }

  /** Takes the number that is being asked for. */
  async add(asked: Promise<Attached>): Promise<Attached> {
    const added = asked.then(({ sid }) => {
      if (sid !== null) this.#ours.add(sid);
    }, (error) => {
      // Over HTTP a reply may be lost while the session lives: then the attachment may exist.
      if (isConnectionLost(error)) this.#stray = true;
      throw error;
    });
    this.#asking = Promise.all([this.#asking, added.catch(() => {})]);
    await added;
    return await asked;
  }

  /**
   * True when a push with this number is none of the other attachments' own. A push of an
   * attachment may be looked at before the reply that says its number, so that is waited for.
   */
  async mayBelongTo(own: number | null, sid: number | undefined): Promise<boolean> {
    if (own === null || sid === undefined || sid === own) return true;
    if (!this.#ours.has(sid)) await this.#asking;
    return !this.#ours.has(sid) && !this.#stray;
  }
}

/** One `eventManager.attach`. */
class SessionAttachment implements Attachment {
  readonly transport: "dhip" | "rpc";
  readonly silence = Infinity;
  readonly overlaps: boolean;
  readonly maxAge: number;
  readonly connection: object;
  readonly #session: RpcSession;
  readonly #generation: number;
  readonly #stream: PushStream;
  readonly #attached: Attached;
  readonly #numbers: Numbers;
  readonly #clock: Clock;
  readonly #leave: () => void;
  #pushedAt: number;

  constructor(
    session: RpcSession,
    generation: number,
    stream: PushStream,
    { attached, clock, leave }: SessionParts,
  ) {
    const overDhip = session.transport === "dhip";
    this.transport = overDhip ? "dhip" : "rpc";
    this.maxAge = overDhip ? Infinity : HTTP_MAX_AGE;
    // Without numbers the copies of two attachments could not be told apart; and over HTTP it is
    // the request below both that has to be made anew.
    this.overlaps = overDhip && attached.sid !== null;
    this.#session = this.connection = session;
    this.#generation = generation;
    this.#stream = stream;
    this.#attached = attached;
    this.#numbers = numbersOf(session);
    this.#clock = clock;
    this.#leave = leave;
    this.#pushedAt = clock.now();
  }

  /** True when the login that the subscription was made in is over. */
  get isOver(): boolean {
    return this.#session.generation !== this.#generation;
  }

  get heardAt(): number {
    return this.transport === "dhip" ? this.#session.provenAt : this.#pushedAt;
  }

  deliver(sink: AttachmentSink): void {
    const run = async () => {
      let dropped = 0;
      for await (const push of this.#stream) {
        dropped += push.dropped; // of others too: what they were, nobody can tell
        this.#pushedAt = this.#clock.now();
        const sid = attachmentOf(push.envelope);
        if (!await this.#numbers.mayBelongTo(this.#attached.sid, sid)) continue;
        for (const event of eventsOfPush(push.envelope)) {
          sink.onEvent(event, dropped);
          dropped = 0;
        }
      }
      // Whoever closed it: if that was the end of the camera, the next attempt is told.
      throw closedHere(this.#session.host);
    };
    run().catch((error) => sink.onEnd(error));
  }

  async probe(options: CallOptions): Promise<void> {
    try {
      await this.#session.request("global.getCurrentTime", null, options);
    } catch (error) {
      this.#leave(); // a session that does not answer is no use to anybody
      throw error;
    }
  }

  async underWay(code: string, options: CallOptions): Promise<readonly number[] | undefined> {
    const reply = await this.#session.request("eventManager.getEventIndexes", { code }, options);
    const { result, params } = reply.envelope;
    const { indexes } = object(params);
    if (result !== true || !Array.isArray(indexes)) return undefined;
    return list(indexes).filter((index) => typeof index === "number");
  }

  async detach(): Promise<void> {
    this.#stream.end();
    // In another login the same number may be that of another attachment.
    if (this.#session.ended === undefined && !this.isOver) await this.discard();
  }

  /** Tells the device, in whatever login the session has now. */
  async discard(): Promise<void> {
    this.#stream.end();
    const { sid, codes, proc } = this.#attached;
    const params = { ...(sid === null ? {} : { SID: sid }), codes, ...(proc && { proc }) };
    const options = { timeout: BEGIN, object: proc };
    await this.#session.request("eventManager.detach", params, options).catch(() => {});
  }
}

function closedHere(host: string): DhipError {
  return new DhipError("DHIP_CONNECTION_LOST", "The session was closed by this program", { host });
}
