/**
 * Messages of the device as frames: whole, fragmented in either way, and deliberately wrong.
 *
 * @module
 */

import { encodeMessage, HEADER_SIZE } from "../dhip/frame.ts";

/** A message on its way out. */
export interface DeviceMessage {
  /** Session of the header. */
  readonly session: number;
  /** Request id of the header. */
  readonly requestId: number;
  /** JSON text with its final newline. */
  readonly text: string;
  /** Binary part. */
  readonly binary: Uint8Array;
}

/** `DHIP` as a little-endian integer. */
const MAGIC = 0x50494844;

const encoder = new TextEncoder();

/** Bytes that one frame with this text can need at the most. */
export function worstSize(text: string): number {
  return HEADER_SIZE + text.length * 3; // three bytes of UTF-8 for a UTF-16 unit at the most
}

/** Writes a frame of JSON alone into `room` and returns its size; `room` must hold the worst case. */
export function writeFrame(
  room: Uint8Array<ArrayBuffer>,
  offset: number,
  session: number,
  requestId: number,
  text: string,
): number {
  const { written: length } = encoder.encodeInto(text, room.subarray(offset + HEADER_SIZE));
  writeHeader(room, offset, session, requestId, length, 0, length, 0);
  return HEADER_SIZE + length;
}

/** The message in frames with bodies of at most `most` bytes (kind `a`; `b` cuts only binary). */
export function framesOf(
  message: DeviceMessage,
  kind: "a" | "b",
  most: number,
): Uint8Array<ArrayBuffer>[] {
  const { session, requestId, text, binary } = message;
  if (text.length * 3 + binary.length <= most) { // three bytes of UTF-8 for a unit at the most
    return [encodeMessage({ session, requestId, json: text, binary })];
  }
  return framesOfBytes(message, encoder.encode(text), kind, most);
}

/** As {@linkcode framesOf}, for a JSON part that is bytes already. */
export function framesOfBytes(
  ids: Pick<DeviceMessage, "session" | "requestId" | "binary">,
  json: Uint8Array,
  kind: "a" | "b",
  most: number,
): Uint8Array<ArrayBuffer>[] {
  return kind === "a" ? sharedBody(ids, json, most) : selfContained(ids, json, most);
}

/** Convention A (DahuaConsole): the totals in every header, the bodies joined are the message. */
function sharedBody(
  ids: Pick<DeviceMessage, "session" | "requestId" | "binary">,
  json: Uint8Array,
  most: number,
): Uint8Array<ArrayBuffer>[] {
  const { binary } = ids;
  const body = new Uint8Array(json.length + binary.length);
  body.set(json);
  body.set(binary, json.length);
  const frames = [];
  for (let offset = 0, index = 0; offset === 0 || offset < body.length; offset += most) {
    const piece = body.subarray(offset, offset + most);
    frames.push(frame(ids, piece, index++, json.length, binary.length));
  }
  return frames;
}

/** Convention B (python-dhip): each frame has JSON of its own and a piece of the binary. */
function selfContained(
  ids: Pick<DeviceMessage, "session" | "requestId" | "binary">,
  json: Uint8Array,
  most: number,
): Uint8Array<ArrayBuffer>[] {
  const { binary, requestId } = ids;
  const more = encoder.encode(`{"id":${requestId}}\n`);
  const frames = [];
  for (let offset = 0, index = 0; offset === 0 || offset < binary.length; offset += most) {
    const head = index === 0 ? json : more;
    const piece = binary.subarray(offset, offset + most);
    const body = new Uint8Array(head.length + piece.length);
    body.set(head);
    body.set(piece, head.length);
    frames.push(frame(ids, body, index++, head.length, piece.length));
  }
  return frames;
}

/** One frame whose totals need not be those of its body. */
function frame(
  ids: Pick<DeviceMessage, "session" | "requestId">,
  body: Uint8Array,
  index: number,
  messageLength: number,
  dataLength: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_SIZE + body.length);
  const { session, requestId } = ids;
  writeHeader(bytes, 0, session, requestId, body.length, index, messageLength, dataLength);
  bytes.set(body, HEADER_SIZE);
  return bytes;
}

/** Byte by byte: a view for each of a thousand short replies costs more than its writes. */
function writeHeader(
  bytes: Uint8Array,
  offset: number,
  session: number,
  requestId: number,
  packageLength: number,
  packageIndex: number,
  messageLength: number,
  dataLength: number,
): void {
  put(bytes, offset, HEADER_SIZE);
  put(bytes, offset + 4, MAGIC);
  put(bytes, offset + 8, session);
  put(bytes, offset + 12, requestId);
  put(bytes, offset + 16, packageLength);
  put(bytes, offset + 20, packageIndex);
  put(bytes, offset + 24, messageLength);
  put(bytes, offset + 28, dataLength);
}

/** A u32, little-endian. */
function put(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}

/** A header that announces four gigabytes. */
export function oversizeHeader(
  ids: Pick<DeviceMessage, "session" | "requestId">,
): Uint8Array<ArrayBuffer> {
  const bytes = frame(ids, new Uint8Array(0), 0, 0xffff_ffff, 0);
  new DataView(bytes.buffer).setUint32(16, 0xffff_ffff, true);
  return bytes;
}

/** What an HTTP server says to bytes it does not understand. */
export function httpAnswer(): Uint8Array<ArrayBuffer> {
  const body = "<html><head><title>400 Bad Request</title></head></html>\r\n";
  return encoder.encode(
    `HTTP/1.1 400 Bad Request\r\nServer: Webs\r\nContent-Type: text/html\r\n` +
      `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
