/** Why a login fails, as the doctor tells it; each device here has exactly one trouble. */

import assert from "node:assert/strict";
import { diagnose } from "../../../lib/camera/doctor/mod.ts";
import { MemoryLoginGuard } from "../../../lib/net/login_guard.ts";
import { MemoryPinStore } from "../../../lib/net/pin_store.ts";
import { ScriptedDevice, withLogin } from "../../support/scripted_device.ts";
import {
  CHALLENGE_HEADER,
  examine,
  of,
  options,
  PASSWORD,
  portDialer,
  portsOf,
  says,
  startSimulator,
  statuses,
  troubles,
  web,
} from "./_support.ts";

Deno.test("a healthy device: one login for each way in, all of them ended, no trouble", async () => {
  await using simulator = await startSimulator();
  const diagnosis = await examine(simulator);
  assert.deepEqual(troubles(diagnosis), []);
  assert.deepEqual(statuses("login", diagnosis), ["ok"]);
  assert.deepEqual(statuses("web-api", diagnosis), ["ok"]);
  assert.deepEqual(of("login-kind", diagnosis).map(({ data }) => data), [
    { transport: "dhip", encryption: "Default" },
    { transport: "http", schemes: ["Digest MD5"] },
  ]);
  const { byService, sessionsOpen, refusedLogins } = simulator.stats();
  assert.deepEqual(
    [byService.dhip.logins, byService.rpc2.logins, byService.cgi.logins],
    [1, 0, 1],
  );
  assert.deepEqual([sessionsOpen, refusedLogins], [0, 0]);
  assert.ok(!JSON.stringify(diagnosis).includes(PASSWORD));
});

Deno.test("a wrong password is sent once, with the attempts that are left", async () => {
  await using simulator = await startSimulator();
  const diagnosis = await examine(simulator, { password: "wrong" });
  const [login] = of("login", diagnosis);
  assert.equal(login!.status, "problem");
  assert.match(login!.cause, /refused user admin or the password over DHIP; 4 attempts left/);
  assert.equal(login!.data.attemptsLeft, 4);
  assert.deepEqual(of("web-api", diagnosis), [], "no second try over another way");
  assert.equal(simulator.stats().refusedLogins, 1);
});

Deno.test("a locked account tells for how long, and gets no password", async () => {
  await using simulator = await startSimulator({ faults: ["locked-account:seconds=280"] });
  const diagnosis = await examine(simulator);
  const [login] = of("login", diagnosis);
  assert.match(login!.cause, /locked for (280|279|278) s more/);
  assert.equal(login!.data.code, "DHIP_AUTH_LOCKED");
  assert.equal(simulator.stats().byService.cgi.refusedLogins, 0);
});

Deno.test("a password held back by dhip is told with the time of the refusal", async () => {
  await using simulator = await startSimulator();
  const guard = new MemoryLoginGuard();
  const wrong = { password: "wrong", guard };
  await examine(simulator, wrong);
  const later = Date.now() + 90_000;
  const diagnosis = await examine(simulator, { ...wrong, now: () => later });
  const [login] = of("login", diagnosis);
  assert.match(login!.cause, /^Not tried: dhip holds this password back .* at 20\d\d-/);
  assert.match(login!.remedy!, /dhip unlock/);
  assert.ok(Math.abs(Date.parse(String(login!.data.since)) - later) < 60_000);
  assert.equal(simulator.stats().refusedLogins, 1);
});

Deno.test("a device without an administrator password is told as such", async () => {
  await using simulator = await startSimulator({ initialised: false });
  const diagnosis = await examine(simulator);
  assert.match(of("login", diagnosis)[0]!.cause, /no administrator password yet/);
  assert.deepEqual(statuses("login", diagnosis), ["problem"]);
});

Deno.test("a full session table is no wrong password", async () => {
  await using simulator = await startSimulator({ faults: ["session-table-full"] });
  const diagnosis = await examine(simulator);
  const [login] = of("login", diagnosis);
  assert.equal(login!.data.code, "DHIP_AUTH_BUSY");
  assert.match(login!.cause, /no free session/);
  assert.deepEqual(of("web-api", diagnosis), []);
});

Deno.test("Basic only, without TLS: a warning, and the password stays here", async () => {
  await using simulator = await startSimulator({ httpAuth: "basic" });
  const diagnosis = await examine(simulator);
  const kinds = of("login-kind", diagnosis);
  assert.deepEqual(kinds.map(({ status }) => status), ["ok", "warning"]);
  assert.match(kinds[1]!.cause, /only Basic: anybody on the way can read the password/);
  assert.equal(simulator.stats().byService.cgi.logins, 0);
  const inside = await examine(simulator, { tls: true });
  assert.deepEqual(statuses("web-api", inside), ["ok"]);
});

Deno.test("Digest with SHA-256 is told as such", async () => {
  await using simulator = await startSimulator({ httpAuth: "digest-sha256" });
  const diagnosis = await examine(simulator);
  assert.deepEqual(of("login-kind", diagnosis)[1]!.data.schemes, ["Digest SHA-256"]);
});

for (
  const [encryption, status] of [
    ["OldDigest", "note"],
    ["Basic", "warning"],
    ["Plain", "warning"],
    ["Sphinx", "problem"],
  ] as const
) {
  Deno.test(`the DHIP login kind ${encryption} is a ${status}`, async () => {
    await using simulator = await startSimulator({ encryption });
    const diagnosis = await examine(simulator);
    assert.equal(statuses("login-kind", diagnosis)[0], status);
    const { code } = of("login", diagnosis)[0]!.data;
    const expected = { Plain: "DHIP_AUTH_CLEARTEXT", Sphinx: "DHIP_AUTH_UNSUPPORTED" };
    assert.equal(code, expected[encryption as keyof typeof expected]);
  });
}

Deno.test("a bare 401 after an accepted login is no guess about the password", async () => {
  const device = new ScriptedDevice(withLogin(() => ({ result: true, params: {} })));
  let asked = 0;
  const dialer = portDialer({
    5000: device.dialer,
    80: web((head) => {
      if (/^authorization: /im.test(head)) asked++;
      return { status: "401 Unauthorized", headers: CHALLENGE_HEADER };
    }),
  });
  const diagnosis = await diagnose("device.test", options({ dialer }));
  assert.deepEqual(statuses("login", diagnosis), ["ok"]);
  const [refused] = of("web-api", diagnosis);
  assert.equal(refused!.status, "problem");
  assert.match(refused!.cause, /refused or session table full/);
  assert.equal(asked, 1);
});

Deno.test("the same 401 without a login before it is about the password", async () => {
  const dialer = portDialer({
    80: web((head) => ({
      status: head.startsWith("GET /cgi-bin") ? "401 Unauthorized" : "404 Not Found",
      headers: CHALLENGE_HEADER,
    })),
  });
  const diagnosis = await diagnose("device.test", options({ dialer }));
  assert.match(of("web-api", diagnosis)[0]!.cause, /refused user admin or the password over HTTP/);
  assert.deepEqual(statuses("rpc-over-http", diagnosis), ["warning"]);
});

Deno.test("an account without the right for the web API is told as such", async () => {
  const device = new ScriptedDevice(withLogin(() => ({ result: true, params: {} })));
  const dialer = portDialer({
    5000: device.dialer,
    80: web((head) =>
      /^authorization: /im.test(head)
        ? { status: "403 Forbidden", body: "Error\r\nAuthority:check failure.\r\n" }
        : { status: "401 Unauthorized", headers: CHALLENGE_HEADER }
    ),
  });
  const diagnosis = await diagnose("device.test", options({ dialer }));
  assert.match(of("web-api", diagnosis)[0]!.cause, /user admin may not do this over HTTP/);
});

Deno.test("a web page instead of the web API, and RPC over HTTP switched off", async () => {
  const page = "<!DOCTYPE html><html></html>";
  const device = new ScriptedDevice(withLogin(() => ({ result: true, params: {} })));
  const html = web(() => ({
    status: "200 OK",
    headers: "Content-Type: text/html\r\n",
    body: page,
  }));
  const both = await diagnose(
    "device.test",
    options({ dialer: portDialer({ 5000: device.dialer, 80: html }) }),
  );
  assert.match(of("web-api", both)[0]!.cause, /A web page comes instead of the web API/);
  assert.deepEqual(statuses("rpc-over-http", both), ["note"], "DHIP is there");
  const alone = await diagnose("device.test", options({ dialer: portDialer({ 80: html }) }));
  assert.deepEqual(statuses("rpc-over-http", alone), ["warning"]);
  assert.deepEqual(statuses("login", alone), ["problem"]);
});

Deno.test("RPC over HTTP that is switched off is noticed although its login answers", async () => {
  await using simulator = await startSimulator({ faults: ["rpc2-disabled"] });
  const diagnosis = await examine(simulator);
  assert.deepEqual(statuses("rpc-over-http", diagnosis), ["note"]);
});

Deno.test("without DHIP the one session goes over HTTP", async () => {
  await using simulator = await startSimulator();
  const ports = { ...portsOf(simulator), dhip: 9 };
  const diagnosis = await examine(simulator, { ports });
  assert.equal(of("login", diagnosis)[0]!.data.transport, "http");
  const { byService, sessionsOpen } = simulator.stats();
  assert.deepEqual([byService.dhip.logins, byService.rpc2.logins, sessionsOpen], [0, 1, 0]);
});

Deno.test("a device that sends everything to HTTPS is asked there", async () => {
  await using simulator = await startSimulator({ redirectToHttps: 302 });
  const diagnosis = await examine(simulator);
  assert.equal(of("web-api", diagnosis)[0]!.data.transport, "https");
  assert.deepEqual(troubles(diagnosis), []);
});

Deno.test("without a password nobody logs in", async () => {
  await using simulator = await startSimulator();
  const diagnosis = await examine(simulator, { password: undefined });
  assert.deepEqual(statuses("login", diagnosis), ["note"]);
  const { logins, refusedLogins } = simulator.stats();
  assert.deepEqual([logins, refusedLogins], [0, 0]);
});

Deno.test("a changed certificate is a problem, and looking at one pins nothing", async () => {
  await using simulator = await startSimulator();
  const pins = new MemoryPinStore();
  assert.equal(of("tls", await examine(simulator, { pins }))[0]!.data.trust, "first-use");
  assert.equal(of("tls", await examine(simulator, { pins }))[0]!.data.trust, "first-use");
  await examine(simulator, { pins, tls: true, password: undefined });
  assert.equal(of("tls", await examine(simulator, { pins }))[0]!.data.trust, "first-use");
  await examine(simulator, { pins, tls: true });
  assert.equal(of("tls", await examine(simulator, { pins }))[0]!.data.trust, "pinned");
  simulator.fault("new-certificate");
  const [changed] = of("tls", await examine(simulator, { pins }));
  assert.equal(changed!.status, "problem");
  assert.equal(changed!.data.code, "DHIP_TLS_UNTRUSTED");
  assert.match(changed!.remedy!, /dhip trust/);
});

Deno.test("a simulated device with too old a TLS", async () => {
  await using simulator = await startSimulator({ faults: ["tls-too-old"] });
  const [tls] = of("tls", await examine(simulator));
  assert.deepEqual([tls!.status, tls!.data.code], ["warning", "DHIP_TLS_TOO_OLD"]);
});

Deno.test("TLS that is too old is a warning, and a problem for who wants TLS", async () => {
  // An alert: protocol_version (70), RFC 8446 section 6.
  const alert = Uint8Array.of(0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46);
  const dialer = portDialer({ 443: says(alert), 554: says("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n") });
  const [warning] = of("tls", await diagnose("device.test", options({ dialer })));
  assert.deepEqual([warning!.status, warning!.data.code], ["warning", "DHIP_TLS_TOO_OLD"]);
  const [problem] = of("tls", await diagnose("device.test", options({ dialer, tls: true })));
  assert.equal(problem!.status, "problem");
});
