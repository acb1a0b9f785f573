/**
 * What is on the disk as bytes: whole files, the time between two moments, one key frame.
 *
 * @module
 */

import { still } from "../picture/still.ts";
import { timeText } from "../device_clock.ts";
import type { Recording } from "../recordings/disk.ts";
import type { DeviceState } from "../state.ts";
import type { FileBody } from "../web/message.ts";
import { dhavSize, writeDhav } from "./dhav.ts";
import { fileBytes, type Part, trackOf } from "./file.ts";
import { loadProgram, type MediaPacket, packetsBetween, type Program } from "./program.ts";
import { warpOf } from "./warp.ts";

/** Size of the pictures on the disk, in pixels. */
const PICTURE = { width: 640, height: 360 };

/** Longest comment that a JPEG can hold in one piece. */
const COMMENT = 65_533;

/** The bytes of a recording from an offset on, up to another. */
export function recordingBytes(
  state: DeviceState,
  recording: Recording,
  from: number,
  to: number,
): FileBody["pieces"] {
  return recording.type === "jpg"
    ? pictureBytes(recording, from, to)
    // A suffix other than .dav changes nothing in the bytes (unverified).
    : fileBytes(recording, from, to, warpOf(state.faults));
}

/** A picture of the moment, as long as the recording is said to be. */
async function* pictureBytes(
  { channel, start, length }: Recording,
  from: number,
  to: number,
): AsyncGenerator<Uint8Array, void, void> {
  const time = timeText(start);
  const frame = Math.floor(start / 1000) % 1_000_000;
  const jpeg = await still({ ...PICTURE, channel: channel + 1, time, frame });
  const bytes = new Uint8Array(Math.max(length, jpeg.length)).fill(0x20);
  // Comments behind the first marker fill it up; what is too short for one follows the picture.
  bytes.set(jpeg.subarray(0, 2));
  let at = 2;
  for (let spare = length - jpeg.length; spare >= 4;) {
    const size = Math.min(COMMENT, spare - 2);
    bytes.set([0xff, 0xfe, size >> 8, size & 0xff], at);
    at += 2 + size;
    spare -= 2 + size;
  }
  bytes.set(jpeg.subarray(2), at);
  yield bytes.subarray(from, Math.min(to, length));
}

/** Which stream of a channel, 0-based, was recorded under which name. */
export interface RecordedStream {
  /** Channel, 0-based. */
  readonly channel: number;
  /** `Main`, `Extra1`, … */
  readonly stream: string;
}

/**
 * What was recorded between two times (whole seconds, ms): every moment once, whatever number of
 * recordings have it.
 */
export function partsBetween(
  state: DeviceState,
  { channel, stream }: RecordedStream,
  from: number,
  to: number,
): Part[] {
  if (!state.options.sdCard) return [];
  const found: Part[] = [];
  const recordings = state.disk.between(channel, from, to)
    .filter((each) => each.stream === stream && each.type !== "jpg")
    .sort((a, b) => a.start - b.start || b.end - a.end);
  let reached = from;
  for (const part of recordings.flatMap(({ parts }) => parts)) {
    const begin = Math.max(part.from, reached);
    const end = Math.min(part.to, to);
    if (begin >= end) continue;
    found.push({ from: begin, to: end, program: part.program });
    reached = end;
  }
  return found;
}

/** A packet of a recording and what it is part of. */
export interface Recorded {
  /** The packet. */
  readonly packet: MediaPacket;
  /** What it is part of. */
  readonly program: Program;
}

/** The packets of stretches, one after the other. */
export function* recordedPackets(parts: readonly Part[]): Generator<Recorded, void, void> {
  for (const { from, to, program: info } of parts) {
    const program = loadProgram(info);
    for (const packet of packetsBetween(program, from, to)) yield { packet, program };
  }
}

/** Stretches as DHAV without a prefix, a second in one piece. */
export function* timeBytes(
  state: DeviceState,
  channel: number,
  parts: readonly Part[],
): Generator<Uint8Array, void, void> {
  const warp = warpOf(state.faults);
  const start = parts[0]?.from ?? 0;
  for (const { from, to, program: info } of parts) {
    const program = loadProgram(info);
    const track = trackOf(channel, info);
    for (let second = from; second < to; second += 1000) {
      const packets = [...packetsBetween(program, second, Math.min(to, second + 1000))];
      const sizes = packets.map(({ kind, key, bytes }) =>
        dhavSize(kind, key, info.sound, bytes.length)
      );
      const piece = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
      let at = 0;
      for (const [index, packet] of packets.entries()) {
        const size = sizes[index]!;
        if (packet.kind !== "aux" || !warp.garbage(piece, at, size, packet.number)) {
          writeDhav(piece, at, packet, track, warp.time(packet.time, start));
        }
        at += size;
      }
      yield piece;
    }
  }
}

/** The key frame that shows a time, as one DHAV frame; undefined when nothing was recorded then. */
export function keyFrameAt(
  state: DeviceState,
  where: RecordedStream,
  time: number,
): Uint8Array | undefined {
  const [part] = partsBetween(state, where, time, time + 1000);
  if (part === undefined) return undefined;
  const program = loadProgram(part.program);
  const [packet] = packetsBetween(program, time, time + 1000);
  const { kind, key, bytes } = packet!;
  const frame = new Uint8Array(dhavSize(kind, key, part.program.sound, bytes.length));
  const track = trackOf(where.channel, part.program);
  writeDhav(frame, 0, packet!, track, warpOf(state.faults).time(time, time));
  return frame;
}

/** The name under which a stream is recorded. */
export function streamName(subtype: number): string {
  return subtype === 0 ? "Main" : `Extra${subtype}`;
}
