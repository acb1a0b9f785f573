/**
 * The objects of `streamReader`: live streams that somebody has asked for.
 *
 * @module
 */

import type { ServiceObject } from "../objects.ts";
import type { Session } from "../sessions.ts";
import type { DeviceState } from "../state.ts";
import type { LiveChannel } from "./live.ts";

const NAME = "streamReader";

/** A live stream that is to be read over HTTP. */
export interface StreamReader extends LiveChannel {
  /** Ends the answer that carries it; undefined while nobody reads. */
  end: (() => void) | undefined;
}

const readers = new WeakMap<ServiceObject, StreamReader>();

/** Makes an object for a stream; undefined when there are too many. */
export function openReader(
  state: DeviceState,
  session: Session,
  where: LiveChannel,
): number | undefined {
  const id = state.objects.create(session, NAME);
  if (id === undefined) return undefined;
  readers.set(state.objects.find(session, NAME, id)!, { ...where, end: undefined });
  return id;
}

/** The stream behind an object. */
export function readerOf(
  state: DeviceState,
  session: Session,
  id: number,
): StreamReader | undefined {
  const object = state.objects.find(session, NAME, id);
  return object === undefined ? undefined : readers.get(object);
}

/** Ends the reading. */
export function stopReader(object: ServiceObject): void {
  readers.get(object)?.end?.();
}
