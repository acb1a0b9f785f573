/**
 * Pictures through the service `snapManager`: attach, trigger, and take the file that is pushed.
 *
 * Names of the methods and the picture as `params.Base64` of `client.notifySnapFile`: the web pages
 * of traffic cameras, as several public projects found them; `start {channel}` as the trigger: one
 * public client. Never seen on a device by us.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import type { Push } from "../dhip/push_stream.ts";
import type { RpcSession } from "../dhip/session.ts";
import { DhipError } from "../errors.ts";
import { inspectJpeg } from "../media/jpeg.ts";
import { concat } from "../net/bytes.ts";
import type { Clock } from "../net/clock.ts";
import { withDeadline } from "../net/deadline.ts";
import type { CallOptions } from "../net/stream.ts";
import { flag, number, object, text } from "./_fields.ts";
import { type Picture, pictureOf, type PictureSource } from "./_picture.ts";
import { wireChannel } from "./channel.ts";
import type { SnapshotOptions } from "./snapshot.ts";

const SERVICE = "snapManager";
const PUSH = "client.notifySnapFile";
/** Any number: it tells attachments of one session apart, and there is one at a time. */
const PROC = 1;
/** Longest picture in bytes. */
const MAX_PICTURE = 16 * 1024 * 1024;
/** Longest wait for a picture to be pushed: others wait behind it. In milliseconds. */
const PUSH_TIMEOUT = 10_000;
/** Longest time for letting go, in milliseconds. */
const LEAVE_TIMEOUT = 2_000;

/** Opens a session when there is none. */
export interface SessionSource {
  /** Time. */
  readonly clock: Clock;
  /** See `DahuaLink.session`. */
  session(options?: CallOptions): Promise<RpcSession>;
}

/** Asks for pictures in a session. One at a time: some devices do not say whose a picture is. */
export class RpcPictures implements PictureSource {
  /** See {@linkcode PictureSource.name}. */
  readonly name = "rpc";
  readonly #link: SessionSource;
  #last: Promise<unknown> = Promise.resolve();

  /** Asks over the given link. */
  constructor(link: SessionSource) {
    this.#link = link;
  }

  /** See {@linkcode PictureSource.fetch}. */
  fetch(channel: number, options: SnapshotOptions): Promise<Picture> {
    const turn = this.#last.then(() => this.#fetch(wireChannel(channel), options));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #fetch(channel: number, { signal }: SnapshotOptions): Promise<Picture> {
    signal?.throwIfAborted(); // its turn came too late
    const session = await this.#link.session({ signal });
    const call = (method: string, params: JsonObject, options: CallOptions = { signal }) =>
      session.instances.call(SERVICE, {}, method, params, options);
    await using pushes = session.subscribe({ filter: ({ method }) => method === PUSH, limit: 64 });
    const end = () => pushes.end();
    signal?.addEventListener("abort", end, { once: true });
    const leave = async (method: string, params: JsonObject) => {
      if (session.ended !== undefined) return; // it died with its session
      await call(method, params, { timeout: LEAVE_TIMEOUT }).catch(() => {});
    };
    try {
      const filter = { Channels: [channel], Types: ["jpg"] };
      const attached = object(await call("attachFileProc", { filter, proc: PROC }));
      const id = number(attached.SID);
      try {
        await call("start", { channel });
        try {
          return await withDeadline(() => this.#collect(pushes, id, session.host), {
            what: `${PUSH} of channel ${channel + 1}`,
            host: session.host,
            timeout: PUSH_TIMEOUT,
            clock: this.#link.clock,
          });
        } finally {
          await leave("stop", { channel });
        }
      } finally {
        await leave("detachFileProc", { ...(id === null ? {} : { SID: id }), proc: PROC });
      }
    } finally {
      signal?.removeEventListener("abort", end);
    }
  }

  /** The picture of this attachment. It may come in several pieces; devices may mark the last. */
  async #collect(
    pushes: AsyncIterable<Push>,
    id: number | null,
    host: string,
  ): Promise<Picture> {
    let pieces: Uint8Array[] = [];
    for await (const push of pushes) {
      const params = object(push.params);
      const of = number(params.SID);
      if (of !== null && id !== null && of !== id) continue;
      const piece = pieceOf(push, params, host);
      if (piece.length === 0) continue;
      if (piece[0] === 0xff && piece[1] === 0xd8) pieces = []; // another picture begins
      pieces.push(piece);
      const bytes = pieces.length === 1 ? piece : concat(pieces);
      if (bytes.length > MAX_PICTURE) {
        throw new DhipError("DHIP_BAD_REPLY", `A picture of more than ${MAX_PICTURE} bytes`, {
          host,
          method: PUSH,
        });
      }
      const isLast = flag(object(params.info).EOF) === true;
      if (isLast || inspectJpeg(bytes).kind !== "truncated") return pictureOf(bytes, host, PUSH);
    }
    throw new DhipError("DHIP_CLOSED", "The session ended before a picture came", { host });
  }
}

/** The bytes that a push brings: as text, or behind the JSON. */
function pieceOf({ binary }: Push, params: JsonObject, host: string): Uint8Array {
  const encoded = text(params.Base64);
  if (encoded === null) return binary;
  try {
    return Uint8Array.fromBase64(encoded);
  } catch (cause) {
    throw new DhipError("DHIP_BAD_REPLY", "No picture came: its Base64 cannot be read", {
      host,
      method: PUSH,
      cause,
    });
  }
}
