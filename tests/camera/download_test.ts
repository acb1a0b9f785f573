import assert from "node:assert/strict";
import { DahuaCamera, type RemoteFile } from "../../lib/camera/mod.ts";
import { concat } from "../../lib/net/bytes.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { dhavFile, dhavFrame } from "../support/dhav_file.ts";
import { type FileAnswer, ranged, ScriptedWeb, type WebScript } from "../support/scripted_web.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const FILE: RemoteFile = {
  path: "/mnt/dvr/2026-04-29/4/00.00.00-00.30.02[R][0@0][0].dav",
  channel: 1,
  start: Temporal.PlainDateTime.from("2026-04-29T09:55:00"),
  end: Temporal.PlainDateTime.from("2026-04-29T10:05:00"),
};
const CONTENT = dhavFile(600);
const CGI =
  "/cgi-bin/RPC_Loadfile/mnt/dvr/2026-04-29/4/00.00.00-00.30.02%5BR%5D%5B0%400%5D%5B0%5D.dav";
const SESSION = CGI.replace("/cgi-bin", "");

function cameraOf(script: WebScript, clock?: VirtualClock) {
  const web = new ScriptedWeb(script);
  const camera = DahuaCamera.at("camera.test", {
    password: "p",
    dialer: web.server.dialer,
    guard: new MemoryLoginGuard(clock),
    clock,
  });
  return { web, camera };
}

async function fetch(
  camera: DahuaCamera,
  file: Partial<RemoteFile> = {},
  options: Parameters<DahuaCamera["download"]["open"]>[1] = {},
) {
  await using download = await camera.download.open({ ...FILE, ...file }, options);
  const parts: Uint8Array[] = [];
  let error: unknown;
  try {
    for await (const piece of download.bytes) parts.push(piece);
  } catch (thrown) {
    error = thrown;
  }
  return { download, bytes: concat(parts), error: error as { code: string; message: string } };
}

Deno.test("a file comes without a session, whole, with its length and media time", async () => {
  const { web, camera } = cameraOf({ file: () => ({ body: CONTENT }) });
  await using _ = camera;
  const { download, bytes, error } = await fetch(camera, { bytes: CONTENT.length });
  assert.equal(error, undefined);
  assert.deepEqual(bytes, CONTENT);
  assert.deepEqual(
    [download.form, download.offset, download.length, download.mediaSeconds],
    ["cgi", 0, CONTENT.length, 599],
  );
  assert.deepEqual([web.fetched, web.called], [[CGI], []]);
});

Deno.test("the way that works is found out once, also by many at once", async () => {
  const { web, camera } = cameraOf({
    file: ({ target, session }) =>
      target === SESSION && session === "300" ? { body: CONTENT } : undefined,
  });
  {
    await using _ = camera;
    const all = await Promise.all([1, 2, 3].map(() => fetch(camera)));
    assert.ok(
      all.every(({ bytes, error }) => error === undefined && bytes.length === CONTENT.length),
    );
  }
  assert.deepEqual(web.fetched, [CGI, SESSION, SESSION, SESSION]);
  // One session over HTTP, and it is logged out.
  assert.deepEqual(web.called, ["global.login", "global.login", "global.logout"]);
});

Deno.test("a device that gives files by time only", async () => {
  const { web, camera } = cameraOf({
    file: ({ target }) =>
      target.startsWith("/cgi-bin/loadfile.cgi")
        ? { body: CONTENT, length: false }
        : { status: 501 },
  });
  await using _ = camera;
  const { bytes, error, download } = await fetch(camera, { stream: "sub1", bytes: 10 });
  assert.equal(error, undefined);
  assert.deepEqual([bytes.length, download.length], [CONTENT.length, null]);
  assert.equal(
    web.fetched.at(-1),
    "/cgi-bin/loadfile.cgi?action=startLoad&channel=1&startTime=2026-04-29%2009%3A55%3A00" +
      "&endTime=2026-04-29%2010%3A05%3A00&subtype=1",
  );
  await fetch(camera);
  assert.equal(web.fetched.length, 4, "remembered");
});

Deno.test("a file that is gone does not change the way that is remembered", async () => {
  let there = true;
  const { web, camera } = cameraOf({
    file: ({ target }) => there && target === CGI ? { body: CONTENT } : undefined,
  });
  await using _ = camera;
  await fetch(camera);
  there = false;
  await assert.rejects(fetch(camera), { code: "DHIP_DEVICE_REFUSED", deviceCode: 404 });
  assert.deepEqual(web.fetched, [CGI, CGI]);
});

Deno.test("a file that no way brings is refused with what the device said", async () => {
  const { web, camera } = cameraOf({
    file: ({ target }) => target === CGI ? { status: 501 } : undefined,
  });
  await using _ = camera;
  await assert.rejects(fetch(camera), { code: "DHIP_DEVICE_REFUSED", message: /no such file/ });
  assert.equal(web.fetched.length, 3);
  await assert.rejects(camera.download.open({ path: null }), RangeError);
});

Deno.test("a refused password is no reason to try another way", async () => {
  const { web, camera } = cameraOf({
    file: () => ({
      status: 401,
      headers: { "WWW-Authenticate": 'Digest realm="x", nonce="n", qop="auth", algorithm=MD5' },
    }),
  });
  await using _ = camera;
  await assert.rejects(fetch(camera), { code: "DHIP_AUTH_REFUSED" });
  assert.deepEqual([web.fetched.length, web.called], [2, []]);
});

Deno.test("a forgotten session is renewed, once", async () => {
  const { web, camera } = cameraOf({
    file: ({ target, session }) => {
      if (target !== SESSION) return { status: 501 };
      return session === String(web.session) ? { body: CONTENT } : { status: 403 };
    },
    call: () => ({ result: "2026-04-29 10:00:00" }),
  });
  await using _ = camera;
  await fetch(camera);
  web.session = 301;
  const { bytes } = await fetch(camera);
  assert.equal(bytes.length, CONTENT.length);
  assert.equal(web.count("global.login"), 4, "two steps each");
  web.session = 302;
  await assert.rejects(
    fetch(camera, {}, { signal: AbortSignal.abort() }),
    { code: "DHIP_INTERRUPTED" },
  );
});

const SHORT: readonly (readonly [string, FileAnswer, Partial<RemoteFile>, string, RegExp])[] = [
  [
    "shorter than the search told",
    { body: CONTENT.subarray(0, 7200) },
    { bytes: CONTENT.length },
    "DHIP_INCOMPLETE",
    /7200 of 43200 bytes came/,
  ],
  [
    "inside a frame",
    { body: CONTENT.subarray(0, 7210), length: false },
    {},
    "DHIP_INCOMPLETE",
    /ends after 10 bytes of a frame/,
  ],
  [
    "before its Content-Length",
    { body: CONTENT, cut: 20_000 },
    {},
    "DHIP_CONNECTION_LOST",
    /./,
  ],
];

for (const [name, answer, file, code, message] of SHORT) {
  Deno.test(`a file that ends ${name} is not whole`, async () => {
    const { camera } = cameraOf({ file: () => answer });
    await using _ = camera;
    const { bytes, error } = await fetch(camera, file);
    assert.deepEqual([error.code, bytes.length > 0], [code, true]);
    assert.match(error.message, message);
    assert.deepEqual(bytes, CONTENT.subarray(0, bytes.length));
  });
}

Deno.test("a file of frames that never were one, and a picture, are not judged as frames", async () => {
  for (const body of [new TextEncoder().encode("x".repeat(99) + "DHAV"), dhavFrame().subarray(4)]) {
    const { camera } = cameraOf({ file: () => ({ body }) });
    await using _ = camera;
    assert.equal((await fetch(camera)).error, undefined);
  }
});

Deno.test("the rest of a file, where the device can begin anywhere", async () => {
  const { camera } = cameraOf({ file: (asked) => ranged(CONTENT, asked) });
  await using _ = camera;
  const { download, bytes, error } = await fetch(camera, {}, { from: 7210 });
  assert.equal(error, undefined);
  assert.deepEqual([download.offset, download.length], [7210, CONTENT.length]);
  assert.deepEqual(bytes, CONTENT.subarray(7210));
  await assert.rejects(fetch(camera, {}, { from: CONTENT.length }), { deviceCode: 416 });
});

Deno.test("the rest of a file begins at 0 where the device knows no ranges, and is refused when it is another part", async () => {
  const whole = cameraOf({ file: () => ({ body: CONTENT }) });
  await using _a = whole.camera;
  assert.equal((await fetch(whole.camera, {}, { from: 100 })).download.offset, 0);
  const other = cameraOf({
    file: () => ({ status: 206, headers: { "Content-Range": "bytes 0-9/10" }, body: "0123456789" }),
  });
  await using _b = other.camera;
  await assert.rejects(fetch(other.camera, {}, { from: 100 }), { code: "DHIP_BAD_REPLY" });
});

Deno.test("silence ends a download", async () => {
  const clock = new VirtualClock();
  const { camera } = cameraOf({ file: () => ({ body: CONTENT, cut: 5000, hang: true }) }, clock);
  const { error, bytes } = await clock.settle(fetch(camera, {}, { idleTimeout: 3000 }));
  assert.deepEqual([error.code, bytes.length], ["DHIP_TIMEOUT", 5000]);
  await clock.settle(camera.close());
});

Deno.test("an abort ends a download", async () => {
  const { camera } = cameraOf({ file: () => ({ body: CONTENT, cut: 5000, hang: true }) });
  await using _ = camera;
  const stop = new AbortController();
  await using download = await camera.download.open(FILE, { signal: stop.signal });
  await assert.rejects(async () => {
    for await (const _piece of download.bytes) stop.abort();
  }, { code: "DHIP_INTERRUPTED" });
});

Deno.test("what nobody reads is not fetched", async () => {
  const big = new Uint8Array(64 * 1024 * 1024);
  const { camera } = cameraOf({ file: () => ({ body: big }) });
  await using _ = camera;
  const download = await camera.download.open(FILE);
  await download[Symbol.asyncDispose]();
  await using second = await camera.download.open(FILE);
  for await (const piece of second.bytes) {
    assert.ok(piece.length <= 65_536);
    break;
  }
});
