/** What is remembered between runs: refused logins and pinned certificates, in files. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { LockSeeker } from "../../lib/cli/state/file_lock.ts";
import { FileLoginGuard } from "../../lib/cli/state/file_login_guard.ts";
import { openState } from "../../lib/cli/state/state.ts";
import { LATCH_TIME, type LoginGuard } from "../../lib/net/login_guard.ts";

const START = Date.UTC(2026, 0, 2, 3, 4, 5);
const ID = { host: "gate", user: "admin", password: "old canary" };

/** A folder, a clock to move, and what was complained about. */
async function world(): Promise<AsyncDisposable & World> {
  const folder = await Deno.makeTempDir({ prefix: "dhip-state-" });
  const told: string[] = [];
  const clock = { now: START };
  const made: World = {
    folder,
    told,
    clock,
    guard: (patience = 60_000) =>
      new FileLoginGuard({
        folder,
        lock: join(folder, "lock"),
        now: () => clock.now,
        onProblem: (text) => told.push(text),
        patience,
      }),
  };
  return { ...made, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

interface World {
  readonly folder: string;
  readonly told: string[];
  readonly clock: { now: number };
  /** A guard as another process would have it. */
  guard(patience?: number): FileLoginGuard;
}

async function admits(guard: LoginGuard, password: string): Promise<boolean> {
  try {
    await (await guard.enter({ ...ID, password })).undecided();
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, "DHIP_AUTH_GUARDED");
    return false;
  }
}

async function filesOf(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

Deno.test("a refused password is held back until its time is over, other ones are not", async () => {
  await using w = await world();
  await (await w.guard().enter(ID)).refused();
  assert.ok(!await admits(w.guard(), ID.password));
  assert.ok(await admits(w.guard(), "new"));
  const error = await w.guard().enter(ID).catch((error) => error);
  assert.match(error.hint, /^Give .+ password, or wait.*; dhip unlock TARGET/);
  w.clock.now += LATCH_TIME - 1;
  assert.ok(!await admits(w.guard(), ID.password));
  w.clock.now += 1;
  assert.ok(await admits(w.guard(), ID.password));
});

Deno.test("a told lock time counts, however long it claims to be", async () => {
  await using w = await world();
  await (await w.guard().enter(ID)).refused({ lockSeconds: 280 });
  w.clock.now += 279_999;
  assert.ok(!await admits(w.guard(), ID.password));
  w.clock.now += 1;
  assert.ok(await admits(w.guard(), ID.password));
  await (await w.guard().enter(ID)).refused({ lockSeconds: 1e9 });
  w.clock.now += 24 * 3_600_000;
  assert.ok(await admits(w.guard(), ID.password));
});

Deno.test("a clock that was set back does not hold a password back for years", async () => {
  await using w = await world();
  await (await w.guard().enter(ID)).refused();
  w.clock.now -= 365 * 24 * 3_600_000;
  assert.ok(await admits(w.guard(), ID.password));
});

Deno.test("jobs with different old passwords cost one attempt each", async () => {
  await using w = await world();
  let attempts = 0;
  for (let round = 0; round < 3; round++) {
    for (const password of ["old", "older", "oldest"]) {
      const attempt = await w.guard().enter({ ...ID, password }).catch(() => undefined);
      if (attempt === undefined) continue;
      attempts++;
      await attempt.refused();
    }
    await (await w.guard().enter({ ...ID, password: "right" })).accepted();
  }
  assert.equal(attempts, 3);
});

Deno.test("twenty at once with a wrong password make one attempt", async () => {
  await using w = await world();
  let attempts = 0;
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, async () => {
    const attempt = await w.guard().enter(ID);
    attempts++;
    await attempt.refused();
  }));
  assert.equal(attempts, 1);
  assert.equal(outcomes.filter(({ status }) => status === "rejected").length, 19);
});

Deno.test("after the first success others log in side by side, but not with the password of yesterday", async () => {
  await using w = await world();
  const first = await w.guard().enter(ID);
  const second = w.guard().enter(ID);
  const file = await Array.fromAsync(Deno.readDir(w.folder));
  assert.equal(file.filter(({ name }) => name.endsWith(".json")).length, 0);
  while (!(await filesOf(w.folder)).some((name) => name.endsWith(".waiting"))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await first.accepted();
  const held = [await second, await w.guard().enter(ID), await w.guard().enter(ID)];
  for (const attempt of held) await attempt.accepted();
  assert.ok(!(await filesOf(w.folder)).some((name) => name.endsWith(".waiting")));
  w.clock.now += 24 * 3_600_000; // and meanwhile the password was changed on the device
  let attempts = 0;
  await Promise.allSettled(Array.from({ length: 20 }, async () => {
    const attempt = await w.guard().enter(ID);
    attempts++;
    await attempt.refused();
  }));
  assert.equal(attempts, 1);
});

Deno.test("an undecided attempt lets the next one try", async () => {
  await using w = await world();
  for (let round = 0; round < 3; round++) assert.ok(await admits(w.guard(), ID.password));
});

Deno.test("users and hosts are kept apart, also where their names look alike", async () => {
  await using w = await world();
  await (await w.guard().enter(ID)).refused();
  const others = [{ user: "admin2" }, { host: "gate:5001" }, { host: "gate/" }, { host: "gate_" }];
  for (const other of others) {
    const attempt = await w.guard().enter({ ...ID, ...other });
    await attempt.refused();
  }
  const names = (await filesOf(w.folder)).filter((name) => name.endsWith(".json"));
  assert.equal(names.length, 5);
  for (const name of names) assert.match(name, /^gate[\w.-]*_admin2?-[0-9a-f]{8}\.json$/);
});

Deno.test("unlock forgets one user's refusals or all, and tells which", async () => {
  await using w = await world();
  await (await w.guard().enter(ID)).refused();
  w.clock.now += 1000;
  await (await w.guard().enter({ ...ID, user: "eve" })).refused({ lockSeconds: 60 });
  assert.deepEqual(await w.guard().unlock("elsewhere"), []);
  assert.deepEqual(await w.guard().unlock("gate", "eve"), [
    { host: "gate", user: "eve", since: START + 1000, until: START + 61_000 },
  ]);
  assert.deepEqual((await w.guard().unlock("gate")).map(({ user }) => user), ["admin"]);
  assert.deepEqual(await w.guard().unlock("gate"), []);
  assert.ok(await admits(w.guard(), ID.password));
});

Deno.test("a password that the device was just given is no longer held back; others are", async () => {
  await using w = await world();
  await w.guard().forget(ID);
  assert.deepEqual((await filesOf(w.folder)).filter((name) => name.endsWith(".json")), []);
  await (await w.guard().enter(ID)).refused();
  await (await w.guard().enter({ ...ID, password: "other" })).refused();
  await w.guard().forget(ID);
  assert.ok(await admits(w.guard(), ID.password));
  assert.ok(!await admits(w.guard(), "other"));
});

Deno.test("no file holds the password, and nobody else may read one", async () => {
  await using w = await world();
  await (await w.guard().enter(ID)).refused();
  for (const name of await filesOf(w.folder)) {
    const path = join(w.folder, name);
    assert.ok(!(await Deno.readTextFile(path)).includes("canary"), name);
    assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600, name);
  }
});

Deno.test("a damaged file is told and counts as empty", async () => {
  for (const text of ["", "{", "[]", '{"host":1}', "\0\0\0", '{"refused":[{}]}']) {
    await using w = await world();
    await (await w.guard().enter(ID)).refused();
    const name = (await filesOf(w.folder)).find((name) => name.endsWith(".json"))!;
    await Deno.writeTextFile(join(w.folder, name), text);
    assert.ok(await admits(w.guard(), ID.password));
    assert.match(w.told[0]!, /\.json is damaged and counts as empty$/);
    await (await w.guard().enter(ID)).refused();
    assert.ok(!await admits(w.guard(), ID.password), "and it works again");
  }
});

Deno.test("the wait for another login is bounded and can be interrupted", async () => {
  await using w = await world();
  const held = await w.guard().enter(ID);
  const error = await w.guard(1).enter(ID).catch((error) => error);
  assert.deepEqual([error.code, error.retryable], ["DHIP_TIMEOUT", true]);
  const controller = new AbortController();
  const waiting = w.guard().enter(ID, controller.signal);
  controller.abort();
  await assert.rejects(waiting, { code: "DHIP_INTERRUPTED" });
  await held.undecided();
  assert.ok(await admits(w.guard(), ID.password));
});

Deno.test("a lock ends with the process that held it, however it ended", async () => {
  await using w = await world();
  const path = join(w.folder, "x.turn");
  const program = `
    const file = await Deno.open(${JSON.stringify(path)}, { create: true, write: true });
    await file.lock(true);
    console.log("held");
    setInterval(() => {}, 1000);
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  using seeker = new LockSeeker(path);
  assert.equal(await seeker.tryTake(), undefined);
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  const lock = await seeker.tryTake();
  assert.ok(lock);
  lock.release();
});

Deno.test("state lives in a private folder of the user", async () => {
  await using w = await world();
  const home = join(w.folder, "home");
  await Deno.mkdir(join(home, "dhip"), { recursive: true, mode: 0o755 });
  const env = (name: string) => name === "XDG_STATE_HOME" ? home : undefined;
  const open = () => openState({ env, now: () => START }, (text) => w.told.push(text));
  const state = await open();
  await (await state.guard.enter(ID)).refused();
  const pin = { sha256: "ab".repeat(32), since: "2026-01-02T03:04:05Z" };
  await state.pins.set("gate:443", pin);
  await state.pins.set("__proto__", pin);
  assert.equal((await Deno.stat(join(home, "dhip"))).mode! & 0o777, 0o700);
  assert.equal((await Deno.stat(join(home, "dhip", "pins.json"))).mode! & 0o777, 0o600);
  const again = await open();
  assert.ok(!await admits(again.guard, ID.password));
  assert.deepEqual(await again.pins.get("gate:443"), pin);
  assert.equal(await again.pins.get("toString"), undefined);
  await again.pins.delete("gate:443");
  assert.equal(await state.pins.get("gate:443"), undefined);
  assert.deepEqual((await again.unlock("gate")).length, 1);
  await Deno.writeTextFile(join(home, "dhip", "pins.json"), '{"gate:443":{"sha256":"zz"}}');
  // Whatever the file said, a device that shows another certificate must not be a first contact.
  for (const act of [state.pins, state.lastingPins]) {
    await assert.rejects(act.get("gate:443"), { code: "DHIP_TLS_UNTRUSTED" });
  }
  await assert.rejects(state.lastingPins.set("gate:443", pin), { code: "DHIP_TLS_UNTRUSTED" });
  assert.equal(w.told.length, 0);
});

Deno.test("without a state folder the run goes on, says so once, and still guards", async () => {
  await using w = await world();
  await Deno.writeTextFile(join(w.folder, "file"), "");
  for (const home of [join(w.folder, "file"), undefined]) {
    const told: string[] = [];
    const env = (name: string) => name === "XDG_STATE_HOME" ? home : undefined;
    const state = await openState({ env, now: () => START }, (text) => told.push(text));
    await (await state.guard.enter(ID)).refused();
    assert.ok(!await admits(state.guard, ID.password));
    await state.pins.set("a:1", { sha256: "ab", since: "" });
    assert.equal((await state.pins.get("a:1"))?.sha256, "ab");
    await assert.rejects(state.unlock("gate"), { code: "DHIP_FILE" });
    const pin = { sha256: "ab", since: "" };
    await assert.rejects(state.lastingPins.set("a:1", pin), { code: "DHIP_FILE" });
    assert.equal(told.length, 1);
    assert.match(told[0]!, /cannot be used .* remembered for this run only$/);
  }
});

Deno.test("a state folder that breaks in the middle of a run is told and made up for", async () => {
  await using w = await world();
  const told: string[] = [];
  const env = (name: string) => name === "XDG_STATE_HOME" ? w.folder : undefined;
  const state = await openState({ env, now: () => START }, (text) => told.push(text));
  const attempt = await state.guard.enter(ID);
  await Deno.remove(join(w.folder, "dhip"), { recursive: true });
  await attempt.refused();
  assert.ok(!await admits(state.guard, ID.password));
  await state.pins.set("a:1", { sha256: "ab", since: "" });
  assert.equal((await state.pins.get("a:1"))?.sha256, "ab");
  assert.ok(told.length > 0);
});
