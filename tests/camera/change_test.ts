/** Changes of a configuration, and who else may be changing it. */

import assert from "node:assert/strict";
import { DahuaConfig, parseAssignment, planTables } from "../../lib/camera/mod.ts";
import type { Requester } from "../../lib/dhip/rpc.ts";

/** A device that keeps tables in memory; `onSet` may keep something else. */
function device(
  tables: Record<string, unknown>,
  onSet: (name: string, table: unknown) => unknown = (_, table) => table,
) {
  const asked: string[] = [];
  const requester: Requester = {
    host: "device.test:5000",
    request(method, params) {
      asked.push(method);
      const { name, table } = params as { name: string; table?: unknown };
      const reply = (envelope: Record<string, unknown>) =>
        Promise.resolve({ envelope: { id: 1, ...envelope }, binary: new Uint8Array() });
      if (method === "configManager.setConfig") {
        tables[name] = onSet(name, structuredClone(table));
        return reply({ result: true, params: { options: ["NeedReboot"] } });
      }
      if (method === "configManager.getMemberNames") {
        const names = name === "" ? Object.keys(tables) : Object.keys(tables[name] as object);
        return reply({ result: true, params: { names } });
      }
      if (method === "configManager.getDefault") {
        return reply({ result: true, params: { table: { Factory: true } } });
      }
      if (name === "All") return reply({ result: true, params: { table: tables } });
      if (!(name in tables)) return reply({ result: false, error: { code: 268959743 } });
      return reply({ result: true, params: { table: structuredClone(tables[name]) } });
    },
  };
  return { config: new DahuaConfig(requester), tables, asked };
}

const ntp = () => ({ NTP: { Address: "a", Port: 123, Enable: false } });

Deno.test("a change that the device keeps is done, with what it wants next", async () => {
  const { config, tables } = device(ntp());
  const plan = await config.plan([parseAssignment("NTP.Port=1123")]);
  assert.deepEqual(await config.apply(plan), { options: ["NeedReboot"], notHeld: [] });
  assert.deepEqual(tables.NTP, { Address: "a", Port: 1123, Enable: false });
});

Deno.test("a change that it accepts and forgets is told with both values", async () => {
  const { config } = device(ntp(), () => ntp().NTP);
  const plan = await config.plan([parseAssignment("NTP.Port=1123")]);
  const { notHeld } = await config.apply(plan);
  assert.deepEqual(notHeld, [{ path: "NTP.Port", before: 1123, after: 123 }]);
});

Deno.test("what moves on its own in a table is not a change that did not hold", async () => {
  let ticks = 0;
  const { config } = device(
    { T: { Want: 1, Clock: 0 } },
    (_, table) => ({ ...table as object, Clock: ++ticks }),
  );
  const plan = await config.plan([parseAssignment("T.Want=2")]);
  assert.deepEqual((await config.apply(plan)).notHeld, []);
});

Deno.test("what others change in the same table meanwhile is kept", async () => {
  const { config, tables } = device(ntp());
  const plan = await config.plan([parseAssignment("NTP.Address=b")]);
  tables.NTP = { ...tables.NTP as object, Port: 124 };
  assert.deepEqual((await config.apply(plan)).notHeld, []);
  assert.deepEqual(tables.NTP, { Address: "b", Port: 124, Enable: false });
});

Deno.test("what others change at the same place is a conflict, and nothing is written", async () => {
  const { config, tables, asked } = device(ntp());
  const plan = await config.plan([parseAssignment("NTP.Address=b")]);
  tables.NTP = { ...tables.NTP as object, Address: "c" };
  await assert.rejects(config.apply(plan), { code: "DHIP_CONFLICT", message: /NTP\.Address/ });
  assert.ok(!asked.includes("configManager.setConfig"));
  const grown = planTables([{ name: "NTP", before: ntp().NTP, after: { ...ntp().NTP, New: 1 } }]);
  await assert.rejects(config.apply(grown), { code: "DHIP_CONFLICT" });
});

Deno.test("a table with a number that would be damaged is not written", async () => {
  const { config, asked } = device({ T: { Want: 1, Masks: [18446744073709551615] } });
  const plan = await config.plan([parseAssignment("T.Want=2")]);
  await assert.rejects(config.apply(plan), {
    code: "DHIP_NOT_SUPPORTED",
    message: /T\.Masks\[0\]/,
  });
  assert.ok(!asked.includes("configManager.setConfig"));
});

Deno.test("absent tables, names, members and defaults", async () => {
  const { config, asked } = device(ntp());
  assert.equal(await config.get("Nothing"), undefined);
  await assert.rejects(config.plan([parseAssignment("Nothing.a=1")]), {
    code: "DHIP_NOT_SUPPORTED",
  });
  assert.deepEqual(await config.names(), ["NTP"]);
  assert.ok(!asked.some((method) => method === "configManager.getConfig" && asked.length < 2));
  assert.deepEqual(await config.members("NTP"), ["Address", "Port", "Enable"]);
  assert.deepEqual(await config.defaults("NTP"), { Factory: true });
});

Deno.test("tables that already are as wanted are not written", async () => {
  const { config, asked } = device(ntp());
  const plan = await config.plan([parseAssignment("NTP.Port=123")]);
  assert.deepEqual(plan.differences, []);
  await config.apply(plan);
  assert.ok(!asked.includes("configManager.setConfig"));
});
