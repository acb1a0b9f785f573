/**
 * Live streams: packets as they become due by the device's clock.
 *
 * @module
 */

import type { Timer } from "../../net/clock.ts";
import type { DeviceState } from "../state.ts";
import { loadProgram, type MediaPacket, packetsBetween, type Program } from "./program.ts";
import type { ProgramInfo, SoundCodec } from "./program.ts";
import { clipInfo, type VideoCodec } from "./source.ts";

/** The stream of a channel. */
export interface LiveChannel {
  /** Channel, 0-based. */
  readonly channel: number;
  /** 0 the main stream, 1 and 2 the others. */
  readonly subtype: number;
}

/** Receives what is due; `program` is what the packet is part of. */
export type Deliver = (packet: MediaPacket, program: Program) => void;

interface Format {
  readonly Video?: { readonly Compression?: unknown };
  readonly VideoEnable?: unknown;
  readonly Audio?: { readonly Compression?: unknown };
  readonly AudioEnable?: unknown;
}

/** What a stream consists of as configured now; undefined when there is no such stream. */
export function liveInfo(
  state: DeviceState,
  { channel, subtype }: LiveChannel,
): ProgramInfo | undefined {
  const encode = state.config.get("Encode") as
    | { readonly MainFormat?: readonly Format[]; readonly ExtraFormat?: readonly Format[] }[]
    | undefined;
  const table = encode?.[channel];
  const format = subtype === 0 ? table?.MainFormat?.[0] : table?.ExtraFormat?.[subtype - 1];
  if (format === undefined || format.VideoEnable !== true) return undefined;
  const { options } = state;
  const spelling = String(format.Video?.Compression);
  const codec: VideoCodec = /^H\.?265/.test(spelling)
    ? "H.265"
    : /^H\.?264/.test(spelling)
    ? "H.264"
    : subtype === 0
    ? options.mainVideo
    : options.subVideo;
  return {
    video: clipInfo(codec, subtype === 0 ? "main" : "sub"),
    sound: format.AudioEnable === true ? soundOf(format.Audio?.Compression) : undefined,
  };
}

function soundOf(compression: unknown): SoundCodec {
  const known: readonly SoundCodec[] = ["G.711A", "G.711Mu", "PCM", "AAC"];
  return known.find((codec) => codec === compression) ?? "G.711A";
}

/**
 * Milliseconds since 1970 of device local time for what the sensor sees now: it does not jump when
 * somebody sets the calendar.
 */
export function sensorTime(state: DeviceState): number {
  return Math.floor(
    state.calendar.localOf(state.bornAt) + state.clock.now() - state.bornClock,
  );
}

/**
 * Delivers a live stream from the key frame of the running second on. Whoever takes too much time
 * is not waited for: what to leave out is the receiver's business.
 */
export class LiveFeed {
  readonly #state: DeviceState;
  readonly #where: LiveChannel;
  readonly #deliver: Deliver;
  readonly #lost: () => void;
  readonly #change: { readonly after: number; readonly what: string } | undefined;
  #timer: Timer | undefined;
  #stopped = false;
  #start = 0;

  /** `lost` is called when the stream does not exist any more. */
  constructor(state: DeviceState, where: LiveChannel, deliver: Deliver, lost: () => void) {
    this.#state = state;
    this.#where = where;
    this.#deliver = deliver;
    this.#lost = lost;
    const change = state.faults.strike("codec-change");
    if (change !== undefined) {
      this.#change = { after: change.number("after"), what: change.text("what") };
    }
  }

  /** Begins. */
  start(): void {
    this.#start = Math.floor(sensorTime(this.#state) / 1000) * 1000;
    this.#second(this.#start);
  }

  /** Ends. Harmless when it has ended. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #infoAt(second: number): ProgramInfo | undefined {
    const info = liveInfo(this.#state, this.#where);
    if (info === undefined || this.#change === undefined) return info;
    const { after, what } = this.#change;
    if (second - this.#start < after) return info;
    const { codec, size } = info.video;
    const video = clipInfo(
      what === "size" ? codec : codec === "H.264" ? "H.265" : "H.264",
      what === "codec" ? size : size === "main" ? "sub" : "main",
    );
    return { ...info, video };
  }

  /** A second of the stream; codecs change between two of them, at a key frame. */
  #second(second: number): void {
    const info = this.#infoAt(second);
    if (info === undefined) {
      this.stop();
      return this.#lost();
    }
    const program = loadProgram(info);
    const packets = packetsBetween(program, second, second + 1000);
    let next = packets.next();
    const due = () => {
      const now = sensorTime(this.#state);
      for (; !next.done; next = packets.next()) {
        if (next.value.time > now) return this.#wait(next.value.time - now, due);
        this.#deliver(next.value, program);
        if (this.#stopped) return;
      }
      this.#wait(second + 1000 - now, () => this.#second(second + 1000));
    };
    due();
  }

  #wait(delay: number, then: () => void): void {
    this.#timer = this.#state.clock.timer(then, delay);
  }
}

/**
 * Decides what a slow client is spared: from the first packet that finds no room, everything up to
 * the next key frame that does.
 */
export class Valve {
  readonly #state: DeviceState;
  #shut = false;

  /** The limit is that of the device. */
  constructor(state: DeviceState) {
    this.#state = state;
  }

  /** True when the packet is to be sent, with `waiting` bytes before it. */
  passes(packet: Pick<MediaPacket, "kind" | "key">, waiting: number): boolean {
    const most = this.#state.options.liveBacklog;
    if (waiting > most) this.#shut = true;
    else if (this.#shut && packet.key && waiting < most / 2) this.#shut = false;
    if (this.#shut && packet.kind === "video") this.#state.counters.droppedFrames++;
    return !this.#shut;
  }
}
