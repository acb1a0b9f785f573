/**
 * Events as pushes of a session, over DHIP or over HTTP.
 *
 * @module
 */

import { attachmentOf, eventsOfPush } from "../../dhip/event.ts";
import type { JsonObject } from "../../dhip/frame.ts";
import type { Push, PushStream } from "../../dhip/push_stream.ts";
import type { RpcSession } from "../../dhip/session.ts";
import { DhipError } from "../../errors.ts";
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

/** Makes attachments in the sessions of a link. */
export class SessionEvents {
  readonly #link: Pick<DahuaLink, "session" | "clock">;
  readonly #codes: readonly string[];
  /** The login that the numbers below belong to. */
  #login: { readonly session: RpcSession; readonly generation: number } | undefined;
  /** Numbers of all attachments of this login. */
  #sids = new Set<number>();

  /** @param codes codes to ask for; `All` is all */
  constructor(link: Pick<DahuaLink, "session" | "clock">, codes: readonly string[]) {
    this.#link = link;
    this.#codes = codes;
  }

  /** See `Attach`. */
  async attach(options: CallOptions): Promise<SessionAttachment> {
    const session = await this.#link.session(options);
    const stream = session.subscribe({
      filter: ({ method }) => method === "client.notifyEventStream",
    });
    try {
      await this.#begun(session, options);
      const sid = await this.#ask(session, options);
      return new SessionAttachment(session, stream, sid, this.#sidsOf(session, sid), this.#link);
    } catch (error) {
      stream.end();
      // No answer to the attach: whoever comes next needs a link that lives. It is logged out of.
      if (error instanceof DhipError && error.code === "DHIP_TIMEOUT") void session.close();
      throw error;
    }
  }

  async #begun(session: RpcSession, options: CallOptions): Promise<void> {
    if (session.transport === "dhip") return;
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

  async #ask(session: RpcSession, options: CallOptions): Promise<number | null> {
    const method = "eventManager.attach";
    const params = { codes: this.#codes };
    let payload: unknown;
    try {
      payload = await session.call(method, params, options);
    } catch (error) {
      if (!(error instanceof DhipError) || error.code !== "DHIP_STALE_OBJECT") throw error;
      // Some firmwares want an object here (DahuaConsole always makes one).
      const id = await session.instances.instance("eventManager", null, options);
      payload = await session.call(method, { ...params, proc: id }, { ...options, object: id });
    }
    return number(object(payload).SID);
  }

  #sidsOf(session: RpcSession, sid: number | null): ReadonlySet<number> {
    const { generation } = session;
    if (this.#login?.session !== session || this.#login.generation !== generation) {
      this.#login = { session, generation };
      this.#sids = new Set();
    }
    if (sid !== null) this.#sids.add(sid);
    return this.#sids;
  }
}

/** One `eventManager.attach`. */
class SessionAttachment implements Attachment {
  readonly transport: "dhip" | "rpc";
  readonly silence = Infinity;
  readonly overlaps: boolean;
  readonly maxAge: number;
  readonly #session: RpcSession;
  readonly #generation: number;
  readonly #stream: PushStream;
  readonly #sid: number | null;
  /** Numbers that belong to attachments of ours; a push with another one is anybody's. */
  readonly #known: ReadonlySet<number>;
  readonly #clock: Clock;
  #pushedAt: number;

  constructor(
    session: RpcSession,
    stream: PushStream,
    sid: number | null,
    known: ReadonlySet<number>,
    { clock }: { readonly clock: Clock },
  ) {
    const overDhip = session.transport === "dhip";
    this.transport = overDhip ? "dhip" : "rpc";
    this.maxAge = overDhip ? Infinity : HTTP_MAX_AGE;
    // Without numbers the copies of two attachments could not be told apart; and over HTTP it is
    // the request below both that has to be made anew.
    this.overlaps = overDhip && sid !== null;
    this.#session = session;
    this.#generation = session.generation;
    this.#stream = stream;
    this.#sid = sid;
    this.#known = known;
    this.#clock = clock;
    this.#pushedAt = clock.now();
  }

  get heardAt(): number {
    return this.transport === "dhip" ? this.#session.provenAt : this.#pushedAt;
  }

  deliver(sink: AttachmentSink): void {
    const run = async () => {
      for await (const push of this.#stream) {
        this.#pushedAt = this.#clock.now();
        if (!this.#isOurs(push)) continue;
        let { dropped } = push;
        for (const event of eventsOfPush(push.envelope)) {
          sink.onEvent(event, dropped);
          dropped = 0;
        }
      }
      throw new DhipError("DHIP_CLOSED", "The session was closed by this program", {
        host: this.#session.host,
      });
    };
    run().catch((error) => sink.onEnd(error));
  }

  async probe(options: CallOptions): Promise<void> {
    try {
      await this.#session.request("global.getCurrentTime", null, options);
    } catch (error) {
      void this.#session.close(); // a session that does not answer is no use to anybody
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
    const session = this.#session;
    if (session.ended !== undefined || session.generation !== this.#generation) return;
    const params: JsonObject = { SID: this.#sid };
    const options = { timeout: BEGIN };
    if (this.#sid !== null) {
      await session.request("eventManager.detach", params, options).catch(() => {});
    }
  }

  #isOurs({ envelope }: Push): boolean {
    const sid = attachmentOf(envelope);
    return this.#sid === null || sid === undefined || sid === this.#sid || !this.#known.has(sid);
  }
}
