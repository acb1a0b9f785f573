import assert from "node:assert/strict";
import { CgiClient, refusalIn } from "../../lib/dhip/cgi_client.ts";
import { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { answer, ScriptedServer } from "../http/_scripted_server.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const HOST = "127.77.10.2";
const PASSWORD = "cgi secret";

function clientOf(port: number, password = PASSWORD): CgiClient {
  return new CgiClient(tcpDialer(HOST), {
    user: "admin",
    password,
    port,
    encrypt: (dialer) => dialer,
    guard: new MemoryLoginGuard(),
  });
}

Deno.test("a script of the web API answers, with one challenge for many requests", async () => {
  await using simulator = await Simulator.start({ host: HOST, password: PASSWORD, httpPort: 0 });
  await using cgi = clientOf(simulator.devices[0]!.httpPort!);
  const query = [["action", "getSerialNo"]] as const;
  assert.match(await cgi.text("magicBox", query), /^sn=/);
  assert.match(await cgi.text("magicBox", query), /^sn=/);
  assert.equal(simulator.stats().refusedLogins, 0);
});

Deno.test("a wrong password is a refused login, sent once", async () => {
  await using simulator = await Simulator.start({ host: HOST, password: PASSWORD, httpPort: 0 });
  await using cgi = clientOf(simulator.devices[0]!.httpPort!, "wrong");
  const ask = () => cgi.text("magicBox", [["action", "getSerialNo"]]);
  await assert.rejects(ask(), { code: "DHIP_AUTH_REFUSED" });
  await assert.rejects(ask(), { code: "DHIP_AUTH_GUARDED" });
  assert.equal(simulator.stats().refusedLogins, 1);
});

Deno.test("a script that the device does not have is not supported", async () => {
  await using simulator = await Simulator.start({ host: HOST, password: PASSWORD, httpPort: 0 });
  await using cgi = clientOf(simulator.devices[0]!.httpPort!);
  await assert.rejects(cgi.text("teleport", []), { code: "DHIP_NOT_SUPPORTED" });
});

Deno.test("what a device says instead of an answer", () => {
  const code = (status: number, text: string) => refusalIn(status, text, "x")?.code;
  assert.equal(code(200, "OK\r\n"), undefined);
  assert.equal(code(200, "table.General.Name=Error\r\n"), undefined);
  assert.equal(code(200, "Error\r\nBad Request!\r\n"), "DHIP_DEVICE_REFUSED");
  assert.equal(code(200, "Error: Authority:check failure.\r\n"), "DHIP_NO_PERMISSION");
  assert.equal(code(403, ""), "DHIP_NO_PERMISSION");
  assert.equal(code(400, "Error\r\n"), "DHIP_BAD_PARAMS");
  assert.equal(code(501, "<html>"), "DHIP_NOT_SUPPORTED");
  assert.equal(code(503, ""), "DHIP_DEVICE_BUSY");
  assert.equal(code(200, "Error: busy"), "DHIP_DEVICE_BUSY");
  assert.equal(code(200, "<!DOCTYPE html><html>"), "DHIP_NOT_SUPPORTED");
  assert.equal(code(500, "oops"), undefined);
});

/** Sends everybody to https. */
const toHttps = () =>
  "HTTP/1.1 301 Moved\r\nLocation: https://camera.test/\r\nContent-Length: 0\r\n\r\n";

Deno.test("a device that wants TLS and cannot do it well enough is given up", async () => {
  const plain = new ScriptedServer(toHttps);
  let handshakes = 0;
  const tls = {
    host: "camera.test",
    secure: true,
    dial() {
      if (++handshakes > 9) throw new Error("endless");
      return Promise.reject(new DhipError("DHIP_TLS_TOO_OLD", "TLS 1.0"));
    },
  };
  const notices: string[] = [];
  await using cgi = new CgiClient(tls, {
    user: "admin",
    password: PASSWORD,
    encrypt: () => tls,
    plain: plain.dialer,
    guard: new MemoryLoginGuard(),
    onNotice: (text) => void notices.push(text),
  });
  const ask = () => assert.rejects(cgi.text("magicBox", []), { code: "DHIP_TLS_TOO_OLD" });
  await Promise.all([ask(), ask()]);
  assert.equal(notices.length, 1);
});

Deno.test("requests that are redirected at once share a client and its few connections", async () => {
  const plain = new ScriptedServer(toHttps);
  const tls = new ScriptedServer(() => answer("OK"), { secure: true });
  await using cgi = new CgiClient(plain.dialer, {
    user: "admin",
    password: PASSWORD,
    encrypt: () => tls.dialer,
    guard: new MemoryLoginGuard(),
  });
  const ask = () => cgi.text("magicBox", []);
  await Promise.all(Array.from({ length: 12 }, ask));
  assert.ok(tls.connections <= 4, `${tls.connections} connections`);
  await ask();
  assert.equal(plain.asked.length, 12, "the way is known now");
});

Deno.test("a question that gets no answer takes no time from those that wait behind it", async () => {
  const clock = new VirtualClock();
  const after = (delay: number) => new Promise<void>((resolve) => clock.timer(resolve, delay));
  const challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n';
  const web = new ScriptedServer(async ({ target, headers }) => {
    if (headers.get("authorization") === null) return answer("", 401, challenge);
    if (target.includes("dead")) return undefined;
    await after(500);
    return answer("OK");
  });
  await using cgi = new CgiClient(web.dialer, {
    user: "admin",
    password: PASSWORD,
    encrypt: (dialer) => dialer,
    guard: new MemoryLoginGuard(),
    clock,
  });
  await clock.settle(cgi.text("first", []));
  const asked = ["dead", "dead", "good"].map(async (script, index) => {
    await after(index * 100);
    return await cgi.text(script, []).catch(({ code }) => code);
  });
  const timeout = "DHIP_TIMEOUT";
  assert.deepEqual(await clock.settle(Promise.all(asked)), [timeout, timeout, "OK"]);
});
