/**
 * From the device's words to the one shape of events. Pure.
 *
 * @module
 */

import type { WireEvent } from "../../dhip/event.ts";
import type { JsonObject } from "../../dhip/frame.ts";
import { list, number, object, text } from "../_fields.ts";
import { kindOf } from "./codes.ts";
import type { CameraEvent, EventAction, EventObject } from "./event.ts";
import { eventTime } from "./event_time.ts";

/** What is known about the device. */
export interface EventContext {
  /** Titles of its channels; the first is that of channel 1. */
  readonly titles: readonly (string | null)[];
  /** Offset of its clock from UTC in seconds, when known. */
  readonly zone: number | null;
}

const ACTIONS: Readonly<Record<string, EventAction>> = {
  start: "start",
  stop: "stop",
  pulse: "pulse",
  state: "state",
};

/** One event in the common shape. */
export function normalise(
  { code, action, index, data, raw }: WireEvent,
  received: string,
  { titles, zone }: EventContext,
): CameraEvent {
  // A list of details (VideoMotionInfo) has no common fields.
  const details = object(data);
  const channel = index !== null && index >= 0 ? index + 1 : null;
  return {
    time: eventTime(details, zone),
    received,
    channel,
    channelName: channel === null ? null : titles[channel - 1] ?? null,
    code,
    kind: kindOf(code),
    action: actionOf(action),
    rule: text(details.Name) ?? text(details.RuleName),
    objects: objectsOf(details),
    raw,
  };
}

/** What a device does not call by a known name happens at one moment. */
export function actionOf(action: string): EventAction {
  return ACTIONS[action.toLowerCase()] ?? "pulse";
}

/** Objects in `Object` or `Objects`. */
function objectsOf(details: JsonObject): EventObject[] {
  const several = list(details.Objects);
  const found = several.length > 0 ? several : details.Object === undefined ? [] : [details.Object];
  return found.flatMap((item) => {
    const { ObjectType, Type, BoundingBox } = object(item);
    const type = text(ObjectType) ?? text(Type);
    const box = boxOf(BoundingBox);
    return type === null && box === null ? [] : [{ type, box }];
  });
}

function boxOf(value: unknown): EventObject["box"] {
  const corners = list(value).map(number);
  if (corners.length !== 4 || corners.some((corner) => corner === null)) return null;
  const [left, top, right, bottom] = corners as number[];
  return [left!, top!, right!, bottom!];
}
