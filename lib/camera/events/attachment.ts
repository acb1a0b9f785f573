/**
 * What one attachment to a device's events is, whatever carries it.
 *
 * @module
 */

import type { WireEvent } from "../../dhip/event.ts";
import type { DhipError } from "../../errors.ts";
import type { CallOptions } from "../../net/stream.ts";
import type { EventTransport } from "./event.ts";

/** Where an attachment delivers. */
export interface AttachmentSink {
  /** Gets every event. `dropped`: events thrown away just before it because too many came at once. */
  onEvent(event: WireEvent, dropped: number): void;
  /** Called once when the attachment ended by itself. */
  onEnd(error: DhipError): void;
}

/** An attachment: the device sends events until it is let go or breaks. Times in milliseconds. */
export interface Attachment {
  /** What carries it. */
  readonly transport: EventTransport;
  /** Longest silence of a living one; Infinity where `onEnd` tells of a dead link. */
  readonly silence: number;
  /** Another one can be made before this one is let go, and both tell their events apart. */
  readonly overlaps: boolean;
  /** What it lives on: what one attachment hears over it proves all others on it. */
  readonly connection: object;
  /** Longest time that it is trusted without a new one. */
  readonly maxAge: number;
  /** When the device was last heard; what it had sent before has arrived. */
  readonly heardAt: number;
  /** Begins to deliver; what came since the attachment was made is not lost. */
  deliver(sink: AttachmentSink): void;
  /**
   * Asks for a sign of life.
   *
   * @throws {DhipError} when there is none
   */
  probe(options: CallOptions): Promise<void>;
  /**
   * Indexes (0-based) at which an event is under way; undefined when the device does not say.
   *
   * @throws {DhipError} only when the link broke
   */
  underWay(code: string, options: CallOptions): Promise<readonly number[] | undefined>;
  /** Lets go; nothing is delivered any more. Never fails. */
  detach(): Promise<void>;
}

/**
 * Makes an attachment.
 *
 * @throws {DhipError} when that fails
 */
export type Attach = (options: CallOptions) => Promise<Attachment>;
