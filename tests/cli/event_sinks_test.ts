/** What `dhip events` does with records besides printing them. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { ExecSink } from "../../lib/cli/events/exec_sink.ts";
import { PostSink } from "../../lib/cli/events/post_sink.ts";
import { Spool } from "../../lib/cli/events/spool.ts";
import { keyOf, webhookHeaders } from "../../lib/cli/events/webhook.ts";
import { runProgram } from "../../lib/cli/run_program.ts";

const HOST = "127.77.20.1";
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const posix = { ignore: Deno.build.os === "windows" };

function notes() {
  const lines: string[] = [];
  const add = (text: string) => void lines.push(text);
  return { lines, log: { warning: add, notice: add, step: add } };
}

/** A receiver that answers with the statuses in their order, then with 204. */
function receiver(...statuses: number[]) {
  const seen: { headers: Record<string, string>; body: string }[] = [];
  let waiting: { count: number; resolve: () => void } | undefined;
  const server = Deno.serve({ hostname: HOST, port: 0, onListen: () => {} }, async (request) => {
    seen.push({ headers: Object.fromEntries(request.headers), body: await request.text() });
    if (waiting !== undefined && seen.length >= waiting.count) waiting.resolve();
    return new Response(null, { status: statuses.shift() ?? 204 });
  });
  return {
    seen,
    url: new URL(`http://${HOST}:${server.addr.port}/hook?token=in-the-url`),
    /** Resolves when that many requests came. */
    got(count: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting = { count, resolve };
      if (seen.length >= count) resolve();
      return promise;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function withPost(
  url: URL,
  work: (sink: PostSink, spool: Spool, lines: string[]) => Promise<void>,
  options: { folder?: string; limit?: number; interrupt?: AbortSignal; patience?: number } = {},
): Promise<void> {
  const folder = options.folder ?? await Deno.makeTempDir();
  const spool = await Spool.open(folder, options.limit ?? 1000, Date.now);
  const { lines, log } = notes();
  const sink = new PostSink({
    url,
    key: keyOf(SECRET),
    spool,
    timeout: 2000,
    patience: options.patience ?? 5000,
    log,
    interrupt: options.interrupt ?? new AbortController().signal,
    now: Date.now,
    fetch,
  });
  await work(sink, spool, lines);
  if (options.folder === undefined) await Deno.remove(folder, { recursive: true });
}

Deno.test("records are posted in order, signed so that Standard Webhooks' own library agrees", async () => {
  await using hook = receiver();
  await withPost(hook.url, async (sink, spool, lines) => {
    for (let number = 0; number < 50; number++) sink.offer(`{"number":${number}}`);
    await sink.close();
    assert.deepEqual(lines, []);
    assert.equal(spool.length, 0);
  });
  assert.deepEqual(hook.seen.map(({ body }) => JSON.parse(body).number), [...Array(50).keys()]);
  const webhook = new Webhook(SECRET);
  for (const { body, headers } of hook.seen) {
    assert.deepEqual(webhook.verify(body, headers), JSON.parse(body));
  }
  assert.throws(() => webhook.verify(`${hook.seen[0]!.body} `, hook.seen[0]!.headers));
  assert.equal(new Set(hook.seen.map(({ headers }) => headers["webhook-id"])).size, 50);
});

Deno.test("a busy receiver gets the same record again, and nothing overtakes it", async () => {
  await using hook = receiver(503, 404);
  await withPost(hook.url, async (sink, _, lines) => {
    sink.offer(`"first"`);
    sink.offer(`"second"`);
    await hook.got(4);
    await sink.close();
    assert.equal(lines.filter((line) => line.includes("will retry")).length, 1);
    assert.ok(!lines.join().includes("in-the-url"), "the URL's query is a secret, mostly");
  });
  assert.deepEqual(hook.seen.map(({ body }) => body), [
    `"first"`,
    `"first"`,
    `"first"`,
    `"second"`,
  ]);
  assert.equal(new Set(hook.seen.slice(0, 3).map((one) => one.headers["webhook-id"])).size, 1);
});

Deno.test("a record that the receiver cannot use does not stop the others", async () => {
  await using hook = receiver(422);
  await withPost(hook.url, async (sink, _, lines) => {
    sink.offer(`"bad"`);
    sink.offer(`"good"`);
    await sink.close();
    assert.match(lines.join("\n"), /refused 1 record/);
  });
  assert.equal(hook.seen.length, 2);
});

Deno.test("what could not be delivered waits on disk for the next run", async () => {
  const folder = await Deno.makeTempDir();
  const nobody = new URL(`http://${HOST}:1/hook`);
  const interrupt = AbortSignal.abort();
  await withPost(nobody, async (sink, _, lines) => {
    sink.offer(`"one"`);
    sink.offer(`"two"`);
    await sink.close();
    assert.match(lines.join("\n"), /2 records wait on disk/);
  }, { folder, interrupt });
  await using hook = receiver();
  await withPost(hook.url, async (sink) => {
    sink.offer(`"three"`);
    await sink.close();
  }, { folder });
  assert.deepEqual(hook.seen.map(({ body }) => body), [`"one"`, `"two"`, `"three"`]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the disk queue is bounded: the oldest go, and that is said", async () => {
  const nobody = new URL(`http://${HOST}:1/hook`);
  await withPost(nobody, async (sink, spool, lines) => {
    for (let number = 0; number < 8; number++) sink.offer(`${number}`);
    await sink.close();
    assert.ok(spool.length <= 5);
    assert.match(lines.join("\n"), /the queue on disk is full/);
    assert.match(lines.join("\n"), /[34] records were dropped/);
  }, { limit: 5, interrupt: AbortSignal.abort() });
});

Deno.test("an entry that is being sent counts in the bound of the queue", async () => {
  const folder = await Deno.makeTempDir();
  const spool = await Spool.open(folder, 5, Date.now);
  await spool.add("0");
  const claim = await spool.claim();
  let dropped = 0;
  for (let number = 1; number < 8; number++) dropped += await spool.add(`${number}`);
  await claim!.release();
  assert.deepEqual([spool.length, dropped], [5, 3]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a disk that hangs costs neither memory without end nor the end itself", async () => {
  const interrupt = new AbortController();
  let asked = 0;
  const hung = {
    length: 0,
    add: () => (asked++, new Promise<number>(() => {})),
    claim: () => Promise.resolve(undefined),
  } as unknown as Spool;
  const { lines, log } = notes();
  const sink = new PostSink({
    url: new URL(`http://${HOST}:1/hook`),
    key: undefined,
    spool: hung,
    timeout: 2000,
    patience: 60_000,
    log,
    interrupt: interrupt.signal,
    now: Date.now,
    fetch,
  });
  for (let number = 0; number < 20_000; number++) sink.offer(`${number}`);
  assert.match(lines.join("\n"), /disk is too slow/);
  interrupt.abort();
  await sink.close();
  assert.equal(asked, 1);
  assert.match(lines.join("\n"), /20000 records were dropped/);
});

Deno.test("two processes share a spool: each entry is claimed once, an abandoned claim returns", async () => {
  const folder = await Deno.makeTempDir();
  let now = Date.UTC(2026, 0, 1);
  const one = await Spool.open(folder, 100, () => now);
  for (let number = 0; number < 20; number++) await one.add(String(number));
  const two = await Spool.open(folder, 100, () => now);
  const bodies: number[] = [];
  for (let turn = 0; bodies.length < 20; turn++) {
    const claim = await (turn % 2 === 0 ? one : two).claim();
    if (claim === undefined) continue;
    bodies.push(Number(claim.body));
    await claim.done();
  }
  assert.deepEqual(bodies, [...Array(20).keys()]);

  await one.add("left behind");
  assert.ok(await one.claim()); // and this process dies
  assert.equal(await two.claim(), undefined);
  now += 6 * 60_000;
  const taken = await two.claim();
  assert.equal(taken?.body, "left behind");
  await taken?.done();
  assert.deepEqual([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder);
});

Deno.test("what a killed process had half written is removed, and what is being written stays", async () => {
  const folder = await Deno.makeTempDir();
  const now = Date.now();
  const names = ["000000000000001-000000", "000000000000002-000000"]
    .map((start) => `${start}-${crypto.randomUUID()}.json.part`);
  for (const name of names) await Deno.writeTextFile(join(folder, name), "half");
  await Deno.utime(join(folder, names[0]!), new Date(now - 3_600_000), new Date(now - 3_600_000));
  assert.equal((await Spool.open(folder, 10, () => now)).length, 0);
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), [names[1]]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a webhook secret is base64 behind whsec_, else the text itself", () => {
  assert.equal(keyOf("plain").length, 5);
  assert.equal(keyOf(SECRET).length, 24);
  assert.throws(() => keyOf("whsec_not base64!"), SyntaxError);
  assert.equal("webhook-signature" in webhookHeaders("id", 1, "{}", undefined), false);
});

function execSink(command: string, options: { limit?: number; interrupt?: AbortSignal } = {}) {
  const { lines, log } = notes();
  const interrupt = options.interrupt ?? new AbortController().signal;
  const limit = options.limit ?? 1000;
  return {
    lines,
    sink: new ExecSink({ command, timeout: 5000, limit, run: runProgram, log, interrupt }),
  };
}

Deno.test("--exec gives each record to the command's standard input, in order", posix, async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "seen");
  const { sink, lines } = execSink(`cat >> ${file}; echo "said $#"`);
  for (let number = 0; number < 5; number++) sink.offer(`{"number":${number}}`);
  await sink.close();
  const seen = (await Deno.readTextFile(file)).trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(seen.map(({ number }) => number), [0, 1, 2, 3, 4]);
  assert.deepEqual(lines, Array(5).fill("said 0"));
  await Deno.remove(folder, { recursive: true });
});

Deno.test(
  "--exec: a command that fails or reads nothing is reported, and the next one runs",
  posix,
  async () => {
    const { sink, lines } = execSink("exit 3");
    sink.offer(`"${"x".repeat(1_000_000)}"`);
    sink.offer(`"b"`);
    await sink.close();
    assert.deepEqual(lines, Array(2).fill("--exec: the command ended with code 3"));
  },
);

Deno.test(
  "--exec: a slow command loses the oldest records and says so; the stream does not wait",
  posix,
  async () => {
    const interrupt = new AbortController();
    const { sink, lines } = execSink("exec sleep 60", { limit: 3, interrupt: interrupt.signal });
    for (let number = 0; number < 10; number++) sink.offer(String(number));
    interrupt.abort();
    await sink.close();
    assert.match(lines.join("\n"), /did not see 9 records/);
  },
);

Deno.test("--exec: the command does not get dhip's password variables", posix, async () => {
  Deno.env.set("DHIP_PASSWORD", "canary-in-env");
  try {
    const { sink, lines } = execSink("env");
    sink.offer("{}");
    await sink.close();
    assert.ok(lines.some((line) => line.startsWith("PATH=")));
    assert.ok(!lines.join("\n").includes("canary-in-env"));
  } finally {
    Deno.env.delete("DHIP_PASSWORD");
  }
});
