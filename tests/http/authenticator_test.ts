import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { AuthError } from "../../lib/errors.ts";
import { Authenticator, type AuthenticatorOptions } from "../../lib/http/authenticator.ts";
import { HttpClient } from "../../lib/http/client.ts";
import { MemoryLoginGuard, processLoginGuard } from "../../lib/net/login_guard.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { answer, type Asked, ScriptedServer } from "./_scripted_server.ts";

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** A server that checks digests by itself, written from RFC 2617 and not from our code. */
class DigestServer extends ScriptedServer {
  password = "secret";
  nonce = "nonce-1";
  /** Says that a nonce was too old when it knew it once. */
  tellsStale = true;
  known = new Set<string>();
  counts = new Set<string>();
  /** Requests with a wrong password, as a camera counts them. */
  refused = 0;
  challenge = () => `Digest realm="Login to X", qop="auth", nonce="${this.nonce}", opaque="o"`;

  constructor(options: { secure?: true } = {}) {
    super(async (asked) => {
      await setImmediate();
      return this.judge(asked);
    }, options);
  }

  judge(asked: Asked): string {
    const sent = asked.headers.get("authorization");
    this.known.add(this.nonce);
    const refuse = (stale: boolean) => {
      const challenge = this.challenge() + (stale ? ", stale=true" : "");
      return answer("no", 401, `WWW-Authenticate: ${challenge}\r\n`);
    };
    if (sent === null) return refuse(false);
    if (sent.startsWith("Basic ")) {
      if (atob(sent.slice(6)) === `admin:${this.password}`) return answer("in");
      this.refused++;
      return refuse(false);
    }
    const field = (name: string) => new RegExp(`\\b${name}="?([^",]*)`).exec(sent)?.[1] ?? "";
    const ha1 = md5(`admin:Login to X:${this.password}`);
    const ha2 = md5(`${asked.method}:${asked.target}`);
    const middle = `${field("nonce")}:${field("nc")}:${field("cnonce")}:auth`;
    const isRight = field("response") === md5(`${ha1}:${middle}:${ha2}`) && field("opaque") === "o";
    if (isRight && field("nonce") !== this.nonce) {
      return refuse(this.tellsStale && this.known.has(field("nonce")));
    }
    if (!isRight) {
      this.refused++;
      return refuse(false);
    }
    const use = `${field("nonce")} ${field("nc")}`;
    assert.ok(!this.counts.has(use), `replayed ${use}`);
    this.counts.add(use);
    return answer("in");
  }
}

function start(
  options: Partial<AuthenticatorOptions> = {},
  server = new DigestServer(),
) {
  const clock = new VirtualClock();
  const notices: string[] = [];
  const guard = new MemoryLoginGuard(clock);
  const authenticator = new Authenticator({
    user: "admin",
    password: "secret",
    device: "gate",
    guard,
    onNotice: (text) => void notices.push(text),
    ...options,
  });
  const client = new HttpClient(server.dialer, { clock, authenticator });
  return { server, client, guard, authenticator, notices };
}

const get = async (client: HttpClient, target = "/") => await (await client.request(target)).text();

Deno.test("one challenge serves many requests, with nc counted up", async () => {
  const { server, client } = start();
  for (let i = 0; i < 5; i++) assert.equal(await get(client, `/${i}?a=[b]`), "in");
  assert.equal(server.asked.length, 6);
  assert.deepEqual([...server.counts].map((use) => use.slice(-8)), [
    "00000001",
    "00000002",
    "00000003",
    "00000004",
    "00000005",
  ]);
  client.close();
});

Deno.test("a wrong password is tried once, and not again by anybody", async () => {
  const { server, client } = start({ password: "wrong canary" });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) => get(client, `/${i}`)),
  );
  const codes = outcomes.map((outcome) => {
    assert.equal(outcome.status, "rejected");
    assert.ok(outcome.reason instanceof AuthError);
    assert.ok(!Deno.inspect(outcome.reason).includes("canary"));
    assert.match(outcome.reason.host!, /^(gate|camera\.test:80)$/);
    return outcome.reason.code;
  });
  assert.equal(codes.filter((code) => code === "DHIP_AUTH_REFUSED").length, 1);
  assert.equal(codes.filter((code) => code === "DHIP_AUTH_GUARDED").length, 9);
  assert.equal(server.refused, 1);
  await assert.rejects(get(client), { code: "DHIP_AUTH_GUARDED" });
  assert.equal(server.refused, 1);
  client.close();
});

Deno.test("the guard is shared with other clients of the device", async () => {
  const { server, client, guard } = start({ password: "wrong" });
  await assert.rejects(get(client), { code: "DHIP_AUTH_REFUSED" });
  await assert.rejects(
    guard.enter({ host: "gate", user: "admin", password: "wrong" }),
    { code: "DHIP_AUTH_GUARDED" },
  );
  await (await guard.enter({ host: "gate", user: "admin", password: "x" })).undecided();
  assert.equal(server.refused, 1);
  client.close();
});

Deno.test("a nonce that grew too old costs one more request and no suspicion", async () => {
  const { server, client } = start();
  await get(client);
  server.nonce = "nonce-2";
  assert.equal(await get(client), "in");
  assert.equal(server.asked.length, 4);
  assert.equal(server.refused, 0);
  client.close();
});

Deno.test("a nonce that was forgotten without a word is asked for anew, once", async () => {
  const { server, client } = start();
  server.tellsStale = false;
  await get(client);
  server.nonce = "nonce-2";
  assert.equal(await get(client), "in");
  assert.equal(server.asked.length, 4);
  client.close();
});

Deno.test("a password changed on the device meanwhile: one more attempt, then none", async () => {
  const { server, client } = start();
  await get(client);
  server.password = "new";
  await assert.rejects(get(client), { code: "DHIP_AUTH_REFUSED" });
  assert.equal(server.refused, 2, "the known nonce and one fresh one");
  for (let i = 0; i < 3; i++) await assert.rejects(get(client), { code: "DHIP_AUTH_GUARDED" });
  assert.equal(server.refused, 2);
  client.close();
});

for (const requests of [2, 3, 20]) {
  Deno.test(`the same with ${requests} requests at once: 2 refused logins in all`, async () => {
    const { server, client } = start();
    await get(client);
    server.password = "new";
    const outcomes = await Promise.allSettled(
      Array.from({ length: requests }, () => get(client)),
    );
    assert.ok(outcomes.every(({ status }) => status === "rejected"));
    assert.equal(server.refused, 2, "one with the known nonce, one with a fresh one");
    client.close();
  });
}

Deno.test("the same on a device that looks at the age of the nonce first", async () => {
  const { server, client } = start();
  await get(client);
  server.password = "new";
  server.nonce = "nonce-2";
  const judge = server.judge.bind(server);
  server.judge = (asked) => {
    if (!/nonce="nonce-1"/.test(asked.headers.get("authorization") ?? "")) return judge(asked);
    const headers = `WWW-Authenticate: ${server.challenge()}, stale=true\r\n`;
    return answer("old", 401, headers);
  };
  await Promise.allSettled(Array.from({ length: 20 }, () => get(client)));
  assert.equal(server.refused, 2);
  client.close();
});

Deno.test("by default the whole process knows a refused password, by the device's name", async () => {
  const options = { password: "wrong", device: crypto.randomUUID(), guard: undefined };
  const first = start(options);
  await assert.rejects(get(first.client), { code: "DHIP_AUTH_REFUSED" });
  const second = start(options);
  await assert.rejects(get(second.client), { code: "DHIP_AUTH_GUARDED" });
  assert.equal(second.server.refused, 0);
  // DHIP and RPC2 ask the same guard.
  const identity = { host: options.device, user: "admin", password: "wrong" };
  await assert.rejects(processLoginGuard.enter(identity), { code: "DHIP_AUTH_GUARDED" });
  // And what they learned holds for CGI.
  const other = { ...identity, host: crypto.randomUUID() };
  await (await processLoginGuard.enter(other)).refused();
  const third = start({ ...options, device: other.host });
  await assert.rejects(get(third.client), { code: "DHIP_AUTH_GUARDED" });
  assert.equal(third.server.refused, 0);
  for (const { client } of [first, second, third]) client.close();
});

Deno.test("a server that calls every nonce stale is given up", async () => {
  const { server, client } = start();
  let count = 0;
  server.judge = () =>
    answer("", 401, `WWW-Authenticate: Digest realm="r", nonce="${count++}", stale=true\r\n`);
  await assert.rejects(get(client), { code: "DHIP_AUTH_REFUSED" });
  assert.equal(count, 3);
  client.close();
});

Deno.test("403 to a known nonce is asked again with a new one", async () => {
  const { server, client } = start();
  await get(client);
  const judge = server.judge.bind(server);
  server.judge = (asked) => {
    server.judge = judge;
    assert.ok(asked.headers.has("authorization"));
    return answer("Authority:check failure.", 403);
  };
  server.nonce = "nonce-2";
  assert.equal(await get(client), "in");
  client.close();
});

Deno.test("no verdict: a server error leaves the password unproven, and unblamed", async () => {
  const { server, client, guard } = start();
  const judge = server.judge.bind(server);
  server.judge = (asked) => asked.headers.has("authorization") ? answer("", 500) : judge(asked);
  assert.equal((await client.request("/")).status, 500);
  server.judge = (asked) => {
    if (asked.headers.has("authorization")) server.streams.at(-1)!.close();
    return judge(asked);
  };
  client.close();
  await (await guard.enter({ host: "gate", user: "admin", password: "secret" })).undecided();
});

Deno.test("Basic is answered where nothing better is offered, with a warning", async () => {
  const server = new DigestServer();
  server.challenge = () => 'Basic realm="r"';
  const { client, notices } = start({}, server);
  assert.equal(await get(client), "in");
  assert.equal(await get(client), "in");
  assert.equal(server.asked.length, 3);
  assert.equal(notices.length, 1);
  assert.match(notices[0]!, /camera\.test:80 asks for Basic .* can read the password/);
  client.close();
  const secure = new DigestServer({ secure: true });
  secure.challenge = server.challenge;
  const quiet = start({}, secure);
  assert.equal(await get(quiet.client), "in");
  assert.deepEqual(quiet.notices, []);
  quiet.client.close();
});

Deno.test("Basic is not answered where forbidden, nor where Digest was offered before", async () => {
  const basic = () => 'Basic realm="r"';
  const server = new DigestServer();
  server.challenge = basic;
  const { client } = start({ allowBasic: false }, server);
  await assert.rejects(get(client), { code: "DHIP_AUTH_CLEARTEXT" });
  client.close();
  const second = start();
  await get(second.client);
  second.server.challenge = basic;
  second.server.nonce = "nonce-2";
  await assert.rejects(get(second.client), { code: "DHIP_AUTH_CLEARTEXT" });
  second.client.close();
  for (const { asked } of [server, second.server]) {
    assert.ok(asked.every(({ headers }) => !headers.get("authorization")?.startsWith("Basic")));
  }
});

Deno.test("login kinds nobody knows are named", async () => {
  const server = new DigestServer();
  server.challenge = () => 'Negotiate, Digest nonce="n", algorithm=SHA-512-256';
  const { client } = start({}, server);
  await assert.rejects(get(client), {
    code: "DHIP_AUTH_UNSUPPORTED",
    message: "No login kind in common (offered: negotiate, digest)",
  });
  assert.equal(server.asked.length, 1);
  client.close();
});

Deno.test("without an authenticator a 401 is an answer like any other", async () => {
  const server = new DigestServer();
  const client = new HttpClient(server.dialer);
  assert.equal((await client.request("/")).status, 401);
  client.close();
});

Deno.test("a next nonce in the answer is used from then on", async () => {
  const { server, client } = start();
  const judge = server.judge.bind(server);
  server.judge = (asked) => {
    const text = judge(asked);
    if (!text.startsWith("HTTP/1.1 200")) return text;
    server.nonce = `next-${server.asked.length}`;
    return answer("in", 200, `Authentication-Info: nextnonce="${server.nonce}"\r\n`);
  };
  for (let i = 0; i < 4; i++) assert.equal(await get(client), "in");
  assert.equal(server.asked.length, 5);
  client.close();
});

Deno.test("an interrupted wait for another login does not log in later", async () => {
  const { server, client, guard } = start();
  const other = await guard.enter({ host: "gate", user: "admin", password: "secret" });
  const controller = new AbortController();
  const request = client.request("/", { signal: controller.signal });
  await setImmediate();
  controller.abort();
  await assert.rejects(request, { code: "DHIP_INTERRUPTED" });
  await other.undecided();
  await setImmediate();
  assert.ok(server.asked.every(({ headers }) => !headers.has("authorization")));
  assert.equal(await get(client), "in");
  client.close();
});

/** A server that lets nobody in for a while: in answer to a right password it asks for nothing. */
class FullServer extends DigestServer {
  full = 0;
  word = "Error\r\nNo free session\r\n";
  extra = "";

  override judge(asked: Asked): string {
    const answered = super.judge(asked);
    if (asked.headers.get("authorization") === null || this.full === 0) return answered;
    this.full--;
    this.nonce = `nonce-after-${this.counts.size}`;
    return answer(this.word, 401, this.extra);
  }
}

Deno.test("a device without a free session is busy, and has refused no password", async () => {
  const server = new FullServer();
  server.full = 2;
  const { client } = start({}, server);
  await assert.rejects(client.request("/x"), { code: "DHIP_AUTH_BUSY", retryable: true });
  await assert.rejects(client.request("/x"), { code: "DHIP_AUTH_BUSY", retryable: true });
  assert.equal(await (await client.request("/x")).text(), "in");
  server.full = 1; // with a challenge that is known by now
  await assert.rejects(client.request("/x"), { code: "DHIP_AUTH_BUSY" });
  assert.equal(await (await client.request("/x")).text(), "in");
});

Deno.test("a refusal that could be about the password is taken for one", async () => {
  for (
    const [word, extra] of [
      ["Invalid Authority!", ""],
      ["", ""],
      ["No free session", 'WWW-Authenticate: Digest realm="Login to X", nonce="n", qop="auth"\r\n'],
    ] as const
  ) {
    const server = new FullServer();
    Object.assign(server, { full: 1, word, extra });
    const { client } = start({}, server);
    await assert.rejects(client.request("/x"), { code: "DHIP_AUTH_REFUSED" });
  }
});
