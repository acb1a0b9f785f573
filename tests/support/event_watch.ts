/** A listener on virtual time, with everything that it read. */

import { DahuaLink } from "../../lib/camera/link.ts";
import "../../lib/dhip/http_session.ts"; // loading it when it is needed takes real time
import type { WatchOptions } from "../../lib/camera/events.ts";
import { DahuaAttach } from "../../lib/camera/events/dahua_attach.ts";
import type {
  CameraEvent,
  EventRecord,
  EventTransport,
  GapRecord,
  StateRecord,
} from "../../lib/camera/mod.ts";
import { EventFilter } from "../../lib/camera/events/filter.ts";
import { DeviceEventStream, type EventLog } from "../../lib/camera/events/stream.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { seeded } from "./random.ts";
import { EventDevice } from "./event_device.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** The wall clock when the virtual one is at 0. */
export const START = Date.UTC(2026, 0, 1);

export interface WatchSetup extends WatchOptions {
  readonly via: "auto" | EventTransport;
  /** What carries the session; by default what `via` needs. */
  readonly transport?: "dhip" | "http";
  /** The device's log. */
  readonly log?: EventLog;
  /** Keeps what was read; false for very long runs. */
  readonly keep?: boolean;
  /** False: nobody reads. */
  readonly read?: boolean;
}

export class Watch {
  readonly clock = new VirtualClock();
  readonly device: EventDevice;
  readonly link: DahuaLink;
  readonly stream: DeviceEventStream;
  readonly records: EventRecord[] = [];
  count = 0;
  error: unknown;
  readonly #reading: Promise<void>;

  constructor(seed: number, { keep = true, read = true, transport, log, ...options }: WatchSetup) {
    const { clock } = this;
    const device = this.device = new EventDevice(clock, seeded(seed));
    const link = this.link = new DahuaLink(device.dialer, undefined, {
      user: "admin",
      password: "x",
    }, {
      device: "device.test",
      clock,
      guard: new MemoryLoginGuard(clock),
      transport: transport ?? (options.via === "rpc" ? "http" : "dhip"),
    });
    const attach = new DahuaAttach(link, {
      via: options.via,
      codes: new EventFilter(options).codes,
      heartbeat: (options.heartbeat ?? 5_000) / 1000,
    });
    const stream = this.stream = new DeviceEventStream(options, {
      attach: (call) => attach.attach(call),
      clock,
      wall: () => START + clock.now(),
      random: seeded(seed + 1),
      facts: () => Promise.resolve({ titles: ["Door"], zone: 3600 }),
      log,
    });
    this.#reading = !read ? Promise.resolve() : (async () => {
      for await (const record of stream) {
        this.count++;
        if (keep) this.records.push(record);
      }
    })().catch((error) => void (this.error = error));
  }

  get events(): CameraEvent[] {
    return this.records.filter((record) => record.kind !== "stream");
  }

  get gaps(): GapRecord[] {
    return this.records.filter((record) => record.kind === "stream")
      .filter((record) => record.code === "_gap");
  }

  get states(): StateRecord[] {
    return this.records.filter((record) => record.kind === "stream")
      .filter((record) => record.code === "_state");
  }

  /** Numbers of the events that the device sent and that arrived. */
  get ids(): number[] {
    return this.events.filter(({ synthetic }) => !synthetic)
      .map(({ raw }) => idOf(raw as Record<string, unknown>));
  }

  async close(): Promise<void> {
    await this.clock.settle(this.stream.close());
    await this.clock.settle(this.link.close());
    await this.clock.settle(this.#reading);
  }
}

/** A moment of a record on the virtual clock. */
export function momentOf(text: string): number {
  return Date.parse(text) - START;
}

function idOf(raw: Record<string, unknown>): number {
  return ((raw.Data ?? raw.data) as { EventID: number }).EventID;
}
