/**
 * What a device tells of its own accord.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";
import type { EventKind, EventRecord, EventTransport } from "./events/event.ts";

/** Options of {@linkcode EventsService.watch}. Times in milliseconds. */
export interface WatchOptions extends CallOptions {
  /** Codes to listen for, in the device's words; all by default. */
  readonly codes?: readonly string[] | undefined;
  /** Kinds to listen for; all by default. */
  readonly kinds?: readonly EventKind[] | undefined;
  /**
   * Channels to listen for: numbers from 1, or titles that the device has. Events of no channel are
   * left out then.
   */
  readonly channels?: readonly (number | string)[] | undefined;
  /** How to listen; by default as the device allows: pushes first, else the web API. */
  readonly via?: "auto" | EventTransport | undefined;
  /** Time between heartbeats of the web API's stream, 1 000 to 60 000. Default 5 000. */
  readonly heartbeat?: number | undefined;
  /**
   * Age at which an attachment is replaced by a new one, without a gap where the transport allows
   * it: there are devices whose heartbeats go on while their events have stopped. At least 5 000,
   * `Infinity` never. Default 30 minutes; over HTTP pushes 5 minutes at most, for want of heartbeats.
   */
  readonly maxAge?: number | undefined;
  /** Tries again for ever after a failure. Default true. */
  readonly reconnect?: boolean | undefined;
  /** Leaves out events that only repeat what was told. Default false. */
  readonly dedup?: boolean | undefined;
  /** Fills gaps from the device's log. Default false. */
  readonly backfill?: boolean | undefined;
  /** Records that wait for a slow reader before the oldest are dropped. Default 10 000. */
  readonly limit?: number | undefined;
}

/**
 * Events and records about the stream, in order of arrival. Reading it to the end takes for ever;
 * `close`, `break` and `await using` end it.
 *
 * `kind` tells them apart for the compiler too: behind `record.kind === "stream"` it is a record
 * about the stream, whose `code` says which; anything else is a `CameraEvent`, whose `code` is the
 * device's own word. (`code` alone narrows nothing: a device may use any word.)
 *
 * ```ts
 * import { DahuaCamera } from "@dhip/dhip";
 * import { Simulator } from "@dhip/dhip/simulator";
 *
 * await using simulator = await Simulator.start({ password: "secret", eventsEvery: 100 });
 * const { host, dhipPort } = simulator.devices[0]!;
 * await using camera = await DahuaCamera.connect(`${host}:${dhipPort}`, { password: "secret" });
 *
 * await using events = camera.events.watch();
 * for await (const record of events) {
 *   if (record.kind !== "stream") {
 *     console.log(record.code, record.action, record.channel, record.rule); // a CameraEvent
 *     break;
 *   }
 *   switch (record.code) {
 *     case "_gap": // events between the two may be missing
 *       console.log(record.from, record.to, record.reason);
 *       break;
 *     case "_resync": // what is under way since
 *       console.log(record.active);
 *       break;
 *     case "_state": // connected, lost, reattached, …
 *       console.log(record.state, record.message);
 *   }
 * }
 * ```
 */
export interface EventStream
  extends AsyncIterableIterator<EventRecord, void, void>, AsyncDisposable {
  /** Ends the stream; what has arrived can still be read. */
  close(): Promise<void>;
}

/** Listens to a device. */
export interface EventsService {
  /**
   * Listens until the stream is closed. A broken link is noticed and replaced; every time in which
   * events may have been missed is in the stream as a gap. {@linkcode EventStream} shows how it is
   * read.
   *
   * Reading throws the refusal of a login, `DHIP_BAD_PARAMS` for a title that no channel has and the
   * refusal of whoever may not read titles, `DHIP_INTERRUPTED` after `signal`, and with
   * `reconnect: false` the first failure. `timeout` is the limit of one attempt (at least, and by
   * default, 10 s).
   *
   * @throws {RangeError} when an option is out of its range
   */
  watch(options?: WatchOptions): EventStream;
}
