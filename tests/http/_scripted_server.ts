/**
 * An HTTP server whose every byte is written in the test. It shares nothing with the client but
 * the stream.
 */

import { streamPair } from "../../lib/net/memory.ts";
import type { ByteStream, Dialer } from "../../lib/net/stream.ts";
import { bytesOf, textOf } from "./_replay.ts";

export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: string;
  /** Connection it came over, counted from 1. */
  readonly connection: number;
}

/** Answers with bytes, or (undefined) not at all; the stream is there for everything else. */
export type Script = (
  asked: Asked,
  stream: ByteStream,
) => string | undefined | void | Promise<string | undefined | void>;

export class ScriptedServer {
  readonly asked: Asked[] = [];
  readonly streams: ByteStream[] = [];
  readonly dialer: Dialer & { secure?: true };
  readonly #script: Script;

  constructor(script: Script, options: { host?: string; secure?: true } = {}) {
    this.#script = script;
    this.dialer = {
      host: options.host ?? "camera.test",
      ...(options.secure ? { secure: true as const } : {}),
      dial: () => {
        const [ours, theirs] = streamPair();
        this.streams.push(theirs);
        this.#serve(theirs, this.streams.length);
        return Promise.resolve(ours);
      },
    };
  }

  get connections(): number {
    return this.streams.length;
  }

  async #serve(stream: ByteStream, connection: number): Promise<void> {
    const buffer = new Uint8Array(65_536);
    let text = "";
    for (;;) {
      const request = takeRequest(text);
      if (request !== undefined) {
        text = text.slice(request.length);
        const asked = { ...request.asked, connection };
        this.asked.push(asked);
        const answer = await this.#script(asked, stream);
        if (typeof answer === "string") await stream.write(bytesOf(answer)).catch(() => {});
        continue;
      }
      const length = await stream.read(buffer);
      if (length === null) return;
      text += textOf(buffer.subarray(0, length));
    }
  }
}

function takeRequest(text: string) {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first, ...lines] = text.slice(0, end).split("\r\n");
  const [method, target] = first!.split(" ");
  const headers = new Headers(lines.map((line) => line.split(/: (.*)/, 2) as [string, string]));
  const length = end + 4 + Number(headers.get("content-length") ?? 0);
  if (text.length < length) return undefined;
  const body = text.slice(end + 4, length);
  return { length, asked: { method: method!, target: target!, headers, body } };
}

/** An answer with a length. */
export function answer(body: string, status = 200, headers = ""): string {
  return `HTTP/1.1 ${status} X\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}
