/**
 * The shapes that answers with files come in.
 *
 * @module
 */

import type { FileBody, HttpAnswer } from "../web/message.ts";
import type { LoadfileForm } from "./options.ts";

const BOUNDARY = "myboundary";
const encoder = new TextEncoder();

/** An answer with a file. `length` is that of the whole body, announced or not. */
export function wrap(
  form: LoadfileForm,
  pieces: FileBody["pieces"],
  length: number,
  session: unknown = 0,
): HttpAnswer {
  const type = "application/octet-stream";
  const answer = (type: string, file: FileBody): HttpAnswer => ({
    status: 200,
    type,
    body: "",
    file,
  });
  switch (form) {
    case "raw":
      return answer(type, { length, pieces });
    case "unsized":
      return answer(type, { length: undefined, pieces });
    case "multipart": {
      const inner = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;
      const status = JSON.stringify({ id: 0, result: true, session });
      const head = `--${BOUNDARY}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${status.length}\r\n\r\n${status}\r\n` +
        `--${BOUNDARY}\r\nContent-Type: application/http\r\n` +
        `Content-Length: ${inner.length + length}\r\n\r\n${inner}`;
      const tail = `\r\n--${BOUNDARY}--\r\n`;
      return answer(`multipart/x-mixed-replace; boundary=${BOUNDARY}`, {
        length: head.length + length + tail.length,
        pieces: between(head, pieces, tail),
      });
    }
    case "base64": {
      const head = `{"result": true, "params": {"body": "`;
      const tail = `", "contentType": "video/x-dav"}}`;
      return answer("application/json", {
        length: head.length + Math.ceil(length / 3) * 4 + tail.length,
        pieces: between(head, base64(pieces), tail),
      });
    }
  }
}

async function* between(
  head: string,
  pieces: FileBody["pieces"],
  tail: string,
): AsyncGenerator<Uint8Array, void, void> {
  yield encoder.encode(head);
  yield* pieces;
  yield encoder.encode(tail);
}

/** Three bytes make four characters: what is left over waits for the next piece. */
async function* base64(
  pieces: FileBody["pieces"],
): AsyncGenerator<Uint8Array, void, void> {
  let rest = new Uint8Array(0);
  for await (const piece of pieces) {
    const all = new Uint8Array(rest.length + piece.length);
    all.set(rest);
    all.set(piece, rest.length);
    const whole = all.length - all.length % 3;
    yield encoder.encode(all.subarray(0, whole).toBase64());
    rest = all.slice(whole);
  }
  yield encoder.encode(rest.toBase64());
}
