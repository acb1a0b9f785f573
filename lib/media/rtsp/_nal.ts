/** H.264 (RFC 6184) and H.265 (RFC 7798) out of RTP, as Annex B. */

import { type NalCodec, nalKind } from "../annexb.ts";
import type { RtpPacket } from "./rtp.ts";
import { type Depacketizer, MAX_UNIT, type RtpUnit } from "./rtp_unit.ts";

const START_CODE = Uint8Array.of(0, 0, 0, 1);
/** Room for a unit at first; later ones get as much as the largest so far needed. */
const FIRST_ROOM = 64 * 1024;

/** Payload is copied once, from its packet to the unit; that of small units once more. */
export class NalDepacketizer implements Depacketizer {
  readonly #codec: NalCodec;
  readonly #hasOrderNumbers: boolean;
  #room = new Uint8Array(0);
  #length = 0;
  #largest = FIRST_ROOM;
  #timestamp = 0;
  #damaged = false;
  #hasPicture = false;
  /** The start of the present fragmented NAL unit was seen. */
  #inFragment = false;

  /** Starts with nothing. */
  constructor(codec: NalCodec, hasOrderNumbers = false) {
    this.#codec = codec;
    this.#hasOrderNumbers = hasOrderNumbers;
  }

  /** See {@linkcode Depacketizer.push}. */
  push(packet: RtpPacket, lost: number): RtpUnit[] {
    const units: RtpUnit[] = [];
    if (lost > 0) {
      this.#damaged = true;
      this.#inFragment = false;
    }
    if (packet.timestamp !== this.#timestamp) {
      // The packet with the marker was lost, or there is none.
      units.push(...this.flush());
      this.#timestamp = packet.timestamp;
      this.#damaged = lost > 0;
    }
    if (packet.payload.length > 0) this.#take(packet.payload);
    // Some cameras mark parameter sets as if they were pictures: they belong to the next one.
    if (packet.marker && this.#hasPicture) units.push(...this.flush());
    return units;
  }

  /** See {@linkcode Depacketizer.flush}. */
  flush(): RtpUnit[] {
    const used = this.#room.subarray(0, this.#length);
    // The room is that of the largest picture: a view of it is worth its memory only when filled.
    const isFilled = 2 * this.#length >= this.#room.length;
    const unit = {
      timestamp: this.#timestamp,
      data: isFilled ? used : used.slice(),
      damaged: this.#damaged || this.#inFragment,
    };
    this.#largest = Math.max(this.#largest, this.#length);
    if (isFilled) this.#room = new Uint8Array(0);
    this.#length = 0;
    this.#damaged = false;
    this.#hasPicture = false;
    this.#inFragment = false;
    return unit.data.length === 0 ? [] : [unit];
  }

  #take(payload: Uint8Array): void {
    if (this.#codec === "h264") {
      const type = payload[0]! & 0x1f;
      if (type >= 1 && type <= 23) this.#single(payload);
      else if (type === 24) this.#aggregate(payload.subarray(1), 0);
      else if (type === 28) {
        this.#fragment(
          payload,
          2,
          payload[1] ?? 0,
          () => Uint8Array.of((payload[0]! & 0xe0) | (payload[1]! & 0x1f)),
        );
      } else this.#damaged = true; // interleaved mode, which no camera uses
      return;
    }
    const type = (payload[0]! >> 1) & 0x3f;
    const number = this.#hasOrderNumbers ? 2 : 0;
    if (type === 48) this.#aggregate(payload.subarray(2 + number), number === 0 ? 0 : 1);
    else if (type === 49) {
      this.#fragment(
        payload,
        3 + number,
        payload[2] ?? 0,
        () => Uint8Array.of((payload[0]! & 0x81) | ((payload[2]! & 0x3f) << 1), payload[1]!),
      );
    } else if (type < 48) {
      if (number === 0) this.#single(payload);
      else this.#single(payload.subarray(0, 2), payload.subarray(4));
    } else this.#damaged = true;
  }

  #single(unit: Uint8Array, rest?: Uint8Array): void {
    this.#inFragment = false;
    this.#begin(unit);
    if (rest !== undefined) this.#append(rest);
  }

  /** Several NAL units, each behind its length. */
  #aggregate(bytes: Uint8Array, orderNumber: number): void {
    for (let at = 0; at < bytes.length;) {
      const length = (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
      const unit = bytes.subarray(at + 2, at + 2 + length);
      if (length === 0 || unit.length < length) {
        this.#damaged = true;
        return;
      }
      this.#single(unit);
      at += 2 + length + orderNumber;
    }
  }

  /** A piece of a NAL unit; `header` makes the unit's own header from that of the piece. */
  #fragment(payload: Uint8Array, skip: number, flags: number, header: () => Uint8Array): void {
    const isStart = (flags & 0x80) !== 0;
    if (payload.length <= skip) {
      this.#damaged = true;
      return;
    }
    if (isStart) {
      if (this.#inFragment) this.#damaged = true; // the end of the one before is missing
      this.#begin(header());
      this.#inFragment = true;
    } else if (!this.#inFragment) {
      this.#damaged = true; // its start was lost
      return;
    }
    this.#append(payload.subarray(skip));
    if (flags & 0x40) this.#inFragment = false;
  }

  /** Begins a NAL unit with its first bytes. */
  #begin(bytes: Uint8Array): void {
    const kind = nalKind(this.#codec, bytes);
    if (kind === "key" || kind === "inter") this.#hasPicture = true;
    this.#append(START_CODE);
    this.#append(bytes);
  }

  #append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > MAX_UNIT) {
      this.#damaged = true;
      return;
    }
    if (length > this.#room.length) {
      const room = new Uint8Array(Math.max(2 * length, this.#length === 0 ? this.#largest : 0));
      room.set(this.#room.subarray(0, this.#length));
      this.#room = room;
    }
    this.#room.set(bytes, this.#length);
    this.#length = length;
  }
}
