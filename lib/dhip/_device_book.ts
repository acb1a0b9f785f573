/** The devices that a discovery has heard, each once. */

import type { DiscoveredDevice } from "./discovery_codec.ts";

/** What became of an answer. */
export type Entered = "new" | "known" | "full";

/** Merges the answers of one device. */
export class DeviceBook {
  readonly #limit: number;
  readonly #devices: DiscoveredDevice[] = [];
  /** Places in `#devices` by `mac …`, `serial …` and `address …`. */
  readonly #places = new Map<string, number>();

  /** Keeps `limit` devices at most: anybody on the network can make answers. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** In the order of their first answers. */
  list(): readonly DiscoveredDevice[] {
    return this.#devices;
  }

  /** Enters an answer: it belongs to the device of its MAC, else its serial, else its address. */
  enter(answer: DiscoveredDevice): Entered {
    const place = this.#find(answer);
    if (place === undefined && this.#devices.length >= this.#limit) return "full";
    const device = place === undefined ? answer : merged(this.#devices[place]!, answer);
    const at = place ?? this.#devices.length;
    this.#devices[at] = device;
    for (const key of keysOf(device)) if (!this.#places.has(key)) this.#places.set(key, at);
    return place === undefined ? "new" : "known";
  }

  /** Devices that differ in what they tell of themselves are two, whatever else they share. */
  #find(answer: DiscoveredDevice): number | undefined {
    for (const key of keysOf(answer)) {
      const place = this.#places.get(key);
      if (place === undefined) continue;
      const { mac, serial } = this.#devices[place]!;
      if (key.startsWith("mac ")) return place;
      if (differ(mac, answer.mac)) continue;
      if (key.startsWith("serial ") || !differ(serial, answer.serial)) return place;
    }
    return undefined;
  }
}

function keysOf({ mac, serial, ip, source }: DiscoveredDevice): string[] {
  return [
    ...(mac === null ? [] : [`mac ${mac}`]),
    ...(serial === null ? [] : [`serial ${serial}`]),
    `address ${ip ?? source}`,
    `address ${source}`,
  ];
}

function differ(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one !== other;
}

/** What the first answer left open is taken from the second. */
function merged(first: DiscoveredDevice, second: DiscoveredDevice): DiscoveredDevice {
  const known = Object.entries(first).filter(([, value]) => value !== null);
  return { ...second, ...Object.fromEntries(known), info: { ...second.info, ...first.info } };
}
