/** A strict reader of DHAV: whatever is not as the reference says is an error. */

import assert from "node:assert/strict";

export interface DhavFrame {
  kind: "key" | "inter" | "audio" | "aux";
  channel: number;
  number: number;
  /** `YYYY-MM-DD HH:MM:SS`. */
  date: string;
  counter: number;
  extension: Uint8Array;
  payload: Uint8Array;
  offset: number;
}

const KINDS: Record<number, DhavFrame["kind"]> = {
  0xfd: "key",
  0xfc: "inter",
  0xf0: "audio",
  0xf1: "aux",
};

/** Reads the frame that begins at `offset`. */
export function readFrame(bytes: Uint8Array, offset: number): DhavFrame & { end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  const text = (at: number) =>
    new TextDecoder("latin1").decode(bytes.subarray(offset + at, offset + at + 4));
  assert.equal(text(0), "DHAV", `no frame at ${offset}`);
  const kind = KINDS[view.getUint8(4)];
  assert(kind !== undefined, `type ${view.getUint8(4)}`);
  const length = view.getUint32(12, true);
  const extensionLength = view.getUint8(22);
  assert(length >= 32 + extensionLength, "too short a frame");
  let sum = 0;
  for (let i = 0; i < 23; i++) sum += view.getUint8(i);
  assert.equal(view.getUint8(23), sum & 0xff, "checksum");
  assert.equal(text(length - 8), "dhav");
  assert.equal(view.getUint32(length - 4, true), length);
  const date = view.getUint32(16, true);
  const part = (shift: number, bits: number) =>
    String(date >>> shift & (1 << bits) - 1).padStart(2, "0");
  return {
    kind,
    channel: view.getUint8(6),
    number: view.getUint32(8, true),
    date: `20${part(26, 6)}-${part(22, 4)}-${part(17, 5)} ` +
      `${part(12, 5)}:${part(6, 6)}:${part(0, 6)}`,
    counter: view.getUint16(20, true),
    extension: bytes.subarray(offset + 24, offset + 24 + extensionLength),
    payload: bytes.subarray(offset + 24 + extensionLength, offset + length - 8),
    offset,
    end: offset + length,
  };
}

/** Reads frames to the end; `whole: false` lets the last one be cut off. */
export function readDhav(bytes: Uint8Array, whole = true): DhavFrame[] {
  const frames: DhavFrame[] = [];
  let at = 0;
  if (new TextDecoder("latin1").decode(bytes.subarray(0, 5)) === "DAHUA") at = 0x400;
  while (at < bytes.length) {
    if (!whole) {
      const left = bytes.length - at;
      if (
        left < 16 || new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(12, true) > left
      ) {
        break;
      }
    }
    const { end, ...frame } = readFrame(bytes, at);
    frames.push(frame);
    at = end;
  }
  return frames;
}
