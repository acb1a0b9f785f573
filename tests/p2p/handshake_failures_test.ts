/** What keeps a tunnel from opening: each cause has its error, its step, and leaves nothing open. */

import assert from "node:assert/strict";
import { DhipError, type ErrorCode } from "../../lib/errors.ts";
import type { HandshakeOptions } from "../../lib/p2p/handshake.ts";
import { scaled, seeded } from "../support/random.ts";
import { cloudVectors } from "./_cloud_vectors.ts";
import { INFO, type Rule, SERIAL, World } from "./_scripted_cloud.ts";

const CREDENTIALS = { user: "admin", password: "secret" };
const refused = (code: number, error: string): Rule => () => [{
  line: "403 Forbidden",
  fields: { ErrCode: `${code}`, Error: error, Policy: "p2p,udprelay" },
}];
const silent: Rule = () => [];
const withSalt: readonly [RegExp, Rule] = [/^\/info/, () => [{ fields: { Info: INFO } }]];

interface Failure {
  readonly what: string;
  readonly rules: readonly (readonly [RegExp, Rule])[];
  readonly options?: Partial<HandshakeOptions>;
  readonly code: ErrorCode;
  /** The last step that failed. */
  readonly step: string;
  readonly says?: RegExp;
}

const FAILURES: readonly Failure[] = [
  {
    what: "a cloud that is silent",
    rules: [[/./, silent]],
    code: "DHIP_TIMEOUT",
    step: "cloud",
    says: /UDP to 198\.51\.100\.1:8800/,
  },
  {
    what: "a profile that the cloud refuses with 401",
    rules: [[/./, "401 Unauthorized"]],
    code: "DHIP_P2P_IDENTITY_REFUSED",
    step: "cloud",
    says: /username, key/,
  },
  {
    what: "a profile that the cloud refuses with 403",
    rules: [[/^\/online/, "403 Forbidden"]],
    code: "DHIP_P2P_IDENTITY_REFUSED",
    step: "serial",
  },
  {
    what: "a serial number that the cloud does not know",
    rules: [[/^\/online\/p2psrv/, "404 Not Found"]],
    code: "DHIP_P2P_UNKNOWN_DEVICE",
    step: "serial",
    says: /does not know this serial number/,
  },
  {
    what: "a cloud that names no P2P server",
    rules: [[/^\/online\/p2psrv/, "200 OK"]],
    code: "DHIP_BAD_REPLY",
    step: "serial",
  },
  {
    what: "a cloud in trouble",
    rules: [[/^\/probe\/p2psrv/, "500 Oops\x1b[31m"]],
    code: "DHIP_P2P_UNREACHABLE",
    step: "cloud",
    says: /answered 500 Oops\[31m/,
  },
  {
    what: "a device that is offline",
    rules: [[/^\/probe\/device/, "404 Not Found"]],
    code: "DHIP_P2P_UNKNOWN_DEVICE",
    step: "device",
    says: /not online/,
  },
  {
    what: "a device that goes offline",
    rules: [[/p2p-channel$/, "404 Not Found"]],
    code: "DHIP_P2P_UNKNOWN_DEVICE",
    step: "channel",
  },
  {
    what: "a device that wants a password when none is known",
    rules: [withSalt, [/p2p-channel$/, refused(4, "DevPwd_InvalidSalt")]],
    code: "DHIP_P2P_AUTH_REQUIRED",
    step: "channel",
    says: /Give the device's user/,
  },
  {
    what: "a device that wants a password when signing is switched off",
    rules: [withSalt, [/p2p-channel$/, refused(4, "DevPwd_InvalidSalt")]],
    options: { auth: "none", credentials: CREDENTIALS },
    code: "DHIP_P2P_AUTH_REQUIRED",
    step: "channel",
    says: /auto/,
  },
  {
    what: "a device that wants a password and tells no salt",
    rules: [[/p2p-channel$/, refused(4, "DevPwd_InvalidSalt")]],
    options: { credentials: CREDENTIALS },
    code: "DHIP_AUTH_UNSUPPORTED",
    step: "channel",
  },
  {
    what: "the wrong password",
    rules: [withSalt, [/p2p-channel$/, refused(5, "DevPwd_InvalidDigest")]],
    options: { credentials: CREDENTIALS },
    code: "DHIP_AUTH_REFUSED",
    step: "channel",
  },
  {
    what: "a salt that the device does not accept",
    rules: [withSalt, [/p2p-channel$/, refused(4, "DevPwd_InvalidSalt")]],
    options: { credentials: CREDENTIALS },
    code: "DHIP_DEVICE_REFUSED",
    step: "channel",
    says: /its own salt/,
  },
  {
    what: "a nonce that the device has seen",
    rules: [withSalt, [/p2p-channel$/, refused(6, "DevPwd_InvalidNonce")]],
    options: { credentials: CREDENTIALS },
    code: "DHIP_DEVICE_REFUSED",
    step: "channel",
  },
  {
    what: "signing by wish without credentials",
    rules: [],
    options: { auth: "device" },
    code: "DHIP_P2P_AUTH_REQUIRED",
    step: "",
  },
  {
    what: "signing by wish when the device does not say how",
    rules: [[/^\/info/, silent]],
    options: { auth: "device", credentials: CREDENTIALS, mode: "direct" },
    code: "DHIP_TIMEOUT",
    step: "info",
  },
  {
    what: "a device that tells no address",
    rules: [[/p2p-channel$/, "200 Server Nat Info!"]],
    options: { mode: "direct" },
    code: "DHIP_BAD_REPLY",
    step: "channel",
  },
  {
    what: "a device that cannot be reached directly, by wish",
    rules: [],
    options: { mode: "direct" },
    code: "DHIP_P2P_UNREACHABLE",
    step: "punch",
    says: /relay/,
  },
  {
    what: "neither a direct path nor a relay",
    rules: [[/^\/online\/relay/, "404 Not Found"]],
    code: "DHIP_P2P_UNREACHABLE",
    step: "punch",
    says: /reach the device directly.*; /,
  },
  {
    what: "a relay that the device does not join",
    rules: [[/relay-channel$/, silent]],
    options: { mode: "relay" },
    code: "DHIP_P2P_UNREACHABLE",
    step: "join",
  },
  {
    what: "a relay whose token would break a request",
    rules: [[/^\/relay\/agent/, () => [{ fields: { Token: "a b", Agent: "198.51.100.4:8901" } }]]],
    options: { mode: "relay" },
    code: "DHIP_P2P_UNREACHABLE",
    step: "agent",
  },
  {
    what: "relays that are all silent",
    rules: [[/^\/relay\/agent/, silent]],
    options: { mode: "relay" },
    code: "DHIP_P2P_UNREACHABLE",
    step: "agent",
  },
  {
    what: "a handshake that takes too long",
    rules: [[/^\/online/, silent]],
    options: { timeout: 3000 },
    code: "DHIP_TIMEOUT",
    step: "",
    says: /within 3000 ms/,
  },
];

for (const { what, rules, options = {}, code, step, says } of FAILURES) {
  Deno.test(`no tunnel: ${what}`, async () => {
    await using world = await World.open({ client: "symmetric", device: "symmetric" });
    for (const [path, rule] of rules) world.on(path, rule);
    const failed = world.clock.settle(world.openPath(options));
    await assert.rejects(failed, (error) => {
      assert.ok(error instanceof DhipError);
      assert.equal(error.code, code);
      assert.equal(error.host, `sn:${SERIAL}`);
      if (says !== undefined) assert.match(`${error.message} ${error.hint}`, says);
      world.assertNoSecret(error);
      return true;
    });
    const last = world.steps.findLast(({ ok }) => !ok);
    assert.equal(last?.name ?? "", step);
    if (last !== undefined) assert.ok(last.error instanceof DhipError);
  });
}

Deno.test("a password that the device refused is not sent again", async () => {
  await using world = await World.open();
  world.on(...withSalt);
  world.on(/p2p-channel$/, refused(5, "DevPwd_InvalidDigest"));
  const attempt = () => world.clock.settle(world.openPath({ credentials: CREDENTIALS }));
  await assert.rejects(attempt(), { code: "DHIP_AUTH_REFUSED" });
  const sent = () => world.requests.filter(({ path }) => path.endsWith("p2p-channel")).length;
  const before = sent();
  await assert.rejects(attempt(), { code: "DHIP_AUTH_GUARDED" });
  assert.equal(sent(), before);
});

Deno.test("an unusable profile or serial number is refused before anything is sent", async () => {
  await using world = await World.open();
  const profile = { host: "", port: 1, username: "a", key: "b", dialect: "dh" } as const;
  await assert.rejects(world.openPath({ profile }), { code: "DHIP_P2P_NO_PROFILE" });
  for (const serial of ["", "a/b", "a b", "../probe", "x\r\n", "ä"]) {
    await assert.rejects(world.openPath({ serial }), SyntaxError);
  }
  assert.deepEqual(world.sent, []);
});

Deno.test("whenever a handshake is aborted, it ends soon and leaves nothing open", async () => {
  for (let seed = 0; seed < scaled(500); seed++) {
    const random = seeded(seed);
    const kind = random() < 0.5 ? "symmetric" : "port-restricted";
    await using world = await World.open({ client: kind, device: kind, seed });
    world.network.impair({ loss: random() * 0.4, delay: 30, jitter: 50 });
    const controller = new AbortController();
    const timer = world.clock.timer(() => controller.abort(), random() * 12_000);
    const opened = world.openPath({
      signal: controller.signal,
      exchangeSign: () => new Promise<null>(() => {}),
    });
    try {
      await world.clock.settle((await world.clock.settle(opened)).release());
    } catch (error) {
      assert.ok(error instanceof DhipError, `seed ${seed}: ${error}`);
    }
    timer.cancel();
  }
});

Deno.test("a bad network gives a path or an error, never less", async () => {
  const ends: Record<string, number> = {};
  for (let seed = 0; seed < scaled(1000); seed++) {
    const random = seeded(seed);
    await using world = await World.open({ seed });
    world.network.impair({
      ...{ loss: random() * 0.3, duplicate: random() * 0.2, reorder: random() * 0.2 },
      ...{ truncate: random() * 0.05, stray: random() * 0.05, delay: random() * 200, jitter: 100 },
    });
    let end: string;
    try {
      await using path = await world.clock.settle(world.openPath());
      end = path.kind;
      await world.clock.settle(path.release());
    } catch (error) {
      assert.ok(error instanceof DhipError, `seed ${seed}: ${error}`);
      end = error.code;
    }
    ends[end] = (ends[end] ?? 0) + 1;
  }
  const total = Object.values(ends).reduce((sum, n) => sum + n);
  assert.ok((ends.direct ?? 0) > total * 0.9, JSON.stringify(ends));
});

Deno.test("hostile datagrams from the right addresses never break a handshake", async () => {
  const golden = cloudVectors.flatMap((vector) =>
    "input_hex" in vector ? [Uint8Array.fromHex(vector.input_hex)] : []
  );
  let injected = 0;
  for (let seed = 0; seed < scaled(1000); seed++) {
    const random = seeded(seed);
    await using world = await World.open({ seed });
    const mutated = (cseq: string) => {
      const pick = golden[Math.floor(random() * golden.length)]!;
      // With the right number it passes as the answer.
      const text = new TextDecoder("latin1").decode(pick).replace(/CSeq: \d+/, `CSeq: ${cseq}`);
      const bytes = Uint8Array.from(text, (sign) => sign.charCodeAt(0));
      const copy = bytes.slice(0, Math.ceil(bytes.length * (random() < 0.8 ? 1 : random())));
      for (let n = Math.floor(random() * 6); n > 0; n--) {
        copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
      }
      return copy;
    };
    world.onRequest = ({ server, cseq, from }) => {
      for (let n = 0; n < 10; n++, injected++) world.serverSends(server, mutated(cseq), from);
    };
    try {
      await using path = await world.clock.settle(world.openPath({ credentials: CREDENTIALS }));
      const datagram = { bytes: mutated("1"), from: path.peer };
      for (let n = 0; n < 10; n++) path.handle(datagram);
      await world.clock.settle(path.release());
    } catch (error) {
      assert.ok(error instanceof DhipError, `seed ${seed}: ${error}`);
      world.assertNoSecret(error);
    }
  }
  assert.ok(injected > 0);
});

Deno.test("a cloud whose name cannot be looked up is unreachable", async () => {
  await using world = await World.open();
  const profile = { host: "cloud.invalid", port: 8800, username: "a", key: "b" } as const;
  // Looking up takes real time, and tests may not do it at all.
  await assert.rejects(world.openPath({ profile: { ...profile, dialect: "dh" } }), {
    code: "DHIP_UNREACHABLE",
    message: /cloud\.invalid/,
  });
  assert.deepEqual(world.sent, []);
});
