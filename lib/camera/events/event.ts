/**
 * Events in one shape, whatever device and transport they come from, and the records about the
 * stream itself that stand between them.
 *
 * @module
 */

/** The coarse classes of events. */
export const EVENT_KINDS = [
  "motion",
  "tripwire",
  "intrusion",
  "object",
  "face",
  "behaviour",
  "audio",
  "alarm",
  "video",
  "temperature",
  "traffic",
  "storage",
  "network",
  "access",
  "call",
  "system",
  "other",
] as const;

/** What an event is about, coarsely. */
export type EventKind = typeof EVENT_KINDS[number];

/** What an event does: it begins, ends, happens at one moment, or tells a state. */
export type EventAction = "start" | "stop" | "pulse" | "state";

/** Something that the camera recognised. */
export interface EventObject {
  /** For example `Human` or `Vehicle`, in the device's words. */
  readonly type: string | null;
  /** Left, top, right, bottom; 0 to 8191 over the whole picture on devices seen so far. */
  readonly box: readonly [number, number, number, number] | null;
}

/** Something that happened at a device. */
export interface CameraEvent {
  /**
   * When, by the device's clock: ISO 8601 with an offset where its zone is known, without one where
   * it is not. Null when the device does not say.
   */
  readonly time: string | null;
  /** When it arrived here, by this computer's clock: ISO 8601 in UTC. */
  readonly received: string;
  /** 1 is the first; null for events of the device as a whole. */
  readonly channel: number | null;
  /** Title of the channel. */
  readonly channelName: string | null;
  /** The device's own name for this kind of event, for example `VideoMotion`. */
  readonly code: string;
  /** What it is about, coarsely; never `stream`, which records about the stream itself have. */
  readonly kind: EventKind;
  /** What it does. */
  readonly action: EventAction;
  /** Name of the rule that fired. */
  readonly rule: string | null;
  /** What was recognised. */
  readonly objects: readonly EventObject[];
  /** Present when it was not sent but follows from the state that was read after a gap. */
  readonly synthetic?: true;
  /** Present when it comes from the device's log, for a gap. */
  readonly backfill?: true;
  /** Everything as the device sent it; null for synthetic events. */
  readonly raw: unknown;
}

/** What carries events: pushes over DHIP, the web API's stream, or pushes over HTTP. */
export type EventTransport = "dhip" | "cgi" | "rpc";

/** What all records about the stream itself have. */
export interface StreamRecord {
  /** Tells records about the stream from events. */
  readonly kind: "stream";
  /** When, by this computer's clock: ISO 8601 in UTC. */
  readonly received: string;
}

/** Events between two moments may be missing. */
export interface GapRecord extends StreamRecord {
  /** Tells it from other records. */
  readonly code: "_gap";
  /** Everything that the device sent up to here was received: ISO 8601 in UTC. */
  readonly from: string;
  /** Events are received again from here on. */
  readonly to: string;
  /** Why: an error code, `reattach`, `slow-consumer` or `closed`. */
  readonly reason: string;
  /** What carried the events before. */
  readonly transport: EventTransport | null;
  /** Events that arrived here and were thrown away; null where the number cannot be known. */
  readonly dropped: number | null;
}

/** After a gap: what is under way on the device now. Synthetic events follow where it differs. */
export interface ResyncRecord extends StreamRecord {
  /** Tells it from other records. */
  readonly code: "_resync";
  /** Codes whose state was read. */
  readonly codes: readonly string[];
  /** What is under way. */
  readonly active: readonly { readonly code: string; readonly channel: number }[];
  /** False when the device did not answer for every code. */
  readonly complete: boolean;
}

/**
 * How the stream fares. `connected` is the first attachment, `lost` a broken one, `waiting` a
 * failed attempt, `reattached` the next one that works; `renewed` an attachment that was replaced
 * because of its age; `restarting` says that the device is about to restart; `failed` is the end.
 */
export type StreamState =
  | "connected"
  | "lost"
  | "waiting"
  | "reattached"
  | "renewed"
  | "restarting"
  | "failed";

/** A change of the stream itself. */
export interface StateRecord extends StreamRecord {
  /** Tells it from other records. */
  readonly code: "_state";
  /** What changed. */
  readonly state: StreamState;
  /** What carries the events now, or carried them. */
  readonly transport: EventTransport | null;
  /** Code of the error behind it. */
  readonly reason: string | null;
  /** The same for people. */
  readonly message: string | null;
}

/** One record of an event stream: one about the stream where `kind` is `stream`, else an event. */
export type EventRecord = CameraEvent | GapRecord | ResyncRecord | StateRecord;
