/**
 * The JSON part of a message, with what real firmwares do to it.
 *
 * @module
 */

import { FrameError } from "../errors.ts";

/** A JSON object as it stands in a message. */
export type JsonObject = { [key: string]: unknown };

/** What was found in a JSON part. */
export interface ParsedBody {
  /** The object, or null. */
  readonly json: JsonObject | null;
  /** Bytes behind the first newline, when only the part before it was JSON. */
  readonly rest?: Uint8Array;
  /** Why there is no object although there were bytes. */
  readonly error?: FrameError;
}

const NOTHING: ParsedBody = { json: null };
const NEWLINE = 0x0a;

const utf8 = new TextDecoder(); // with replacement characters: a bad name never costs the message
let gbk: TextDecoder | undefined;

/**
 * Parses the JSON part. Trailing NUL, CR and LF are ignored; text that is not UTF-8 keeps its
 * replacement characters; GBK, whose second bytes can look like quotes and backslashes, is decoded
 * as such when it would break the JSON otherwise; a newline may separate JSON from binary.
 */
export function parseBody(bytes: Uint8Array): ParsedBody {
  let end = bytes.length;
  while (end > 0 && isPadding(bytes[end - 1]!)) end--;
  if (end === 0) return NOTHING;
  const text = utf8.decode(end === bytes.length ? bytes : bytes.subarray(0, end));
  const json = parseObject(text);
  if (json !== undefined) return { json };
  const newline = bytes.indexOf(NEWLINE);
  if (newline > 0 && newline < end) {
    const head = parseObject(utf8.decode(bytes.subarray(0, newline)));
    if (head !== undefined) return { json: head, rest: bytes.subarray(newline + 1) };
  }
  if (text.includes("\ufffd")) {
    gbk ??= new TextDecoder("gbk");
    const chinese = parseObject(gbk.decode(bytes.subarray(0, end)));
    if (chinese !== undefined) return { json: chinese };
  }
  return {
    json: null,
    error: new FrameError("bad_json", "DHIP_BAD_JSON", "A message body is not a JSON object"),
  };
}

function isPadding(byte: number): boolean {
  return byte === 0 || byte === NEWLINE || byte === 0x0d;
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as JsonObject
      : undefined;
  } catch {
    return undefined;
  }
}
