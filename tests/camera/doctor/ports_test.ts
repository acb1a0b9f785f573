/** What speaks on a port, told by its first bytes. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { diagnose } from "../../../lib/camera/doctor/mod.ts";
import { challengeIn, HELLOS, knock, recognise } from "../../../lib/camera/doctor/knock.ts";
import { encodeMessage } from "../../../lib/dhip/frame.ts";
import { DhipError } from "../../../lib/errors.ts";
import type { Dialer } from "../../../lib/net/stream.ts";
import { scaled } from "../../support/random.ts";
import { CHALLENGE } from "../../support/scripted_device.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { examine, of, options, portDialer, says, startSimulator, statuses } from "./_support.ts";

const DHIP = encodeMessage({ requestId: 1, json: { id: 1, ...CHALLENGE } });
const RTSP = "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n";
const NETSDK = Uint8Array.of(0xb3, 0, 0, 0, ...new Uint8Array(28));

const at = (diagnosis: Awaited<ReturnType<typeof diagnose>>, service: string) =>
  of("port", diagnosis).find(({ data }) => data.service === service)!;

const outside = (ports: Parameters<typeof portDialer>[0]) =>
  diagnose("device.test", options({ dialer: portDialer(ports), password: undefined }));

Deno.test("each service is known by what it answers, and closed ports are told", async () => {
  const diagnosis = await outside({ 5000: says(DHIP), 554: says(RTSP), 37777: says(NETSDK) });
  const seen = ["dhip", "http", "https", "rtsp", "netsdk"].map((service) => {
    const { status, data } = at(diagnosis, service);
    return [service, status, data.state, data.speaks];
  });
  assert.deepEqual(seen, [
    ["dhip", "ok", "open", "dhip"],
    ["http", "note", "closed", null],
    ["https", "note", "closed", null],
    ["rtsp", "ok", "open", "rtsp"],
    ["netsdk", "ok", "open", "netsdk"],
  ]);
});

Deno.test("another protocol than expected is named", async () => {
  const diagnosis = await outside({
    5000: says(RTSP),
    80: says("SSH-2.0-dropbear\r\n"),
    443: says(NETSDK),
    554: says("HTTP/1.1 400 Bad Request\r\n\r\n"),
    37777: says(Uint8Array.of(0x15, 3, 1, 0, 2, 2, 40)),
  });
  const causes = ["dhip", "http", "https", "rtsp", "netsdk"].map((name) => at(diagnosis, name));
  assert.deepEqual(causes.map(({ status }) => status), Array(5).fill("warning"));
  assert.deepEqual(causes.map(({ cause }) => cause), [
    "TCP 5000 speaks RTSP, not DHIP",
    "TCP 80 speaks something else, not HTTP",
    "TCP 443 speaks something else, not HTTPS",
    "TCP 554 speaks HTTP, not RTSP",
    "TCP 37777 speaks TLS, not the vendor's private protocol",
  ]);
});

Deno.test("a web server on the DHIP port is known although it waits for more of that hello", async () => {
  await using simulator = await startSimulator();
  const { httpPort } = simulator.devices[0]!;
  const ports = { dhip: httpPort!, http: 2, https: 3, rtsp: 4, netsdk: 5 };
  const diagnosis = await examine(simulator, { ports, timeout: 700, password: undefined });
  assert.match(at(diagnosis, "dhip").cause, /speaks HTTP, not DHIP/);
});

Deno.test("DHIP on the HTTP port is found when its own is closed", async () => {
  const serve = says(DHIP);
  const diagnosis = await outside({
    80: async (stream) => {
      const first = new Uint8Array(1);
      await stream.read(first);
      // One listener for both, as on many firmwares: it looks at the first byte.
      await (first[0] === 0x20
        ? serve(stream)
        : says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")(stream));
    },
  });
  const found = of("port", diagnosis).find(({ cause }) => cause.includes("as well"));
  assert.equal(found?.data.port, 80);
  assert.match(found!.remedy!, /--dhip-port 80/);
  assert.deepEqual(of("login-kind", diagnosis).map(({ data }) => data.encryption), ["Default"]);
});

Deno.test("nothing at all is one problem", async () => {
  const { findings } = await outside({});
  assert.deepEqual(findings.map(({ check, status }) => [check, status]), [["reach", "problem"]]);
  const why = async (code: "DHIP_UNREACHABLE" | "DHIP_TIMEOUT", reason: string) => {
    const dialer: Dialer = {
      host: "device.test",
      dial: (port) => Promise.reject(new DhipError(code, `Cannot connect to h:${port}: ${reason}`)),
    };
    const { findings } = await diagnose("device.test", options({ dialer }));
    assert.equal(findings.length, 1);
    return findings[0]!;
  };
  const unknown = await why("DHIP_UNREACHABLE", "unknown host name");
  assert.match(unknown.cause, /: unknown host name$/);
  assert.match(unknown.remedy!, /^Check the name/);
  assert.match(
    (await why("DHIP_UNREACHABLE", "connection refused")).cause,
    /: connection refused$/,
  );
  assert.match((await why("DHIP_TIMEOUT", "whatever")).cause, /: no answer$/);
});

Deno.test("a port that takes the connection and says nothing costs a bounded time", async () => {
  const clock = new VirtualClock();
  const silent = async (stream: { read(buffer: Uint8Array): Promise<number | null> }) => {
    while (await stream.read(new Uint8Array(100)) !== null);
  };
  const dialer = portDialer({ 5000: silent, 554: silent });
  const found = diagnose("device.test", options({ dialer, clock, password: undefined }));
  const diagnosis = await clock.settle(found);
  assert.equal(at(diagnosis, "rtsp").status, "warning");
  assert.match(at(diagnosis, "dhip").cause, /open, but what listens there does not answer/);
  assert.equal(clock.pending, 0);
});

Deno.test("a port behind a firewall is told apart from a closed one", async () => {
  const dialer: Dialer = {
    host: "device.test",
    dial: (port, call) =>
      port === 554
        ? Promise.reject(new DhipError("DHIP_TIMEOUT", "No answer"))
        : portDialer({ 5000: says(DHIP) }).dial(port, call),
  };
  const diagnosis = await diagnose("device.test", options({ dialer, password: undefined }));
  assert.match(at(diagnosis, "rtsp").cause, /does not answer \(filtered\)/);
});

Deno.test("hellos carry no password, and are the whole of what is sent from outside", async () => {
  const received: string[] = [];
  const record = async (stream: Parameters<ReturnType<typeof says>>[0]) => {
    const buffer = new Uint8Array(4096);
    const length = await stream.read(buffer) ?? 0;
    received.push(new TextDecoder().decode(buffer.subarray(0, length)));
    await stream.write(new TextEncoder().encode("?????????"));
  };
  const dialer = portDialer({ 5000: record, 80: record, 554: record, 37777: record });
  await diagnose("device.test", options({ dialer }));
  const hellos = [HELLOS.dhip("admin"), HELLOS.http, HELLOS.rtsp, HELLOS.netsdk]
    .map((hello) => new TextDecoder().decode(hello));
  for (const text of received) assert.ok(hellos.includes(text), text);
  assert.match(hellos[0]!, /"password":""/);
});

Deno.test("Ctrl-C ends the diagnosis", async () => {
  await using simulator = await startSimulator({ faults: ["half-open"] });
  const controller = new AbortController();
  const found = examine(simulator, { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(found, { code: "DHIP_INTERRUPTED" });
});

Deno.test("random answers never throw, and a challenge is read only from a whole reply", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, framed) => {
      const answer = framed ? Uint8Array.of(...DHIP.subarray(0, 16), ...bytes) : bytes;
      recognise(answer);
      const step = challengeIn(answer, "device.test");
      assert.ok(step === null || step.kind !== undefined);
    }),
    { numRuns: scaled(20_000) },
  );
  assert.equal(challengeIn(DHIP, "h")?.kind, "challenge");
  for (let cut = 0; cut < DHIP.length; cut++) {
    assert.equal(challengeIn(DHIP.subarray(0, cut), "h"), null);
  }
});

Deno.test("an endless answer is read up to a limit", async () => {
  const dialer = portDialer({
    5000: async (stream) => {
      const endless = encodeMessage({ json: "x".repeat(100_000) });
      for (;;) await stream.write(endless);
    },
  });
  const { bytes, speaks } = await knock(dialer, 5000, HELLOS.dhip("admin"), { timeout: 2000 });
  assert.deepEqual([speaks, bytes.length], ["dhip", 16 * 1024]);
  const diagnosis = await diagnose("device.test", options({ dialer, password: undefined }));
  assert.deepEqual(statuses("login-kind", diagnosis), []);
});
