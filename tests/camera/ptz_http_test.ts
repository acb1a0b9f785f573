/** Movements over HTTP, where the order in which requests leave is not the order in which they act. */

import assert from "node:assert/strict";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import "../../lib/dhip/http_session.ts"; // loading it when it is needed takes real time
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { streamPair } from "../../lib/net/memory.ts";
import type { ByteStream, Dialer } from "../../lib/net/stream.ts";
import { sleep } from "../../lib/net/deadline.ts";
import { CHALLENGE } from "../support/scripted_device.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A camera whose `ptz.start` takes its time, whoever waits for the answer. */
function slowCamera(clock: VirtualClock, delay: number) {
  const orders: string[] = [];
  const answer = async ({ method, params }: JsonObject): Promise<JsonObject> => {
    if (method === "global.login") {
      const { password } = params as JsonObject;
      return password === "" ? CHALLENGE : { session: 200, result: true, params: {} };
    }
    if (method === "ptz.factory.instance") return { result: 7 };
    if (method === "ptz.start") await sleep(delay, undefined, clock);
    if (method === "ptz.start" || method === "ptz.stop") orders.push(method);
    return { result: true };
  };
  const serve = async (stream: ByteStream) => {
    const buffer = new Uint8Array(65_536);
    let text = "";
    for (let length; (length = await stream.read(buffer)) !== null;) {
      text += new TextDecoder().decode(buffer.subarray(0, length));
      const [, head, rest] = /^(.*?\r\n\r\n)(.*)$/s.exec(text) ?? [];
      const size = Number(/content-length: *(\d+)/i.exec(head ?? "")?.[1]);
      if (rest === undefined || rest.length < size) continue;
      text = "";
      const request = JSON.parse(rest) as JsonObject;
      const body = JSON.stringify({ id: request.id, ...await answer(request) });
      await stream.write(new TextEncoder().encode(
        `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      ));
    }
  };
  const dialer: Dialer = {
    host: "device.test",
    dial: () => {
      const [ours, theirs] = streamPair();
      serve(theirs).catch(() => {});
      return Promise.resolve(ours);
    },
  };
  return { dialer, orders };
}

for (const how of ["an abort", "closing the camera"] as const) {
  Deno.test(`${how} while the start is under way leaves nothing in motion`, async () => {
    const clock = new VirtualClock();
    const { dialer, orders } = slowCamera(clock, 300);
    const guard = new MemoryLoginGuard(clock);
    const options = { password: "p", dialer, guard, clock, transport: "http" } as const;
    const camera = await clock.settle(DahuaCamera.connect("device.test", options));
    const controller = new AbortController();
    const { signal } = controller;
    const move = camera.ptz.moveFor("left", 60_000, { signal }).catch((error) => error.code);
    await clock.advance(50);
    if (how === "an abort") controller.abort();
    else camera.close();
    assert.equal(await clock.settle(move), how === "an abort" ? "DHIP_INTERRUPTED" : undefined);
    await clock.settle(camera.close());
    await clock.advance(10_000);
    assert.equal(orders.at(-1), "ptz.stop", orders.join());
    assert.ok(orders.includes("ptz.start"));
  });
}
