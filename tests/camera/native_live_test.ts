import assert from "node:assert/strict";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { dhavFile } from "../support/dhav_file.ts";
import { type FileAnswer, ScriptedWeb } from "../support/scripted_web.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const CONTENT = dhavFile(20);

function liveCamera(answer: FileAnswer, refuse: readonly string[] = [], clock?: VirtualClock) {
  const params: unknown[] = [];
  const web = new ScriptedWeb({
    file: ({ target, session }) =>
      target === "/RPC_Loadfile/77" && session === "300" ? answer : undefined,
    call: (method, json) => {
      if (refuse.includes(method)) return undefined;
      if (method === "streamReader.create") {
        params.push(json.params);
        return { result: 77 };
      }
      return json.object === 77 ? { result: true } : undefined;
    },
  });
  const camera = DahuaCamera.at("camera.test", {
    password: "p",
    dialer: web.server.dialer,
    guard: new MemoryLoginGuard(clock),
    clock,
  });
  const services = () => web.called.filter((method) => method.startsWith("streamReader"));
  return { web, camera, params, services };
}

const ALL = ["create", "start", "stop", "destroy"].map((name) => `streamReader.${name}`);

Deno.test("a live stream plays, and the reader is given back at its end", async () => {
  const { camera, params, services, web } = liveCamera({ body: CONTENT, length: false });
  {
    await using _ = camera;
    let length = 0;
    await using live = await camera.nativeLive.open({ channel: 3, subtype: 1 });
    for await (const piece of live.bytes) length += piece.length;
    assert.equal(length, CONTENT.length);
    assert.deepEqual(params, [{ channel: 2, subtype: 1 }]);
    assert.deepEqual(services(), ALL);
  }
  assert.equal(web.count("global.logout"), 1);
});

Deno.test("leaving early, an abort and a broken connection give the reader back too", async () => {
  const ways: readonly FileAnswer[] = [
    { body: CONTENT, length: false, hang: true },
    { body: CONTENT, length: 10_000, cut: 500 },
  ];
  for (const answer of ways) {
    const { camera, services } = liveCamera(answer);
    await using _ = camera;
    const stop = new AbortController();
    const live = await camera.nativeLive.open({ signal: stop.signal });
    await assert.rejects(async () => {
      for await (const _piece of live.bytes) if (answer.hang) stop.abort();
    });
    assert.deepEqual(services(), ALL);
    await live[Symbol.asyncDispose]();
    assert.deepEqual(services(), ALL, "once");
  }
});

Deno.test("a start that is refused is no failure, a missing service is one", async () => {
  const tolerant = liveCamera({ body: CONTENT, length: false }, ["streamReader.start"]);
  await using _a = tolerant.camera;
  await using live = await tolerant.camera.nativeLive.open();
  for await (const _piece of live.bytes) break;
  assert.deepEqual(tolerant.services(), ALL);
  const none = liveCamera({}, ["streamReader.create"]);
  await using _b = none.camera;
  await assert.rejects(none.camera.nativeLive.open(), { code: "DHIP_METHOD_NOT_FOUND" });
  assert.deepEqual(none.services(), ["streamReader.create"]);
  await assert.rejects(none.camera.nativeLive.open({ channel: 0 }), RangeError);
  await assert.rejects(none.camera.nativeLive.open({ subtype: -1 }), RangeError);
});

Deno.test("a refusal instead of the stream gives the reader back", async () => {
  const { camera, services } = liveCamera({ body: "<html>login</html>" });
  await using _ = camera;
  await assert.rejects(camera.nativeLive.open(), { code: "DHIP_NOT_SUPPORTED" });
  assert.deepEqual(services(), ALL);
});

Deno.test("silence ends a stream", async () => {
  const clock = new VirtualClock();
  const { camera } = liveCamera({ body: CONTENT, length: false, hang: true }, [], clock);
  const live = await clock.settle(camera.nativeLive.open({ idleTimeout: 2000 }));
  await assert.rejects(
    clock.settle((async () => {
      for await (const _piece of live.bytes);
    })()),
    { code: "DHIP_TIMEOUT" },
  );
  await clock.settle(camera.close());
});
