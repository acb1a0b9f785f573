/**
 * Fetches what `RPC_Loadfile` and its kin answer, as a stream of the file's bytes.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { HttpResponse } from "../http/response.ts";
import type { CallOptions } from "../net/stream.ts";
import { emptyAnswer, LOADFILE } from "./_loadfile_refusal.ts";
import type { CgiClient } from "./cgi_client.ts";
import { sessionCookie } from "./http_session.ts";
import { LoadfileDecoder, type LoadfileEvent, type LoadfileForm } from "./loadfile_answer.ts";
import type { SessionId } from "./envelope.ts";

/** Options of {@linkcode openLoadfile}. `signal` covers the whole stream, `timeout` its beginning. */
export interface LoadfileOptions extends CallOptions {
  /** First byte that is wanted. A device that cannot begin there begins at 0. Default 0. */
  readonly from?: number | undefined;
  /** Session whose cookie goes along; without it the account answers for itself (Digest). */
  readonly session?: SessionId | undefined;
  /** Longest silence in milliseconds; that of the client by default. */
  readonly idleTimeout?: number | undefined;
}

/** A file on its way. Read `bytes` to the end, or dispose it. */
export interface Loadfile extends AsyncDisposable {
  /** How the device sends it. */
  readonly form: LoadfileForm;
  /** Type of the file, as far as it is told. */
  readonly contentType: string | null;
  /** Place of the first byte in the file. */
  readonly offset: number;
  /** Length of the whole file in bytes, as far as it is told. */
  readonly length: number | null;
  /**
   * The bytes, read from the network only as fast as they are taken. Ends with an error when fewer
   * came than were announced.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Asks for a file. Resolves when its first byte has come and the answer is known to be the file.
 *
 * @param target one of `loadfile.ts`
 * @throws {DhipError} see `LoadfileDecoder.push` and `CgiClient.request`; `DHIP_BAD_PARAMS` with
 *   `deviceCode` 416 when the file has no byte at `from`
 */
export async function openLoadfile(
  client: CgiClient,
  target: string,
  options: LoadfileOptions = {},
): Promise<Loadfile> {
  const { from = 0, session, signal, timeout, idleTimeout } = options;
  const cookie = session === undefined ? undefined : sessionCookie(session);
  const response = await client.request(target, {
    signal,
    timeout,
    idleTimeout,
    headers: {
      ...(cookie === undefined ? {} : { cookie }),
      ...(from > 0 ? { range: `bytes=${from}-` } : {}),
    },
  });
  try {
    if (response.status === 206) return continued(response, from, client.host);
    if (response.status === 416) {
      throw new DhipError("DHIP_BAD_PARAMS", `The file has no byte ${from}`, {
        host: client.host,
        method: LOADFILE,
        deviceCode: 416,
      });
    }
    return await whole(response, client.host);
  } catch (error) {
    await response.discard();
    throw error;
  }
}

/** The rest of a file, as it is: what it begins with says nothing. */
function continued(response: HttpResponse, from: number, host: string): Loadfile {
  const range = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/
    .exec(response.headers.get("content-range")?.trim() ?? "");
  if (range === null || Number(range[1]) !== from) {
    throw new DhipError("DHIP_BAD_REPLY", "Another part of the file came than was asked for", {
      host,
      method: LOADFILE,
    });
  }
  return {
    form: "raw",
    contentType: response.headers.get("content-type"),
    offset: from,
    length: range[2] === "*" ? null : Number(range[2]),
    bytes: response.body,
    [Symbol.asyncDispose]: () => response.discard(),
  };
}

async function whole(response: HttpResponse, host: string): Promise<Loadfile> {
  const decoder = new LoadfileDecoder(response, { host });
  const events = eventsOf(response, decoder);
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw emptyAnswer(host);
    if (value.kind !== "begin") continue;
    const { form, contentType, length } = value;
    const bytes = bytesOf(events);
    const dispose = async () => {
      await bytes.return();
      await events.return();
      await response.discard();
    };
    return { form, contentType, offset: 0, length, bytes, [Symbol.asyncDispose]: dispose };
  }
}

async function* eventsOf(
  response: HttpResponse,
  decoder: LoadfileDecoder,
): AsyncGenerator<LoadfileEvent, void, void> {
  for await (const chunk of response.body) yield* decoder.push(chunk);
  yield* decoder.end();
}

async function* bytesOf(
  events: AsyncIterable<LoadfileEvent>,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const event of events) {
    if (event.kind === "data") yield event.bytes;
  }
}
