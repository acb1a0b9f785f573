/** AAC out of RTP (RFC 3640, modes AAC-hbr and AAC-lbr). */

import type { RtpPacket } from "./rtp.ts";
import { type Depacketizer, MAX_UNIT, type RtpUnit } from "./rtp_unit.ts";
import type { SdpMedia } from "./sdp.ts";

/** Samples of one AAC frame, in ticks: the RTP clock is that of the samples. */
const FRAME = 1024;

interface Fragment {
  readonly timestamp: number;
  readonly size: number;
  readonly parts: Uint8Array[];
  length: number;
}

/** Frames behind a list of their sizes; a large frame may go over several packets. */
export class AacDepacketizer implements Depacketizer {
  readonly #sizeBits: number;
  readonly #indexBits: number;
  readonly #deltaBits: number;
  #fragment: Fragment | undefined;

  private constructor(sizeBits: number, indexBits: number, deltaBits: number) {
    this.#sizeBits = sizeBits;
    this.#indexBits = indexBits;
    this.#deltaBits = deltaBits;
  }

  /** For a stream as its description says; undefined for a mode that is not AAC. */
  static of({ parameters }: SdpMedia): AacDepacketizer | undefined {
    const mode = parameters.get("mode")?.toLowerCase() ?? "aac-hbr";
    if (mode !== "aac-hbr" && mode !== "aac-lbr") return undefined;
    const usual = mode === "aac-hbr" ? { sizelength: 13, indexlength: 3 } : {
      sizelength: 6,
      indexlength: 2,
    };
    const bits = (name: string, otherwise: number) => {
      const value = Number(parameters.get(name) ?? otherwise);
      return Number.isInteger(value) && value >= 0 && value <= 16 ? value : otherwise;
    };
    const index = bits("indexlength", usual.indexlength);
    return new AacDepacketizer(
      bits("sizelength", usual.sizelength) || usual.sizelength,
      index,
      bits("indexdeltalength", index),
    );
  }

  /** See {@linkcode Depacketizer.push}. */
  push({ timestamp, payload, marker }: RtpPacket, lost: number): RtpUnit[] {
    if (lost > 0) this.#fragment = undefined;
    if (payload.length < 2) return [];
    const headerBits = (payload[0]! << 8) | payload[1]!;
    const start = 2 + Math.ceil(headerBits / 8);
    if (start > payload.length) return [];
    const sizes = this.#sizes(payload.subarray(2, start), headerBits);
    const units: RtpUnit[] = [];
    let at = start;
    for (const [index, size] of sizes.entries()) {
      const data = payload.subarray(at, at + size);
      at += size;
      if (data.length === size && size > 0 && this.#fragment === undefined) {
        const ticks = (timestamp + index * FRAME) >>> 0;
        units.push({ timestamp: ticks, data: data.slice(), damaged: false });
      } else if (sizes.length === 1) units.push(...this.#join(timestamp, size, data, marker));
    }
    return units;
  }

  /** See {@linkcode Depacketizer.flush}. */
  flush(): RtpUnit[] {
    this.#fragment = undefined; // half a frame is of no use
    return [];
  }

  /** A piece of a frame that is larger than a packet: each repeats the size of the whole. */
  #join(timestamp: number, size: number, data: Uint8Array, marker: boolean): RtpUnit[] {
    const isNew = this.#fragment?.timestamp !== timestamp || this.#fragment.size !== size;
    if (isNew) this.#fragment = { timestamp, size, parts: [], length: 0 };
    const fragment = this.#fragment!;
    fragment.parts.push(data.slice());
    fragment.length += data.length;
    if (fragment.length > MAX_UNIT) this.#fragment = undefined;
    if (!marker) return [];
    this.#fragment = undefined;
    if (fragment.length !== size) return [];
    const whole = new Uint8Array(size);
    let at = 0;
    for (const part of fragment.parts) {
      whole.set(part, at);
      at += part.length;
    }
    return [{ timestamp, data: whole, damaged: false }];
  }

  #sizes(bytes: Uint8Array, bits: number): number[] {
    const sizes: number[] = [];
    let at = 0;
    const read = (count: number) => {
      let value = 0;
      for (let index = 0; index < count; index++, at++) {
        value = value * 2 + ((bytes[at >> 3]! >> (7 - (at & 7))) & 1);
      }
      return value;
    };
    for (;;) {
      const index = sizes.length === 0 ? this.#indexBits : this.#deltaBits;
      if (at + this.#sizeBits + index > bits) return sizes;
      sizes.push(read(this.#sizeBits));
      read(index);
    }
  }
}
