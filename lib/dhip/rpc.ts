/**
 * What a call is, whatever carries it: the same over DHIP and over HTTP.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";
import type { JsonObject } from "./frame.ts";

/** What a device answered to one call. */
export interface RpcReply {
  /** The whole JSON object of the reply. */
  readonly envelope: JsonObject;
  /** Binary part, empty for most. Owned by the caller. */
  readonly binary: Uint8Array;
}

/**
 * Judges a reply that comes in several self-contained frames: no header says how many follow, only
 * the method's own meaning does. Gets the first frame's JSON and the binary bytes so far.
 */
export type IsComplete = (envelope: JsonObject, binaryLength: number) => boolean;

/** Options of one call. */
export interface RpcCallOptions extends CallOptions {
  /** Id of a service instance, from `SERVICE.factory.instance`. */
  readonly object?: number | undefined;
  /** Binary part of the request. */
  readonly binary?: Uint8Array | undefined;
  /** Further top-level fields, for example `seq`. */
  readonly extra?: JsonObject | undefined;
  /** Tells when a reply in several self-contained frames is whole; the first frame is by default. */
  readonly isComplete?: IsComplete | undefined;
}

/** A device that can be asked. */
export interface Requester {
  /** `host:port`, for errors. */
  readonly host: string;
  /** Sends a request and returns the reply as it came, a refusal too. */
  request(method: string, params?: unknown, options?: RpcCallOptions): Promise<RpcReply>;
}

/** A logged-in session, as far as calls are concerned. */
export interface SessionRequester extends Requester {
  /** Counts logins: object ids and attachments of an older generation no longer exist. */
  readonly generation: number;
}
