/** Events on the wire: golden vectors whole, byte by byte and at random cuts; hostile bytes. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { eventsOfPush, type WireEvent } from "../../lib/dhip/event.ts";
import { EventTextDecoder } from "../../lib/dhip/event_text.ts";
import { type JsonObject, MessageDecoder } from "../../lib/dhip/frame.ts";
import { NotifyScriptDecoder } from "../../lib/dhip/notify_script.ts";
import { DhipError } from "../../lib/errors.ts";
import { boundaryOf } from "../../lib/http/multipart.ts";
import { between, scaled, seeded } from "../support/random.ts";
import { fromHex } from "../support/vectors.ts";
import vectors from "../vectors/events.json" with { type: "json" };

interface Vector {
  readonly name: string;
  readonly kind: string;
  readonly input_hex: string;
  readonly contentType?: string;
  readonly chunkSizes?: number[];
  readonly expected: { readonly events: Omit<WireEvent, "raw">[]; readonly heartbeats: number };
}

type Found = Vector["expected"];

const bytesOf = (text: string) => new TextEncoder().encode(text);
const bare = ({ code, action, index, data }: WireEvent) => ({ code, action, index, data });

/** Decodes one vector from its pieces; the reader's buffer is overwritten after each of them. */
function decode(vector: Pick<Vector, "kind" | "contentType">, pieces: Iterable<Uint8Array>): Found {
  const events: WireEvent[] = [];
  let heartbeats = 0;
  const fed = (push: (piece: Uint8Array) => void) => {
    for (const piece of pieces) {
      const reused = piece.slice();
      push(reused);
      reused.fill(0xaa);
    }
  };
  if (vector.kind === "cgi_multipart") {
    const decoder = new EventTextDecoder(boundaryOf(vector.contentType!)!);
    const take = (items: ReturnType<EventTextDecoder["push"]>) => {
      for (const item of items) {
        if (item === "heartbeat") heartbeats++;
        else events.push(item.event);
      }
    };
    fed((piece) => take(decoder.push(piece)));
    take(decoder.end());
  } else {
    const take = (push: JsonObject) => events.push(...eventsOfPush(push));
    if (vector.kind === "dhip_push") {
      const decoder = new MessageDecoder();
      fed((piece) => {
        for (const { json } of decoder.push(piece)) take(json!);
      });
    } else {
      const decoder = new NotifyScriptDecoder();
      fed((piece) => decoder.push(piece).forEach(take));
    }
  }
  return { events: events.map(bare), heartbeats };
}

function* cut(bytes: Uint8Array, size: () => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const length = size();
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

for (const vector of vectors as Vector[]) {
  Deno.test({
    name: `vector: ${vector.kind}: ${vector.name}`,
    permissions: "none",
    fn() {
      const bytes = fromHex(vector.input_hex);
      const { expected, chunkSizes } = vector;
      assert.deepEqual(decode(vector, [bytes]), expected, "whole");
      assert.deepEqual(decode(vector, cut(bytes, () => 1)), expected, "byte by byte");
      if (chunkSizes !== undefined) {
        let turn = 0;
        const size = () => chunkSizes[turn++ % chunkSizes.length]!;
        assert.deepEqual(decode(vector, cut(bytes, size)), expected, "the vector's own cuts");
      }
    },
  });
}

Deno.test("vectors at random cuts", () => {
  for (let seed = 1; seed <= scaled(2_000); seed++) {
    const random = seeded(seed);
    const vector = (vectors as Vector[])[between(random, 0, vectors.length - 1)]!;
    const pieces = cut(fromHex(vector.input_hex), () => between(random, 1, 50));
    assert.deepEqual(decode(vector, pieces), vector.expected, `${vector.name}, seed ${seed}`);
  }
});

Deno.test("an event is told at the end of its line or its data, not at the next boundary", () => {
  const decoder = new EventTextDecoder("myboundary");
  const head = "--myboundary\r\nContent-Type: text/plain\r\nContent-Length: 37\r\n\r\n";
  assert.equal(decoder.push(bytesOf(`${head}Code=VideoMotion;action=Start;index=0\r\n`)).length, 1);
  assert.equal(
    decoder.push(bytesOf(`${head}Code=NewFile;action=Pulse;index=0;data={"a":1}`)).length,
    1,
  );
});

Deno.test("data keeps its strings, lists and Chinese, and a boundary in a string is none", () => {
  const data = { text: '}];--x"\\', list: [[1], { a: "\n--b\n" }] };
  const list = `--b\r\n\r\nCode=A;action=State;index=-1;data=${
    JSON.stringify([data])
  }\r\n--b\r\n\r\n`;
  const decoder = new EventTextDecoder("b");
  const [item] = decoder.push(bytesOf(list));
  assert.ok(item !== undefined && item !== "heartbeat");
  assert.deepEqual(bare(item.event), { code: "A", action: "State", index: -1, data: [data] });
  const gbk = [...bytesOf('code=A;action=Start;index=0;data={"n":"'), 0xb0, 0x5c, ...bytesOf('"}')];
  // 0xb05c: the second byte of the character looks like a backslash.
  const [chinese] = new EventTextDecoder("b").push(new Uint8Array([...gbk, 0x22, 0x7d, 0x0a]));
  assert.ok(chinese !== undefined && chinese !== "heartbeat");
  assert.equal(chinese.event.code, "A");
});

Deno.test("what an event was called on the wire stays in raw", () => {
  const [item] = new EventTextDecoder("b").push(bytesOf("Code=A;action=Stop;index=3;data={}\n"));
  assert.ok(item !== undefined && item !== "heartbeat");
  assert.deepEqual(item.event.raw, { Code: "A", action: "Stop", index: 3, data: {} });
});

Deno.test("limits end a stream with a typed error, for good", () => {
  const text = new EventTextDecoder("b", { maxEvent: 100 });
  const start = bytesOf("Code=A;action=Start;index=0;data={");
  text.push(start);
  const tooLarge = { code: "DHIP_HTTP_TOO_LARGE" };
  assert.throws(() => text.push(new Uint8Array(200).fill(0x20)), tooLarge);
  assert.throws(() => text.push(start), tooLarge);
  const line = new EventTextDecoder("b");
  assert.throws(() => line.push(new Uint8Array(70_000).fill(0x41)), tooLarge);
  const script = new NotifyScriptDecoder({ maxMessage: 100 });
  script.push(bytesOf("json={"));
  assert.throws(() => script.push(new Uint8Array(200).fill(0x20)), tooLarge);
  assert.throws(() => script.push(start), tooLarge);
});

Deno.test("random and mutated bytes give events or typed errors, whatever the cuts", () => {
  const seedsOf = (vectors as Vector[]).filter(({ kind }) => kind !== "dhip_push");
  const mutated = fc.tuple(fc.nat(seedsOf.length - 1), fc.array(fc.tuple(fc.nat(), fc.nat(255))))
    .map(([which, changes]) => {
      const bytes = fromHex(seedsOf[which]!.input_hex);
      for (const [place, value] of changes) bytes[place % bytes.length] = value;
      return { vector: seedsOf[which]!, bytes };
    });
  const tried = (vector: Vector, pieces: Iterable<Uint8Array>) => {
    try {
      return decode(vector, pieces);
    } catch (error) {
      assert.ok(error instanceof DhipError, String(error));
      return error.code;
    }
  };
  fc.assert(
    fc.property(mutated, fc.integer({ min: 1, max: 30 }), ({ vector, bytes }, size) => {
      assert.deepEqual(tried(vector, cut(bytes, () => size)), tried(vector, [bytes]));
    }),
    { numRuns: scaled(5_000) },
  );
});
