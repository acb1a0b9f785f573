/** `dhip doctor sn:SERIAL`: which step of the way fails, why, and what to do. */

import assert from "node:assert/strict";
import type { Finding } from "../../lib/camera/doctor/mod.ts";
import type { SimulatorOptions } from "../../lib/simulator/mod.ts";
import { type Site, site } from "./_tunnelled.ts";

const HOST = "127.77.94.1";

async function doctor(
  at: Site,
  target = "SN",
  env: Record<string, string> = {},
): Promise<{ code: number; findings: Finding[]; err: string }> {
  const { code, out, err } = await at.run(["doctor", target, "-o", "json"], { env });
  return { code, err, findings: out === "" ? [] : JSON.parse(out) };
}

async function withSite(test: (at: Site) => Promise<void>, options: SimulatorOptions = {}) {
  await using at = await site({ host: HOST, ...options });
  await test(at);
}

const steps = (findings: readonly Finding[]) =>
  findings.filter(({ check }) => check === "tunnel").map(({ status, data }) =>
    `${status} ${data.step ?? "end"}`
  );

Deno.test("a healthy way: each step, the ports through the tunnel, and the login", () =>
  withSite(async (at) => {
    const { code, findings, err } = await doctor(at);
    assert.equal(code, 0, err);
    const told = steps(findings);
    for (const step of ["cloud", "serial", "device", "info", "channel", "punch", "end"]) {
      assert.ok(told.includes(`ok ${step}`), `${step} of ${told.join(", ")}`);
    }
    const ports = findings.filter(({ check, status }) => check === "port" && status === "ok");
    assert.deepEqual(ports.map(({ data }) => data.service), ["dhip", "http", "https", "rtsp"]);
    assert.match(findings.find(({ check }) => check === "login")!.cause, /^admin logged in/);
    assert.ok(findings.every(({ data }) => data.took === undefined || Number(data.took) >= 0));
    const { devices } = at.simulator.stats();
    assert.equal(devices[0]!.p2p.tunnels > 0, true);
  }));

Deno.test("what fails is a problem with its remedy, and nothing behind it is tried", () =>
  withSite(async (at) => {
    const cases: [string, Record<string, string>, string, RegExp, RegExp][] = [
      ["SN", { DHIP_CLOUD_KEY: "wrong" }, "cloud", /refused the user and key/, /username, key/],
      ["sn:NOSUCHDEVICE", {}, "serial", /does not know this serial/, /serial number/],
      ["SN", { DHIP_PASSWORD: "wrong" }, "channel", /refused user or password/, /password/],
    ];
    for (const [target, env, step, cause, remedy] of cases) {
      const { code, findings, err } = await doctor(at, target, env);
      assert.equal(code, 8, err);
      const problem = findings.find(({ status }) => status === "problem")!;
      assert.equal(problem.data.step, step, JSON.stringify(findings));
      assert.match(problem.cause, cause);
      assert.match(problem.remedy!, remedy);
      assert.ok(findings.every(({ check }) => check === "tunnel"));
    }
    assert.equal(
      at.simulator.stats().devices[0]!.p2p.refusedChannels,
      1,
      "one try with a password",
    );
    assert.equal(at.simulator.stats().connections, 0);
  }));

Deno.test("what the cloud says of a device that it lost is passed on", () =>
  withSite(async (at) => {
    at.simulator.fault("device-unknown");
    const { code, findings } = await doctor(at);
    assert.equal(code, 8);
    assert.equal(findings.at(-1)!.data.code, "DHIP_P2P_UNKNOWN_DEVICE");
  }));

Deno.test("a relay instead of a direct path is a warning with its reason", () =>
  withSite(async (at) => {
    at.simulator.fault("no-direct-path");
    const { code, findings } = await doctor(at);
    assert.equal(code, 0);
    const told = steps(findings);
    assert.ok(told.includes("warning punch") && told.includes("ok join"), told.join(", "));
    const end = findings.find(({ data }) => "path" in data)!;
    assert.deepEqual([end.data.path, end.status], ["relay", "ok"]);
    assert.match(findings.find(({ status }) => status === "warning")!.remedy!, /relay is slower/);
  }));

Deno.test("without a profile nothing is examined: exit 2", () =>
  withSite(async (at) => {
    const { code, err } = await doctor(at, "SN", { DHIP_CLOUD_HOST: "" });
    assert.equal(code, 2);
    assert.match(err, /DHIP_P2P_NO_PROFILE/);
  }));

Deno.test("a bundle of a device behind a cloud says neither who nor where it is", () =>
  withSite(async (at) => {
    const { code, err } = await at.run(["doctor", "SN", "--bundle", "@/b.json"]);
    assert.equal(code, 0, err);
    const text = await Deno.readTextFile(`${at.folder}/b.json`);
    for (const secret of [at.target, at.target.slice(3), HOST]) assert.ok(!text.includes(secret));
  }));
