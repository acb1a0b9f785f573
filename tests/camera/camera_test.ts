import assert from "node:assert/strict";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { type Script, ScriptedDevice, withLogin } from "../support/scripted_device.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

async function connect(script: Script) {
  const clock = new VirtualClock();
  const device = new ScriptedDevice(withLogin(script));
  const guard = new MemoryLoginGuard(clock);
  const camera = await clock.settle(
    DahuaCamera.connect("device.test", {
      password: "p",
      dialer: device.dialer,
      guard,
      clock,
      timeout: 2_000,
    }),
  );
  return { clock, device, camera };
}

const ANSWERS: Record<string, unknown> = {
  "magicBox.getSystemInfo": { deviceType: "X", serialNumber: "S1", hardwareVersion: "1.00" },
  "magicBox.getDeviceType": { type: "IPC-HDW5442T" },
  "magicBox.getVendor": { Vendor: "Dahua" },
  "magicBox.getDeviceClass": { type: "IPC" },
  "magicBox.getSerialNo": { sn: "S1" },
  "magicBox.getHardwareVersion": { version: "1.00" },
  "magicBox.getSoftwareVersion": { version: { Version: "2.84", BuildDate: "2026-01-02" } },
  "magicBox.getMachineName": { name: "Gate" },
  "magicBox.getMemoryInfo": { total: 1000, free: 400 },
  "magicBox.getCPUUsage": { usage: 12 },
  "magicBox.getUpTime": { info: { Last: 60, Total: 3600 } },
  "magicBox.needReboot": { needReboot: 1 },
  "magicBox.getMarketArea": { AbroadInfo: "Abroad", AdditionInfo: [] },
};

const answerAll: Script = ({ method }) => {
  if (method === "global.getCurrentTime") return { result: "2026-06-18 11:46:19", params: null };
  return { result: true, params: ANSWERS[method] };
};

Deno.test("system information comes from all getters, in both spellings", async () => {
  const { clock, camera } = await connect(answerAll);
  assert.equal(camera.host, "device.test:5000");
  assert.ok(camera.capabilities.has("system"));
  assert.deepEqual(await camera.system.info(), {
    name: "Gate",
    model: "IPC-HDW5442T",
    vendor: "Dahua",
    deviceClass: "IPC",
    serial: "S1",
    hardware: "1.00",
    firmware: { version: "2.84", build: "2026-01-02" },
    memory: { total: 1000, free: 400 },
    cpu: 12,
    uptime: { last: 60, total: 3600 },
    time: "2026-06-18 11:46:19",
    restartPending: true,
    marketArea: "Abroad",
    problems: [],
  });
  await clock.settle(camera.close());
});

Deno.test("one failing or silent getter never costs the others", async () => {
  const { clock, camera } = await connect((asked, device) => {
    if (asked.method === "magicBox.getCPUUsage") return undefined;
    if (asked.method === "magicBox.getUpTime") {
      return { result: false, error: { code: 268894210, message: "Method not found!" } };
    }
    if (asked.method === "magicBox.getSerialNo") return { result: false, error: { code: 405 } };
    return answerAll(asked, device);
  });
  const info = await clock.settle(camera.system.info());
  assert.equal(info.cpu, null);
  assert.equal(info.uptime, null);
  assert.equal(info.serial, "S1"); // told by getSystemInfo, so not missed
  assert.equal(info.model, "IPC-HDW5442T");
  const codes = Object.fromEntries(info.problems.map(({ field, error }) => [field, error.code]));
  assert.deepEqual(codes, { cpu: "DHIP_TIMEOUT", uptime: "DHIP_METHOD_NOT_FOUND" });
  await clock.settle(camera.close());
});

Deno.test("what few devices tell is null elsewhere, without a problem", async () => {
  const cases: [Record<string, unknown> | undefined, boolean | null][] = [
    [{ result: true, params: { needReboot: 0 } }, false],
    [{ result: true, params: { needReboot: true } }, true],
    [{ result: true, params: { NeedReboot: false } }, false],
    [{ result: true, params: { needReboot: "maybe" } }, null],
    [{ result: true }, null], // a yes to the call is no yes to the question
    [{ result: false, error: { code: 268894210 } }, null],
    [undefined, null],
  ];
  for (const [reply, expected] of cases) {
    const { clock, camera } = await connect((asked, device) => {
      if (asked.method === "magicBox.needReboot") return reply;
      if (asked.method === "magicBox.getMarketArea") return { result: false };
      return answerAll(asked, device);
    });
    const { restartPending, marketArea, problems } = await clock.settle(camera.system.info());
    assert.deepEqual([restartPending, marketArea, problems], [expected, null, []]);
    await clock.settle(camera.close());
  }
});

Deno.test("a property of the model is any value, or an error", async () => {
  const definitions: Record<string, unknown> = { MaxExtraStream: 2, Support: { P2P: true } };
  const { clock, camera } = await connect(({ method, params }) => {
    assert.equal(method === "global.logout" || params!.name !== undefined, true);
    const name = String(params?.name);
    return name === "Refused"
      ? { result: false, error: { code: 268894211 } }
      : { result: true, params: { definition: definitions[name] } };
  });
  const { system } = camera;
  assert.equal(await system.productDefinition("MaxExtraStream"), 2);
  assert.deepEqual(await system.productDefinition("Support"), { P2P: true });
  await assert.rejects(system.productDefinition("Nothing"), { code: "DHIP_BAD_REPLY" });
  await assert.rejects(system.productDefinition("Refused"), { code: "DHIP_BAD_PARAMS" });
  await clock.settle(camera.close());
});

Deno.test("system information fails as a whole when nothing was told or the link is gone", async () => {
  const refusal = { result: false, error: { code: 285278249 } };
  const refused = await connect(() => refusal);
  await assert.rejects(refused.camera.system.info(), { code: "DHIP_NO_PERMISSION" });
  await refused.clock.settle(refused.camera.close());
  const cut = await connect((_, device) => {
    device.stream!.close();
    return undefined;
  });
  await assert.rejects(cut.camera.system.info(), { code: "DHIP_CONNECTION_LOST" });
  await cut.clock.settle(cut.camera.close());
});

Deno.test("odd payloads never break system information", async () => {
  const { clock, camera } = await connect(({ id }) =>
    [{ result: true, params: [1, 2] }, { result: 5 }, {
      result: true,
      params: { type: 7, sn: [] },
    }][
      id % 3
    ]
  );
  const info = await camera.system.info();
  assert.equal(info.model, null);
  assert.equal(info.memory, null);
  await clock.settle(camera.close());
});

Deno.test("multicall tells for each call what it brought", async () => {
  const { clock, device, camera } = await connect(({ method }) =>
    method !== "system.multicall" ? { result: true } : {
      result: true,
      params: [
        { id: 2, result: true, params: { sn: "S1" } },
        { id: 1, result: false },
        { id: 3, result: false, error: { code: 268894210 } },
      ],
    }
  );
  const results = await camera.rpc.multicall([
    { method: "configManager.getConfig", params: { name: "NTP" } },
    { method: "magicBox.getSerialNo" },
    { method: "a.b", object: 4 },
    { method: "c.d" },
  ]);
  assert.deepEqual(results.map((one) => one.ok ? one.payload : one.error.code), [
    "DHIP_DEVICE_REFUSED",
    { sn: "S1" },
    "DHIP_METHOD_NOT_FOUND",
    "DHIP_BAD_REPLY",
  ]);
  const sent = device.asked.at(-1)!.params as unknown as { object?: number; session: number }[];
  assert.equal(sent[2]!.object, 4);
  assert.equal(sent[0]!.session, camera.rpc.sessionId);
  await clock.settle(camera.close());
});

Deno.test("services and methods are listed sorted, and a reply without a list is an error", async () => {
  const { clock, camera } = await connect(({ method }) =>
    method === "system.listService"
      ? { result: true, params: { service: ["system", "magicBox", 3] } }
      : { result: true, params: {} }
  );
  assert.deepEqual(await camera.rpc.services(), ["magicBox", "system"]);
  await assert.rejects(camera.rpc.methods("magicBox"), {
    code: "DHIP_BAD_REPLY",
    method: "magicBox.listMethod",
  });
  await clock.settle(camera.close());
});

Deno.test("request returns a refusal as a reply, call throws it", async () => {
  const refusal = { result: false, error: { code: 268894211, message: "bad" } };
  const { clock, camera } = await connect(() => refusal);
  const reply = await camera.rpc.request("a.b");
  assert.deepEqual(reply.envelope.error, refusal.error);
  await assert.rejects(camera.rpc.call("a.b"), { code: "DHIP_BAD_PARAMS" });
  await clock.settle(camera.close());
});

Deno.test("the user in the target goes before the option", async () => {
  const clock = new VirtualClock();
  const device = new ScriptedDevice(withLogin(() => ({ result: true })));
  const camera = await clock.settle(
    DahuaCamera.connect("dhip://operator@device.test", {
      user: "admin",
      password: "p",
      dialer: device.dialer,
      guard: new MemoryLoginGuard(clock),
      clock,
    }),
  );
  assert.equal(device.asked[0]!.params!.userName, "operator");
  await clock.settle(camera.close());
  await assert.rejects(DahuaCamera.connect("not a host", { password: "p" }), SyntaxError);
});
