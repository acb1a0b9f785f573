/** Watching tables of a device that says odd things, on virtual time. */

import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { ConfigChange } from "../../lib/camera/mod.ts";
import { watchTables } from "../../lib/camera/config_watch.ts";
import { type Push, PushStream, type SubscribeOptions } from "../../lib/dhip/push_stream.ts";
import type { RpcSession } from "../../lib/dhip/session.ts";
import { DhipError } from "../../lib/errors.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A device whose session, table and pushes are in the test's hands. */
function device(table: unknown) {
  const clock = new VirtualClock();
  const notices: string[] = [];
  const told: ConfigChange[] = [];
  const state = {
    table,
    reads: 0,
    logins: 0,
    /** Failures of the next logins. */
    failures: [] as DhipError[],
    /** Runs in the middle of a read, behind the moment that it shows. */
    duringRead: undefined as (() => void) | undefined,
    refuse: undefined as DhipError | undefined,
    stream: undefined as PushStream | undefined,
  };
  const session = {
    host: "device.test:5000",
    transport: "dhip",
    generation: 1,
    ended: undefined,
    subscribe: (options: SubscribeOptions) => state.stream = new PushStream(options, () => {}),
    call: () => state.refuse ? Promise.reject(state.refuse) : Promise.resolve({ SID: 5 }),
    request: () => Promise.resolve({ envelope: {}, binary: new Uint8Array() }),
  } as unknown as RpcSession;
  const stream = watchTables(
    {
      host: "device.test:5000",
      clock,
      wall: () => 0,
      session() {
        state.logins++;
        const failure = state.failures.shift();
        return failure === undefined ? Promise.resolve(session) : Promise.reject(failure);
      },
      async read() {
        state.reads++;
        const shown = structuredClone(state.table);
        await setImmediate();
        state.duringRead?.();
        state.duringRead = undefined;
        await setImmediate();
        return shown;
      },
    },
    ["T"],
    { onNotice: (text) => notices.push(text) },
  );
  const end = (async () => {
    for await (const change of stream) told.push(change);
  })();
  end.catch(() => {});
  const push = (params: unknown) => {
    const method = "client.notifyConfigChange";
    const envelope = { method, params };
    state.stream!.offer({ method, params, envelope, binary: new Uint8Array(), dropped: 0 } as Push);
  };
  const settle = async () => {
    for (let turn = 0; turn < 12; turn++) await setImmediate();
  };
  /** `after` of every place told until now. */
  const values = () => told.flatMap(({ changes }) => changes.map(({ after }) => after));
  return { state, clock, notices, told, stream, end, push, settle, values };
}

const lost = () => new DhipError("DHIP_CONNECTION_LOST", "The link broke");

Deno.test("a push that may be older than what was read does not turn the table back", async () => {
  const { state, push, settle, stream, values } = device({ A: 1 });
  state.duringRead = () => {
    push({ name: "T", table: { A: 0 } }); // sent before the reply, arrived before it was looked at
  };
  await settle();
  assert.deepEqual([values(), state.reads], [[], 2]);
  push({ name: "T", table: { A: 2 } });
  await settle();
  assert.deepEqual([values(), state.reads], [[2], 2], "later ones are taken as they are");
  await stream.close();
});

Deno.test("a push without a table, with a part of one, or without a name is looked into", async () => {
  const { state, push, settle, stream, values } = device([{ A: 1 }, { A: 1 }]);
  await settle();
  state.table = [{ A: 1 }, { A: 2 }];
  push({ name: "T" });
  await settle();
  state.table = [{ A: 1 }, { A: 3 }];
  push({ name: "T", table: { A: 3 } });
  await settle();
  state.table = [{ A: 1 }, { A: 4 }];
  push({ name: "T", table: [{ A: 4 }] });
  await settle();
  state.table = [{ A: 1 }, { A: 5 }];
  push(null);
  push({ name: "Other", table: [{}, {}] });
  await settle();
  assert.deepEqual(values(), [2, 3, 4, 5]);
  assert.equal(state.reads, 5);
  push({ name: "T", table: state.table }); // a copy: nothing has changed
  await settle();
  assert.equal(values().length, 4);
  await stream.close();
});

Deno.test("the same link is waited for, with growing waits, and said once", async () => {
  const { state, clock, notices, settle, stream, values } = device({ A: 1 });
  await settle();
  state.failures = [lost(), lost(), lost()];
  state.stream!.end(lost());
  await settle();
  state.table = { A: 2 };
  await clock.advance(8_000); // at most 0.5, 1, 2 and 4 s
  await settle();
  assert.deepEqual([values(), state.logins], [[2], 5]);
  assert.deepEqual(notices, [
    "The link broke; it is tried again",
    "The tables are watched again",
  ]);
  await stream.close();
  assert.equal(clock.pending, 0);
});

Deno.test("what cannot be mended ends it: a first refusal, and a defect", async () => {
  const first = device({ A: 1 });
  first.state.refuse = new DhipError("DHIP_TLS_UNTRUSTED", "no");
  await assert.rejects(first.end, { code: "DHIP_TLS_UNTRUSTED" });
  const later = device({ A: 1 });
  await later.settle();
  later.state.stream!.end(new TypeError("a defect"));
  await assert.rejects(later.end, TypeError);
});

Deno.test("a refused attach: the table is looked at every 10 s", async () => {
  const { state, clock, notices, settle, stream, values } = device({ A: 1 });
  state.refuse = new DhipError("DHIP_METHOD_NOT_FOUND", "no", { deviceCode: 268894210 });
  await settle();
  for (const A of [2, 3]) {
    state.table = { A };
    await clock.advance(10_000);
    await settle();
  }
  assert.deepEqual([values(), state.reads, notices.length], [[2, 3], 3, 1]);
  assert.equal(notices[0], "Changes are looked for every 10 s: the device does not push them");
  await stream.close();
});
