/**
 * Tells what happens to a tunnel: events on standard output for programs, or lines for people.
 *
 * @module
 */

import type { Forward, ForwardEvent } from "../../p2p/forward.ts";
import type { TunnelEvent } from "../../p2p/tunnel.ts";
import { endpoint } from "../../net/tcp.ts";
import { rtspPath, rtspUrl } from "../../media/rtsp/paths.ts";
import { sizeText } from "../amounts.ts";
import type { Context } from "../context.ts";
import { envelopeOf } from "../failure.ts";
import type { NamedTarget } from "../targets.ts";
import { retryText, stepText } from "../tunnels.ts";
import { localHost } from "./local_host.ts";

/** How a reporter reports. */
export interface ReporterOptions {
  /** Everything as JSON lines on standard output. */
  readonly asEvents: boolean;
  /** Standard output belongs to somebody else. */
  readonly toLog: boolean;
  /** Hears that standard output cannot be written. */
  readonly onFailure: (error: unknown) => void;
}

/** A local port for programs. */
interface ForwardJson {
  readonly host: string;
  readonly port: number;
  readonly remotePort: number;
  /** Where programs find it; never with a password. Null for ports without a usual protocol. */
  readonly url: string | null;
}

/** Events that wait for a reader who does not read; more are dropped. */
const MOST_WAITING = 10_000;
/** How long such a reader may keep the command from ending, in milliseconds. */
const FLUSH_GRACE = 250;

/** Reports on one tunnel. */
export class TunnelReporter {
  readonly #context: Pick<Context, "output" | "log" | "io">;
  readonly #target: NamedTarget;
  readonly #options: ReporterOptions;
  #written: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isReady = false;

  /** Reports about the tunnel to a target. */
  constructor(
    context: Pick<Context, "output" | "log" | "io">,
    target: NamedTarget,
    options: ReporterOptions,
  ) {
    this.#context = context;
    this.#target = target;
    this.#options = options;
  }

  /** True when everything is on standard output, and lines about the state would say it twice. */
  get asEvents(): boolean {
    return this.#options.asEvents;
  }

  /** The tunnel is up and the ports are open. */
  ready(path: "direct" | "relay" | null, forwards: readonly Forward[]): void {
    const { output, log } = this.#context;
    const { name, host } = this.#target;
    const { asEvents, toLog } = this.#options;
    this.#isReady = true;
    const list = forwards.map((forward) => this.#forwardJson(forward));
    if (asEvents) return this.#event({ type: "ready", target: name, path, forwards: list });
    if (!toLog && output.format === "json") {
      return this.#write(() => output.line({ type: "ready", target: name, path, forwards: list }));
    }
    const lines = list.map(({ host: local, port, remotePort, url }) =>
      `${endpoint(local, port)} -> ${host}:${remotePort}${url === null ? "" : `  ${url}`}`
    );
    const head = `Tunnel to ${name} is up (${path}); Ctrl-C ends it`;
    if (toLog) { for (const line of [head, ...lines]) log.notice(line); }
    else this.#write(() => output.text([head, ...lines].map((line) => `${line}\n`).join("")));
  }

  /** Something happened to the tunnel. */
  readonly tunnelEvent = (event: TunnelEvent): void => {
    const { log } = this.#context;
    const { name } = this.#target;
    switch (event.type) {
      case "step":
        return log.step(`${name}: ${stepText(event.step)}`);
      case "up": {
        const { path, took } = event;
        if (this.asEvents) return this.#event({ type: "up", path, took });
        const text = `${name}: tunnel is up (${path}) after ${(took / 1000).toFixed(1)} s`;
        return this.#isReady ? log.notice(text) : log.step(text);
      }
      case "lost":
        if (this.asEvents) return this.#event({ type: "lost", reason: event.reason });
        return log.warning(
          `${name}: the tunnel broke (${event.reason}), and its connections with it; ` +
            "it is opened again",
        );
      case "retry": {
        const { error, wait } = event;
        if (this.asEvents) return this.#event({ type: "retry", wait, error: envelopeOf(error) });
        return log.notice(`${name}: ${retryText(event)}`);
      }
      case "refused": // the command ends with it
        return;
    }
  };

  /** Something happened to a connection. */
  forwardEvent({ port, remotePort }: Forward, event: ForwardEvent): void {
    const { log } = this.#context;
    const { type, connection, client, ...rest } = event;
    const error = "error" in rest ? rest.error : undefined;
    if (this.asEvents) {
      return this.#event({
        type,
        port,
        remotePort,
        connection,
        client,
        ...rest,
        error: error === undefined ? undefined : envelopeOf(error),
      });
    }
    const what = `${port} #${connection} (${client})`;
    if (event.type === "opened") return log.step(`${what}: connected to port ${remotePort}`);
    if (event.type === "failed") return log.notice(`${what}: ${event.error.message}`);
    const { reason, bytesIn, bytesOut } = event;
    const amounts = `${sizeText(bytesIn)} in, ${sizeText(bytesOut)} out`;
    if (error !== undefined) log.notice(`${what}: ${error.message} (${amounts})`);
    else log.step(`${what}: closed, ${ENDS[reason]} (${amounts})`);
  }

  /** Resolves when everything is written, cannot be, or is not read within {@linkcode FLUSH_GRACE}. */
  async flush(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, FLUSH_GRACE);
    await Promise.race([this.#written, late]);
    clearTimeout(timer);
  }

  #forwardJson({ host, port, remotePort }: Forward): ForwardJson {
    return { host, port, remotePort, url: this.#urlOf(localHost(host), port, remotePort) };
  }

  #urlOf(host: string, port: number, remotePort: number): string | null {
    const { user } = this.#target;
    switch (remotePort) {
      case 554:
        return rtspUrl(host, port, rtspPath("dahua", { channel: 1, subtype: 0 }), user);
      case 80:
        return `http://${endpoint(host, port)}/`;
      case 443:
        return `https://${endpoint(host, port)}/`;
      case 5000:
        return `dhip://${encodeURIComponent(user)}@${endpoint(host, port)}`;
      default:
        return null;
    }
  }

  #event(event: { readonly type: string } & Record<string, unknown>): void {
    const { output, io } = this.#context;
    const { type, ...facts } = event;
    const time = new Date(io.now()).toISOString();
    this.#write(() => output.line({ type, time, ...facts }));
  }

  /** One after another, in the order of what happened. */
  #write(write: () => Promise<void>): void {
    if (this.#waiting >= MOST_WAITING) return;
    this.#waiting++;
    this.#written = this.#written.then(write).catch(this.#options.onFailure)
      .finally(() => this.#waiting--);
  }
}

const ENDS = {
  client: "by the client",
  device: "by the device",
  lost: "lost",
  stopped: "as the tunnel ended",
} as const;
