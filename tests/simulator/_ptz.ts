/** A camera that moves, for the tests of PTZ. */

import type { JsonObject } from "../../lib/dhip/frame.ts";
import type { DeviceOptions } from "../../lib/simulator/mod.ts";
import { type Bench, bench, type RawClient } from "./_support.ts";

/** A logged-in client with the instance of one channel. */
export interface PtzBench extends AsyncDisposable {
  it: Bench;
  client: RawClient;
  /** A call with the object, or with the channel where there are no objects. */
  call(method: string, params?: JsonObject): Promise<JsonObject>;
  /** Error number of a call that fails. */
  refusal(method: string, params?: JsonObject): Promise<number>;
  /** ptz.start. */
  start(code: string, arg1?: number, arg2?: number, arg3?: number): Promise<JsonObject>;
  /** ptz.stop. */
  stop(code: string, arg1?: number, arg2?: number): Promise<JsonObject>;
  /** The status. */
  status(): Promise<JsonObject>;
  /** Position in degrees. */
  position(): Promise<number[]>;
}

export async function ptzBench(options: DeviceOptions = {}, channel = 0): Promise<PtzBench> {
  const it = bench(options);
  const client = await it.open();
  const stock = options.objects !== "channel";
  const object = stock
    ? (await client.call("ptz.factory.instance", { channel })).json.result
    : undefined;
  const call = async (method: string, params: JsonObject = {}) =>
    (await client.call(
      `ptz.${method}`,
      stock ? params : { ...params, channel },
      stock ? { object } : {},
    )).json;
  const self: PtzBench = {
    it,
    client,
    call,
    async refusal(method, params) {
      const json = await call(method, params);
      if (json.result !== false) throw new Error(`ptz.${method} was not refused`);
      return (json.error as { code: number }).code;
    },
    start: (code, arg1 = 0, arg2 = 0, arg3 = 0) => call("start", { code, arg1, arg2, arg3 }),
    stop: (code, arg1 = 0, arg2 = 0) => call("stop", { code, arg1, arg2, arg3: 0 }),
    status: async () => ((await call("getStatus")).params as JsonObject).status as JsonObject,
    position: async () => (await self.status()).Postion as number[],
    [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](),
  };
  return self;
}
