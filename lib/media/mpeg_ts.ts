/**
 * MPEG transport streams (ISO/IEC 13818-1): what pipes and broadcasts carry. A player may join at
 * any key picture, and nothing has to be written at the end.
 *
 * @module
 */

import type { NalCodec } from "./annexb.ts";

/** Bytes of a packet. */
export const TS_PACKET = 188;

/** What a stream is made of. */
export interface TsOptions {
  /** Codec of the pictures. */
  readonly video: NalCodec;
  /** Whether there is sound: AAC with ADTS headers. */
  readonly audio: boolean;
}

const PMT_PID = 0x1000;
const VIDEO_PID = 0x100;
const AUDIO_PID = 0x101;
const STREAM_TYPES = { h264: 0x1b, h265: 0x24, aac: 0x0f } as const;
/** Access unit delimiters, which a transport stream must have: any picture may follow. */
const DELIMITERS = {
  h264: Uint8Array.of(0, 0, 0, 1, 0x09, 0xf0),
  h265: Uint8Array.of(0, 0, 0, 1, 0x46, 0x01, 0x50),
} as const;
/** Ticks of presentation times in a second, and of the programme clock's fraction. */
const CLOCK = 90_000;
/** The first picture's time, in seconds: the programme clock is ahead of it and above zero. */
const START = 1;
/** How long decoders may hold a picture before they show it, in seconds. */
const DELAY = 0.5;
/** Longest time without the tables, in seconds: some streams have few key pictures. */
const TABLES_EVERY = 1;

/** Makes packets of access units. Pure: bytes in, bytes out. */
export class TsMuxer {
  readonly #options: TsOptions;
  readonly #tables: Uint8Array;
  readonly #counters = new Map<number, number>();
  #tablesAt = -Infinity;

  /** Makes a muxer for one stream. */
  constructor(options: TsOptions) {
    this.#options = options;
    this.#tables = tables(options);
  }

  /**
   * The packets of a picture.
   *
   * @param units start codes and NAL units, without a delimiter; with parameter sets where `key`
   * @param time seconds from the start
   */
  video(units: readonly Uint8Array[], time: number, key: boolean): Uint8Array {
    const withTables = key || time - this.#tablesAt >= TABLES_EVERY;
    if (withTables) this.#tablesAt = time;
    const parts = [pesHeader(0xe0, time, 0), DELIMITERS[this.#options.video], ...units];
    return this.#packets(VIDEO_PID, parts, { time, key, withTables });
  }

  /** The packets of sound: whole ADTS frames. */
  audio(frames: Uint8Array, time: number): Uint8Array {
    const header = pesHeader(0xc0, time, frames.length);
    return this.#packets(AUDIO_PID, [header, frames], undefined);
  }

  #packets(
    pid: number,
    parts: readonly Uint8Array[],
    first:
      | { readonly time: number; readonly key: boolean; readonly withTables: boolean }
      | undefined,
  ): Uint8Array {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const clock = first === undefined ? 0 : 8;
    // The first packet has room for less: the programme clock stands in it.
    const count = Math.ceil((length + clock) / 184);
    const ahead = first?.withTables ? this.#tables.length : 0;
    const out = new Uint8Array(ahead + count * TS_PACKET);
    if (ahead > 0) {
      out.set(this.#tables);
      this.#count(out, 0, 0);
      this.#count(out, TS_PACKET, PMT_PID);
    }
    const source = new Source(parts);
    let rest = length;
    for (let index = 0; index < count; index++) {
      const at = ahead + index * TS_PACKET;
      out[at] = 0x47;
      out[at + 1] = (index === 0 ? 0x40 : 0) | (pid >> 8);
      out[at + 2] = pid & 0xff;
      const withClock = index === 0 && first !== undefined;
      const room = 184 - (withClock ? clock : 0);
      const size = Math.min(rest, room);
      const adaptation = 184 - size;
      out[at + 3] = adaptation > 0 ? 0x30 : 0x10;
      this.#count(out, at, pid);
      if (adaptation > 0) {
        out[at + 4] = adaptation - 1;
        if (adaptation > 1) {
          out[at + 5] = withClock ? 0x10 | (first.key ? 0x40 : 0) : 0;
          if (withClock) writeClock(out, at + 6, first.time);
          out.fill(0xff, at + (withClock ? 12 : 6), at + 4 + adaptation);
        }
      }
      source.read(out, at + 4 + adaptation, size);
      rest -= size;
    }
    return out;
  }

  /** Writes the continuity counter of a packet. */
  #count(out: Uint8Array, at: number, pid: number): void {
    const counter = this.#counters.get(pid) ?? 0;
    out[at + 3] = (out[at + 3]! & 0xf0) | counter;
    this.#counters.set(pid, (counter + 1) & 0x0f);
  }
}

/** Reads parts as if they were one. */
class Source {
  readonly #parts: readonly Uint8Array[];
  #index = 0;
  #at = 0;

  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts;
  }

  read(out: Uint8Array, to: number, size: number): void {
    for (let done = 0; done < size;) {
      const part = this.#parts[this.#index]!;
      const piece = part.subarray(this.#at, this.#at + size - done);
      out.set(piece, to + done);
      done += piece.length;
      this.#at += piece.length;
      if (this.#at === part.length) {
        this.#index++;
        this.#at = 0;
      }
    }
  }
}

/** Both clocks have 33 bits. */
function ticksOf(seconds: number): number {
  const ticks = Math.round(seconds * CLOCK) % 2 ** 33;
  return ticks < 0 ? ticks + 2 ** 33 : ticks;
}

/** Head of a packetised elementary stream packet, with a presentation time. */
function pesHeader(streamId: number, time: number, payload: number): Uint8Array {
  const ticks = ticksOf(time + START);
  // Pictures may be longer than the field; zero stands for "up to the next one".
  const length = payload === 0 || payload + 8 > 0xffff ? 0 : payload + 8;
  const high = Math.floor(ticks / 2 ** 30) & 0x07;
  const middle = Math.floor(ticks / 2 ** 15) & 0x7fff;
  const low = ticks & 0x7fff;
  return Uint8Array.of(
    ...[0, 0, 1, streamId, length >> 8, length & 0xff, 0x80, 0x80, 5],
    0x20 | (high << 1) | 1,
    middle >> 7,
    ((middle << 1) & 0xfe) | 1,
    low >> 7,
    ((low << 1) & 0xfe) | 1,
  );
}

/** The programme clock: six bytes. */
function writeClock(out: Uint8Array, at: number, time: number): void {
  const ticks = ticksOf(time + START - DELAY);
  out[at] = Math.floor(ticks / 2 ** 25) & 0xff;
  out[at + 1] = Math.floor(ticks / 2 ** 17) & 0xff;
  out[at + 2] = Math.floor(ticks / 2 ** 9) & 0xff;
  out[at + 3] = Math.floor(ticks / 2) & 0xff;
  out[at + 4] = ((ticks & 1) << 7) | 0x7e;
  out[at + 5] = 0;
}

/** The two tables: which programme there is, and what it is made of. One packet each. */
function tables({ video, audio }: TsOptions): Uint8Array {
  const programme = [0x00, 0x01, 0xe0 | (PMT_PID >> 8), PMT_PID & 0xff];
  const streams = [[STREAM_TYPES[video], VIDEO_PID]];
  if (audio) streams.push([STREAM_TYPES.aac, AUDIO_PID]);
  const parts = [
    0xe0 | (VIDEO_PID >> 8),
    VIDEO_PID & 0xff,
    ...[0xf0, 0x00],
    ...streams.flatMap(([type, pid]) => [type!, 0xe0 | (pid! >> 8), pid! & 0xff, 0xf0, 0x00]),
  ];
  const out = new Uint8Array(2 * TS_PACKET);
  out.set(tablePacket(0, 0x00, programme));
  out.set(tablePacket(PMT_PID, 0x02, parts), TS_PACKET);
  return out;
}

function tablePacket(pid: number, table: number, content: readonly number[]): Uint8Array {
  const length = content.length + 9;
  const section = [table, 0xb0 | (length >> 8), length & 0xff, 0, 1, 0xc1, 0, 0, ...content];
  const check = crc32(section);
  const packet = new Uint8Array(TS_PACKET).fill(0xff);
  packet.set([0x47, 0x40 | (pid >> 8), pid & 0xff, 0x10, 0, ...section]);
  packet.set([check >>> 24, check >>> 16, check >>> 8, check], 5 + section.length);
  return packet;
}

/** The CRC of ISO/IEC 13818-1 annex A, most significant bit first. */
function crc32(bytes: readonly number[]): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
    }
  }
  return value >>> 0;
}
