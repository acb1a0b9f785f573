/**
 * Whole parts of a multipart body, for parts that fit into memory.
 *
 * @module
 */

import { concat } from "../net/bytes.ts";
import { badHttp } from "./_errors.ts";
import {
  boundaryOf,
  MultipartDecoder,
  type MultipartEvent,
  type MultipartLimits,
} from "./multipart.ts";
import type { HttpResponse } from "./response.ts";

/** One part. */
export interface Part {
  /** Headers; values are byte strings. */
  readonly headers: Headers;
  /** Content. */
  readonly body: Uint8Array;
}

/**
 * Reads a multipart answer part by part, each as soon as it is whole. Leaving the loop early gives
 * the connection up.
 *
 * @throws {DhipError} `DHIP_BAD_HTTP` when it is not multipart or malformed,
 *   `DHIP_HTTP_TOO_LARGE`, `DHIP_CONNECTION_LOST`, `DHIP_TIMEOUT`, `DHIP_INTERRUPTED`
 */
export async function* readParts(
  response: HttpResponse,
  limits: MultipartLimits = {},
): AsyncGenerator<Part, void, void> {
  const boundary = boundaryOf(response.headers.get("content-type"));
  if (boundary === undefined) {
    await response.discard();
    throw badHttp("The answer is not multipart");
  }
  const decoder = new MultipartDecoder(boundary, limits);
  let headers = new Headers();
  const body: Uint8Array[] = [];
  const take = (event: MultipartEvent): Part | undefined => {
    if (event.kind === "end") return { headers, body: concat(body.splice(0)) };
    if (event.kind === "part") headers = event.headers;
    else body.push(event.bytes.slice());
    return undefined;
  };
  for await (const chunk of response.body) {
    for (const event of decoder.push(chunk)) {
      const part = take(event);
      if (part !== undefined) yield part;
    }
  }
  for (const event of decoder.end()) {
    const part = take(event);
    if (part !== undefined) yield part;
  }
}
