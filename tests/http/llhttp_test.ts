/** Our decoder beside llhttp, the parser of Node and of Deno's node:http. */

import assert from "node:assert/strict";
import { type IncomingMessage, request } from "node:http";
import { Duplex } from "node:stream";
import fc from "fast-check";
import { scaled } from "../support/random.ts";
import { bytesOf, decode } from "./_replay.ts";

const RUNS = scaled(5_000);

interface Seen {
  status: number;
  headers: [string, string][];
  body: string;
}

/** What llhttp makes of an answer; undefined when it does not take it, or not to its end. */
function llhttp(answer: Uint8Array): Promise<Seen | undefined> {
  const { promise, resolve } = Promise.withResolvers<Seen | undefined>();
  let asked = false;
  const socket = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done();
      if (asked) return;
      asked = true;
      this.push(answer);
      this.push(null);
    },
  });
  const give = (seen?: Seen) => {
    resolve(seen);
    socket.destroy();
  };
  socket.on("error", () => give());
  const sent = request({ method: "GET", path: "/", createConnection: () => socket }, (message) => {
    const { statusCode, rawHeaders } = message as IncomingMessage;
    let body = "";
    message.setEncoding("latin1");
    message.on("data", (text: string) => body += text);
    message.on("error", () => give());
    message.on("end", () => {
      const headers: [string, string][] = [];
      for (let i = 0; i < rawHeaders.length; i += 2) {
        headers.push([rawHeaders[i]!.toLowerCase(), rawHeaders[i + 1]!.trim()]);
      }
      give(message.complete ? { status: statusCode!, headers, body } : undefined);
    });
  });
  sent.on("error", () => give());
  sent.end();
  return promise;
}

const token = fc.string({
  unit: fc.constantFrom(..."abcXYZ019-_"),
  minLength: 1,
  maxLength: 12,
}).filter((name) => !/^(connection|content-|transfer-|upgrade|trailer|-)/i.test(name));
const value = fc.string({ unit: fc.constantFrom(..."aZ09 ,;=\"'()[]é\t"), maxLength: 40 });
const answers = fc.record({
  status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
  reason: fc.constantFrom("OK", "", "Not Found", "Это"),
  headers: fc.array(fc.tuple(token, value), { maxLength: 8 }),
  parts: fc.array(fc.string({ minLength: 1, maxLength: 40, unit: "binary-ascii" }), {
    maxLength: 4,
  }),
  framing: fc.constantFrom("length", "chunked", "close"),
}).map(({ status, reason, headers, parts, framing }) => {
  const lines = headers.map(([name, text]) => `X${name}: ${text}\r\n`).join("");
  const body = parts.join("");
  const start = `HTTP/1.1 ${status} ${reason}\r\n${lines}`;
  if (framing === "close") return `${start}\r\n${body}`;
  if (framing === "length") return `${start}Content-Length: ${body.length}\r\n\r\n${body}`;
  const chunks = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("");
  return `${start}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`;
});

/** True when both take the answer; then they must have read the same. */
async function compare(text: string): Promise<boolean> {
  const bytes = bytesOf(text);
  const theirs = await llhttp(bytes);
  const ours = decode([bytes]);
  if (theirs === undefined || ours.code !== undefined) return false;
  assert.equal(ours.head!.status, theirs.status);
  assert.equal(ours.body, theirs.body);
  const joined = new Headers(theirs.headers);
  assert.deepEqual([...ours.head!.headers], [...joined]);
  return true;
}

Deno.test("llhttp and our decoder read the same in every good answer", async () => {
  await fc.assert(
    fc.asyncProperty(answers, async (text) => {
      assert.ok(await compare(text), `one refuses ${JSON.stringify(text)}`);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("damaged answers that both take are read the same", async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(
      answers,
      fc.array(fc.tuple(fc.nat(200), fc.constantFrom(..."\r\n :;,09aX\t\0-")), {
        minLength: 1,
        maxLength: 2,
      }),
      async (text, changes) => {
        for (const [at, sign] of changes) text = text.slice(0, at) + sign + text.slice(at + 1);
        if (await compare(text)) taken++;
      },
    ),
    { numRuns: RUNS },
  );
  assert.ok(taken > 0);
});
