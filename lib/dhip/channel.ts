/**
 * What carries the requests of a session: a DHIP connection, or HTTP.
 *
 * @module
 */

import type { DhipError } from "../errors.ts";
import type { RpcRequest, SessionId } from "./envelope.ts";
import type { Push } from "./push_stream.ts";
import type { IsComplete, RpcReply } from "./rpc.ts";

/** One request on the wire, with its limits. */
export interface ChannelRequest extends RpcRequest {
  /** Binary part. */
  readonly binary?: Uint8Array | undefined;
  /** Longest time without an answer, or without progress of one that has begun, in ms. */
  readonly timeout: number;
  /** Aborts the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Tells when a reply in several self-contained frames is whole. */
  readonly isComplete?: IsComplete | undefined;
}

/** What a channel tells its session. */
export interface ChannelEvents {
  /** Gets every push. */
  readonly onPush: (push: Push) => void;
  /** Called once when the channel ended by itself, with the reason. */
  readonly onLost: (error: DhipError) => void;
  /** Called when pushes come no longer although requests may still be answered. */
  readonly onPushesLost: (error: DhipError) => void;
}

/** Carries requests and replies. Knows nothing of logins. */
export interface RpcChannel {
  /** What carries it. */
  readonly transport: "dhip" | "http";
  /** When the device was last heard, in the clock's milliseconds. */
  readonly heardAt: number;
  /** Why the channel is over, or undefined while it is not. */
  readonly ended: DhipError | undefined;
  /** Sends a request and waits for its reply. */
  request(request: ChannelRequest): Promise<RpcReply>;
  /**
   * Begins to listen for what the device sends on its own to this session; with undefined, stops.
   * Over DHIP it comes in any case. Resolves when the device is known to have begun, and rejects
   * when it does not offer this.
   */
  listen(session: SessionId | undefined): Promise<void>;
  /** Ends calls in flight with `error` but leaves the channel open, for the logout. */
  rejectCalls(error: DhipError): void;
  /** Ends the channel; calls in flight get `error`. */
  close(error: DhipError): void;
}

/** Opens a channel. */
export type OpenChannel = (events: ChannelEvents) => Promise<RpcChannel>;
