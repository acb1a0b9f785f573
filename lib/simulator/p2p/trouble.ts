/**
 * What the active faults of a device make of its network and of its sender.
 *
 * @module
 */

import type { FaultBoard, Strike } from "../fault_board.ts";
import type { TunnelOptions } from "./device_tunnel.ts";
import type { Impairment } from "./impairment.ts";
import type { WireTrouble } from "./wire.ts";

type Effect = (strike: Strike) => Impairment;

const EFFECTS: Readonly<Record<string, Effect>> = {
  "p2p-loss": (strike) => ({ loss: strike.number("probability") }),
  "p2p-duplicate": (strike) => ({ duplicate: strike.number("probability") }),
  "p2p-reorder": (strike) => ({
    reorder: strike.number("probability"),
    lag: strike.number("lag"),
  }),
  "p2p-delay": (strike) => ({ delay: strike.number("delay"), jitter: strike.number("jitter") }),
  "p2p-truncate": (strike) => ({ truncate: strike.number("probability") }),
  "p2p-stray": (strike) => ({ stray: strike.number("probability") }),
  "p2p-blackhole": () => ({ loss: 1 }),
};

/** How bad the network of a device is now. */
export function troubleOf(faults: FaultBoard): WireTrouble {
  const ways: { out?: Impairment; in?: Impairment } = {};
  for (const [name, effect] of Object.entries(EFFECTS)) {
    const strike = faults.peek(name);
    if (strike === undefined) continue;
    const direction = strike.text("direction");
    for (const way of ["out", "in"] as const) {
      // The blackhole comes last: nothing is worse.
      if (direction !== "both" && direction !== way) continue;
      ways[way] = { ...ways[way], ...effect(strike) };
    }
  }
  return ways;
}

/** The options of a tunnel that begins now. */
export function tunnelOptionsOf(faults: FaultBoard, options: TunnelOptions): TunnelOptions {
  const strikes = {
    merge: faults.peek("p2p-merge")?.number("probability"),
    split: faults.peek("p2p-split")?.number("probability"),
    oddSegments: faults.peek("p2p-odd-segments")?.number("probability"),
    repeatSyn: faults.peek("p2p-repeat-syn")?.number("times"),
    receiveBuffer: faults.peek("p2p-small-window")?.number("size"),
  };
  for (const name of ["merge", "split", "odd-segments", "repeat-syn", "small-window"]) {
    if (faults.peek(`p2p-${name}`) !== undefined) faults.count(`p2p-${name}`);
  }
  const given = Object.entries(strikes).filter(([, value]) => value !== undefined);
  return { ...options, ...Object.fromEntries(given) };
}
