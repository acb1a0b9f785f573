/**
 * Events as devices send them, whatever carries them.
 *
 * @module
 */

import type { JsonObject } from "./frame.ts";

/** One event in the device's own words. */
export interface WireEvent {
  /** For example `VideoMotion`; codes that nobody knows are passed on unchanged. */
  readonly code: string;
  /** `Start`, `Stop`, `Pulse`, `State`, or whatever the device wrote. */
  readonly action: string;
  /** Channel, 0-based; on door stations the number of an input or a door. Null when it is absent. */
  readonly index: number | null;
  /** Details: an object or a list, a text when the device sent broken JSON, null when there are none. */
  readonly data: unknown;
  /** Everything that was sent about the event, under the device's own names. */
  readonly raw: JsonObject;
}

/** The method of pushes that carry events. */
const EVENT_PUSH = "client.notifyEventStream";

/**
 * The events of a push; none for pushes about something else. Some firmwares put a single event
 * into `params` without the list (python-dhip).
 */
export function eventsOfPush(push: JsonObject): WireEvent[] {
  if (push.method !== EVENT_PUSH || !isObject(push.params)) return [];
  const { eventList } = push.params;
  const items: readonly unknown[] = Array.isArray(eventList) ? eventList : [push.params];
  const events: WireEvent[] = [];
  for (const item of items) {
    if (!isObject(item) || typeof item.Code !== "string") continue;
    events.push({
      code: item.Code,
      action: typeof item.Action === "string" ? item.Action : "",
      index: typeof item.Index === "number" ? item.Index : null,
      data: item.Data ?? null,
      raw: item,
    });
  }
  return events;
}

/** The number of the attachment that a push belongs to; undefined when it does not say. */
export function attachmentOf(push: JsonObject): number | undefined {
  const sid = isObject(push.params) ? push.params.SID : undefined;
  return typeof sid === "number" ? sid : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
