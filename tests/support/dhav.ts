/** Writes DHAV for tests, after section 9.3 of the protocol reference. */

/** One frame to be. */
export interface DhavSpec {
  readonly type: number;
  readonly payload: Uint8Array;
  readonly extension?: readonly number[];
  /** Wall clock in milliseconds since 1970, as if the device were in UTC. */
  readonly wall: number;
  /** Milliseconds of the counter, any number. */
  readonly counter: number;
  readonly number: number;
  readonly channel?: number;
}

/** The bytes of a frame. */
function dhavFrame(spec: DhavSpec): Uint8Array {
  const { extension = [], payload } = spec;
  const length = 24 + extension.length + payload.length + 8;
  const frame = new Uint8Array(length);
  const view = new DataView(frame.buffer);
  frame.set([0x44, 0x48, 0x41, 0x56, spec.type, 0, spec.channel ?? 0, 0]);
  view.setUint32(8, spec.number, true);
  view.setUint32(12, length, true);
  const at = new Date(spec.wall);
  view.setUint32(
    16,
    ((at.getUTCFullYear() - 2000) << 26) | ((at.getUTCMonth() + 1) << 22) |
      (at.getUTCDate() << 17) | (at.getUTCHours() << 12) | (at.getUTCMinutes() << 6) |
      at.getUTCSeconds(),
    true,
  );
  view.setUint16(20, spec.counter & 0xffff, true);
  frame[22] = extension.length;
  frame[23] = frame.subarray(0, 23).reduce((sum, byte) => sum + byte, 0) & 0xff;
  frame.set(extension, 24);
  frame.set(payload, 24 + extension.length);
  frame.set([0x64, 0x68, 0x61, 0x76], length - 8);
  view.setUint32(length - 4, length, true);
  return frame;
}

/** Pictures of an elementary stream, each with its parameter sets and SEI in front. */
export function pictures(codec: "h264" | "h265", stream: Uint8Array): Uint8Array[] {
  const starts: { at: number; picture: boolean; first: boolean }[] = [];
  for (let at = 0; at + 4 < stream.length; at++) {
    if (stream[at] !== 0 || stream[at + 1] !== 0 || stream[at + 2] !== 1) continue;
    const head = stream[at + 3]!;
    const type = codec === "h264" ? head & 0x1f : (head >> 1) & 0x3f;
    const picture = codec === "h264" ? type >= 1 && type <= 5 : type < 32;
    // first_mb_in_slice is 0, or first_slice_segment_in_pic_flag is set: the first bit says both.
    const first = picture && (stream[at + (codec === "h264" ? 4 : 5)]! & 0x80) !== 0;
    starts.push({ at: at > 0 && stream[at - 1] === 0 ? at - 1 : at, picture, first });
  }
  const units: Uint8Array[] = [];
  let begin = 0;
  let seen = false;
  for (const { at, picture, first } of starts) {
    if (seen && (first || !picture)) {
      units.push(stream.subarray(begin, at));
      begin = at;
      seen = false;
    }
    if (picture) seen = true;
  }
  units.push(stream.subarray(begin));
  return units;
}

/** What a stream is made of. */
export interface DhavStream {
  readonly codec: "h264" | "h265";
  readonly units: readonly Uint8Array[];
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  /** G.711 A-law at 8 kHz, or ADTS frames of AAC. */
  readonly sound?:
    | { readonly codec: "alaw"; readonly samples: Uint8Array }
    | { readonly codec: "aac"; readonly frames: readonly Uint8Array[]; readonly rate: number };
  readonly channel?: number;
  /** Wall clock and counter of the first frame, milliseconds. */
  readonly wall?: number;
  readonly counter?: number;
  /** Changes a frame, or leaves it out. */
  readonly edit?: (spec: DhavSpec, time: number) => DhavSpec | undefined;
}

/** The frames of a recording in the order of their time. */
export function dhavFrames(stream: DhavStream): Uint8Array[] {
  const { codec, units, fps, width, height, sound, wall = Date.UTC(2026, 0, 2, 3, 4, 5) } = stream;
  const { counter = 65_000 } = stream;
  const timed: { time: number; spec: DhavSpec }[] = [];
  const add = (time: number, spec: Omit<DhavSpec, "wall" | "counter">) => {
    const place = { wall: wall + time, counter: Math.round(counter + time) };
    timed.push({ time, spec: { ...spec, ...place, channel: stream.channel ?? 0 } });
  };
  units.forEach((payload, number) => {
    const isKey = codec === "h264" ? hasType(payload, 7, 0x1f, 0) : hasType(payload, 33, 0x3f, 1);
    const size = [0x82, 0, 0, 0, width & 0xff, width >> 8, height & 0xff, height >> 8];
    const extension = [...size, 0x81, 0, codec === "h264" ? 2 : 0x0c, Math.round(fps)];
    add(number * 1000 / fps, { type: isKey ? 0xfd : 0xfc, payload, extension, number });
  });
  const extension = (id: number, rate: number) => [0x83, 1, id, rate];
  if (sound?.codec === "alaw") {
    for (let at = 0, number = 0; at < sound.samples.length; at += 320, number++) {
      const payload = sound.samples.subarray(at, at + 320);
      add(at / 8, { type: 0xf0, payload, extension: extension(0x0e, 2), number });
    }
  } else if (sound?.codec === "aac") {
    const rates: Record<number, number> = { 8000: 2, 16000: 4, 48000: 9 };
    sound.frames.forEach((payload, number) => {
      const time = number * 1024_000 / sound.rate;
      const tag = extension(0x1a, rates[sound.rate]!);
      add(time, { type: 0xf0, payload, extension: tag, number });
    });
  }
  timed.sort((a, b) => a.time - b.time);
  const { edit = (spec: DhavSpec) => spec } = stream;
  return timed.flatMap(({ spec, time }) => {
    const edited = edit(spec, time);
    return edited === undefined ? [] : [dhavFrame(edited)];
  });
}

function hasType(payload: Uint8Array, type: number, mask: number, shift: number): boolean {
  for (let at = 0; at + 3 < Math.min(payload.length, 512); at++) {
    const isStart = payload[at] === 0 && payload[at + 1] === 0 && payload[at + 2] === 1;
    if (isStart && ((payload[at + 3]! >> shift) & mask) === type) return true;
  }
  return false;
}

/** All bytes in one piece. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
