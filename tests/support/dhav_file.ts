/** DHAV frames by hand, for tests. */

export interface FrameOf {
  /** FD key picture, FC other picture, F0 sound. */
  readonly type?: number;
  readonly number?: number;
  /** The device's clock, `2026-04-29T09:55:00`. */
  readonly at?: string;
  readonly milliseconds?: number;
  readonly channel?: number;
  readonly extension?: Uint8Array;
  readonly payload?: Uint8Array;
}

export function dhavFrame(of: FrameOf = {}): Uint8Array {
  const { type = 0xfd, number = 0, at = "2026-04-29T09:55:00", milliseconds = 0 } = of;
  const { channel = 0, extension = new Uint8Array(0), payload = new Uint8Array(40).fill(number) } =
    of;
  const length = 24 + extension.length + payload.length + 8;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("DHAV"), 0);
  bytes.set([type, 0, channel, 0], 4);
  view.setUint32(8, number, true);
  view.setUint32(12, length, true);
  view.setUint32(16, packedDate(at), true);
  view.setUint16(20, milliseconds & 0xffff, true);
  bytes[22] = extension.length;
  bytes[23] = bytes.subarray(0, 23).reduce((sum, byte) => (sum + byte) & 0xff, 0);
  bytes.set(extension, 24);
  bytes.set(payload, 24 + extension.length);
  bytes.set(new TextEncoder().encode("dhav"), length - 8);
  view.setUint32(length - 4, length, true);
  return bytes;
}

/** Frames, one a second. */
export function dhavFile(count: number, from = "2026-04-29T09:55:00", size = 40): Uint8Array {
  const start = Temporal.PlainDateTime.from(from);
  const frames = Array.from({ length: count }, (_, index) =>
    dhavFrame({
      type: index % 5 === 0 ? 0xfd : 0xfc,
      number: index,
      at: start.add({ seconds: index }).toString(),
      payload: new Uint8Array(size).fill(index),
    }));
  return new Uint8Array(frames.flatMap((frame) => [...frame]));
}

function packedDate(text: string): number {
  const { year, month, day, hour, minute, second } = Temporal.PlainDateTime.from(text);
  return (((year - 2000) << 26) | (month << 22) | (day << 17) | (hour << 12) | (minute << 6) |
    second) >>> 0;
}
