/** The fronts of the web server: real ports, TLS, power. */

import assert from "node:assert/strict";
import { connect, type TLSSocket } from "node:tls";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { SocketStream } from "../../lib/simulator/web/socket_stream.ts";
import { authorised, RawHttp, RawRpc2 } from "./_http.ts";

const SCRIPT = "/cgi-bin/magicBox.cgi?action=getSerialNo";

interface Secure extends Disposable {
  http: RawHttp;
  socket: TLSSocket;
  fingerprint: string;
}

function secure(port: number, host = "127.0.0.1"): Promise<Secure> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      const http = new RawHttp(new SocketStream(socket));
      const { fingerprint256, subject } = socket.getPeerCertificate();
      assert.equal(subject.CN, "simulator");
      resolve({
        http,
        socket,
        fingerprint: fingerprint256,
        [Symbol.dispose]: () => void socket.destroy(),
      });
    });
    socket.once("error", reject);
  });
}

async function plain(port: number, host = "127.0.0.1"): Promise<RawHttp> {
  return new RawHttp(await tcpDialer(host).dial(port));
}

Deno.test("without ports asked for there is no web server", async () => {
  await using simulator = await Simulator.start();
  const { ready } = simulator;
  assert.deepEqual([ready.httpPort, ready.httpsPort], [null, null]);
  assert.deepEqual([ready.devices[0]!.httpPort, ready.devices[0]!.httpsPort], [null, null]);
});

Deno.test("a device whose TLS is too old refuses every greeting", async () => {
  await using simulator = await Simulator.start({ httpsPort: 0 });
  using before = await secure(simulator.httpsPort!);
  simulator.fault("tls-too-old");
  await assert.rejects(secure(simulator.httpsPort!), /ProtocolVersion|protocol version/);
  assert.equal((await authorised(before.http, SCRIPT)).status, 200); // connections that are open stay
  await simulator.restart();
  await assert.rejects(secure(simulator.httpsPort!), /ProtocolVersion|protocol version/);
  simulator.clearFault("tls-too-old");
  using after = await secure(simulator.httpsPort!);
  assert.equal((await authorised(after.http, SCRIPT)).status, 200);
});

Deno.test("each device has ports of its own, and they are told", async () => {
  await using simulator = await Simulator.start({ devices: 2, httpPort: 0, httpsPort: 0 });
  assert.equal(simulator.ready.httpPort, simulator.httpPort);
  assert.equal(simulator.ready.httpsPort, simulator.httpsPort);
  for (const { host, serial, httpPort, httpsPort } of simulator.devices) {
    using http = await plain(httpPort!, host);
    assert.equal((await authorised(http, SCRIPT)).text, `sn=${serial}\r\n`);
    using https = await secure(httpsPort!, host);
    assert.equal((await authorised(https.http, SCRIPT)).text, `sn=${serial}\r\n`);
  }
  const { byService, bytesServed } = simulator.stats();
  assert.equal(byService.cgi.logins, 4);
  assert(bytesServed.http! > 1000);
  await assert.rejects(Simulator.start({ httpPort: -1 }), /httpPort/);
  await assert.rejects(Simulator.start({ httpsPort: 1.5 }), /httpsPort/);
});

Deno.test("RPC2 works over TLS, and its answers may be larger than any buffer", async () => {
  await using simulator = await Simulator.start({ httpsPort: 0, bigTable: 512 });
  using client = await secure(simulator.httpsPort!);
  const rpc = new RawRpc2(client.http);
  assert.equal((await rpc.login()).json.result, true);
  const { table } = (await rpc.call("configManager.getConfig", { name: "All" })).params as {
    table: Record<string, unknown>;
  };
  const big = table.AccessTimeSchedule;
  assert(JSON.stringify(big).length > 300_000);
  const set = await rpc.call("configManager.setConfig", { name: "AccessTimeSchedule", table: big });
  assert.equal(set.result, true);
  assert.equal((await rpc.call("global.logout")).result, true);
});

Deno.test("the certificate changes for new connections and can change back", async () => {
  await using simulator = await Simulator.start({ httpsPort: 0, devices: 2 });
  const [first, second] = simulator.devices;
  const seen = async ({ host, httpsPort } = first!) => {
    using client = await secure(httpsPort!, host);
    return client.fingerprint;
  };
  const before = await seen();
  using old = await secure(first!.httpsPort!);
  simulator.fault("new-certificate", { device: 0 });
  const after = await seen();
  assert.notEqual(after, before);
  assert.equal(await seen(second), before);
  assert.equal((await old.http.get("/")).status, 200); // an open connection goes on
  await simulator.restart();
  assert.equal(await seen(), after);
  assert.equal(simulator.clearFault("new-certificate"), true);
  assert.equal(await seen(), before);
  await using another = await Simulator.start({ httpsPort: 0, faults: ["new-certificate"] });
  assert.equal(await seen(another.devices[0]), after);
});

Deno.test("a handshake that is broken off costs nothing", async () => {
  await using simulator = await Simulator.start({ httpsPort: 0 });
  const port = simulator.httpsPort!;
  await assert.rejects(
    new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: true }, () => {
        socket.destroy();
        resolve(undefined);
      });
      socket.on("error", reject);
    }),
    /self.signed/i,
  );
  using raw = await plain(port);
  await raw.send("GET / HTTP/1.1\r\n\r\n");
  using silent = await plain(port); // never says a word; closing the simulator ends it
  assert.notEqual(silent, undefined);
  using good = await secure(port);
  assert.equal((await good.http.get("/")).status, 200);
});

Deno.test("a restart ends web connections and keeps the ports", async () => {
  await using simulator = await Simulator.start({ httpPort: 0, httpsPort: 0 });
  const { httpPort, httpsPort } = simulator;
  using http = await plain(httpPort!);
  using https = await secure(httpsPort!);
  assert.equal((await http.get("/")).status, 200);
  assert.equal((await https.http.get("/")).status, 200);
  await simulator.restart({ downtime: 10 });
  assert.deepEqual([simulator.httpPort, simulator.httpsPort], [httpPort, httpsPort]);
  assert.equal(await http.next().catch(() => null), null);
  assert.equal(await https.http.next().catch(() => null), null);
  using again = await secure(httpsPort!);
  assert.equal((await again.http.get("/")).status, 200);
});

Deno.test("an answer over TLS that is cut short ends early, not with an error", async () => {
  await using simulator = await Simulator.start({ httpsPort: 0, faults: ["truncated-body"] });
  using client = await secure(simulator.httpsPort!);
  await assert.rejects(client.http.get(SCRIPT), /ended after \d+ of \d+/);
});

Deno.test("a web port in use is named, and nothing stays open", async () => {
  await using one = await Simulator.start({ httpPort: 0, httpsPort: 0 });
  for (const taken of [{ httpPort: one.httpPort! }, { httpsPort: one.httpsPort! }]) {
    const [port] = Object.values(taken);
    await assert.rejects(Simulator.start(taken), {
      code: "DHIP_UNREACHABLE",
      message: `Cannot listen on 127.0.0.1:${port}: the port is in use`,
    });
  }
});

Deno.test("the HTTP port sends its clients to the HTTPS port", async () => {
  await using simulator = await Simulator.start({
    httpPort: 0,
    httpsPort: 0,
    redirectToHttps: 301,
  });
  using http = await plain(simulator.httpPort!);
  const reply = await http.get("/RPC2_Login");
  assert.equal(reply.status, 301);
  assert.equal(
    reply.field("location"),
    `https://127.0.0.1:${simulator.httpsPort}/RPC2_Login`,
  );
});
