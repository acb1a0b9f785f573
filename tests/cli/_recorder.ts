/** A recorder whose files are written in the test, and the command line that works on it. */

import { DahuaCamera } from "../../lib/camera/mod.ts";
import { processIo } from "../../lib/cli/process_io.ts";
import { DhipError } from "../../lib/errors.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { temporaryFolder } from "../support/peers.ts";
import { ranged, ScriptedWeb, type WebScript } from "../support/scripted_web.ts";
import { cli, type FakeSurroundings, type Ran } from "./_support.ts";

export const { files } = processIo(new AbortController().signal);

export interface Recorded {
  readonly start: string;
  readonly end: string;
  readonly bytes: Uint8Array;
  /** 1 is the first. */
  readonly channel?: number;
  /** What the search says; the real length by default. */
  readonly length?: number;
  readonly stream?: string;
  readonly path?: string;
}

export function pathOf({ start, end, channel = 1, path }: Recorded): string {
  const time = (text: string) => text.slice(11).replaceAll(":", ".");
  return path ??
    `/mnt/dvr/${start.slice(0, 10)}/${channel}/dav/${time(start)}-${time(end)}[R][0@0][0].dav`;
}

export class RecorderBench implements AsyncDisposable {
  readonly web: ScriptedWeb;
  readonly folder: string;
  /** Answers instead of the file. */
  file: WebScript["file"] | undefined;
  /** Calls that the recorder does not have by itself. */
  call: WebScript["call"] | undefined;
  readonly recordings: readonly Recorded[];
  readonly #stack: AsyncDisposableStack;
  /** Conditions of searches. */
  readonly conditions: JsonObject[] = [];
  now = "2026-04-29 12:00:00";
  #channel = 0;
  #given = false;

  private constructor(
    stack: AsyncDisposableStack,
    folder: string,
    recordings: readonly Recorded[],
  ) {
    this.#stack = stack;
    this.folder = folder;
    this.recordings = recordings;
    this.web = new ScriptedWeb({
      file: async (asked) => await this.file?.(asked) ?? this.#file(asked),
      call: (method, json) => this.call?.(method, json) ?? this.#call(method, json),
    });
  }

  static async start(recordings: readonly Recorded[]): Promise<RecorderBench> {
    const stack = new AsyncDisposableStack();
    const { path } = stack.use(await temporaryFolder());
    return new RecorderBench(stack, path, recordings);
  }

  /** Devices that are this recorder, or that nobody reaches. */
  library(
    isDead: (host: string) => boolean = () => false,
  ): NonNullable<FakeSurroundings["library"]> {
    const guard = new MemoryLoginGuard();
    return {
      at: (target, options) => {
        const { host } = target;
        const gone = {
          host,
          dial: () => Promise.reject(new DhipError("DHIP_UNREACHABLE", "gone")),
        };
        const dialer = isDead(host) ? gone : this.web.server.dialer;
        const how = { ...options, guard, transport: "http", dialer } as const;
        return Promise.resolve(DahuaCamera.at(target, how));
      },
    };
  }

  /** Runs a line. `@/` is the folder. */
  async run(words: readonly string[], around: FakeSurroundings = {}): Promise<Ran> {
    return await cli(words.map((word) => word.replace(/^@(?=\/)/, this.folder)), {
      ...around,
      env: { DHIP_PASSWORD: "canary secret", ...around.env },
      library: { ...this.library(), ...around.library },
      io: { files, ...around.io },
    });
  }

  async names(folder = this.folder): Promise<string[]> {
    return (await files.list(folder)).map(({ name }) => name).sort();
  }

  read(name: string): Promise<Uint8Array> {
    return Deno.readFile(`${this.folder}/${name}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  #file(asked: Parameters<NonNullable<WebScript["file"]>>[0]) {
    const found = this.recordings.find((one) =>
      decodeURIComponent(asked.target).endsWith(`RPC_Loadfile${pathOf(one)}`)
    );
    return found === undefined ? undefined : ranged(found.bytes, asked);
  }

  #call(method: string, json: JsonObject): JsonObject | undefined {
    const params = (json.params ?? {}) as JsonObject;
    switch (method) {
      case "global.getCurrentTime":
        return { result: true, params: { time: this.now } };
      case "mediaFileFind.factory.create":
        return { result: 9 };
      case "mediaFileFind.findFile": {
        const condition = params.condition as JsonObject;
        this.conditions.push(condition);
        this.#channel = Number(condition.Channel);
        this.#given = false;
        return { result: true };
      }
      case "mediaFileFind.findNextFile": {
        const condition = this.conditions.at(-1)!;
        const [from, to] = [String(condition.StartTime), String(condition.EndTime)];
        const infos = this.#given ? [] : this.recordings
          .filter((one) => (one.channel ?? 1) - 1 === this.#channel)
          .filter(({ start, end }) => text(end) > from && text(start) < to)
          .map((one) => ({
            Channel: this.#channel,
            StartTime: text(one.start),
            EndTime: text(one.end),
            Length: one.length ?? one.bytes.length,
            Type: "dav",
            FilePath: pathOf(one),
            VideoStream: one.stream ?? "Main",
          }));
        this.#given = true;
        return { result: true, params: { found: infos.length, infos } };
      }
      case "mediaFileFind.close":
      case "mediaFileFind.destroy":
        return { result: true };
      default:
        return undefined;
    }
  }
}

function text(time: string): string {
  return time.replace("T", " ");
}
