/** `dhip network`, `dhip check-address`, `dhip wifi`, `dhip test-mail`, and what info tells beside. */

import assert from "node:assert/strict";
import type { SimulatorOptions } from "../../lib/simulator/mod.ts";
import { NO_PERMISSION, NOT_FOUND } from "../support/scripted_camera.ts";
import { cliOn } from "./_scripted.ts";
import { onSimulated } from "./_simulated.ts";

const HOST = "127.77.22.17";
const NEXT = "127.77.22.18";

const withCamera = (test: Parameters<typeof onSimulated>[1], options: SimulatorOptions = {}) =>
  onSimulated({ host: HOST, ...options }, test);

Deno.test("network of a simulated device", () =>
  withCamera(async (run) => {
    const { interfaces, load, capabilities } = JSON.parse((await run(["network", "TARGET"])).out);
    assert.equal(interfaces[0].name, "eth0");
    assert.equal(interfaces[0].connected, true);
    assert.match(interfaces[0].mac, /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    assert.equal(capabilities.SupportHTTPS, true);
    assert.ok(interfaces[0].statistics !== null && load !== null);
    const table = await run(["network", "TARGET"], { terminal: true });
    assert.match(table.out, /eth0 +yes +\d+ Mbit\/s +127\.77\.22\.17/);
    const csv = await run(["network", "TARGET", "-o", "csv"]);
    assert.match(csv.out, /^name,type,connected,speed_mbit,address,mask,gateway,dhcp,mac,dns\r\n/);
    assert.equal((await cliOn(() => NOT_FOUND, ["network", "192.0.2.7"])).code, 5);
  }));

Deno.test("check-address: free ends with 0, taken with 8, and a device that cannot look with 5", () =>
  withCamera(async (run) => {
    const free = await run(["check-address", "TARGET", "127.77.22.99"]);
    assert.deepEqual([free.code, JSON.parse(free.out)], [0, {
      address: "127.77.22.99",
      free: true,
    }]);
    const taken = await run(["check-address", "TARGET", NEXT]);
    assert.deepEqual([taken.code, JSON.parse(taken.out)], [8, { address: NEXT, free: false }]);
    assert.equal(JSON.parse(taken.err).error.code, "DHIP_CHECK_FAILED");
    const table = await run(["check-address", "TARGET", NEXT], { terminal: true });
    assert.match(table.out, /127\.77\.22\.18 +taken/);
    const csv = await run(["check-address", "TARGET", NEXT, "-o", "csv"]);
    assert.equal(csv.out, `address,free\r\n${NEXT},false\r\n`);
    const elsewhere = await run(["check-address", "TARGET", NEXT, "--interface", "eth9"]);
    assert.deepEqual([elsewhere.code, elsewhere.out], [5, ""]);
    const wrong = await run(["check-address", "TARGET", "gate"]);
    assert.deepEqual([wrong.code, /IPv4 address such as/.test(wrong.err)], [2, true]);
    for (const reply of [NOT_FOUND, NO_PERMISSION]) {
      const cannot = await cliOn(() => reply, ["check-address", "192.0.2.7", "192.0.2.20"]);
      assert.deepEqual([cannot.code, cannot.out], [5, ""]);
    }
  }, { devices: 2 }));

Deno.test("wifi: what a camera with a radio hears, in every format", () =>
  withCamera(async (run) => {
    const { code, out } = await run(["wifi", "TARGET"]);
    assert.equal(code, 0);
    const networks = JSON.parse(out);
    assert.deepEqual(Object.keys(networks[0]), [
      ...["ssid", "bssid", "encryption", "quality", "connected", "speed"],
    ]);
    assert.deepEqual(networks[1].encryption, "Off");
    const table = await run(["wifi", "TARGET"], { terminal: true });
    assert.match(table.out, /Nachbar +31 +Off +150 Mbit\/s +no +02:00:5e:00:53:02/);
    const csv = await run(["wifi", "TARGET", "-o", "csv", "--interface", "eth2"]);
    assert.match(csv.out, /^ssid,quality,encryption,speed_mbit,connected,bssid\r\n/);
    assert.equal((await run(["wifi", "TARGET", "--interface", "eth0"])).code, 5);
  }, { wireless: true }));

Deno.test("wifi: a camera without a radio says so", () =>
  withCamera(async (run) => {
    const { code, err } = await run(["wifi", "TARGET"], { terminal: true });
    assert.equal(code, 5);
    assert.match(err, /no wireless interface/);
  }));

Deno.test("test-mail asks first, and tells what to look at when none is sent", () =>
  withCamera(async (run, simulator) => {
    const mails = () => simulator.stats().mails;
    const unasked = await run(["test-mail", "TARGET"]);
    assert.deepEqual([unasked.code, /no terminal to ask on/.test(unasked.err)], [2, true]);
    const off = await run(["test-mail", "TARGET", "--yes"], { terminal: true });
    assert.equal(off.code, 5);
    assert.match(off.err, /did not send a mail[^]*hint: .*config get TARGET Email/);
    const email = { Enable: true, Receivers: ["a@example.org"] };
    for (const [path, value] of Object.entries(email)) {
      const set = await run(["config", "set", "TARGET", `Email.${path}=${JSON.stringify(value)}`]);
      assert.equal(set.code, 0, set.err);
    }
    const no = await run(["test-mail", "TARGET"], { typed: "n" });
    assert.deepEqual([no.code, mails()], [130, 0]);
    assert.match(no.asked.join(), /send a mail to the receivers in its settings\? \[y\/N\]/);
    const yes = await run(["test-mail", "TARGET"], { typed: "y" });
    assert.deepEqual([yes.code, JSON.parse(yes.out), mails()], [0, { sent: true }, 1]);
    const table = await run(["test-mail", "TARGET", "-y"], { terminal: true });
    assert.deepEqual([table.code, mails()], [0, 2]);
    assert.match(table.out, /Mail +sent/);
  }));

Deno.test("info tells of a restart that settings wait for, and of the model's definitions", () =>
  withCamera(async (run) => {
    const info = JSON.parse((await run(["info", "TARGET"])).out);
    assert.deepEqual([info.restartPending, info.marketArea], [false, "Abroad"]);
    const table = await run(["info", "TARGET"], { terminal: true });
    assert.match(table.out, /Restart +not needed\n/);
    const asked = ["info", "TARGET", "--definition", "MaxExtraStream"];
    assert.equal((await run(asked)).out, "2\n");
    assert.match((await run(asked, { terminal: true })).out, /MaxExtraStream +2/);
    assert.equal((await run(["info", "TARGET", "--definition", "Nothing"])).code, 5);
  }));
