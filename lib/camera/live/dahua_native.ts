/**
 * Live streams over HTTP: `streamReader` makes one, `GET /RPC_Loadfile/<object>` reads it. As
 * python-dhip does it; never seen on a device.
 *
 * @module
 */

import { objectIdOf, unwrap } from "../../dhip/envelope.ts";
import { liveTarget } from "../../dhip/loadfile.ts";
import { type Loadfile, openLoadfile } from "../../dhip/loadfile_client.ts";
import type { RpcSession } from "../../dhip/session.ts";
import { DhipError } from "../../errors.ts";
import { wireChannel } from "../channel.ts";
import type { FileLink } from "../download/dahua_download.ts";
import type { NativeLive, NativeLiveOptions, NativeLiveService } from "./native.ts";

const SERVICE = "streamReader";
/** Longest time for letting go, in milliseconds: two calls, also while a user waits. */
const LEAVE_TIMEOUT = 400;
/** Longest silence, in milliseconds. */
const IDLE_TIMEOUT = 10_000;

/** {@linkcode NativeLiveService} of a Dahua device. */
export class DahuaNativeLive implements NativeLiveService {
  readonly #link: FileLink;

  /** Plays over the given link. */
  constructor(link: FileLink) {
    this.#link = link;
  }

  /** See {@linkcode NativeLiveService.open}. */
  async open(options: NativeLiveOptions = {}): Promise<NativeLive> {
    const { channel = 1, subtype = 0, signal, timeout } = options;
    const { idleTimeout = IDLE_TIMEOUT } = options;
    const params = { channel: wireChannel(channel), subtype };
    if (!Number.isInteger(subtype) || subtype < 0 || subtype > 9) {
      throw new RangeError(`No sub-stream ${subtype}; 0 is the main stream`);
    }
    const session = await this.#link.webSession({ signal, timeout });
    const client = this.#link.openCgi();
    const ended = new AbortController();
    const stop = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
    let reader: number | undefined;
    let loadfile: Loadfile | undefined;
    let left: Promise<void> | undefined;
    const leave = () =>
      left ??= (async () => {
        // The reader first: a device that is told ends the answer by itself.
        if (reader !== undefined) await letGo(session, reader);
        ended.abort(new DhipError("DHIP_CLOSED", "The stream was let go", { host: session.host }));
        await Promise.resolve(loadfile?.[Symbol.asyncDispose]()).catch(() => {});
        client.close();
      })();
    try {
      // Without the signal: a reader that the device makes meanwhile has to be given back.
      const method = `${SERVICE}.create`;
      const made = await session.request(method, params, { timeout });
      reader = objectIdOf(made.envelope, method, session.host);
      stop.throwIfAborted();
      // Whether it has to be started is not known: python-dhip goes on when that fails.
      await session.request(`${SERVICE}.start`, {}, { object: reader, signal, timeout })
        .then(({ envelope }) => unwrap(envelope, `${SERVICE}.start`, session.host))
        .catch((error) => {
          if (!(error instanceof DhipError) || error.deviceCode === undefined) throw error;
        });
      const target = liveTarget(reader);
      const { id } = session;
      loadfile = await openLoadfile(client, target, {
        session: id,
        signal: stop,
        timeout,
        idleTimeout,
      });
    } catch (error) {
      await leave();
      throw error;
    }
    return { bytes: played(loadfile.bytes, leave), [Symbol.asyncDispose]: leave };
  }
}

async function* played(
  bytes: AsyncIterable<Uint8Array>,
  leave: () => Promise<void>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* bytes;
  } finally {
    await leave();
  }
}

/** Gives the reader back, in a call beside the stream. Never fails, never waits for long. */
async function letGo(session: RpcSession, object: number): Promise<void> {
  if (session.ended !== undefined) return; // it died with its session
  for (const method of ["stop", "destroy"]) {
    await session.request(`${SERVICE}.${method}`, null, { object, timeout: LEAVE_TIMEOUT })
      .catch(() => {});
  }
}
