import assert from "node:assert/strict";
import { HttpClient } from "../../lib/http/client.ts";
import { CookieJar } from "../../lib/http/cookies.ts";
import { follow } from "../../lib/http/follow.ts";
import { type Place, redirectOf } from "../../lib/http/redirect.ts";
import { answer, ScriptedServer } from "./_scripted_server.ts";

const pure = { permissions: "none" } as const;
const from: Place = { host: "gate", port: 80, secure: false, target: "/RPC2_Login?a=b" };

function redirect(location: string | null, status = 302, place = from, method = "POST") {
  const headers = new Headers(location === null ? {} : { location });
  return redirectOf({ status, headers }, place, method);
}

Deno.test("redirects of the same host are read, with the method kept", pure, () => {
  for (
    const [location, port, secure, target] of [
      ["https://gate/RPC2_Login", 443, true, "/RPC2_Login"],
      ["https://gate:8443/", 8443, true, "/"],
      ["HTTP://GATE/x?a=[b]", 80, false, "/x?a=[b]"],
      ["/", 80, false, "/"],
      ["other", 80, false, "/other"],
      ["//gate/x#part", 80, false, "/x"],
    ] as const
  ) {
    assert.deepEqual(redirect(location), { host: "gate", port, secure, target, method: "POST" });
  }
  assert.equal(redirect("/", 303)!.method, "GET");
  assert.equal(redirect("/", 301)!.method, "POST");
  assert.equal(
    redirect("https://[2001:db8::7]/", 307, { ...from, host: "2001:db8::7" })!.port,
    443,
  );
  assert.equal(redirect(null), undefined);
  assert.equal(redirect("/", 200), undefined);
  assert.equal(redirect("/", 304), undefined);
});

Deno.test("redirects to other hosts, away from TLS, and to nonsense are refused", pure, () => {
  const secure = { ...from, port: 443, secure: true };
  for (
    const [location, place] of [
      ["https://other/", from],
      ["//192.168.1.108/", from],
      ["http://gate/", secure],
      ["ftp://gate/", from],
      ["javascript:alert(1)", from],
      ["http://user:canary@gate/", from],
      ["http://:80:80/", from],
      ["http://gate.evil/", from],
    ] as const
  ) {
    assert.throws(() => redirect(location, 302, place), (error: Error) => {
      assert.ok("code" in error && error.code === "DHIP_HTTP_REDIRECT", location);
      assert.ok(!Deno.inspect(error).includes("canary"));
      return true;
    });
  }
});

Deno.test("follow goes to https with method, body and cookies, and stays there", async () => {
  const plain = new ScriptedServer(() =>
    answer("", 302, "Location: https://camera.test:8443/RPC2_Login\r\nSet-Cookie: a=1\r\n")
  );
  const tls = new ScriptedServer(() => answer("done"), { secure: true });
  const first = new HttpClient(plain.dialer);
  await using second = new HttpClient(tls.dialer, { port: 8443, cookies: first.cookies });
  const { response, client, target } = await follow(first, "/RPC2_Login", {
    method: "POST",
    body: "{}",
    clientFor: (to) => {
      assert.deepEqual(to, {
        host: "camera.test",
        port: 8443,
        secure: true,
        target: "/RPC2_Login",
        method: "POST",
      });
      return second;
    },
  });
  assert.equal(await response.text(), "done");
  assert.equal(client, second);
  assert.equal(target, "/RPC2_Login");
  const [asked] = tls.asked;
  assert.equal(asked!.method, "POST");
  assert.equal(asked!.body, "{}");
  assert.equal(asked!.headers.get("cookie"), "a=1");
  first.close();
});

Deno.test("follow gives up on loops, on 303 it gets without the body", async () => {
  const server = new ScriptedServer(({ target }) =>
    target === "/loop"
      ? answer("", 302, "Location: /loop\r\n")
      : target === "/post"
      ? answer("", 303, "Location: /result\r\n")
      : target === "/away"
      ? answer("", 302, "Location: https://camera.test/\r\n")
      : answer("result")
  );
  await using client = new HttpClient(server.dialer);
  await assert.rejects(follow(client, "/loop"), { code: "DHIP_HTTP_REDIRECT" });
  assert.equal(server.asked.length, 4);
  const { response } = await follow(client, "/post", { method: "POST", body: "x" });
  assert.equal(await response.text(), "result");
  assert.equal(server.asked.at(-1)!.method, "GET");
  assert.equal(server.asked.at(-1)!.body, "");
  await assert.rejects(follow(client, "/away"), { code: "DHIP_HTTP_REDIRECT" });
});

Deno.test("cookies are kept, replaced, deleted and bounded", pure, () => {
  const jar = new CookieJar();
  const store = (...lines: string[]) => {
    const headers = new Headers();
    for (const line of lines) headers.append("set-cookie", line);
    jar.store(headers);
  };
  store("a=1; Path=/cgi-bin; HttpOnly", "b=2; Secure", "c=", "=x", "no", "d=a b", 'e="q"');
  assert.equal(jar.header(false), 'a=1; c=; e="q"');
  assert.equal(jar.header(true), 'a=1; b=2; c=; e="q"');
  store("a=3", "b=; Max-Age=0", "c=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  assert.equal(jar.header(true), 'e="q"; a=3');
  // Devices whose clock stands in the past send dates of the past for cookies that are to stay.
  store("f=1; Expires=Sat, 01 Jan 2005 00:00:00 GMT");
  assert.equal(jar.get("f"), "1");
  for (let i = 0; i < 100; i++) store(`n${i}=${i}`);
  assert.equal(jar.header(true)!.split("; ").length, 50);
  store(`huge=${"x".repeat(5000)}`);
  assert.equal(jar.get("huge"), undefined);
  jar.delete("n99");
  assert.equal(jar.get("n99"), undefined);
  jar.clear();
  assert.equal(jar.header(true), undefined);
  assert.throws(() => jar.set("a b", "c"), TypeError);
  assert.throws(() => jar.set("a", "b; c=d"), TypeError);
});
