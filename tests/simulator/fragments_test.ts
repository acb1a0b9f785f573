import assert from "node:assert/strict";
import { SIMULATED_FILE } from "../../lib/simulator/mod.ts";
import { bench, type RawClient } from "./_support.ts";

/** Splits what arrives for one reply into frames, without the decoder. */
async function frames(client: RawClient, until: (seen: Frame[]) => boolean): Promise<Frame[]> {
  let bytes = new Uint8Array(0);
  const seen: Frame[] = [];
  const buffer = new Uint8Array(65_536);
  while (!until(seen)) {
    const length = (await client.stream.read(buffer))!;
    const grown = new Uint8Array(bytes.length + length);
    grown.set(bytes);
    grown.set(buffer.subarray(0, length), bytes.length);
    bytes = grown;
    while (bytes.length >= 32) {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const size = view.getUint32(16, true);
      if (bytes.length < 32 + size) break;
      seen.push({
        id: view.getUint32(12, true),
        index: view.getUint32(20, true),
        message: view.getUint32(24, true),
        data: view.getUint32(28, true),
        body: bytes.slice(32, 32 + size),
      });
      bytes = bytes.slice(32 + size);
    }
  }
  return seen;
}

interface Frame {
  id: number;
  index: number;
  message: number;
  data: number;
  body: Uint8Array;
}

const sum = (seen: Frame[]) => seen.reduce((total, frame) => total + frame.body.length, 0);
const complete = (seen: Frame[]) =>
  seen.length > 0 && sum(seen) >= seen[0]!.message + seen[0]!.data;

Deno.test("a long answer is cut into frames that share its totals", async () => {
  await using it = bench({ maxFrameBody: 2048 });
  const client = await it.open();
  const id = await client.send("configManager.getConfig", { name: "All" });
  const seen = await frames(client, complete);
  assert(seen.length > 5);
  for (const [index, frame] of seen.entries()) {
    assert.equal(frame.id, id);
    assert.equal(frame.index, index);
    assert.equal(frame.message, sum(seen));
    assert.equal(frame.data, 0);
    assert(index === seen.length - 1 ? frame.body.length <= 2048 : frame.body.length === 2048);
  }
  const text = new TextDecoder().decode(
    new Uint8Array(seen.flatMap((frame) => [...frame.body])),
  );
  assert(text.endsWith("}\n"));
  assert(JSON.parse(text).params.table.Encode !== undefined);
});

Deno.test("by default a whole configuration needs more than one frame", async () => {
  await using it = bench();
  const client = await it.open();
  await client.send("configManager.getConfig", { name: "All" });
  assert((await frames(client, complete)).length > 1);
});

Deno.test("JSON and binary share the body of a fragmented download", async () => {
  await using it = bench({ maxFrameBody: 1000 });
  const client = await it.open();
  const params = { fileName: SIMULATED_FILE, offset: 0, length: 5000 };
  await client.send("FileManager.downloadPiece", params);
  const seen = await frames(client, complete);
  assert.equal(seen[0]!.data, 5000);
  assert.equal(sum(seen), seen[0]!.message + 5000);
  const { binary } = await client.call("FileManager.downloadPiece", params);
  const joined = new Uint8Array(seen.flatMap((frame) => [...frame.body]));
  assert.deepEqual(joined.slice(seen[0]!.message), binary);
});

Deno.test("convention b sends self-contained frames with pieces of the binary", async () => {
  await using it = bench({ maxFrameBody: 2000, fragments: "b" });
  const client = await it.open();
  const id = await client.send("FileManager.downloadPiece", {
    fileName: SIMULATED_FILE,
    offset: 0,
    length: 5000,
  });
  const seen = await frames(client, (frames) => frames.length === 3);
  assert.deepEqual(seen.map((frame) => frame.index), [0, 1, 2]);
  assert.deepEqual(seen.map((frame) => frame.data), [2000, 2000, 1000]);
  for (const frame of seen) {
    assert.equal(frame.body.length, frame.message + frame.data);
    const json = JSON.parse(new TextDecoder().decode(frame.body.subarray(0, frame.message)));
    assert.equal(json.id, id);
  }
});

Deno.test("a fragmented request is understood", async () => {
  await using it = bench();
  const client = await it.open();
  const whole = client.frame("configManager.getConfig", { name: "NTP" }, 5);
  const body = whole.subarray(32);
  const cut = 40;
  for (const [index, piece] of [body.subarray(0, cut), body.subarray(cut)].entries()) {
    const frame = new Uint8Array(32 + piece.length);
    frame.set(whole.subarray(0, 32));
    frame.set(piece, 32);
    new DataView(frame.buffer).setUint32(16, piece.length, true);
    new DataView(frame.buffer).setUint32(20, index, true);
    await client.stream.write(frame);
  }
  const reply = (await client.next())!;
  assert.equal(reply.requestId, 5);
  assert.equal((reply.json.params as { table: { Port: number } }).table.Port, 123);
});
