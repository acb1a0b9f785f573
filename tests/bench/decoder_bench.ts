/** The frame decoder against a plain copy and against `TextDecoder` + `JSON.parse`. */

import { encodeMessage, MessageDecoder } from "../../lib/dhip/frame.ts";
import { atLeast, atMost, fastestSeconds, type Row } from "./_harness.ts";

const READ_SIZE = 64 * 1024;

/** The stream in pieces as a socket delivers them, in one reused buffer. */
function decodeAll(stream: Uint8Array): number {
  const decoder = new MessageDecoder();
  const buffer = new Uint8Array(READ_SIZE);
  let messages = 0;
  for (let offset = 0; offset < stream.length; offset += READ_SIZE) {
    const piece = stream.subarray(offset, offset + READ_SIZE);
    buffer.set(piece);
    for (const message of decoder.push(buffer.subarray(0, piece.length))) {
      if (message.requestId > 0) messages++;
    }
  }
  return messages;
}

function repeat(frame: Uint8Array, times: number): Uint8Array {
  const stream = new Uint8Array(frame.length * times);
  for (let i = 0; i < times; i++) stream.set(frame, i * frame.length);
  return stream;
}

export async function run(): Promise<Row[]> {
  const large = repeat(
    encodeMessage({
      requestId: 1,
      json: { id: 1, result: true },
      binary: new Uint8Array(64 * 1024),
    }),
    1000,
  );
  const [largeTime] = await fastestSeconds(15, () => decodeAll(large));

  const reply = {
    id: 77,
    session: 195948557,
    result: true,
    params: {
      table: Array.from({ length: 11 }, (_, i) => ({
        Name: `Gate ${i}`,
        Enable: i % 2 === 0,
        Address: `192.0.2.${i}`,
        HttpPort: 80,
        Channels: [i, i + 1, i + 2],
      })),
    },
  };
  const frame = encodeMessage({ requestId: 77, json: reply });
  const count = 20_000;
  const small = repeat(frame, count);
  const body = frame.subarray(32);
  const [decoded, parsed] = await fastestSeconds(15, () => decodeAll(small), () => {
    const decoder = new TextDecoder();
    let messages = 0;
    for (let i = 0; i < count; i++) {
      if (JSON.parse(decoder.decode(body)).id > 0) messages++;
    }
    return messages;
  });
  return [
    atLeast("decode 64 KiB binary messages", large.length / largeTime! / 1e9, 1, "GB/s"),
    atMost(
      `decode ${body.length}-byte messages, over TextDecoder + JSON.parse`,
      decoded! / parsed!,
      1.25,
      "x",
    ),
  ];
}
