import assert from "node:assert/strict";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { errorOf, RawClient } from "./_support.ts";

type Answer = { status: number; json: Record<string, unknown> };

async function request(
  simulator: Simulator,
  method: string,
  path: string,
  body?: BodyInit,
  headers?: HeadersInit,
): Promise<Answer> {
  const response = await fetch(new URL(path, simulator.control), {
    method,
    body: body ?? null,
    headers: headers ?? {},
  });
  return { status: response.status, json: await response.json() };
}

const post = (simulator: Simulator, path: string, body?: unknown) =>
  request(simulator, "POST", path, body === undefined ? undefined : JSON.stringify(body));

async function start(): Promise<Simulator> {
  return await Simulator.start({ controlPort: 0, devices: 2 });
}

Deno.test("events, faults, restarts and counters are reached over HTTP", async () => {
  await using simulator = await start();
  assert.equal(simulator.ready.controlPort, Number(simulator.control!.port));
  using client = await RawClient.connect(simulator.dhipPort);
  await client.login();
  await client.ask("eventManager.attach", { codes: ["All"] });
  const event = { code: "VideoMotion", action: "Start", channel: 1, data: { Id: [1] } };
  assert.deepEqual(await post(simulator, "/event", event), { status: 200, json: { told: 1 } });
  const push = (await client.next())!;
  assert.deepEqual((push.json.params as { eventList: unknown[] }).eventList, [
    { Action: "Start", Code: "VideoMotion", Data: { Id: [1] }, Index: 0 },
  ]);

  const fault = await post(simulator, "/fault", { name: "locked-account", options: { device: 0 } });
  assert.equal(fault.status, 200);
  using locked = await RawClient.connect(simulator.dhipPort);
  assert.equal(errorOf(await locked.login()).code, 268632081);
  const clear = () => request(simulator, "DELETE", "/fault/locked-account");
  assert.deepEqual((await clear()).json, { cleared: true });
  assert.deepEqual((await clear()).json, { cleared: false });
  assert.equal((await locked.login()).result, true);

  const { json } = await request(simulator, "GET", "/stats");
  assert.equal(json.logins, 2);
  assert.equal((json.devices as unknown[]).length, 2);
  assert.doesNotMatch(JSON.stringify(json), /admin54321/);

  assert.deepEqual((await post(simulator, "/restart")).json, { restarted: true });
  assert.match(JSON.stringify((await client.next())!.json), /"Reboot"/);
  assert.equal(await client.next().catch(() => null), null);
  assert.equal((await post(simulator, "/restart", { downtime: 1, device: 1 })).status, 200);
});

Deno.test("mistakes are answered with a status and a reason in JSON", async () => {
  await using simulator = await start();
  const cases: [Promise<Answer>, number, RegExp][] = [
    [post(simulator, "/fault", { name: "no-such" }), 400, /known: split-frames/],
    [post(simulator, "/fault", { options: {} }), 400, /name/],
    [post(simulator, "/fault", { name: "garbage", options: [] }), 400, /options/],
    [post(simulator, "/fault", { name: "garbage", options: { device: 7 } }), 400, /device/],
    [post(simulator, "/event", { code: "X", channel: 0 }), 400, /channel/],
    [post(simulator, "/event", { code: "X", channel: "1" }), 400, /channel/],
    [post(simulator, "/event", {}), 400, /code/],
    [post(simulator, "/event", [1]), 400, /object/],
    [request(simulator, "POST", "/event", "{"), 400, /JSON/],
    [request(simulator, "POST", "/event"), 400, /JSON/],
    [post(simulator, "/restart", { downtime: -1 }), 400, /downtime/],
    [request(simulator, "GET", "/event"), 405, /POST/],
    [request(simulator, "POST", "/stats", "{}"), 405, /GET/],
    [request(simulator, "DELETE", "/fault/no-such"), 400, /known:/],
    [request(simulator, "DELETE", "/fault/%ff"), 400, /path/],
    [request(simulator, "DELETE", "/fault/garbage?device=x"), 400, /device/],
    [request(simulator, "GET", "/"), 404, /GET \/stats/],
  ];
  for (const [answer, status, reason] of cases) {
    const { json, ...rest } = await answer;
    const error = json.error as { status: number; message: string };
    assert.equal(rest.status, status, error.message);
    assert.equal(error.status, status);
    assert.match(error.message, reason);
  }
});

Deno.test("a body beyond the limit is refused", async () => {
  await using simulator = await start();
  const body = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 5; i++) controller.enqueue(new Uint8Array(65_536).fill(0x20));
      controller.close();
    },
  });
  assert.equal((await request(simulator, "POST", "/event", body)).status, 413);
});

Deno.test("web pages and foreign host names are refused", async () => {
  await using simulator = await start();
  const page = { origin: "http://example.org" };
  assert.equal((await request(simulator, "GET", "/stats", undefined, page)).status, 403);
  // fetch does not let a program lie about the host; a rebound name does.
  const stream = await tcpDialer("127.0.0.1").dial(simulator.ready.controlPort!);
  const text = "GET /stats HTTP/1.1\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n";
  await stream.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(1024);
  const length = (await stream.read(buffer))!;
  assert.match(new TextDecoder().decode(buffer.subarray(0, length)), /^HTTP\/1\.1 403 /);
  stream.close();
});

Deno.test("the control port opens on loopback only", async () => {
  await assert.rejects(
    Simulator.start({ controlPort: 0, controlHost: "0.0.0.0" }),
    /loopback only, not on 0\.0\.0\.0/,
  );
});
