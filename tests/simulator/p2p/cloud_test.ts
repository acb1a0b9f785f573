/** The simulated cloud, asked in bytes. */

import assert from "node:assert/strict";
import { addressOf, type ask, IDENTIFY, prove, saltOf, unseal } from "./_cloud_client.ts";
import { CHECK, Room, TYPE0 } from "./_room.ts";

Deno.test("the way to a device is told step by step, with CSeq and Date", async () => {
  await using room = await Room.open();
  const probe = await room.one("/probe/p2psrv", { cseq: -77 });
  assert.deepEqual([probe.code, probe.body], [200, ""]);
  assert.match(probe.headers, /\r\nCSeq: -77$/);
  assert.match(probe.headers, /\r\nDate: 2026-01-01T00:00:\d\dZ\r\n/);
  const server = await room.server();
  assert.equal((await room.one(`/probe/device/${room.serial}`, {}, server)).code, 200);
  const info = await room.one(`/info/device/${room.serial}`, {}, server);
  assert.equal(info.fields.DevVersion, "6.7.30");
  assert.match(saltOf(info.fields.Info!), /^[0-9a-f]{32}$/);
  const relay = await room.one("/online/relay");
  assert.match(relay.body, /^<\?xml version="1.0" encoding="UTF-8"\?><body>/);
});

Deno.test("an unknown serial number, path and server are not found; what is no request is not answered", async () => {
  await using room = await Room.open();
  assert.equal((await room.one("/online/p2psrv/NOBODY")).code, 404);
  assert.equal((await room.one("/else")).code, 404);
  assert.equal((await room.one(`/probe/device/${room.serial}`)).code, 404);
  const server = await room.server();
  assert.equal((await room.one("/probe/device/NOBODY", {}, server)).code, 404);
  assert.equal(
    (await room.all("/device/NOBODY/p2p-channel", { body: "<body></body>" }))[0]!.code,
    404,
  );
  for (
    const text of ["", "D", "GET / HTTP/1.1\r\n\r\n", "DHGET /probe/p2psrv HTTP/1.1\r\nCSeq: 1"]
  ) {
    room.listener.send(new TextEncoder().encode(text), room.main);
  }
  await room.world.clock.advance(100);
  assert.deepEqual(room.listener.answers, []);
  assert.equal(room.world.cloud.stats().unreadable, 4);
});

Deno.test("who asks is checked: 403 for a strange user, 401 for a wrong key or clock", async () => {
  await using room = await Room.open();
  const code = async (options: Parameters<typeof ask>[1]) =>
    (await room.one("/probe/p2psrv", options)).code;
  assert.equal(await code({ identity: { username: "other", key: "examplekey" } }), 403);
  assert.equal(await code({ identity: { username: "exampleuser", key: "other" } }), 401);
  assert.equal(await code({ created: room.now - 3_600_000 }), 401);
  assert.equal(await code({}), 200);
});

Deno.test("a device without authentication answers after 100 Trying, with its plain address", async () => {
  await using room = await Room.open({ device: { p2p: { auth: "none" } } });
  const [trying, answer] = await room.channel(TYPE0);
  assert.deepEqual([trying!.code, trying!.status], [100, "Trying"]);
  assert.deepEqual([answer!.code, answer!.status], [200, "Server Nat Info!"]);
  const { Identify, IpEncrpt, LocalAddr, PubAddr, Relay } = answer!.fields;
  assert.deepEqual([Identify, IpEncrpt, Relay], [IDENTIFY, "false", ":0"]);
  assert.match(LocalAddr!, /^192\.168\.1\.108:\d+$/);
  assert.match(PubAddr!, /^198\.51\.100\.2:\d+$/);
  assert.notEqual(LocalAddr!.split(":")[1], PubAddr!.split(":")[1]);
});

Deno.test("a device with a password wants a proof, and answers with an encrypted address", async () => {
  await using room = await Room.open();
  const salt = await room.salt();
  const local = "192.168.178.20:50000";
  const answer = (await room.channel(prove({ salt, nonce: 5, local }))).at(-1)!;
  assert.equal(answer.code, 200);
  const { IpEncrptV2, IpType, TransType, Nonce, LocalAddr, Relay } = answer.fields;
  assert.deepEqual([IpEncrptV2, IpType, TransType, Relay], ["true", "3", "0", undefined]);
  assert.match(unseal(salt, Nonce!, LocalAddr!), /^192\.168\.1\.108:\d+$/);
});

Deno.test("salt, nonce and digest are refused by name", async () => {
  await using room = await Room.open();
  const salt = await room.salt();
  const local = "192.168.178.20:50000";
  const error = async (body: string) => {
    const { code, fields } = (await room.channel(body)).at(-1)!;
    return [code, fields.ErrCode, fields.Error];
  };
  assert.deepEqual(await error(TYPE0), [403, "4", "DevPwd_InvalidSalt"]);
  const foreign = prove({ salt: "0".repeat(32), nonce: 1, local });
  assert.deepEqual(await error(foreign), [403, "4", "DevPwd_InvalidSalt"]);
  const wrong = prove({ salt, nonce: 2, local, password: "wrong" });
  assert.deepEqual(await error(wrong), [403, "5", "DevPwd_InvalidDigest"]);
  const nobody = prove({ salt, nonce: 2, local, user: "nobody" });
  assert.deepEqual(await error(nobody), [403, "5", "DevPwd_InvalidDigest"]);
  const good = prove({ salt, nonce: 3, local });
  assert.equal((await error(good))[0], 200);
  // The same request again is a repetition, another one with the same nonce is not.
  assert.equal((await error(good))[0], 200);
  const reused = prove({ salt, nonce: 3, local: "10.0.0.1:50000" });
  assert.deepEqual(await error(reused), [403, "6", "DevPwd_InvalidNonce"]);
  assert.equal(room.world.device.stats().p2p.refusedChannels, 5);
});

Deno.test("old firmware has no salt and asks for nothing", async () => {
  await using room = await Room.open({
    device: { p2p: { info: false, localAddress: "inverted" } },
  });
  const info = await room.one(`/info/device/${room.serial}`, {}, await room.server());
  assert.equal(info.fields.Info, "");
  const answer = (await room.channel(TYPE0)).at(-1)!;
  assert.equal(answer.fields.IpEncrpt, "true");
  assert.match(answer.fields.LocalAddr!, /^63\.87\.254\.147:\d+$/);
});

Deno.test("the device punches to the client's public address and to all that it names", async () => {
  const deviceNat = "none";
  const device = { p2p: { auth: "none" } } as const;
  await using room = await Room.open({ deviceNat, device });
  const targets = new Set<string>();
  room.world.network.onSend = (bytes, from, to) => {
    if (bytes[0] === 0xff && from.host === "198.51.100.2") targets.add(to.host);
  };
  await room.channel(TYPE0);
  assert.deepEqual([...targets].sort(), ["192.168.178.20", "203.0.113.7"]);
});

Deno.test("punching: a request is answered with its own transaction, a response five times", async () => {
  await using room = await Room.open({ device: { p2p: { auth: "none" } } });
  const { fields } = (await room.channel(TYPE0)).at(-1)!;
  const peer = addressOf(fields.PubAddr!);
  // The device's first requests met a closed NAT; ours opens it.
  room.listener.checks.length = 0;
  room.listener.send(CHECK, peer);
  await room.world.clock.advance(600);
  const response = room.listener.checks.find(({ bytes }) => bytes[0] === 0xfe)!.bytes;
  assert.equal(response.toHex().slice(0, 40), "fefeffe701020304101112131415161718191a1b");
  const request = room.listener.checks.find(({ bytes }) => bytes[0] === 0xff)!;
  assert.equal(request.bytes.length, 44);
  room.listener.checks.length = 0;
  const answer = request.bytes.slice();
  answer.set([0xfe, 0xfe]);
  answer.set([0x7f, 0xd6], 20);
  room.listener.send(answer, peer);
  await room.world.clock.advance(2000);
  const confirmations = room.listener.checks.filter(({ bytes }) => bytes.length === 32);
  assert.equal(confirmations.length, 5);
  assert.equal(room.listener.checks.length, 5);
  assert.equal(room.world.device.stats().p2p.punched, 1);
  // Late requests are answered for ever.
  await room.world.clock.advance(60_000);
  room.listener.send(CHECK, peer);
  await room.world.clock.advance(20);
  assert.equal(room.listener.checks.length, 6);
});

const SYN = Uint8Array.fromHex("5054435000000000000000000002ffff0000ea600000000000030100");

Deno.test("segments are taken from addresses only that were punched", async () => {
  await using room = await Room.open({ device: { p2p: { auth: "none" } } });
  const peer = addressOf((await room.channel(TYPE0)).at(-1)!.fields.PubAddr!);
  room.listener.send(SYN, peer);
  await room.world.clock.advance(50);
  assert.deepEqual(room.listener.segments, []);
  room.listener.send(CHECK, peer);
  room.listener.send(SYN, peer);
  await room.world.clock.advance(50);
  assert.equal(room.listener.segments.length, 1);
  assert.equal(room.world.device.stats().p2p.openTunnels, 1);
});

Deno.test("a relay is lent, started, joined, used and given back", async () => {
  await using room = await Room.open({
    deviceNat: "symmetric",
    clientNat: "symmetric",
    device: { p2p: { auth: "none" } },
  });
  const { token, agent, dispatcher } = await room.relay();
  const body = "<body><Client>:0</Client></body>";
  const started = await room.one(`/relay/start/${token}`, { body }, agent);
  assert.deepEqual([started.code, started.fields.Time], [200, "3600"]);
  const target = `<body><agentAddr>${agent.host}:${agent.port}</agentAddr></body>`;
  const channel = `/device/${room.serial}/relay-channel`;
  const joined = await room.one(channel, { body: target, cseq: 42 });
  assert.deepEqual([joined.code, joined.status, joined.from], [200, "Server Nat Info!", agent]);
  assert.match(joined.headers, /CSeq: 42/);
  // A request that comes again is confirmed again.
  assert.equal((await room.one(channel, { body: target, cseq: 42 })).code, 200);
  room.listener.send(SYN, agent);
  await room.world.clock.advance(100);
  assert.equal(room.listener.segments.length, 1);
  assert.deepEqual(room.listener.segments[0]!.from, agent);
  const { joinedRelays, openTunnels } = room.world.device.stats().p2p;
  assert.deepEqual([joinedRelays, openTunnels], [1, 1]);
  assert.equal((await room.one(`/relay/unbind/${token}`, {}, dispatcher)).code, 200);
  assert.equal(room.world.device.stats().p2p.openTunnels, 0);
  assert.equal((await room.one(`/relay/unbind/${token}`, {}, dispatcher)).code, 403);
  const { relays, openRelays, unbinds } = room.world.cloud.stats();
  assert.deepEqual([relays, openRelays, unbinds], [1, 0, 1]);
});

Deno.test("a relay that nobody starts, or whose time is over, is gone", async () => {
  await using room = await Room.open({ cloud: { leaseSeconds: 5 } });
  await room.relay();
  const { token, agent } = await room.relay();
  await room.one(`/relay/start/${token}`, { body: "<body><Client>:0</Client></body>" }, agent);
  assert.equal(room.world.cloud.stats().openRelays, 2);
  await room.world.clock.advance(5000);
  assert.equal(room.world.cloud.stats().openRelays, 1);
  await room.world.clock.advance(30_000);
  assert.equal(room.world.cloud.stats().openRelays, 0);
});

Deno.test("a device that is off is offline, and the same again when it is back", async () => {
  await using room = await Room.open();
  const server = await room.server();
  const salt = await room.salt();
  const restarting = room.world.device.restart({ downtime: 5000 });
  assert.equal((await room.one(`/probe/device/${room.serial}`, {}, server)).code, 404);
  await room.world.clock.settle(restarting);
  assert.equal((await room.one(`/probe/device/${room.serial}`, {}, server)).code, 200);
  assert.equal(await room.salt(), salt);
});
