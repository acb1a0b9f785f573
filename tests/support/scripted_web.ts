/**
 * The web server of a device whose files and methods are written in the test. Logins over RPC2 are
 * let in; everything else the test says.
 */

import type { JsonObject } from "../../lib/dhip/frame.ts";
import { type Asked, ScriptedServer } from "../http/_scripted_server.ts";
import type { ByteStream } from "../../lib/net/stream.ts";
import { CHALLENGE } from "./scripted_device.ts";

/** What a request for a file is answered with; `cut` ends the connection after so many bytes. */
export interface FileAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** False leaves Content-Length away. */
  readonly length?: number | false;
  readonly cut?: number;
  /** Nothing more comes, and the connection stays. */
  readonly hang?: boolean;
}

export interface WebScript {
  /** Answers a GET; undefined is 404. `session` is that of its cookie. */
  readonly file?: (
    asked: Asked & { readonly session: string | undefined },
  ) => FileAnswer | undefined | Promise<FileAnswer | undefined>;
  /** Answers a call with fields of the envelope; undefined is "no such method". */
  readonly call?: (method: string, json: JsonObject) => JsonObject | undefined;
}

export class ScriptedWeb {
  readonly server: ScriptedServer;
  /** Methods called, in their order. */
  readonly called: string[] = [];
  /** Targets of GET. */
  readonly fetched: string[] = [];
  /** The session that is let in now. */
  session = 300;

  constructor(script: WebScript) {
    this.server = new ScriptedServer(async (asked, stream) => {
      if (asked.method === "POST") return this.#rpc(asked.body, script);
      this.fetched.push(asked.target);
      const cookie = asked.headers.get("cookie") ?? "";
      const session = /DhWebClientSessionID=([\w-]+)/.exec(cookie)?.[1];
      await send(await script.file?.({ ...asked, session }) ?? { status: 404 }, stream);
      return undefined;
    });
  }

  count(method: string): number {
    return this.called.filter((called) => called === method).length;
  }

  #rpc(body: string, { call }: WebScript): string {
    const json = JSON.parse(body);
    const { method, id } = json;
    this.called.push(method);
    const reply = (fields: JsonObject) => {
      const text = JSON.stringify({ id, session: this.session, ...fields });
      return `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    };
    if (method === "global.login") {
      if (json.params.password === "") return reply(CHALLENGE);
      return reply({ result: true, params: { keepAliveInterval: 60 } });
    }
    if (json.session !== this.session) {
      return reply({ result: false, error: { code: 287637505, message: "Invalid session" } });
    }
    if (method === "global.logout") return reply({ result: true });
    const none = { result: false, error: { code: 268894210, message: "Method not found!" } };
    return reply(call?.(method, json) ?? none);
  }
}

async function send(answer: FileAnswer, stream: ByteStream): Promise<void> {
  const { status = 200, headers = {}, body = "", length, cut, hang } = answer;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  if (length !== false) lines.push(`Content-Length: ${length ?? bytes.length}\r\n`);
  await stream.write(new TextEncoder().encode(`HTTP/1.1 ${status} X\r\n${lines.join("")}\r\n`));
  const end = Math.min(bytes.length, cut ?? Infinity);
  try {
    for (let at = 0; at < end; at += 65_536) {
      await stream.write(bytes.subarray(at, Math.min(end, at + 65_536)));
    }
    if (!hang && (length === false || cut !== undefined || (length ?? 0) > bytes.length)) {
      stream.close();
    }
  } catch {
    // the client has enough
  }
}

/** A file that understands ranges. */
export function ranged(bytes: Uint8Array, asked: Asked): FileAnswer {
  const from = Number(/^bytes=(\d+)-$/.exec(asked.headers.get("range") ?? "")?.[1] ?? 0);
  if (from === 0) return { body: bytes };
  if (from >= bytes.length) return { status: 416 };
  const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  return { status: 206, headers: { "Content-Range": range }, body: bytes.subarray(from) };
}
