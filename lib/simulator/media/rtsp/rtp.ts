/**
 * Cuts pictures and sound into RTP payloads: RFC 6184, RFC 7798, RFC 3640, RFC 3551.
 *
 * @module
 */

import type { MediaPacket, SoundCodec } from "../program.ts";
import type { VideoCodec } from "../source.ts";

/** A payload in parts that stand one behind the other. */
export interface Payload {
  /** The parts. */
  readonly parts: readonly Uint8Array[];
  /** True for the last one of a picture, and for every one of sound. */
  readonly marker: boolean;
}

/** Bytes of an RTP header. */
export const RTP_HEADER = 12;

/** The payloads of a packet; none is longer than `most` bytes. */
export function* payloadsOf(
  packet: Pick<MediaPacket, "kind" | "bytes" | "units">,
  codec: VideoCodec | SoundCodec,
  most: number,
): Generator<Payload, void, void> {
  switch (codec) {
    case "H.264":
    case "H.265":
      yield* pictures(packet.units, codec === "H.264" ? H264 : H265, most);
      break;
    case "AAC":
      yield* aac(packet.bytes.subarray(7), most); // the ADTS header stays behind
      break;
    case "PCM":
      yield* sound(swapped(packet.bytes), most - most % 2);
      break;
    default:
      yield* sound(packet.bytes, most);
  }
}

/** How the units of a codec are put into payloads. */
interface Packing {
  /** Bytes of a unit's own header. */
  readonly header: number;
  /** The header of a payload with several units. */
  aggregate(units: readonly Uint8Array[]): Uint8Array;
  /** The header of a payload with a part of a unit. */
  fragment(unit: Uint8Array, first: boolean, last: boolean): Uint8Array;
}

const H264: Packing = {
  header: 1,
  // STAP-A (24) with the highest importance of its units.
  aggregate: (units) => {
    const importance = Math.max(...units.map((unit) => unit[0]! & 0x60));
    return Uint8Array.of(importance | 24);
  },
  // FU-A (28): importance in the first byte, type in the second.
  fragment: (unit, first, last) => {
    const head = unit[0]!;
    const flags = (first ? 0x80 : 0) | (last ? 0x40 : 0);
    return Uint8Array.of(head & 0xe0 | 28, flags | head & 0x1f);
  },
};

const H265: Packing = {
  header: 2,
  // AP (48), layer 0, temporal id 1.
  aggregate: () => Uint8Array.of(48 << 1, 1),
  // FU (49) with the layer and temporal id of the unit.
  fragment: (unit, first, last) => {
    const head = unit[0]!;
    const flags = (first ? 0x80 : 0) | (last ? 0x40 : 0);
    return Uint8Array.of(head & 0x81 | 49 << 1, unit[1]!, flags | head >> 1 & 0x3f);
  },
};

/**
 * Small units that follow each other share a payload (parameter sets mostly), large ones are cut,
 * one that fits alone travels as it is.
 */
function* pictures(
  units: readonly Uint8Array[],
  packing: Packing,
  most: number,
): Generator<Payload, void, void> {
  for (let index = 0; index < units.length;) {
    const group: Uint8Array[] = [];
    let size = packing.header;
    while (index < units.length && size + 2 + units[index]!.length <= most) {
      size += 2 + units[index]!.length;
      group.push(units[index++]!);
    }
    const marker = index === units.length;
    if (group.length > 1) {
      const parts = group.flatMap((unit) => [length16(unit.length), unit]);
      yield { parts: [packing.aggregate(group), ...parts], marker };
    } else if (group.length === 1) yield { parts: group, marker };
    else {
      const unit = units[index++]!;
      const end = index === units.length;
      if (unit.length <= most) yield { parts: [unit], marker: end };
      else yield* fragments(unit, packing, most, end);
    }
  }
}

function* fragments(
  unit: Uint8Array,
  packing: Packing,
  most: number,
  end: boolean,
): Generator<Payload, void, void> {
  const room = most - packing.header - 1;
  for (let at = packing.header; at < unit.length; at += room) {
    const last = at + room >= unit.length;
    const head = packing.fragment(unit, at === packing.header, last);
    yield { parts: [head, unit.subarray(at, at + room)], marker: end && last };
  }
}

/** AAC-hbr: the length of the headers in bits, one header of 13 bits size and 3 bits index. */
function* aac(frame: Uint8Array, most: number): Generator<Payload, void, void> {
  const size = frame.length << 3;
  const head = Uint8Array.of(0, 16, size >> 8 & 0xff, size & 0xff);
  const room = most - head.length;
  // Parts of a frame all tell the size of the whole.
  for (let at = 0; at < frame.length; at += room) {
    yield { parts: [head, frame.subarray(at, at + room)], marker: at + room >= frame.length };
  }
}

function* sound(bytes: Uint8Array, most: number): Generator<Payload, void, void> {
  for (let at = 0; at < bytes.length; at += most) {
    yield { parts: [bytes.subarray(at, at + most)], marker: true };
  }
}

/** L16 has the high byte first. */
function swapped(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, index) => bytes[index ^ 1]!);
}

function length16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
