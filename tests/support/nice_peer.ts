/** libnice's PseudoTcp on a UDP port of 127.0.0.1, the device's transport: tests/peers/nice_peer.c. */

import { peerTest } from "./peers.ts";

const PROGRAM = new URL("../peers/build/nice_peer", import.meta.url).pathname;

/** A test against libnice. */
export function niceTest(name: string, run: () => Promise<void>): void {
  peerTest(`libnice: ${name}`, [PROGRAM], run);
}

/** Options of the program; see `nice_peer --help`. */
export interface NiceOptions {
  readonly active?: number;
  readonly receive?: number;
  readonly send?: number;
  readonly echo?: boolean;
  /** TCP ports of 127.0.0.1 that serve the ports of the device. */
  readonly device?: Readonly<Record<number, number>>;
  readonly seed?: number;
  readonly rcvBuf?: number;
  readonly sndBuf?: number;
  readonly mtu?: number;
  readonly noDelay?: boolean;
  readonly stallAt?: number;
  readonly stallMs?: number;
  readonly readRate?: number;
  /** Impairment of what comes to it. */
  readonly in?: Impairments;
  /** Impairment of what it sends. */
  readonly out?: Impairments;
}

/** Of one direction: `loss`, `dup`, `reorder` in percent, `delay`, `jitter` in ms. */
export interface Impairments {
  readonly loss?: number;
  readonly dup?: number;
  readonly reorder?: number;
  readonly delay?: number;
  readonly jitter?: number;
  /** Number of first datagrams that are lost. */
  readonly first?: number;
}

/** Segments of one direction, as libnice saw or sent them. */
export interface NiceDirection {
  readonly segments: number;
  /** Bytes of bodies, repeated ones too. */
  readonly bytes: number;
  readonly empty: number;
  readonly syns: number;
  /** Segments with a body that brought nothing new. */
  readonly repeated: number;
  /** First segment, in hex. */
  readonly first: string;
}

export interface NiceReport {
  readonly event: "done" | "end";
  readonly in: NiceDirection;
  readonly out: NiceDirection;
  readonly received: number;
  readonly receivedSha256: string;
  readonly sent: number;
  readonly sentSha256: string;
  /** Bytes that came beyond the window that it had told. */
  readonly overrun: number;
  readonly probes: number;
  readonly zeroWindows: number;
  /** Echoes of timestamps that it had not sent yet. */
  readonly badEchoes: number;
  readonly zeroTimestamps: number;
  /** Bytes of the largest datagram that came. */
  readonly largest: number;
  readonly heartbeats: number;
  readonly binds: number;
  readonly closed: boolean;
  /** From the first datagram until it was done. */
  readonly ms: number;
}

export interface NicePeer extends AsyncDisposable {
  readonly port: number;
  /** When it has sent, received and had acknowledged what it was told to. */
  readonly done: Promise<NiceReport>;
  /** Ends it; until then it answers. */
  end(): Promise<NiceReport>;
}

function lines(options: NiceOptions): string[] {
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (typeof value === "boolean") return value ? [option] : [];
    if (typeof value !== "object" || value === null) return [`${option}=${value}`];
    const between = name === "device" ? ":" : "=";
    return [`${option}=${Object.entries(value).map((pair) => pair.join(between)).join(",")}`];
  });
}

/** Starts one and waits until it listens. */
export async function startNicePeer(options: NiceOptions): Promise<NicePeer> {
  const child = new Deno.Command(PROGRAM, {
    args: lines(options),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const line = async (): Promise<string> => {
    while (!text.includes("\n")) {
      const { value, done } = await output.read();
      if (done) throw new Error(`nice_peer ended: ${await errors}`);
      text += value;
    }
    const at = text.indexOf("\n");
    const first = text.slice(0, at);
    text = text.slice(at + 1);
    return first;
  };
  const { port } = JSON.parse(await line()) as { port: number };
  const report = async () => JSON.parse(await line()) as NiceReport;
  const done = report();
  done.catch(() => {});
  let ended: Promise<NiceReport> | undefined;
  const end = () =>
    ended ??= (async () => {
      await child.stdin.close();
      const first = await done;
      const last = first.event === "end" ? first : await report();
      await output.cancel();
      await errors;
      await child.status;
      return last;
    })();
  return {
    port,
    done,
    end,
    [Symbol.asyncDispose]: async () => {
      await end().catch(() => {});
      await child.status;
    },
  };
}
