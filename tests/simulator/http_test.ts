/** The web server as such: requests, connections, bounds. */

import assert from "node:assert/strict";
import { RawHttp, RawRpc2 } from "./_http.ts";
import { bench } from "./_support.ts";

Deno.test("the root is a page, everything unknown is not found", async () => {
  await using it = bench();
  const http = RawHttp.open(it);
  const page = await http.get("/");
  assert.equal(page.status, 200);
  assert.match(page.field("content-type")!, /^text\/html/);
  assert.match(page.text, /<title>/);
  assert.equal((await http.get("/no/such?x=1")).status, 404);
  const head = await http.request("HEAD", "/");
  assert.equal(head.field("content-length"), String(page.body.length));
  assert.equal((await http.request("DELETE", "/")).status, 405);
  const wrong = await http.get("/RPC2");
  assert.equal(wrong.status, 405);
  assert.equal(wrong.field("allow"), "POST");
  const absolute = await http.get("http://127.0.0.1/index.html");
  assert.equal(absolute.status, 200);
  const { httpStatus, connections, bytesServed } = it.device.stats();
  assert.deepEqual(httpStatus, { 200: 3, 404: 1, 405: 2 });
  assert.equal(connections, 1); // kept alive all the time
  assert(bytesServed.http! > page.body.length);
});

Deno.test("requests that come together are answered in order", async () => {
  await using it = bench();
  const http = RawHttp.open(it);
  const get = (path: string) => `\r\nGET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
  await http.send(get("/") + get("/a") + get("/") + get("/b"));
  const got = [];
  for (let i = 0; i < 4; i++) got.push((await http.next())!.status);
  assert.deepEqual(got, [200, 404, 200, 404]);
});

Deno.test("a connection ends when the client says so, and at once with HTTP/1.0", async () => {
  await using it = bench();
  const first = RawHttp.open(it);
  assert.equal((await first.get("/", { Connection: "close" })).field("connection"), "close");
  assert.equal(await first.next(), null);
  const second = RawHttp.open(it);
  await second.send("GET / HTTP/1.0\r\n\r\n");
  assert.equal((await second.next())!.status, 200);
  assert.equal(await second.next(), null);
  const third = RawHttp.open(it);
  for (let i = 0; i < 2; i++) {
    await third.send("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    assert.equal((await third.next())!.field("connection"), "keep-alive");
  }
});

Deno.test("a body may come with a length, in chunks, byte by byte, and on demand", async () => {
  await using it = bench();
  const http = RawHttp.open(it);
  const rpc = new RawRpc2(http);
  await rpc.login();
  const json = JSON.stringify({ method: "magicBox.getVendor", id: 9, session: rpc.session });
  const { Cookie = "" } = rpc.fields;
  const cut = json.length - 7;
  const chunked = `A;ext="1"\r\n${json.slice(0, 10)}\r\n${(cut - 10).toString(16)}\r\n` +
    `${json.slice(10, cut)}\r\n07\r\n${json.slice(cut)}\r\n0\r\nTrailer: x\r\n\r\n`;
  const fields = { Cookie, "Transfer-Encoding": "chunked" };
  const whole = await http.request("POST", "/RPC2", fields, chunked);
  assert.equal(whole.json.result, true);

  const text = `POST /RPC2 HTTP/1.1\r\nCookie: ${Cookie}\r\nContent-Length: ${json.length}\r\n\r\n`;
  for (const byte of new TextEncoder().encode(text + json)) await http.send(new Uint8Array([byte]));
  assert.equal((await http.next())!.json.result, true);

  await http.send(text.replace("\r\n", "\r\nExpect: 100-continue\r\n"));
  assert.equal((await http.next())!.status, 100);
  await http.send(json);
  assert.equal((await http.next())!.json.result, true);
});

Deno.test("what is no request is refused with a status, and the connection ends", async () => {
  await using it = bench({ maxMessage: 1024 });
  const post = "POST /RPC2 HTTP/1.1\r\n";
  const half = `200\r\n${"a".repeat(512)}\r\n`;
  const cases: [string | Uint8Array, number][] = [
    ["GET /\r\n", 400],
    ["GET / HTTP/2.0\r\n\r\n", 505],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
    ["GET / HTTP/1.1\r\nno colon\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\n folded: x\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nA: \0\r\n\r\n", 400],
    [`GET /${"a".repeat(40_000)} HTTP/1.1\r\n\r\n`, 431],
    [`GET / HTTP/1.1\r\n${"A: b\r\n".repeat(200)}\r\n`, 431],
    [`GET / HTTP/1.1\r\n${"A: b\r\n".repeat(9000)}\r\n`, 431],
    [new Uint8Array(50_000).fill(0x41), 431],
    [`${post}Content-Length: 1025\r\n\r\n`, 413],
    [`${post}Content-Length: -1\r\n\r\n`, 400],
    [`${post}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`, 400],
    [`${post}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    [`${post}Transfer-Encoding: gzip\r\n\r\n`, 501],
    [`${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    [`${post}Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n`, 400],
    [`${post}Transfer-Encoding: chunked\r\n\r\n${half}${half}1\r\na\r\n`, 413],
    [`${post}Transfer-Encoding: chunked\r\n\r\n0\r\n${"T: x\r\n".repeat(100)}`, 400],
    [new Uint8Array([0x16, 3, 1, 0, 2, 1, 0, 0x0a]), 400], // TLS on the wrong port
  ];
  for (const [bytes, status] of cases) {
    const http = RawHttp.open(it);
    await http.send(bytes);
    const reply = (await http.next())!;
    assert.equal(reply.status, status, String(bytes).slice(0, 80));
    assert.equal(reply.field("connection"), "close");
    http.close();
  }
});

Deno.test("a client that leaves in the middle of a request costs nothing", async () => {
  await using it = bench();
  const pieces = ["GET / HTT", "POST /RPC2 HTTP/1.1\r\nContent-Length: 10\r\n\r\n123"];
  for (
    const text of [...pieces, "POST /RPC2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"]
  ) {
    const http = RawHttp.open(it);
    await http.send(text);
    http.close();
  }
  for (let i = 0; i < 100; i++) await Promise.resolve();
  assert.equal(it.device.stats().openConnections, 0);
});

Deno.test("the HTTP port can send everything to HTTPS", async () => {
  await using it = bench({ redirectToHttps: 302, host: "192.0.2.9" });
  it.device.redirectTo(8443);
  const plain = RawHttp.open(it);
  const to = async (target: string, fields = {}) => {
    const reply = await plain.request("POST", target, fields, "{}");
    assert.equal(reply.status, 302);
    return reply.field("location");
  };
  assert.equal(await to("/RPC2?a=[1]"), "https://127.0.0.1:8443/RPC2?a=[1]");
  assert.equal(await to("/", { Host: "[::1]:8080" }), "https://[::1]:8443/");
  assert.equal(await to("/x", { Host: "a b" }), "https://192.0.2.9:8443/x");
  it.device.redirectTo(443);
  assert.equal(await to("/x", { Host: "cam.example:80" }), "https://cam.example/x");
  const secure = RawHttp.open(it, true);
  assert.equal((await secure.get("/")).status, 200);
});
