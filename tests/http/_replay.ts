/** Bytes and answers, for the tests of the codecs. */

import assert from "node:assert/strict";
import { DhipError } from "../../lib/errors.ts";
import type { HeadLimits } from "../../lib/http/message_head.ts";
import { ResponseDecoder, type ResponseHead } from "../../lib/http/response_decoder.ts";
import { between } from "../support/random.ts";

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

export function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** Cuts bytes into pieces of 1 to `most` bytes. */
export function* cut(bytes: Uint8Array, random: () => number, most = 40): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const size = between(random, 1, most);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export interface Decoded {
  head: ResponseHead | undefined;
  body: string;
  ended: boolean;
  reusable: boolean;
  code: string | undefined;
}

/** Decodes an answer from its pieces and the end of the connection. */
export function decode(
  pieces: Iterable<Uint8Array>,
  { method = "GET", limits }: { method?: string; limits?: HeadLimits } = {},
): Decoded {
  const decoder = new ResponseDecoder(method, limits);
  const result: Decoded = {
    head: undefined,
    body: "",
    ended: false,
    reusable: false,
    code: undefined,
  };
  const take = (events: ReturnType<ResponseDecoder["push"]>) => {
    for (const event of events) {
      if (event.kind === "head") result.head = event.head;
      else if (event.kind === "data") result.body += textOf(event.bytes);
      else result.ended = true;
    }
  };
  try {
    for (const piece of pieces) {
      const reused = piece.slice();
      take(decoder.push(reused));
      reused.fill(0xaa); // a reader reuses its buffer
    }
    result.reusable = decoder.reusable;
    take(decoder.end());
  } catch (error) {
    assert.ok(error instanceof DhipError, String(error));
    result.code = error.code;
    if (error.code !== "DHIP_CONNECTION_LOST") {
      assert.throws(() => [...decoder.push(new Uint8Array(1))], error);
    }
  }
  return result;
}
