/**
 * A device whose every answer is written in the test. It knows framing and nothing else: whatever
 * it should do, the test says.
 */

import { type JsonObject, MessageDecoder } from "../../lib/dhip/frame.ts";
import { encodeMessage } from "../../lib/dhip/frame.ts";
import { streamPair } from "../../lib/net/memory.ts";
import type { ByteStream, Dialer } from "../../lib/net/stream.ts";

export interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params: JsonObject | null;
  readonly session: number | undefined;
  readonly object: number | undefined;
  readonly binary: Uint8Array;
}

/** Answers with fields of the envelope, with raw bytes, or (undefined) not at all. */
export type Script = (
  asked: Asked,
  device: ScriptedDevice,
) => JsonObject | Uint8Array | undefined | Promise<JsonObject | Uint8Array | undefined>;

export const CHALLENGE: JsonObject = {
  session: 100,
  result: false,
  error: { code: 268632079, message: "Component error: login challenge!" },
  params: { realm: "Login to TEST", random: "1234", encryption: "Default" },
};

export const SESSION_UNKNOWN: JsonObject = {
  result: false,
  error: { code: 287637505, message: "Invalid session in request data!" },
};

/** Answers the login (any password) and the logout; the rest is for `script`. */
export function withLogin(script: Script, keepAliveInterval = 60): Script {
  let session = 200;
  return (asked, device) => {
    if (asked.method === "global.logout") return { result: true };
    if (asked.method !== "global.login") return script(asked, device);
    if (asked.params?.password === "") return CHALLENGE;
    return { session: ++session, result: true, params: { keepAliveInterval } };
  };
}

export class ScriptedDevice {
  readonly asked: Asked[] = [];
  /** Connections made so far. */
  connections = 0;
  stream: ByteStream | undefined;
  /** When false, everything that arrives is swallowed and nothing is answered. */
  alive = true;
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  readonly dialer: Dialer = {
    host: "device.test",
    dial: () => {
      this.connections++;
      const [ours, theirs] = streamPair();
      this.stream = theirs;
      this.#serve(theirs);
      return Promise.resolve(ours);
    },
  };

  count(method: string): number {
    return this.asked.filter((asked) => asked.method === method).length;
  }

  /** Sends, on the newest connection unless another is named. */
  async send(
    json: JsonObject,
    requestId = 0,
    binary?: Uint8Array,
    stream?: ByteStream,
  ): Promise<void> {
    await this.sendBytes(encodeMessage({ requestId, json, ...(binary ? { binary } : {}) }), stream);
  }

  async sendBytes(bytes: Uint8Array, stream = this.stream!): Promise<void> {
    if (this.alive) await stream.write(bytes).catch(() => {});
  }

  async #serve(stream: ByteStream): Promise<void> {
    const buffer = new Uint8Array(65_536);
    const decoder = new MessageDecoder();
    try {
      for (let length; (length = await stream.read(buffer)) !== null;) {
        for (const message of decoder.push(buffer.subarray(0, length))) {
          this.#answer(message.json!, message.binary.slice(), stream);
        }
      }
    } catch {
      stream.close(); // what came is not DHIP: a device ends such a connection
    }
  }

  async #answer(json: JsonObject, binary: Uint8Array, stream: ByteStream): Promise<void> {
    const asked = { params: null, ...json, binary } as unknown as Asked;
    this.asked.push(asked);
    if (!this.alive) return;
    const answer = await this.#script(asked, this);
    if (answer === undefined) return;
    if (answer instanceof Uint8Array) return await this.sendBytes(answer, stream);
    const reply = { id: asked.id, session: asked.session, ...answer };
    await this.send(reply, asked.id, undefined, stream);
  }
}
