/** The way to simulated devices: what firmwares differ in, and what can go wrong. */

import assert from "node:assert/strict";
import { DhipError, type ErrorCode } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import {
  type HandshakeOptions,
  type HandshakeStep,
  openPath,
  type TunnelPath,
} from "../../lib/p2p/handshake.ts";
import { P2pWorld, type WorldOptions } from "../support/p2p_world.ts";
import { scaled, seeded } from "../support/random.ts";

const CREDENTIALS = { user: "admin", password: "admin54321" };
const STRICT = { auth: "device" } as const;

interface Outcome {
  readonly path?: TunnelPath;
  readonly error?: DhipError;
  /** Names of failed steps. */
  readonly failed: readonly string[];
}

async function reach(world: P2pWorld, options: Partial<HandshakeOptions> = {}): Promise<Outcome> {
  const steps: HandshakeStep[] = [];
  const opening = openPath({
    serial: world.device.serial,
    profile: world.cloud.profile,
    mode: "auto",
    auth: "auto",
    credentials: CREDENTIALS,
    openDatagrams: world.client.openDatagrams,
    clock: world.clock,
    guard: new MemoryLoginGuard(world.clock),
    random: seeded(7),
    wallClock: () => Date.UTC(2026, 0, 1) + world.clock.now(),
    localAddresses: () => [world.client.address],
    onStep: (step) => void steps.push(step),
    ...options,
  });
  const failed = () => steps.filter(({ ok }) => !ok).map(({ name }) => name);
  try {
    return { path: await world.clock.settle(opening), failed: failed() };
  } catch (error) {
    assert.ok(error instanceof DhipError, `${error}`);
    assert.equal(world.client.open, 0, "a socket is still open");
    return { error, failed: failed() };
  }
}

async function release(world: P2pWorld, { path, error }: Outcome): Promise<void> {
  assert.ok(path !== undefined, error?.message);
  await world.clock.settle(path.release());
  assert.equal(world.client.open, 0);
  const { relays, unbinds } = world.cloud.stats();
  assert.equal(unbinds, relays, "each relay is given back");
}

const FIRMWARES: readonly (readonly [string, WorldOptions, Partial<HandshakeOptions>?])[] = [
  ["of today", { device: { p2p: STRICT } }],
  ["that shows its address", { device: { p2p: { ...STRICT, v2: false } } }],
  ["that inverts its address", {
    device: { p2p: { ...STRICT, v2: false, localAddress: "inverted" } },
  }],
  ["of before 2023", { device: { p2p: { auth: "none", info: false } } }],
  ["that wants no password", { device: { p2p: { auth: "none" } } }],
  ["that wants no password, asked without one", { device: { p2p: { auth: "none" } } }, {
    credentials: undefined,
  }],
  ["of old firmware, whose packets are plain STUN", { device: { p2p: { stun: "plain" } } }],
  ["that answers late", { cloud: { answerDelay: 3000 } }],
  ["behind a cloud without provisional answers", { cloud: { trying: false, declaration: true } }],
  ["with a public address", { deviceNat: "none" }],
  ["behind an open router", { deviceNat: "full-cone", clientNat: "symmetric" }],
];

for (const [what, world, options] of FIRMWARES) {
  Deno.test(`a device ${what} is reached directly`, async () => {
    await using simulated = await P2pWorld.start(world);
    const outcome = await reach(simulated, options);
    assert.deepEqual(outcome.failed, []);
    assert.equal(outcome.path?.kind, "direct", outcome.error?.message);
    await release(simulated, outcome);
  });
}

Deno.test("a device with symmetric routers on both sides is reached by relay", async () => {
  await using world = await P2pWorld.start({ deviceNat: "symmetric", clientNat: "symmetric" });
  const outcome = await reach(world);
  assert.deepEqual(outcome.failed, ["punch"]);
  assert.equal(outcome.path?.kind, "relay", outcome.error?.message);
  await release(world, outcome);
});

interface Trouble {
  readonly fault: string;
  readonly with?: Readonly<Record<string, number | string>>;
  readonly options?: Partial<HandshakeOptions>;
  readonly ends: "direct" | "relay" | ErrorCode;
  readonly failed?: readonly string[];
}

const TROUBLES: readonly Trouble[] = [
  { fault: "cloud-late", ends: "direct" },
  { fault: "cloud-late", with: { delay: 4000 }, ends: "direct" },
  { fault: "cloud-lost", ends: "direct" },
  { fault: "cloud-duplicate", ends: "direct" },
  { fault: "cloud-clock", ends: "direct" },
  { fault: "cloud-clock", with: { ms: -3_600_000 }, ends: "direct" },
  {
    fault: "identity-refused",
    with: { status: 401 },
    ends: "DHIP_P2P_IDENTITY_REFUSED",
    failed: ["cloud"],
  },
  { fault: "identity-refused", ends: "DHIP_P2P_IDENTITY_REFUSED", failed: ["cloud"] },
  { fault: "device-unknown", ends: "DHIP_P2P_UNKNOWN_DEVICE", failed: ["serial"] },
  {
    fault: "device-unknown",
    with: { method: "p2p-channel" },
    ends: "DHIP_P2P_UNKNOWN_DEVICE",
    failed: ["channel"],
  },
  { fault: "wrong-salt", ends: "DHIP_DEVICE_REFUSED", failed: ["channel"] },
  { fault: "nonce-refused", ends: "DHIP_DEVICE_REFUSED", failed: ["channel"] },
  { fault: "no-direct-path", ends: "relay", failed: ["punch"] },
  {
    fault: "no-direct-path",
    options: { mode: "direct" },
    ends: "DHIP_P2P_UNREACHABLE",
    failed: ["punch"],
  },
  { fault: "relay-silent", with: { what: "dispatcher" }, ends: "direct" },
  {
    fault: "relay-silent",
    with: { what: "agent" },
    options: { mode: "relay" },
    ends: "DHIP_P2P_UNREACHABLE",
    failed: ["lease"],
  },
  {
    fault: "relay-silent",
    with: { what: "device" },
    options: { mode: "relay" },
    ends: "DHIP_P2P_UNREACHABLE",
    failed: ["join"],
  },
];

for (const { fault, with: set = {}, options, ends, failed = [] } of TROUBLES) {
  const name = [fault, ...Object.entries(set).flat(), options?.mode ?? ""].join(" ").trim();
  Deno.test(`trouble of the simulator: ${name}`, async () => {
    await using world = await P2pWorld.start({ device: { p2p: STRICT } });
    world.device.fault(fault, set);
    const outcome = await reach(world, options);
    assert.equal(outcome.path?.kind ?? outcome.error?.code, ends, outcome.error?.message);
    assert.deepEqual(outcome.failed, failed);
    if (outcome.path !== undefined) await world.clock.settle(outcome.path.release());
    assert.equal(world.client.open, 0);
  });
}

Deno.test("the device's own password decides", async () => {
  await using world = await P2pWorld.start({ device: { p2p: STRICT } });
  const wrong = await reach(world, { credentials: { user: "admin", password: "wrong" } });
  assert.equal(wrong.error?.code, "DHIP_AUTH_REFUSED");
  const none = await reach(world, { credentials: undefined });
  assert.equal(none.error?.code, "DHIP_P2P_AUTH_REQUIRED");
  const off = await reach(world, { auth: "none" });
  assert.equal(off.error?.code, "DHIP_P2P_AUTH_REQUIRED");
  await release(world, await reach(world, { auth: "device" }));
});

Deno.test("a wrong key of the cloud is told from a wrong password of the device", async () => {
  await using world = await P2pWorld.start();
  const profile = { ...world.cloud.profile, key: "wrong" };
  const { error } = await reach(world, { profile });
  assert.equal(error?.code, "DHIP_P2P_IDENTITY_REFUSED");
});

Deno.test("bad links to the device give a path or an error", async () => {
  const ends: Record<string, number> = {};
  for (let seed = 0; seed < scaled(200); seed++) {
    await using world = await P2pWorld.start({ seed });
    const random = seeded(seed);
    world.network.impair({
      ...{ loss: random() * 0.25, duplicate: random() * 0.2, reorder: random() * 0.2 },
      ...{ truncate: random() * 0.05, stray: random() * 0.05, delay: random() * 150, jitter: 50 },
    });
    const { path, error } = await reach(world, { random: seeded(seed) });
    if (path !== undefined) await world.clock.settle(path.release());
    assert.equal(world.client.open, 0, `seed ${seed}`);
    const end = path?.kind ?? error!.code;
    ends[end] = (ends[end] ?? 0) + 1;
  }
  const total = Object.values(ends).reduce((sum, count) => sum + count);
  assert.ok((ends.direct ?? 0) >= total * 0.85, JSON.stringify(ends));
});
