/** The way to a device: every way it can go, on virtual time. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { decryptAddresses } from "../../lib/p2p/device_auth.ts";
import { AGENT, DEVICE_KEY, DEVICE_LAN, INFO, stun, World } from "./_scripted_cloud.ts";

const CREDENTIALS = { user: "admin", password: "secret" };

Deno.test("a device in the same network is reached directly at its own address", async () => {
  await using world = await World.open({ device: "same" });
  const path = await world.clock.settle(world.openPath({ mode: "direct" }));
  assert.equal(path.kind, "direct");
  assert.deepEqual(path.peer, { host: DEVICE_LAN, port: 22508 });
  assert.equal(path.sign, undefined);
  assert.deepEqual(world.stepNames, ["cloud", "serial", "device", "info", "channel", "punch"]);
  assert.ok(world.steps.every(({ took, detail }) => took >= 0 && detail !== ""));
  assert.ok(!world.paths.some((path) => path.includes("relay")));
  await path.release();
  await path.release();
});

Deno.test("a hole is punched through the routers of both sides", async () => {
  await using world = await World.open();
  await using path = await world.clock.settle(world.openPath());
  assert.equal(path.kind, "direct");
  assert.equal(path.peer.host, "203.0.113.2");
});

Deno.test("channel request, punching and data share one local port", async () => {
  await using world = await World.open();
  await using path = await world.clock.settle(world.openPath({ mode: "direct" }));
  assert.deepEqual(
    new Set(world.sent.map(({ port }) => port)),
    new Set([path.socket.address.port]),
  );
  assert.ok(world.sent.some(({ first }) => first === 0xff), "requests of hole punching");
  const channel = world.requests.find(({ path }) => path.endsWith("p2p-channel"))!;
  assert.ok(channel.fields.get("LocalAddr")!.endsWith(`:${path.socket.address.port}`));
});

Deno.test("without a direct path the relay is taken, and given back from the same port", async () => {
  await using world = await World.open({ client: "symmetric", device: "symmetric" });
  const path = await world.clock.settle(world.openPath());
  assert.equal(path.kind, "relay");
  assert.deepEqual(path.peer, AGENT);
  assert.ok(world.stepNames.includes("-punch") && world.stepNames.includes("join"));
  const port = path.socket.address.port;
  const relayPorts = world.sent.filter(({ to }) => to.host === AGENT.host).map(({ port }) => port);
  assert.deepEqual(new Set(relayPorts), new Set([port]));
  assert.equal(world.client.open, 1, "the punched socket is closed");
  await world.clock.settle(path.release());
  const unbind = world.requests.at(-1)!;
  assert.equal(unbind.path, "/relay/unbind/tok-3n");
  assert.equal(unbind.server, "dispatcher");
  assert.equal(world.sent.findLast(({ to }) => to.port === 8900)!.port, port);
});

Deno.test("the relay is prepared while the direct path is tried", async () => {
  await using world = await World.open({ client: "symmetric", device: "symmetric" });
  const path = await world.clock.settle(world.openPath());
  const join = world.steps.findIndex(({ name }) => name === "join");
  const punch = world.steps.findIndex(({ name }) => name === "punch");
  assert.ok(join < punch);
  await world.clock.settle(path.release());
});

Deno.test("a direct path gives back the relay that was prepared", async () => {
  await using world = await World.open();
  const path = await world.clock.settle(world.openPath());
  assert.equal(path.kind, "direct");
  await world.clock.settle(path.release());
  assert.ok(world.paths.includes("/relay/unbind/tok-3n"));
});

Deno.test("by wish only the relay is used", async () => {
  await using world = await World.open();
  const path = await world.clock.settle(world.openPath({ mode: "relay" }));
  assert.equal(path.kind, "relay");
  assert.ok(!world.stepNames.includes("punch"));
  assert.deepEqual(world.punched, []);
  const order = world.paths.filter((path) => path.startsWith("/device"));
  assert.deepEqual(order, ["/device/p2p-channel", "/device/relay-channel"]);
  await world.clock.settle(path.release());
});

Deno.test("the release of a silent relay takes half a second at most", async () => {
  await using world = await World.open();
  const path = await world.clock.settle(world.openPath({ mode: "relay" }));
  world.on(/unbind/, () => []);
  const before = world.clock.now();
  await world.clock.settle(path.release());
  assert.ok(world.clock.now() - before <= 500);
  assert.equal(world.requests.filter(({ path }) => path.includes("unbind")).length, 2);
});

Deno.test("late requests of the device are answered for ever", async () => {
  await using world = await World.open({ device: "same" });
  await using path = await world.clock.settle(world.openPath({ mode: "direct" }));
  world.deviceSends(
    stun(0x0001, Array(16).fill(3), 0x802a, Array(8).fill(4)),
    { host: world.client.address, port: path.socket.address.port },
  );
  const before = world.sent.length;
  while (world.sent.length === before) path.handle((await path.socket.receive())!);
  const [answer, ...rest] = world.sent.slice(before);
  assert.deepEqual(rest, []);
  assert.equal(answer!.first, 0xfe);
  assert.equal(answer!.to.host, DEVICE_LAN);
});

Deno.test("a device with a salt gets a signature, and its addresses are decrypted", async () => {
  await using world = await World.open({ device: "same" });
  world.on(/^\/info\/device\//, () => [{ fields: { Info: INFO } }]);
  const signed = (fields: ReadonlyMap<string, string>, payload: string) => {
    const text = `${fields.get("Nonce")}${fields.get("CreateDate")}${payload}`;
    assert.equal(
      fields.get("DevAuth"),
      createHmac("sha256", DEVICE_KEY).update(text).digest("base64"),
    );
    assert.equal(fields.get("UserName"), "admin");
    assert.equal(fields.get("RandSalt"), "00112233445566778899aabbccddeeff");
  };
  const nonces: string[] = [];
  let own: string | null = null;
  world.on(/p2p-channel$/, ({ fields }) => {
    nonces.push(fields.get("Nonce")!);
    const payload = fields.get("LocalAddr")!;
    signed(fields, payload);
    assert.equal(fields.get("IpEncrptV2"), "true");
    own = decryptAddresses(DEVICE_KEY, Number(fields.get("Nonce")), payload);
    if (nonces.length === 1) return []; // lost: the next one is signed afresh
    // The golden answer: 127.0.0.1:50000, encrypted with its own nonce.
    const LocalAddr = "audohvDDqyvzQKGvyK0U";
    const more = { IpEncrptV2: "true", Nonce: "123456789", LocalAddr };
    return [{ line: "200 Server Nat Info!", fields: { ...more, PubAddr: `${DEVICE_LAN}:22508` } }];
  });
  world.on(/relay-channel$/, ({ fields }) => {
    nonces.push(fields.get("Nonce")!);
    signed(fields, "");
    assert.equal(fields.get("agentAddr"), `${AGENT.host}:${AGENT.port}`);
    return [{ line: "200 Server Nat Info!", via: "agent" }];
  });
  const path = await world.clock.settle(
    world.openPath({ credentials: CREDENTIALS, exchangeSign: () => Promise.resolve(null) }),
  );
  assert.equal(path.kind, "direct");
  assert.match(own!, /^192\.168\.1\.10:\d+$/);
  assert.equal(new Set(nonces).size, 3, "no nonce is used twice");
  assert.ok(world.sent.some(({ to }) => to.host === "127.0.0.1" && to.port === 50_000));
  await world.clock.settle(path.release());
});

Deno.test("a sign is fetched over the relay once the direct path is there", async () => {
  await using world = await World.open();
  const path = await world.clock.settle(world.openPath({
    mode: "direct",
    async exchangeSign(socket, agent) {
      assert.deepEqual(agent, AGENT);
      const heard = socket.receive();
      world.serverSends("agent", Uint8Array.of(1, 2, 3), { host: "203.0.113.1", port: 0 });
      await socket.send(new Uint8Array(24), agent);
      void heard;
      return Uint8Array.of(5);
    },
  }));
  assert.deepEqual(path.sign, Uint8Array.of(5));
  assert.deepEqual(world.stepNames.slice(-2), ["punch", "sign"]);
  await world.clock.settle(path.release());
  assert.ok(world.paths.includes("/relay/unbind/tok-3n"), "although another reader waits");
});

for (
  const [what, exchange] of [
    ["is never given", () => new Promise<null>(() => {})],
    ["is refused", () => Promise.resolve(null)],
  ] as const
) {
  Deno.test(`the direct path does without a sign that ${what}`, async () => {
    await using world = await World.open();
    const path = await world.clock.settle(world.openPath({ exchangeSign: exchange }));
    assert.equal(path.kind, "direct");
    assert.equal(path.sign, undefined);
    assert.equal(world.stepNames.at(-1), "-sign");
    await world.clock.settle(path.release());
  });
}

Deno.test("the direct path does without a relay that refuses", async () => {
  await using world = await World.open();
  world.on(/relay-channel$/, "403 Forbidden");
  const path = await world.clock.settle(
    world.openPath({ exchangeSign: () => Promise.resolve(null) }),
  );
  assert.equal(path.kind, "direct");
  await world.clock.settle(path.release());
});

Deno.test("a silent dispatcher is replaced by another one", async () => {
  await using world = await World.open();
  let asked = 0;
  world.on(/^\/online\/relay$/, () => [{
    fields: { Address: ++asked === 1 ? "198.51.100.77:8900" : "198.51.100.5:8900" },
  }]);
  const path = await world.clock.settle(world.openPath({ mode: "relay" }));
  assert.equal(path.kind, "relay");
  assert.deepEqual(
    world.stepNames.filter((name) => /dispatcher|agent/.test(name)),
    ["dispatcher", "-agent", "dispatcher", "agent"],
  );
  await world.clock.settle(path.release());
  assert.equal(world.requests.at(-1)!.server, "spare");
});

for (
  const [what, probe, info] of [
    ["says nothing", () => [], () => []],
    ["knows no such questions", "403 Forbidden", "404 Not Found"],
  ] as const
) {
  Deno.test(`a P2P server that ${what} does not keep anybody from the device`, async () => {
    await using world = await World.open();
    world.on(/^\/probe\/device\//, probe);
    world.on(/^\/info\/device\//, info);
    const path = await world.clock.settle(world.openPath({ credentials: CREDENTIALS }));
    assert.equal(path.kind, "direct");
    assert.deepEqual(world.stepNames.filter((name) => name.startsWith("-")), ["-device", "-info"]);
    await world.clock.settle(path.release());
  });
}
