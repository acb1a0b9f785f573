/** Events from bytes to their common shape, on each transport. */

import { normalise } from "../../lib/camera/events/normalise.ts";
import { eventsOfPush, type WireEvent } from "../../lib/dhip/event.ts";
import { EventTextDecoder } from "../../lib/dhip/event_text.ts";
import { encodeMessage, MessageDecoder } from "../../lib/dhip/frame.ts";
import { NotifyScriptDecoder } from "../../lib/dhip/notify_script.ts";
import { concat } from "../../lib/net/bytes.ts";
import { atLeast, fastestSeconds, type Row } from "./_harness.ts";

const COUNT = 20_000;
const READ_SIZE = 64 * 1024;
const CONTEXT = { titles: ["Door"], zone: 3600 };

const DATA = {
  Name: "Rule 1",
  Object: { ObjectType: "Human", BoundingBox: [1000, 2000, 3000, 4000] },
  LocaleTime: "2026-01-01 10:00:00",
  RealUTC: 1_767_258_000,
};
const EVENT = { Action: "Start", Code: "CrossLineDetection", Index: 0, Data: DATA };
const PUSH = {
  id: 8,
  method: "client.notifyEventStream",
  params: { SID: 513, eventList: [EVENT] },
  session: 195948557,
};

const bytes = (text: string) => new TextEncoder().encode(text);

function repeat(piece: Uint8Array): Uint8Array {
  return concat(Array.from({ length: COUNT }, () => piece));
}

/** Decodes a stream in pieces as a socket delivers them. */
function decode(stream: Uint8Array, push: (piece: Uint8Array) => Iterable<WireEvent>): void {
  let shaped = 0;
  for (let at = 0; at < stream.length; at += READ_SIZE) {
    for (const event of push(stream.subarray(at, at + READ_SIZE))) {
      if (normalise(event, "2026-01-01T09:00:00.000Z", CONTEXT).channel === 1) shaped++;
    }
  }
  if (shaped !== COUNT) throw new Error(`${shaped} events of ${COUNT}`);
}

export async function run(): Promise<Row[]> {
  const frames = repeat(encodeMessage({ requestId: 8, json: PUSH }));
  const text = `Code=CrossLineDetection;action=Start;index=0;data=${
    JSON.stringify(DATA, undefined, 3)
  }\n`;
  const parts = repeat(
    bytes(
      `--myboundary\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}\r\n`,
    ),
  );
  const scripts = repeat(
    bytes(`<script>var json=${JSON.stringify(PUSH)};receiveMessage(json);</script>\r\n`),
  );
  const [dhip, cgi, rpc] = await fastestSeconds(
    7,
    () => {
      const decoder = new MessageDecoder();
      decode(frames, function* (piece) {
        for (const { json } of decoder.push(piece)) if (json !== null) yield* eventsOfPush(json);
      });
    },
    () => {
      const decoder = new EventTextDecoder("myboundary");
      decode(parts, function* (piece) {
        for (const item of decoder.push(piece)) if (item !== "heartbeat") yield item.event;
      });
    },
    () => {
      const decoder = new NotifyScriptDecoder();
      decode(scripts, function* (piece) {
        for (const json of decoder.push(piece)) yield* eventsOfPush(json);
      });
    },
  );
  const rate = (seconds: number) => COUNT / seconds / 1000;
  return [
    atLeast("events a second, pushes over DHIP", rate(dhip!), 100, "thousand"),
    atLeast("events a second, stream of the web API", rate(cgi!), 100, "thousand"),
    atLeast("events a second, pushes over HTTP", rate(rpc!), 100, "thousand"),
  ];
}
