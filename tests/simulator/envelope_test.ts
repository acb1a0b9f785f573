import assert from "node:assert/strict";
import { encodeMessage } from "../../lib/dhip/frame.ts";
import { streamPair } from "../../lib/net/memory.ts";
import { bench, errorOf, RawClient } from "./_support.ts";

Deno.test("a reply echoes id and session and ends with a newline that counts", async () => {
  await using it = bench();
  const client = await it.open();
  await client.stream.write(client.frame("magicBox.getDeviceType", null, 77));
  const buffer = new Uint8Array(4096);
  const length = await client.stream.read(buffer);
  const view = new DataView(buffer.buffer);
  const text = new TextDecoder().decode(buffer.subarray(32, length!));
  assert.equal(view.getUint32(0, true), 32);
  assert.equal(view.getUint32(4, true), 0x50494844);
  assert.equal(view.getUint32(8, true), client.session);
  assert.equal(view.getUint32(12, true), 77);
  assert.equal(view.getUint32(16, true), length! - 32);
  assert.equal(view.getUint32(20, true), 0);
  assert.equal(view.getUint32(24, true), length! - 32);
  assert.equal(view.getUint32(28, true), 0);
  assert.equal(
    text,
    `{"id":77,"params":{"type":"IPC-HFW5442E-ZE"},"result":true,"session":${client.session}}\n`,
  );
});

Deno.test("a header without a request id is answered with the id of the JSON", async () => {
  await using it = bench();
  const client = await it.open();
  const { session } = client;
  const json = { id: 4_000_000_000, method: "magicBox.getSerialNo", params: {}, session };
  await client.stream.write(encodeMessage({ session, requestId: 0, json }));
  const reply = (await client.next())!;
  assert.equal(reply.requestId, 4_000_000_000);
  assert.equal(reply.json.id, 4_000_000_000);
});

/** Sizes of the writes with which `count` requests that arrive together are answered, in order. */
async function burst(count: number): Promise<number[]> {
  await using it = bench();
  const [end, server] = streamPair();
  let writes: number[] = [];
  it.device.serve({
    read: (buffer) => server.read(buffer),
    write(bytes) {
      writes.push(bytes.length);
      return server.write(bytes);
    },
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
  const client = new RawClient(end);
  await client.login();
  const frames = Array.from(
    { length: count },
    (_, i) => client.frame("magicBox.getDeviceType", null, 100 + i),
  );
  writes = [];
  await client.stream.write(new Uint8Array(frames.flatMap((frame) => [...frame])));
  for (let i = 0; i < count; i++) assert.equal((await client.next())!.requestId, 100 + i);
  return writes;
}

Deno.test("requests that arrive together are answered in order with one write", async () => {
  assert.equal((await burst(16)).length, 1);
});

Deno.test("the first replies to a long burst leave before the last are made", async () => {
  const writes = await burst(256);
  const last = writes.pop()!;
  assert(writes.length > 4);
  for (const size of writes) assert(size >= 4096 && size < 4400, String(size));
  assert(last < 4400);
});

Deno.test("unknown methods, bad parameters and missing objects have their own numbers", async () => {
  await using it = bench();
  const client = await it.open();
  assert.equal(await client.refusal("magicBox.getNonsense"), 268894210);
  assert.equal(await client.refusal("noService.getNonsense"), 268894210);
  assert.equal(await client.refusal("toString"), 268894210);
  assert.equal(await client.refusal("configManager.getConfig", {}), 268894211);
  assert.equal(await client.refusal("magicBox.getSerialNo", "text"), 268894211);
  assert.equal(await client.refusal("ptz.getStatus", { channel: 0 }), 268894209);
  assert.equal(await client.refusal("ptz.getStatus", null, { object: 4711 }), 268894209);
  assert.equal(it.device.stats().calls["(unknown)"], 3);
});

Deno.test("a body that is no request costs that request only", async () => {
  await using it = bench();
  const client = await it.open();
  for (const json of ["no json", "[1,2]", "", '{"id":5}', '{"id":5,"method":7}']) {
    await client.stream.write(encodeMessage({ session: client.session, requestId: 5, json }));
    const reply = (await client.next())!;
    assert.equal(errorOf(reply.json).code, 268894208, json);
    assert.equal(reply.requestId, 5);
  }
  assert.match(String((await client.ask("magicBox.getSerialNo")).sn), /^SIM/);
});

Deno.test("instances are one for their parameters and end with destroy and with the session", async () => {
  await using it = bench();
  const client = await it.open();
  const make = async (params: unknown) =>
    (await client.call("ptz.factory.instance", params)).json.result as number;
  const object = await make({ channel: 0 });
  assert(Number.isInteger(object) && object > 0);
  assert.equal(await make({ channel: 0 }), object);
  assert.notEqual(await make({ channel: 1 }), object);
  assert.equal((await client.call("ptz.factory.instance", { channel: 9 })).json.result, false);
  assert.equal((await client.call("ptz.getStatus", null, { object })).json.result, true);
  assert.equal(await client.refusal("eventManager.detach", { SID: 1 }, { object }), 268894209);
  assert.equal(await client.refusal("ptz.getStatus", null, { object: true }), 268894209);
  const other = await it.open();
  assert.equal(await other.refusal("ptz.getStatus", null, { object }), 268894209);
  assert.equal((await client.call("ptz.destroy", null, { object })).json.result, true);
  assert.equal(await client.refusal("ptz.getStatus", null, { object }), 268894209);
});

Deno.test("factory.create makes a new object each time, up to a limit", async () => {
  await using it = bench({ finderSlots: 256 });
  const client = await it.open();
  const seen = new Set<unknown>();
  for (let i = 0; i < 256; i++) {
    seen.add((await client.call("mediaFileFind.factory.create")).json.result);
  }
  assert.equal(seen.size, 256);
  assert.equal(await client.refusal("mediaFileFind.factory.create"), 268959743);
  for (const object of seen) {
    assert.equal((await client.call("mediaFileFind.close", null, { object })).json.result, true);
    assert.equal((await client.call("mediaFileFind.destroy", null, { object })).json.result, true);
    assert.equal(await client.refusal("mediaFileFind.close", null, { object }), 268894209);
  }
});

Deno.test("a device without instances takes the channel and knows other words", async () => {
  await using it = bench({ objects: "channel" });
  const client = await it.open();
  assert.equal(await client.refusal("ptz.factory.instance", { channel: 0 }), 405);
  assert.equal(await client.refusal("no.such"), 405);
  assert.equal((await client.call("ptz.getStatus", { channel: 1 })).json.result, true);
  assert.equal(await client.refusal("ptz.getStatus", { channel: 2 }), 268959743);
  const time = (await client.call("global.getCurrentTime")).json;
  assert.deepEqual([time.result, time.params], ["2026-01-02 01:00:00", null]);
  assert.deepEqual(await client.ask("magicBox.getVendor"), { vendor: "Dahua" });
  assert(Array.isArray(await client.ask("userManager.getGroupInfoAll")));
  assert.deepEqual(await client.ask("configManager.getConfig", { name: "NoSuch" }), {
    table: null,
  });
  const { result } = (await client.call("mediaFileFind.factory.create")).json;
  assert(Number.isInteger(result));
});
