import assert from "node:assert/strict";
import { DahuaCamera, type SnapshotOptions } from "../../lib/camera/mod.ts";
import { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import type { Dialer } from "../../lib/net/stream.ts";
import { textOf } from "../http/_replay.ts";
import { answer, type Asked as Request, ScriptedServer } from "../http/_scripted_server.ts";
import { picture } from "../support/jpeg.ts";
import { type Asked, ScriptedDevice, withLogin } from "../support/scripted_device.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const PICTURE = picture();
const JPEG = textOf(PICTURE);
const NO_METHOD = { result: false, error: { code: 268894210, message: "Method not found!" } };

/** Both doors of one device: its web API and its RPC. */
class Device {
  readonly web: ScriptedServer;
  readonly rpc: ScriptedDevice;
  readonly clock = new VirtualClock();
  readonly camera: DahuaCamera;

  constructor(
    web: (request: Request) => string | undefined | Promise<string | undefined>,
    rpc: (asked: Asked, device: ScriptedDevice) => ReturnType<
      ConstructorParameters<
        typeof ScriptedDevice
      >[0]
    > = () => NO_METHOD,
  ) {
    this.web = new ScriptedServer(web, { host: "device.test" });
    this.rpc = new ScriptedDevice(withLogin(rpc));
    const dialer: Dialer = {
      host: "device.test",
      dial: (port, options) =>
        (port === 5000 ? this.rpc.dialer : this.web.dialer).dial(port, options),
    };
    this.camera = DahuaCamera.at("device.test", {
      password: "secret",
      dialer,
      guard: new MemoryLoginGuard(),
      clock: this.clock,
    });
  }

  take(channel?: number, options?: SnapshotOptions) {
    return this.clock.settle(this.camera.snapshot.take(channel, options));
  }

  /** Queries of the requests for pictures. */
  get asked(): string[] {
    return this.web.asked.filter(({ target }) => target.startsWith("/cgi-bin/snapshot.cgi"))
      .map(({ target }) => target.slice("/cgi-bin/snapshot.cgi".length));
  }

  async [Symbol.asyncDispose]() {
    await this.clock.settle(this.camera.close());
  }
}

const channelOf = ({ target }: Request) => new URL(target, "http://x").searchParams.get("channel");

/** A device that counts its four channels from `base`. */
function counting(base: 0 | 1, channels = 4): (request: Request) => string {
  return (request) => {
    if (request.target.includes("configManager")) {
      const titles = Array.from({ length: channels }, (_, i) => `table.ChannelTitle[${i}].Name=C`);
      return answer(titles.join("\r\n"));
    }
    const index = Number(channelOf(request) ?? "NaN") - base;
    return index >= 0 && index < channels ? answer(JPEG) : answer("Error\r\nBad Request!\r\n", 400);
  };
}

Deno.test("a picture comes over the web API without a session", async () => {
  await using device = new Device(counting(1));
  const { jpeg, ...facts } = await device.take();
  assert.deepEqual(jpeg, PICTURE);
  assert.deepEqual(facts, { channel: 1, width: 96, height: 54, source: "cgi", passed: [] });
  assert.equal(device.rpc.connections, 0);
});

Deno.test("channels count from 1, and that is found out once", async () => {
  await using device = new Device(counting(1));
  await device.take(3);
  await device.take(1);
  assert.deepEqual(device.asked, ["?channel=3", "?channel=0", "?channel=1"]);
});

Deno.test("a device that counts from 0 is asked once from 1", async () => {
  await using device = new Device(counting(0, 1));
  await device.take(1);
  await device.take(1);
  assert.deepEqual(device.asked, ["?channel=1", "?channel=0", "?channel=0"]);
});

Deno.test("several pictures at once find the base out only once", async () => {
  await using device = new Device(counting(0, 1));
  await device.clock.settle(
    Promise.all([1, 1, 1].map((channel) => device.camera.snapshot.take(channel))),
  );
  assert.deepEqual(device.asked, ["?channel=1", "?channel=0", "?channel=0", "?channel=0"]);
});

Deno.test("the last channel of a recorder that counts from 0", async () => {
  await using device = new Device(counting(0));
  await device.take(4);
  assert.deepEqual(device.asked.at(-1), "?channel=3");
});

for (const channel of [1, 2, 3]) {
  Deno.test(`channel ${channel} of a recorder that counts from 0 is not the one beside`, async () => {
    await using device = new Device(counting(0));
    await device.take(channel);
    const last = `?channel=${channel - 1}`;
    assert.equal(device.asked.at(-1), last);
    await device.take(channel);
    assert.equal(device.asked.at(-1), last);
  });
}

Deno.test("a recorder for which 0 is another word for its first channel counts from 1", async () => {
  const usual = counting(1);
  await using device = new Device((request) =>
    channelOf(request) === "0" ? answer(JPEG) : usual(request)
  );
  await device.take(2);
  await device.take(3);
  assert.deepEqual(device.asked, ["?channel=2", "?channel=0", "?channel=4", "?channel=3"]);
});

for (const refusal of [answer("Error\r\n"), answer(""), answer("", 500), undefined]) {
  const how = JSON.stringify(refusal?.slice(0, 12) ?? "silence");
  Deno.test(`a recorder that answers to channel 0 with ${how} counts from 1`, async () => {
    const usual = counting(1);
    await using device = new Device((request) =>
      channelOf(request) === "0" ? refusal : usual(request)
    );
    await device.take(2);
    await device.take(3);
    assert.deepEqual(device.asked, ["?channel=2", "?channel=0", "?channel=3"]);
  });
}

Deno.test("nothing is learnt from a question that the time limit ended", async () => {
  let silent = true;
  const usual = counting(0);
  await using device = new Device((request) =>
    silent && channelOf(request) === "0" ? undefined : usual(request)
  );
  await assert.rejects(device.take(2, { via: "cgi", timeout: 1000 }), { code: "DHIP_TIMEOUT" });
  silent = false;
  await device.take(2);
  assert.equal(device.asked.at(-1), "?channel=1");
});

Deno.test("a channel without a camera never becomes the one before it", async () => {
  const usual = counting(1);
  await using device = new Device((request) =>
    channelOf(request) === "3" ? answer("Error\r\n", 400) : usual(request)
  );
  await assert.rejects(device.take(3, { via: "cgi" }), { code: "DHIP_BAD_PARAMS" });
  await device.take(2);
  assert.deepEqual(device.asked, ["?channel=3", "?channel=0", "?channel=2"]);
});

Deno.test("a channel that does not exist never becomes the one before it", async () => {
  await using device = new Device(counting(1));
  await assert.rejects(device.take(5, { via: "cgi" }), { code: "DHIP_BAD_PARAMS" });
  await device.take(4);
  const asked = ["?channel=5", "?channel=0", "?channel=4"];
  assert.deepEqual(device.asked, asked, "nothing wrong was learnt");
});

Deno.test("a door station takes no channel", async () => {
  await using device = new Device((request) =>
    channelOf(request) === null ? answer(JPEG) : answer("Error", 404)
  );
  await device.take();
  await device.take();
  assert.deepEqual(device.asked, ["?channel=1", "?channel=0", "", ""]);
});

Deno.test("the user knows better how the device counts", async () => {
  await using device = new Device(counting(0));
  await device.take(1, { channelBase: 0 });
  await device.take(1, { channelBase: "none", via: "cgi" }).catch(() => {});
  assert.deepEqual(device.asked, ["?channel=0", ""]);
});

const BAD: readonly [string, string, string][] = [
  ["a web page", answer("<!DOCTYPE html><html></html>"), "DHIP_NOT_SUPPORTED"],
  ["Error with a good status", answer("Error\r\nInternal\r\n"), "DHIP_DEVICE_REFUSED"],
  ["no right", answer("Error: Authority:check failure."), "DHIP_NO_PERMISSION"],
  ["busy with a good status", answer("Error: busy"), "DHIP_DEVICE_BUSY"],
  ["busy", answer("", 503), "DHIP_DEVICE_BUSY"],
  ["nothing at all", answer(""), "DHIP_INCOMPLETE"],
  ["half a picture", answer(JPEG.slice(0, JPEG.length / 2)), "DHIP_INCOMPLETE"],
  ["noise", answer("\x00\x01\x02noise"), "DHIP_BAD_REPLY"],
  ["a damaged picture", answer(JPEG.slice(0, 2) + "x" + JPEG.slice(3)), "DHIP_BAD_REPLY"],
  ["an internal error", answer("oops", 500), "DHIP_HTTP_STATUS"],
];

for (const [what, reply, code] of BAD) {
  Deno.test(`${what} is ${code}`, async () => {
    await using device = new Device(() => reply);
    await assert.rejects(device.take(1, { via: "cgi" }), { code });
  });
}

Deno.test("a connection that is cut in the picture is no picture", async () => {
  await using device = new Device(() => undefined);
  const taking = device.camera.snapshot.take(1, { via: "cgi" });
  taking.catch(() => {});
  while (device.web.asked.length === 0) await device.clock.advance(1);
  const stream = device.web.streams[0]!;
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${PICTURE.length}\r\n\r\n`;
  await stream.write(new TextEncoder().encode(head));
  await stream.write(PICTURE.subarray(0, 300));
  stream.close();
  await assert.rejects(device.clock.settle(taking), { code: "DHIP_CONNECTION_LOST" });
});

Deno.test("a device that says nothing is given up after the time limit", async () => {
  await using device = new Device(() => undefined);
  await assert.rejects(device.take(1, { via: "cgi", timeout: 2_000 }), { code: "DHIP_TIMEOUT" });
  assert.ok(device.clock.now() < 3_000);
});

/** `snapManager` that works, in as many pieces as wanted. */
function snapManager(
  pieces: readonly Uint8Array[] = [PICTURE],
  change: (params: Record<string, unknown>) => Record<string, unknown> = (params) => params,
) {
  return async (asked: Asked, device: ScriptedDevice) => {
    switch (asked.method) {
      case "snapManager.factory.instance":
        return { result: 77 };
      case "snapManager.attachFileProc":
        return { result: true, params: { SID: 5 } };
      case "snapManager.start":
        await device.send({ id: asked.id, session: asked.session!, result: true }, asked.id);
        // Somebody else's picture is not ours.
        await device.send({ method: "client.notifySnapFile", params: { SID: 4, Base64: "AAAA" } });
        for (const piece of pieces) {
          const params = change({ SID: 5, Base64: piece.toBase64() });
          await device.send({ method: "client.notifySnapFile", params: params as never });
        }
        return undefined;
      default:
        return { result: true };
    }
  };
}

const methodsOf = (device: Device) =>
  device.rpc.asked.map(({ method }) => method).filter((method) => method.startsWith("snapManager"));

Deno.test("without a web API the picture comes by snapManager, and the reason is told", async () => {
  await using device = new Device(() => answer("", 404), snapManager());
  const { jpeg, source, passed } = await device.take(3);
  assert.deepEqual(jpeg, PICTURE);
  assert.equal(source, "rpc");
  assert.deepEqual(passed.map(({ source, error }) => [source, error.code]), [[
    "cgi",
    "DHIP_NOT_SUPPORTED",
  ]]);
  const attach = device.rpc.asked.find(({ method }) => method === "snapManager.attachFileProc")!;
  assert.deepEqual(attach.params, { filter: { Channels: [2], Types: ["jpg"] }, proc: 1 });
  assert.equal(attach.object, 77);
  assert.deepEqual(methodsOf(device), [
    "snapManager.factory.instance",
    "snapManager.attachFileProc",
    "snapManager.start",
    "snapManager.stop",
    "snapManager.detachFileProc",
  ]);
  assert.deepEqual(device.rpc.asked.at(-1)!.params, { SID: 5, proc: 1 });
});

Deno.test("a pushed picture may come in pieces", async () => {
  const pieces = [PICTURE.subarray(0, 100), PICTURE.subarray(100, 400), PICTURE.subarray(400)];
  await using device = new Device(() => answer("", 404), snapManager(pieces));
  assert.deepEqual((await device.take(1, { via: "rpc" })).jpeg, PICTURE);
  assert.equal(device.web.asked.length, 0);
});

for (
  const [what, pieces, change, code] of [
    ["no Base64", [PICTURE], () => ({ SID: 5, Base64: "?" }), "DHIP_BAD_REPLY"],
    ["garbage", [new TextEncoder().encode("<html>")], undefined, "DHIP_BAD_REPLY"],
    ["half a picture", [PICTURE.subarray(0, 200)], undefined, "DHIP_TIMEOUT"],
    [
      "the last piece of half a picture",
      [PICTURE.subarray(0, 200)],
      (params: Record<string, unknown>) => ({ ...params, info: { EOF: true } }),
      "DHIP_INCOMPLETE",
    ],
    ["never a picture", [], undefined, "DHIP_TIMEOUT"],
  ] as const
) {
  Deno.test(`a push with ${what} is ${code}, and the attachment is let go`, async () => {
    await using device = new Device(() => answer("", 404), snapManager(pieces, change));
    await assert.rejects(device.take(1, { via: "rpc", timeout: 5_000 }), { code });
    await device.clock.advance(1);
    assert.deepEqual(methodsOf(device).slice(-2), [
      "snapManager.stop",
      "snapManager.detachFileProc",
    ]);
  });
}

Deno.test("a channel that never delivers leaves time to the one that waits behind it", async () => {
  const dead = snapManager([]);
  const good = snapManager();
  await using device = new Device(
    () => answer("", 404),
    async (asked, rpc) => {
      if (asked.method === "snapManager.start" && asked.params?.channel === 1) {
        await new Promise<void>((resolve) => device.clock.timer(resolve, 500));
      }
      return await (asked.params?.channel === 0 ? dead : good)(asked, rpc);
    },
  );
  const options = { via: "rpc", timeout: 15_000 };
  const { snapshot } = device.camera;
  const taken = [1, 2].map((channel) => snapshot.take(channel, options).catch(({ code }) => code));
  const [first, second] = await device.clock.settle(Promise.all(taken));
  assert.deepEqual([first, second.channel ?? second], ["DHIP_TIMEOUT", 2]);
});

Deno.test("a trigger that is refused lets the attachment go", async () => {
  await using device = new Device(
    () => answer("", 404),
    (asked) =>
      asked.method === "snapManager.start"
        ? NO_METHOD
        : asked.method === "snapManager.factory.instance"
        ? { result: 77 }
        : { result: true, params: {} },
  );
  await assert.rejects(device.take(1, { via: "rpc" }), { code: "DHIP_METHOD_NOT_FOUND" });
  assert.equal(methodsOf(device).at(-1), "snapManager.detachFileProc");
});

Deno.test("an interrupted picture lets the attachment go and logs out", async () => {
  const device = new Device(() => answer("", 404), snapManager([]));
  const stop = new AbortController();
  const taking = device.camera.snapshot.take(1, { via: "rpc", signal: stop.signal });
  taking.catch(() => {});
  while (device.rpc.count("snapManager.start") === 0) await device.clock.advance(1);
  stop.abort();
  await assert.rejects(device.clock.settle(taking), { code: "DHIP_INTERRUPTED" });
  await device[Symbol.asyncDispose]();
  assert.ok(device.rpc.count("snapManager.detachFileProc") + device.rpc.count("global.logout") > 0);
  assert.equal(device.rpc.count("global.logout"), 1);
});

Deno.test("when no source delivers, the failure tells of all, and is the one that tells most", async () => {
  await using device = new Device(() => answer(JPEG.slice(0, 300)));
  await assert.rejects(device.take(), (error) => {
    assert.ok(error instanceof DhipError);
    assert.equal(error.code, "DHIP_INCOMPLETE");
    assert.equal(error.retryable, true);
    assert.match(error.message, /cgi: The picture is not whole.*; rpc: .*Method not found/i);
    return true;
  });
});

Deno.test("a refused password asks no other source", async () => {
  const challenge = 'WWW-Authenticate: Digest realm="x", nonce="n", qop="auth"\r\n';
  await using device = new Device(() => answer("", 401, challenge), snapManager());
  await assert.rejects(device.take(), { code: "DHIP_AUTH_REFUSED" });
  assert.equal(device.rpc.connections, 0);
});

Deno.test("a busy device is not asked in another way", async () => {
  await using device = new Device(() => answer("", 503), snapManager());
  await assert.rejects(device.take(), { code: "DHIP_DEVICE_BUSY" });
  assert.equal(device.rpc.connections, 0);
});

Deno.test("a channel or a source that cannot be is a RangeError", async () => {
  await using device = new Device(counting(1));
  await assert.rejects(device.take(0), RangeError);
  await assert.rejects(device.take(1, { via: "fax" }), /there is cgi, rpc/);
  assert.equal(device.web.asked.length, 0);
});
