import assert from "node:assert/strict";
import { DhipError, FrameError } from "../../lib/errors.ts";
import {
  encodeMessage,
  type FrameLimits,
  type Message,
  MessageDecoder,
} from "../../lib/dhip/frame.ts";
import { between, scaled, seeded } from "../support/random.ts";
import { type FrameVector, frameVectors, fromHex } from "../support/vectors.ts";

interface Replay {
  messages: Message[];
  error: FrameError | undefined;
  errorAtEof: FrameError | undefined;
}

/** Feeds the chunks; what the decoder yields is copied, as its views are overwritten. */
function replay(chunks: Iterable<Uint8Array>, limits?: FrameLimits): Replay {
  const decoder = new MessageDecoder(limits);
  const messages: Message[] = [];
  let error: FrameError | undefined;
  let errorAtEof: FrameError | undefined;
  try {
    for (const chunk of chunks) {
      const reused = chunk.slice();
      for (const message of decoder.push(reused)) {
        messages.push({ ...message, binary: message.binary.slice() });
      }
      reused.fill(0xaa); // a reader reuses its buffer: nothing may still point into it
    }
  } catch (caught) {
    assert.ok(caught instanceof FrameError, String(caught));
    error = caught;
    assert.throws(() => [...decoder.push(new Uint8Array(1))], caught);
  }
  try {
    decoder.end();
  } catch (caught) {
    assert.ok(caught instanceof FrameError);
    errorAtEof = caught;
  }
  return { messages, error, errorAtEof };
}

function check(vector: FrameVector, result: Replay): void {
  const { expected } = vector;
  const isBadJson = expected.error === "bad_json";
  if (isBadJson) {
    assert.equal(result.error, undefined);
    assert.equal(result.messages.length, 1);
    assert.equal(result.messages[0]!.error?.fault, "bad_json");
    assert.equal(result.messages[0]!.json, null);
    return;
  }
  assert.equal(result.error?.fault ?? null, expected.error);
  if (expected.errorAtEof !== undefined) {
    assert.equal(result.errorAtEof?.fault ?? null, expected.errorAtEof);
  }
  assert.equal(result.messages.length, expected.messages.length);
  for (const [index, want] of expected.messages.entries()) {
    const got = result.messages[index]!;
    assert.equal(got.session, want.session);
    assert.equal(got.requestId, want.requestId);
    assert.equal(got.messageLength, want.messageLength);
    assert.deepEqual(got.json, want.json_with_replacement ?? want.json);
    assert.equal(got.binary.toHex(), want.binary_hex);
    assert.equal(got.packageIndex, want.packageIndex ?? 0);
    assert.equal(got.error, undefined);
  }
  if (vector.joined_binary_hex !== undefined) {
    assert.equal(result.messages.map((m) => m.binary.toHex()).join(""), vector.joined_binary_hex);
  }
}

for (const vector of frameVectors) {
  Deno.test({
    name: `frame vector: ${vector.name}`,
    permissions: { env: ["DHIP_TEST_SCALE"] },
    fn() {
      const bytes = fromHex(vector.input_hex);
      check(vector, replay([bytes], vector.limits));
      check(vector, replay([...bytes].map((byte) => new Uint8Array([byte])), vector.limits));
      const random = seeded(1);
      for (let run = 0; run < 1000; run++) {
        const cuts = Array.from(
          { length: between(random, 1, 6) },
          () => between(random, 0, bytes.length),
        ).sort((a, b) => a - b);
        const chunks = [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length));
        check(vector, replay(chunks, vector.limits));
      }
      if (vector.encode !== undefined) {
        const { session, requestId, json, binary_hex } = vector.encode;
        const binary = fromHex(binary_hex);
        assert.equal(
          encodeMessage({ session, requestId, json, binary }).toHex(),
          vector.input_hex,
        );
      }
    },
  });
}

Deno.test("decoder reads GBK names that would break the JSON", () => {
  // 誠 is D5 5C in GBK: its second byte is a backslash and would escape the closing quote.
  const json = new Uint8Array([...new TextEncoder().encode('{"n":"'), 0xd5, 0x5c, 0x22, 0x7d]);
  const frame = new Uint8Array(32 + json.length);
  frame.set(encodeMessage({ json: "" }).subarray(0, 32));
  frame.set(json, 32);
  const view = new DataView(frame.buffer);
  view.setUint32(16, json.length, true);
  view.setUint32(24, json.length, true);
  const { messages } = replay([frame]);
  assert.deepEqual(messages[0]!.json, { n: "誠" });
});

Deno.test("decoder names a foreign protocol from its first eight bytes", () => {
  for (const [text, fault] of [["HTTP/1.1 4", "not_dhip_http"], ["SSH-2.0-", "bad_magic"]]) {
    const { error } = replay([new TextEncoder().encode(text)]);
    assert.equal(error?.fault, fault);
    assert.equal(error?.code, "DHIP_WRONG_PROTOCOL");
    assert.match(error!.hint!, /5000/);
  }
  const alert = replay([new Uint8Array([0x15, 3, 3, 0, 2, 2, 70])]);
  assert.equal(alert.errorAtEof?.message, "This port speaks TLS");
  assert.equal(alert.errorAtEof?.code, "DHIP_WRONG_PROTOCOL");
});

Deno.test("decoder keeps the order of fragments, and a first one begins anew", () => {
  const whole = encodeMessage({ requestId: 9, json: { id: 9, text: "x".repeat(100) } });
  const total = whole.length - 32;
  const fragment = (index: number, from: number, to: number) => {
    const frame = whole.slice(0, 32 + to - from);
    frame.set(whole.subarray(32 + from, 32 + to), 32);
    const view = new DataView(frame.buffer);
    view.setUint32(16, to - from, true);
    view.setUint32(20, index, true);
    return frame;
  };
  const push = encodeMessage({ requestId: 8, json: { id: 8, method: "client.notifyX" } });
  const good = replay([fragment(0, 0, 50), push, fragment(1, 50, total)]);
  assert.deepEqual(good.messages.map((m) => m.requestId), [8, 9]);
  const anew = replay([fragment(0, 0, 50), fragment(0, 0, 60), fragment(1, 60, total)]);
  assert.deepEqual(anew.messages.map((m) => m.json?.id), [9]);
  const repeated = replay([fragment(0, 0, 50), fragment(1, 50, 60), fragment(1, 60, total)]);
  assert.equal(repeated.error?.fault, "bad_sequence");
  const orphan = replay([fragment(3, 50, total)]);
  assert.equal(orphan.error?.fault, "bad_sequence");
});

Deno.test("decoder bounds fragments, open messages and their bytes together", () => {
  const first = (requestId: number, body: number) => {
    const frame = encodeMessage({ requestId, json: "x".repeat(body) });
    new DataView(frame.buffer).setUint32(24, 1000, true);
    return frame;
  };
  const many = Array.from({ length: 5 }, (_, i) => first(i, 10));
  assert.equal(replay(many, { maxAssemblies: 4 }).error?.code, "DHIP_FRAME_TOO_LARGE");
  const empty = Array.from({ length: 9 }, (_, i) => {
    const frame = first(1, 0);
    new DataView(frame.buffer).setUint32(20, i, true);
    return frame;
  });
  assert.equal(replay(empty, { maxFragments: 8 }).error?.code, "DHIP_FRAME_TOO_LARGE");
  const large = Array.from({ length: 30 }, (_, i) => first(i, 900));
  const limits = { maxMessage: 10_000, maxBinary: 10_000 };
  assert.equal(replay(large, limits).error?.code, "DHIP_FRAME_TOO_LARGE");
});

Deno.test("encoding and decoding round-trips text, binary and every cut", async () => {
  const fc = (await import("fast-check")).default;
  const message = fc.record({
    requestId: fc.integer({ min: 0, max: 0xffffffff }),
    session: fc.integer({ min: 0, max: 0xffffffff }),
    json: fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()),
    binary: fc.uint8Array({ maxLength: 300 }),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 8 }), (
      messages,
      cuts,
    ) => {
      const bytes = new Uint8Array(messages.flatMap((m) => [...encodeMessage(m)]));
      const points = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
      const chunks = [0, ...points].map((from, i) =>
        bytes.subarray(from, points[i] ?? bytes.length)
      );
      const result = replay(chunks);
      assert.equal(result.error, undefined);
      assert.equal(result.messages.length, messages.length);
      for (const [i, want] of messages.entries()) {
        const got = result.messages[i]!;
        assert.equal(got.requestId, want.requestId);
        assert.equal(got.session, want.session);
        assert.deepEqual(got.json, JSON.parse(JSON.stringify(want.json)));
        assert.deepEqual(got.binary, want.binary);
      }
    }),
    { numRuns: scaled(2000) },
  );
});

Deno.test("200 000 mutated inputs give messages or typed errors, in flat memory", () => {
  const runs = scaled(200_000);
  const seed = Number(Deno.env.get("DHIP_TEST_SEED") ?? 7);
  const random = seeded(seed);
  const inputs = frameVectors.map((vector) => fromHex(vector.input_hex));
  const interesting = [0, 1, 0x20, 0x7f, 0x80, 0xff];
  let outcomes = 0;
  let baseline = 0;
  for (let run = 0; run < runs; run++) {
    // Half of the inputs are two vectors in a row, so that damage meets a decoder in mid-work.
    const one = inputs[between(random, 0, inputs.length - 1)]!;
    const two = random() < 0.5 ? inputs[between(random, 0, inputs.length - 1)]! : [];
    const bytes = new Uint8Array([...one, ...two]);
    for (let i = between(random, 1, 8); i > 0 && bytes.length > 0; i--) {
      // Headers matter most: half of the damage goes there.
      const at = random() < 0.5 ? between(random, 0, 31) : between(random, 0, bytes.length - 1);
      bytes[at % bytes.length] = random() < 0.5
        ? between(random, 0, 255)
        : interesting[between(random, 0, interesting.length - 1)]!;
    }
    const end = random() < 0.2 ? between(random, 0, bytes.length) : bytes.length;
    const cut = between(random, 0, end);
    const decoder = new MessageDecoder();
    try {
      for (const chunk of [bytes.subarray(0, cut), bytes.subarray(cut, end)]) {
        for (const message of decoder.push(chunk)) {
          assert.ok(message.json === null || typeof message.json === "object");
          outcomes++;
        }
      }
      decoder.end();
    } catch (error) {
      assert.ok(error instanceof DhipError, `seed ${seed}, run ${run}: ${error}`);
      outcomes++;
    }
    if (run === Math.floor(runs / 10)) baseline = memoryOfThisFile();
  }
  assert.ok(outcomes > runs / 2, "the mutated inputs reached the decoder's outcomes");
  const growth = (memoryOfThisFile() - baseline) / 1024 / 1024;
  assert.ok(growth < 64, `memory grew by ${growth.toFixed(0)} MiB`);
});

/** Of this isolate alone: the resident set is shared with the test files that run beside it. */
function memoryOfThisFile(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

Deno.test("an announced 80 MB costs no memory before it arrives", () => {
  const header = encodeMessage({ json: "" }).slice(0, 32);
  const view = new DataView(header.buffer);
  view.setUint32(16, 80 * 1024 * 1024, true);
  view.setUint32(24, 16 * 1024 * 1024, true);
  view.setUint32(28, 64 * 1024 * 1024, true);
  const before = Deno.memoryUsage();
  const decoders = Array.from({ length: 200 }, () => new MessageDecoder());
  for (const decoder of decoders) {
    assert.deepEqual([...decoder.push(header)], []);
    assert.deepEqual([...decoder.push(new Uint8Array(100))], []);
  }
  const after = Deno.memoryUsage();
  const bytes = after.heapUsed + after.external - before.heapUsed - before.external;
  assert.ok(bytes < 64 * 1024 * 1024, `${bytes} bytes held for 200 unanswered announcements`);
});
