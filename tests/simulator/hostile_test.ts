import assert from "node:assert/strict";
import { encodeMessage } from "../../lib/dhip/frame.ts";
import { Random } from "../../lib/simulator/prng.ts";
import { RawHttp } from "./_http.ts";
import { bench, settle } from "./_support.ts";

const header = (...words: number[]) => {
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setUint32(i * 4, word, true);
  return bytes;
};
const MAGIC = 0x50494844;

Deno.test("bytes that are not DHIP end their own connection only", async () => {
  await using it = bench();
  const good = await it.open();
  const hostile = [
    new TextEncoder().encode("GET / HTTP/1.1\r\nHost: camera\r\n\r\n"),
    header(33, MAGIC),
    header(32, 0x44484950),
    header(32, MAGIC, 0, 1, 0xffff_ffff, 0, 0xffff_ffff, 0),
    header(32, MAGIC, 0, 1, 10, 0, 20_000_000, 0),
    header(32, MAGIC, 0, 1, 10, 0, 10, 80_000_000),
    header(32, MAGIC, 0, 1, 0, 7, 100, 0),
    new Uint8Array(100),
  ];
  for (const bytes of hostile) {
    const client = it.connect();
    await client.stream.write(bytes);
    assert.equal(await client.next(), null);
  }
  assert.equal(it.device.stats().badFrames, hostile.length);
  assert.equal(it.device.stats().openConnections, 1);
  await good.ask("magicBox.getSerialNo");
});

Deno.test("random and mutated bytes never break the device", async () => {
  await using it = bench({ maxConnections: 10_000 });
  const random = new Random(2026);
  const login = encodeMessage({
    requestId: 1,
    json: { id: 1, method: "global.login", params: { userName: "admin", password: "" } },
  });
  for (let run = 0; run < 500; run++) {
    const client = it.connect();
    const bytes = run % 2 === 0 ? random.bytes(random.integer(1, 200)) : login.slice();
    for (let i = 0; i < run % 5; i++) {
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
    }
    await client.stream.write(bytes);
    client.close();
  }
  await (await it.open()).ask("magicBox.getSerialNo");
});

Deno.test("random and mutated requests never break the web server", async () => {
  await using it = bench({ maxConnections: 10_000, lockAfter: 100 });
  const random = new Random(2027);
  const json = '{"method":"global.login","params":{"userName":"admin","password":""},"id":1}';
  const good = [
    `POST /RPC2_Login HTTP/1.1\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
    `POST /RPC2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4C\r\n${json}\r\n0\r\n\r\n`,
    "GET /cgi-bin/configManager.cgi?action=setConfig&Encode[0].x=1 HTTP/1.1\r\n" +
    'Authorization: Digest username="admin", realm="r", nonce="n", uri="/", response="0"\r\n\r\n',
  ].map((text) => new TextEncoder().encode(text));
  for (let run = 0; run < 600; run++) {
    const http = RawHttp.open(it);
    const bytes = run % 4 === 3 ? random.bytes(200) : good[run % 4]!.slice();
    for (let i = 0; i < run % 7; i++) {
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
    }
    await http.send(bytes);
    await settle();
    http.close();
  }
  await settle();
  assert.equal(it.device.stats().openConnections, 0);
  assert.equal((await RawHttp.open(it).get("/")).status, 200);
});

Deno.test("random requests of a logged-in client never break the device", async () => {
  await using it = bench();
  const client = await it.open();
  const random = new Random(7);
  const { service } = await client.ask("system.listService") as { service: string[] };
  const methods: string[] = [];
  for (const name of service) {
    methods.push(...(await client.ask(`${name}.listMethod`)).method as string[]);
  }
  const values = [null, true, -1, 1e308, "", "All", "__proto__", [], [[]], {}, {
    name: "__proto__",
  }];
  const any = (): unknown => values[random.integer(0, values.length - 1)];
  const keys = ["name", "table", "codes", "user", "SID", "time", "channel", "names", "fileName"];
  for (let run = 0; run < 3000; run++) {
    const method = methods[random.integer(0, methods.length - 1)]!;
    if (/logout|reboot|shutdown|login/.test(method)) continue;
    const params: Record<string, unknown> = {};
    for (let i = 0; i < 3; i++) params[keys[random.integer(0, keys.length - 1)]!] = any();
    const { json } = await client.call(method, random.next() < 0.8 ? params : any(), {
      ...(random.next() < 0.2 ? { object: any() } : {}),
    });
    const error = json.error as { code: number } | undefined;
    assert.notEqual(error?.code, 268894212, `${method} ${JSON.stringify(params)}`);
  }
});

Deno.test("a connection too many is closed, and a place becomes free again", async () => {
  await using it = bench({ maxConnections: 2 });
  const first = await it.open();
  await it.open();
  assert.equal(await it.connect().next(), null);
  first.close();
  await it.clock.advance(0);
  await it.open();
});

Deno.test("a client that never reads loses its connection before memory is gone", async () => {
  await using it = bench();
  const client = await it.open();
  await client.ask("eventManager.attach", { codes: ["All"] });
  const data = { text: "x".repeat(1_000_000) };
  let told = 0;
  for (let i = 0; i < 200 && it.device.event({ code: "X", data }) === 1; i++) told++;
  assert(told >= 60 && told < 70, `${told} megabytes`);
});
