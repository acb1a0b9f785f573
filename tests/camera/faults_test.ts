/** Every fault of the simulator, and what a user of the library sees of it. */

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { RpcSession } from "../../lib/dhip/session.ts";
import type { DhipError } from "../../lib/errors.ts";
import { Authenticator } from "../../lib/http/authenticator.ts";
import { HttpClient } from "../../lib/http/client.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { MemoryPinStore, type PinStore } from "../../lib/net/pin_store.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { FAULTS, SIMULATED_FILE, Simulator } from "../../lib/simulator/mod.ts";

const PASSWORD = "fault-test";

interface Room {
  readonly simulator: Simulator;
  /** Connects over HTTP. */
  overHttp(options?: { tls?: boolean; pins?: PinStore; timeout?: number }): Promise<DahuaCamera>;
  connect(options?: { timeout?: number }): Promise<DahuaCamera>;
  session(options?: { timeout?: number }): Promise<RpcSession>;
}

async function withSimulator(
  test: (room: Room) => Promise<void>,
  options: Parameters<typeof Simulator.start>[0] = {},
): Promise<void> {
  await using simulator = await Simulator.start({
    password: PASSWORD,
    seed: 11,
    httpPort: 0,
    httpsPort: 0,
    ...options,
  });
  const { host, dhipPort, httpPort, httpsPort } = simulator.devices[0]!;
  const guard = () => new MemoryLoginGuard();
  await test({
    simulator,
    overHttp: (options) =>
      DahuaCamera.connect(`${host}:${options?.tls ? httpsPort : httpPort}`, {
        password: PASSWORD,
        guard: guard(),
        transport: "http",
        ...options,
      }),
    connect: (options) =>
      DahuaCamera.connect(`${host}:${dhipPort}`, {
        password: PASSWORD,
        guard: guard(),
        ...options,
      }),
    session: (options) =>
      RpcSession.open(tcpDialer(host), { user: "admin", password: PASSWORD }, {
        port: dhipPort,
        guard: guard(),
        ...options,
      }),
  });
}

/** The camera works as if nothing were wrong. */
async function worksAsUsual({ simulator, connect }: Room): Promise<void> {
  {
    await using camera = await connect();
    const info = await camera.system.info();
    assert.deepEqual(info.problems, []);
    assert.equal(info.serial, simulator.devices[0]!.serial);
    const all = await camera.rpc.call("configManager.getConfig", { name: "All" });
    assert.ok(JSON.stringify(all).length > 2_000);
    const calls = Array.from({ length: 50 }, () => camera.rpc.call("magicBox.getDeviceType"));
    assert.equal(new Set((await Promise.all(calls)).map((one) => JSON.stringify(one))).size, 1);
  }
  const stats = simulator.stats();
  assert.equal(stats.logins, 1);
  assert.equal(stats.logouts, 1);
}

/** The next call fails with this code; the one after it opens another session. */
function endsTheSession(fault: string, code: string) {
  return async ({ simulator, connect }: Room): Promise<void> => {
    await using camera = await connect();
    simulator.fault(fault, { times: 1 });
    await assert.rejects(camera.rpc.call("magicBox.getSerialNo"), {
      code,
      method: "magicBox.getSerialNo",
      host: camera.host,
    });
    assert.ok(await camera.rpc.call("magicBox.getVendor"));
    assert.equal(simulator.stats().logins, 2);
  };
}

const SEEN: Record<string, (room: Room) => Promise<void>> = {
  "split-frames": worksAsUsual,
  "merge-frames": worksAsUsual,
  "one-byte": worksAsUsual,
  "push-before-reply": worksAsUsual,
  "nul-terminated": worksAsUsual,
  "fragments-a": worksAsUsual,

  async reorder({ simulator, connect }) {
    await using camera = await connect();
    simulator.fault("reorder");
    const names = ["General", "NTP", "Encode", "Network", "Locales"];
    const each = await Promise.all(
      names.map((name) => camera.rpc.call("configManager.getConfig", { name })),
    );
    simulator.clearFault("reorder");
    for (const [i, name] of names.entries()) {
      assert.deepEqual(each[i], await camera.rpc.call("configManager.getConfig", { name }), name);
    }
  },

  async "late-reply"({ simulator, connect }) {
    await using camera = await connect();
    simulator.fault("late-reply", { method: "magicBox.getSerialNo", delay: 150, times: 1 });
    await assert.rejects(camera.rpc.call("magicBox.getSerialNo", null, { timeout: 50 }), {
      code: "DHIP_TIMEOUT",
      retryable: true,
    });
    const type = await camera.rpc.call("magicBox.getDeviceType") as { type: string };
    await delay(200); // the late reply arrives now, and belongs to nobody
    assert.deepEqual(await camera.rpc.call("magicBox.getDeviceType"), type);
  },

  async "drop-reply"({ simulator, connect }) {
    await using camera = await connect({ timeout: 100 });
    simulator.fault("drop-reply", { times: 1 });
    await assert.rejects(camera.rpc.call("magicBox.getVendor"), { code: "DHIP_TIMEOUT" });
    assert.ok(await camera.rpc.call("magicBox.getVendor"));
  },

  async "silent-events"({ simulator, connect }) {
    await using camera = await connect();
    const events = await camera.rpc.subscribe({ filter: (push) => push.method.includes("Event") });
    await camera.rpc.call("eventManager.attach", { codes: ["All"] });
    simulator.fault("silent-events");
    simulator.event({ code: "VideoMotion", action: "Start", channel: 1 });
    simulator.clearFault("silent-events");
    simulator.event({ code: "VideoMotion", action: "Stop", channel: 1 });
    const { value } = await events.next();
    const [event] = (value!.params as { eventList: { Action: string }[] }).eventList;
    assert.equal(event!.Action, "Stop"); // the Start never came
    await events.return();
  },

  async "half-open"({ simulator, session }) {
    const open = await session({ timeout: 60_000 });
    simulator.fault("half-open");
    const call = open.call("magicBox.getVendor");
    const [reason] = await Promise.all([
      open.closed,
      assert.rejects(call, { code: "DHIP_CONNECTION_LOST" }),
    ]);
    assert.match(reason!.message, /no longer answers/);
    await open.close();
  },

  "reset-mid-frame": endsTheSession("reset-mid-frame", "DHIP_CONNECTION_LOST"),
  garbage: endsTheSession("garbage", "DHIP_WRONG_PROTOCOL"),
  "oversize-length": endsTheSession("oversize-length", "DHIP_FRAME_TOO_LARGE"),
  "http-answer": endsTheSession("http-answer", "DHIP_WRONG_PROTOCOL"),

  async "bad-json"({ simulator, connect }) {
    await using camera = await connect();
    simulator.fault("bad-json", { times: 1 });
    await assert.rejects(camera.rpc.call("magicBox.getVendor"), { code: "DHIP_BAD_JSON" });
    assert.ok(await camera.rpc.call("magicBox.getVendor"));
  },

  async "refuse-keepalive"({ simulator, session }) {
    await using open = await session();
    await open.call("magicBox.getVendor");
    simulator.fault("refuse-keepalive", { times: 1 });
    while (open.generation === 1) await delay(20);
    assert.ok(await open.call("magicBox.getVendor"));
    assert.equal(simulator.stats().logins, 2);
  },

  async "session-expiry"({ simulator, connect }) {
    await using camera = await connect();
    await camera.rpc.call("magicBox.getVendor");
    simulator.fault("session-expiry");
    assert.ok(await camera.rpc.call("magicBox.getVendor"));
    assert.equal(simulator.stats().logins, 2);
  },

  async "locked-account"({ simulator, connect }) {
    simulator.fault("locked-account", { seconds: 90 });
    await assert.rejects(connect(), (error: { code: string; lockSeconds: number }) => {
      assert.equal(error.code, "DHIP_AUTH_LOCKED");
      assert.ok(error.lockSeconds > 80 && error.lockSeconds <= 90);
      return true;
    });
  },

  async "not-initialised"({ simulator, connect, overHttp }) {
    simulator.fault("not-initialised");
    await assert.rejects(connect(), { code: "DHIP_AUTH_NOT_INITIALISED" });
    await assert.rejects(overHttp(), { code: "DHIP_AUTH_NOT_INITIALISED" });
    assert.equal(simulator.stats().sessionsOpen, 0);
  },

  async "tls-too-old"({ simulator, overHttp }) {
    simulator.fault("tls-too-old");
    await assert.rejects(overHttp({ tls: true }), { code: "DHIP_TLS_TOO_OLD" });
    simulator.clearFault("tls-too-old");
    await using camera = await overHttp({ tls: true, pins: new MemoryPinStore() });
    assert.ok(await camera.rpc.call("magicBox.getVendor"));
  },

  async "basic-only"({ simulator }) {
    simulator.fault("basic-only");
    const { host, httpPort } = simulator.devices[0]!;
    const authenticator = new Authenticator({
      user: "admin",
      password: PASSWORD,
      guard: new MemoryLoginGuard(),
    });
    await using client = new HttpClient(tcpDialer(host), { port: httpPort!, authenticator });
    const response = await client.request("/cgi-bin/magicBox.cgi?action=getVendor");
    assert.equal(await response.text(), "vendor=Dahua\r\n");
    assert.equal(simulator.stats().byService.cgi.logins, 1);
  },

  async "session-table-full"({ simulator, connect }) {
    simulator.fault("session-table-full");
    await assert.rejects(connect(), { code: "DHIP_AUTH_BUSY", retryable: true });
  },

  async "stale-config"({ simulator, connect }) {
    await using camera = await connect();
    const read = () => camera.rpc.call("configManager.getConfig", { name: "NTP" });
    const before = await read() as { table: object };
    simulator.fault("stale-config");
    const table = { ...before.table, Enable: "changed" };
    assert.equal(
      await camera.rpc.call("configManager.setConfig", { name: "NTP", table }) !== false,
      true,
    );
    assert.deepEqual(await read(), before);
  },

  async "clock-jump"({ simulator, connect }) {
    await using camera = await connect();
    const clock = async () =>
      Date.parse(`${(await camera.system.info()).time!.replace(" ", "T")}Z`);
    const before = await clock();
    simulator.fault("clock-jump", { ms: -86_400_000 });
    assert.ok(Math.abs(await clock() - before + 86_400_000) < 60_000);
  },

  async "gbk-names"({ simulator, connect }) {
    simulator.fault("gbk-names");
    await using camera = await connect();
    const titles = await camera.rpc.call("configManager.getConfig", { name: "ChannelTitle" });
    assert.equal(typeof (titles as { table: { Name: string }[] }).table[0]!.Name, "string");
  },

  async "new-certificate"({ simulator, overHttp }) {
    const pins = new MemoryPinStore();
    {
      await using camera = await overHttp({ tls: true, pins });
      assert.ok(await camera.rpc.call("magicBox.getVendor"));
    }
    simulator.fault("new-certificate");
    await assert.rejects(overHttp({ tls: true, pins }), (error: DhipError) => {
      assert.equal(error.code, "DHIP_TLS_UNTRUSTED");
      const prints = error.message.match(/(?:[0-9A-F]{2}:){31}[0-9A-F]{2}|[0-9a-f]{64}/gi);
      assert.equal(new Set(prints).size, 2, error.message);
      return true;
    });
    assert.equal(simulator.stats().logins, 1);
  },

  async "rpc2-disabled"({ simulator, overHttp }) {
    simulator.fault("rpc2-disabled");
    await using camera = await overHttp();
    await assert.rejects(camera.rpc.call("magicBox.getVendor"), {
      code: "DHIP_NOT_SUPPORTED",
      message: /RPC2 over HTTP/,
    });
  },

  async "html-instead"({ simulator, overHttp }) {
    simulator.fault("html-instead");
    await assert.rejects(overHttp(), { code: "DHIP_NOT_SUPPORTED", message: /RPC2 over HTTP/ });
  },

  async "http-close"({ simulator, overHttp }) {
    await using camera = await overHttp();
    await camera.rpc.call("magicBox.getVendor");
    simulator.fault("http-close", { times: 1 });
    assert.ok(await camera.rpc.call("magicBox.getVendor")); // a read is sent again
  },

  async "slow-body"({ simulator, overHttp }) {
    await using camera = await overHttp({ timeout: 200 });
    simulator.fault("slow-body", { size: 40, pause: 60, times: 1 });
    const table = await camera.config.get("Encode"); // takes longer than the limit, never silent
    assert.ok(JSON.stringify(table).length > 200);
  },

  async "truncated-body"({ simulator, overHttp }) {
    await using camera = await overHttp();
    simulator.fault("truncated-body", { times: 1 });
    await assert.rejects(camera.rpc.call("magicBox.getVendor"), { code: "DHIP_CONNECTION_LOST" });
    assert.ok(await camera.rpc.call("magicBox.getVendor"));
  },

  async "huge-body"({ simulator, overHttp }) {
    await using camera = await overHttp();
    for (const chunked of [false, true]) {
      simulator.fault("huge-body", { times: 1, chunked });
      await assert.rejects(camera.rpc.call("magicBox.getVendor"), { code: "DHIP_HTTP_TOO_LARGE" });
    }
    assert.ok(await camera.rpc.call("magicBox.getVendor"));
  },

  async chunked({ simulator, overHttp }) {
    simulator.fault("chunked");
    await using camera = await overHttp();
    assert.deepEqual((await camera.system.info()).problems, []);
  },

  async "stale-cgi"({ simulator, connect }) {
    const { host, httpPort } = simulator.devices[0]!;
    const authenticator = new Authenticator({
      user: "admin",
      password: PASSWORD,
      guard: new MemoryLoginGuard(),
    });
    await using client = new HttpClient(tcpDialer(host), { port: httpPort!, authenticator });
    await using camera = await connect();
    const address = async () => {
      const response = await client.request("/cgi-bin/configManager.cgi?action=getConfig&name=NTP");
      return /table\.NTP\.Address=(.*)/.exec(await response.text())![1]!.trim();
    };
    const before = await address();
    simulator.fault("stale-cgi");
    const path = { table: "NTP", steps: ["Address"] };
    await camera.config.apply(await camera.config.plan([{ path, value: "new.example" }]));
    assert.equal(await address(), before);
    simulator.clearFault("stale-cgi");
    assert.equal(await address(), "new.example");
  },

  async "binary-in-message"({ simulator, connect }) {
    await using camera = await connect();
    const read = async () =>
      (await camera.rpc.request("FileManager.downloadPiece", {
        fileName: SIMULATED_FILE,
        offset: 0,
        length: 700,
      })).binary;
    const plain = await read();
    assert.equal(plain.length, 700);
    simulator.fault("binary-in-message");
    assert.deepEqual(await read(), plain);
  },

  async "fragments-b"({ simulator, connect }) {
    await using camera = await connect();
    const read = async () =>
      (await camera.rpc.request(
        "FileManager.downloadPiece",
        { fileName: SIMULATED_FILE, offset: 0, length: 9000 },
        { isComplete: (_, length) => length >= 9000 },
      )).binary;
    const plain = await read();
    assert.equal(plain.length, 9000);
    simulator.fault("fragments-b", { size: 500 });
    assert.deepEqual(await read(), plain);
  },
};

/** Faults of services with tests of their own, and the file that has them. */
const ELSEWHERE: Record<string, string> = {
  "silent-stream": "promises/events_soak_test",
  "odd-discovery": "cli/discover_test",
  "odd-parts": "camera/event_stream_test",
  "snapshot-busy": "cli/snapshot/command_test",
  "truncated-picture": "promises/complete_or_not_zero_test",
  "short-download": "cli/download_faults_test",
  "download-refused": "cli/download_faults_test",
  "cut-stream": "camera/live_test",
  "silent-media": "camera/live_test",
  "dhav-garbage": "cli/download_faults_test",
  "timestamp-wrap": "camera/record_faults_test",
  "timestamp-jump": "camera/record_faults_test",
  "codec-change": "camera/record_faults_test",
  "udp-loss": "camera/record_faults_test",
  "udp-reorder": "camera/record_faults_test",
  "udp-duplicate": "camera/record_faults_test",
  "late-setup": "camera/record_faults_test",
  "rtsp-refused": "camera/record_faults_test",
  "wrong-rtp-info": "camera/record_faults_test",
  "p2p-loss": "p2p/faults_test",
  "p2p-duplicate": "p2p/faults_test",
  "p2p-reorder": "p2p/faults_test",
  "p2p-delay": "p2p/faults_test",
  "p2p-truncate": "p2p/faults_test",
  "p2p-stray": "p2p/faults_test",
  "p2p-blackhole": "p2p/faults_test",
  "p2p-merge": "p2p/faults_test",
  "p2p-split": "p2p/faults_test",
  "p2p-odd-segments": "p2p/faults_test",
  "p2p-repeat-syn": "p2p/faults_test",
  "p2p-small-window": "p2p/faults_test",
  "cloud-late": "p2p/faults_test",
  "cloud-lost": "p2p/faults_test",
  "cloud-duplicate": "p2p/faults_test",
  "cloud-clock": "p2p/faults_test",
  "identity-refused": "p2p/faults_test",
  "device-unknown": "p2p/faults_test",
  "wrong-salt": "p2p/faults_test",
  "nonce-refused": "p2p/faults_test",
  "no-direct-path": "p2p/faults_test",
  "nat-rebind": "p2p/faults_test",
  "relay-silent": "p2p/faults_test",
  "relay-expires": "p2p/faults_test",
  "sign-unanswered": "p2p/faults_test",
  "bind-refused": "p2p/faults_test",
  "bind-unanswered": "p2p/faults_test",
};

Deno.test("every fault of the simulator is listed here, and nothing else", async () => {
  const names = Array.isArray(FAULTS) ? FAULTS.map((fault) => fault.name) : Object.keys(FAULTS);
  assert.deepEqual([...Object.keys(SEEN), ...Object.keys(ELSEWHERE)].sort(), names.sort());
  for (const [name, file] of Object.entries(ELSEWHERE)) {
    const source = await Deno.readTextFile(new URL(`../${file}.ts`, import.meta.url));
    assert.match(source, new RegExp(`\\b${name}\\b`), `${name} is not in ${file}`);
  }
});

for (const [name, test] of Object.entries(SEEN)) {
  const slow = ["half-open", "refuse-keepalive"].includes(name);
  Deno.test(`fault ${name}: what the user sees`, () =>
    withSimulator(async (room) => {
      if (test === worksAsUsual) room.simulator.fault(name);
      await test(room);
    }, slow ? { keepAliveInterval: 1 } : {}));
}
