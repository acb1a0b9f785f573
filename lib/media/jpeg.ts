/**
 * Whether bytes are a whole JPEG picture, told from its structure. Pure: nothing is decoded.
 *
 * @module
 */

/** What bytes are that should be a picture. */
export type JpegVerdict =
  | {
    readonly kind: "complete";
    /** Pixels. */
    readonly width: number;
    /** Pixels. */
    readonly height: number;
    /** Bytes from start to end of the picture; devices may send padding behind it. */
    readonly length: number;
  }
  | {
    /** It began as a picture, and its end is missing. */
    readonly kind: "truncated";
    /** Where the bytes end, for people: `in the picture data`. */
    readonly where: string;
  }
  | {
    /** No picture, or a damaged one. */
    readonly kind: "garbage";
    /** Why, for people. */
    readonly reason: string;
  };

/** Markers, the second byte behind 0xFF (ITU-T T.81 table B.1). */
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
/** Not start-of-frame although in its range: DHT, JPG, DAC. */
const NO_FRAME = [0xc4, 0xc8, 0xcc];

/**
 * Walks the segments of a JPEG from its first to its last marker.
 *
 * ```ts
 * import { inspectJpeg } from "@dhip/dhip";
 *
 * if (inspectJpeg(new TextEncoder().encode("<html>")).kind !== "garbage") throw new Error();
 * if (inspectJpeg(Uint8Array.of(0xff, 0xd8)).kind !== "truncated") throw new Error();
 * ```
 */
export function inspectJpeg(bytes: Uint8Array): JpegVerdict {
  if (bytes.length === 0) return truncated("before the first byte");
  if (bytes[0] !== 0xff || (bytes.length > 1 && bytes[1] !== SOI)) {
    return garbage("it does not begin as a JPEG");
  }
  let size: { width: number; height: number } | undefined;
  let scans = 0;
  for (let at = 2;;) {
    const head = markerAt(bytes, at);
    if (typeof head !== "object") return verdictOf(head, at);
    const { marker, next } = head;
    if (marker === EOI) {
      if (size === undefined || scans === 0) return garbage("it holds no picture data");
      return { kind: "complete", ...size, length: next };
    }
    if (marker === SOI) return garbage(`a second picture begins inside, at byte ${at}`);
    if (isStandalone(marker)) return garbage(`a stray marker at byte ${at}`);
    if (next + 2 > bytes.length) return truncated("in a header");
    const length = word(bytes, next);
    if (length < 2) return garbage(`a header of ${length} bytes at byte ${at}`);
    const end = next + length;
    if (end > bytes.length) return truncated("in a header");
    if (isFrame(marker)) {
      if (length < 8) return garbage(`a frame header of ${length} bytes`);
      size = { height: word(bytes, next + 3), width: word(bytes, next + 5) };
      if (size.width === 0 || size.height === 0) return garbage("its size is 0");
    }
    if (marker !== SOS) {
      at = end;
      continue;
    }
    if (size === undefined) return garbage("picture data before the frame header");
    const over = endOfScan(bytes, end);
    if (over === undefined) return truncated("in the picture data");
    if (over > end) scans++;
    at = over;
  }
}

/** The marker at a place and where it ends; any number of 0xFF may stand before it. */
function markerAt(
  bytes: Uint8Array,
  at: number,
): { marker: number; next: number } | "end" | "none" {
  if (at >= bytes.length) return "end";
  if (bytes[at] !== 0xff) return "none";
  let next = at + 1;
  while (bytes[next] === 0xff) next++;
  if (next >= bytes.length) return "end";
  const marker = bytes[next]!;
  // 0x00 is data, 0x02 to 0xBF are reserved: nothing that a camera would write.
  return marker < 0xc0 && marker !== 0x01 ? "none" : { marker, next: next + 1 };
}

function verdictOf(fault: "end" | "none", at: number): JpegVerdict {
  return fault === "end" ? truncated("between headers") : garbage(`no marker at byte ${at}`);
}

/** Where the data of a scan end: at the first marker that is no restart. */
function endOfScan(bytes: Uint8Array, start: number): number | undefined {
  for (let at = start;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) return undefined;
    let next = at + 1;
    while (bytes[next] === 0xff) next++;
    const marker = bytes[next];
    if (marker === undefined) return undefined;
    if (marker !== 0x00 && !isRestart(marker)) return at;
    at = next + 1;
  }
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.includes(marker);
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}

/** TEM and restarts have no length. */
function isStandalone(marker: number): boolean {
  return marker === 0x01 || isRestart(marker);
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 8 | bytes[at + 1]!;
}

function truncated(where: string): JpegVerdict {
  return { kind: "truncated", where };
}

function garbage(reason: string): JpegVerdict {
  return { kind: "garbage", reason };
}
