/**
 * A session of RTSP: its tracks, and the stream that plays on them.
 *
 * @module
 */

import type { Timer } from "../../../net/clock.ts";
import { sleep } from "../../../net/deadline.ts";
import type { DeviceState } from "../../state.ts";
import { type Recorded, recordedPackets } from "../disk_reader.ts";
import { type Doom, doomOf } from "../doom.ts";
import type { Part } from "../file.ts";
import { LiveFeed, sensorTime, Valve } from "../live.ts";
import type { MediaPacket, Program } from "../program.ts";
import { STRAIGHT, type Warp, warpOf } from "../warp.ts";
import type { RtspTarget } from "./target.ts";
import type { Track } from "./track.ts";
import type { RtspOutbox } from "./transport.ts";

/** Milliseconds between two reports of a sender. */
const REPORT_EVERY = 5000;

/** Fastest replay over a network that loses what it cannot take, times real time. */
export const FASTEST = 64;

/** What a session serves. */
export interface SessionSource {
  /** The address that it was made for. */
  readonly target: RtspTarget;
  /** What was described. */
  readonly program: Program;
  /** What was recorded in that time; undefined: live. */
  readonly parts: readonly Part[] | undefined;
}

/** How a recording is to be played. */
export interface PlayOrder {
  /** From when on, in ms of device local time. */
  readonly from: number;
  /** Until when. */
  readonly to: number;
  /** Times real time; Infinity: as fast as the client reads. */
  readonly pace: number;
}

/** Plays one stream. */
export class RtspSession {
  /** Number that the client names. */
  readonly id: string;
  /** What it serves. */
  readonly source: SessionSource;
  /** Tracks by their numbers. */
  readonly tracks = new Map<number, Track>();
  readonly #state: DeviceState;
  readonly #outbox: RtspOutbox;
  readonly #end: () => void;
  readonly #valve: Valve;
  #feed: LiveFeed | undefined;
  #stop: AbortController | undefined;
  #reports: Timer | undefined;
  #warp: Warp = STRAIGHT;
  #doom: Doom | undefined;
  #sent = 0;
  #start = 0;
  /** Time of the last packet that was sent: where a pause is resumed. */
  #position: number | undefined;

  /** `end` ends the connection when what waits has left. */
  constructor(
    id: string,
    source: SessionSource,
    state: DeviceState,
    outbox: RtspOutbox,
    end: () => void,
  ) {
    this.id = id;
    this.source = source;
    this.#state = state;
    this.#outbox = outbox;
    this.#end = end;
    this.#valve = new Valve(state);
    state.counters.rtsp.sessions++;
    state.counters.rtsp.openSessions++;
  }

  /** True while something plays. */
  get playing(): boolean {
    return this.#feed !== undefined || this.#stop !== undefined;
  }

  /** Where a pause is resumed, in ms of device local time; undefined before the first packet. */
  get position(): number | undefined {
    return this.#position;
  }

  /** Time of the next live picture with a past that can be shown, in ms of device local time. */
  liveStart(): number {
    return Math.floor(sensorTime(this.#state) / 1000) * 1000;
  }

  /** Begins to play live. */
  playLive(): void {
    this.#begin(this.liveStart());
    const { target, program: { video } } = this.source;
    const feed = this.#feed = new LiveFeed(this.#state, target, (packet, program) => {
      // Who was told of another codec cannot read this one: the device ends the stream.
      if (program.video.codec !== video.codec) return this.#over();
      if (this.#valve.passes(packet, this.#outbox.waiting)) this.#send(packet);
    }, () => this.#over());
    feed.start();
  }

  /** Begins to play what was recorded. */
  playRecorded(order: PlayOrder): void {
    this.#begin(order.from);
    const stop = this.#stop = new AbortController();
    const parts = (this.source.parts ?? []).map((part) => ({
      ...part,
      from: Math.max(part.from, order.from),
      to: Math.min(part.to, order.to),
    })).filter((part) => part.from < part.to);
    const patient = [...this.tracks.values()].every((track) => track.patient);
    const pace = patient ? order.pace : Math.min(order.pace, FASTEST);
    this.#playRecorded(recordedPackets(parts), pace, stop.signal).catch(() => {});
  }

  /** Stops; the session stays. */
  pause(): void {
    this.#feed?.stop();
    this.#feed = undefined;
    this.#stop?.abort();
    this.#stop = undefined;
    this.#reports?.cancel();
  }

  /** Ends the session. */
  close(): void {
    this.pause();
    for (const track of this.tracks.values()) track.close();
    this.#state.counters.rtsp.openSessions--;
  }

  #begin(from: number): void {
    this.pause();
    this.#start = from;
    this.#sent = 0;
    this.#warp = warpOf(this.#state.faults);
    this.#doom = doomOf(this.#state.faults, "rtsp");
    this.#position = from;
    this.#report();
  }

  async #playRecorded(
    packets: Iterable<Recorded>,
    pace: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#state;
    let begun = clock.now();
    let first: number | undefined;
    let last = 0;
    for (const { packet, program } of packets) {
      if (program.video.codec !== this.source.program.video.codec) break;
      // A hole is not waited for.
      if (first === undefined || packet.time - last > 1000) {
        [first, begun] = [packet.time, clock.now()];
      }
      last = packet.time;
      const wait = begun + (packet.time - first) / pace - clock.now();
      if (wait > 0) await sleep(wait, signal, clock);
      if (this.#outbox.waiting > this.#state.options.liveBacklog) await this.#outbox.flushed();
      if (signal.aborted) return;
      this.#send(packet);
      if (signal.aborted) return;
    }
    this.pause();
    for (const track of this.tracks.values()) this.#tell(track, true);
  }

  #send(packet: MediaPacket): void {
    const wanted = packet.kind === "video" ? "video" : "audio";
    if (packet.kind === "aux") return;
    const time = packet.time + this.#warp.shift(packet.time, this.#start);
    this.#position = packet.time;
    for (const track of this.tracks.values()) {
      if (track.info.kind !== wanted) continue;
      const { packets, bytes } = track.send(packet, time);
      this.#state.counters.rtsp.packets += packets;
      this.#sent += bytes;
    }
    if (this.#doom === undefined || this.#sent < this.#doom.after) return;
    this.pause();
    if (!this.#doom.silent) this.#end();
  }

  #over(): void {
    this.pause();
    this.#end();
  }

  /** Reports now and every few seconds. */
  #report(): void {
    for (const track of this.tracks.values()) this.#tell(track, false);
    this.#reports = this.#state.clock.timer(() => this.#report(), REPORT_EVERY);
  }

  #tell(track: Track, bye: boolean): void {
    const { calendar } = this.#state;
    const position = this.#position ?? this.#start;
    // Live: what the calendar shows when the sensor sees that; recorded: when it was.
    const lag = this.source.parts === undefined ? calendar.local() - sensorTime(this.#state) : 0;
    const toUtc = calendar.now() - calendar.local();
    const shift = this.#warp.shift(position, this.#start);
    track.report(position + shift, position + shift + lag + toUtc, bye);
  }
}
