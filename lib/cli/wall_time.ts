/**
 * Times for people.
 *
 * @module
 */

/** The wall clock of a time: the device's own, or this computer's for instants in UTC. */
export function wallTime(time: string): string {
  if (!time.endsWith("Z")) return time.slice(0, 19).replace("T", " ");
  const moment = new Date(time);
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", " ");
}
