/** What tests of the sending side look at. */

import { Script, type ScriptOptions, type Seen } from "./_script.ts";

/** Segments with a body. */
export function data(seen: readonly Seen[]): Seen[] {
  return seen.filter(({ body }) => body.length > 0);
}

/** Where segments begin, behind the SYN. */
export function places(seen: readonly Seen[]): number[] {
  return data(seen).map(({ sequence }) => sequence - 4);
}

/** A session whose round trip is known to be `roundTrip` ms. */
export function measured(roundTrip: number, options: ScriptOptions = {}): Script {
  const script = Script.open(options);
  for (let i = 0; i < 30; i++) {
    script.send(1);
    const timestampEcho = script.sent()[0]!.timestamp;
    script.pass(roundTrip);
    script.take({ acknowledgement: script.first + i + 1, timestampEcho });
    script.sent();
  }
  return script;
}

/** The peer acknowledges everything before `offset`, which is counted behind the SYN. */
export function acknowledge(script: Script, offset: number, window?: number): void {
  const acknowledgement = (script.first + offset) >>> 0;
  script.take({ acknowledgement, ...(window === undefined ? {} : { window }) });
}
