/** A bundle can be posted: no secret, and no identity unless it is asked for. */

import assert from "node:assert/strict";
import { type Diagnosis, makeBundle } from "../../../lib/camera/doctor/mod.ts";
import { finding } from "../../../lib/camera/doctor/finding.ts";
import { MASK } from "../../../lib/camera/config_secrets.ts";
import { INFO } from "../../cli/_support.ts";
import { examine, HOST, PASSWORD, startSimulator } from "./_support.ts";

const base = {
  made: new Date(Date.UTC(2026, 0, 2)),
  program: "dhip test",
  target: { name: "front", host: "192.168.1.108:5001", user: "operator" },
};

const diagnosis: Diagnosis = {
  findings: [
    finding("tls", "problem", "192.168.1.108:443 shows AB:CD:EF:01:02:03:04:05:06:07:08:09", null, {
      sha256: "ab".repeat(32),
      at: "2026-01-02 17:58:35",
    }),
    finding("login", "ok", "operator logged in to front, a frontal camera", null, { port: 5001 }),
  ],
  system: {
    ...INFO,
    serial: "4K0ABCDE",
    name: "Front door",
    firmware: { version: "1.2.3.4", build: null },
  },
  tables: {
    NTP: { Address: "ntp.home.example", Port: 123, Enable: true },
    Mixed: [
      "a0:bd:1d:00:00:01",
      "A0-BD-1D-00-00-01",
      "fe80::1",
      "2001:db8:0:0:0:0:0:7",
      "10.1.2.3/24",
      "12:30:00-23:59:59",
      "rtsp://u:hidden@10.1.2.3/live",
      "serial 4K0ABCDE of Front door",
    ],
    Wlan: { Password: "hidden", KeyFlag: true },
  },
};

Deno.test("without identity: no serial number, MAC, address or name is left", () => {
  const text = JSON.stringify(makeBundle(diagnosis, base));
  for (
    const word of [
      "192.168.1.108",
      "4K0ABCDE",
      "Front door",
      "operator",
      "ntp.home.example",
      "bd:1d",
      "BD-1D",
      "fe80",
      "2001:db8",
      "10.1.2.3",
      "AB:CD",
      "abab",
      "hidden",
    ]
  ) assert.ok(!text.includes(word), `${word} in ${text}`);
  for (
    const word of ["17:58:35", "12:30:00-23:59:59", "1.2.3.4", "IPC-1", "a frontal camera", "5001"]
  ) assert.ok(text.includes(word), `${word} is gone from ${text}`);
  assert.match(text, /blotted out/);
});

Deno.test("with identity everything but the secrets is kept, and the bundle says so", () => {
  const bundle = makeBundle(diagnosis, { ...base, identity: true });
  const text = JSON.stringify(bundle);
  for (const word of ["192.168.1.108", "4K0ABCDE", "Front door", "ntp.home.example"]) {
    assert.ok(text.includes(word), word);
  }
  assert.ok(!text.includes("hidden") && text.includes(MASK));
  assert.match(bundle.about, /do not post it in public/);
  assert.equal(bundle.target, "192.168.1.108:5001");
});

Deno.test("a bundle of a simulated device holds findings, versions and tables", async () => {
  await using simulator = await startSimulator();
  const real = await examine(simulator, { collect: true });
  const bundle = makeBundle(real, { ...base, target: { name: HOST, host: HOST, user: "admin" } });
  const { serial } = simulator.devices[0]!;
  const text = JSON.stringify(bundle);
  for (const word of [PASSWORD, serial, HOST]) assert.ok(!text.includes(word), word);
  const { system, tables } = bundle as unknown as {
    system: { firmware: { version: string } };
    tables: Record<string, unknown>;
  };
  assert.match(system.firmware.version, /^\d+\.\d+/);
  assert.ok("Encode" in tables && "NTP" in tables);
});
