/**
 * What `dhip tunnel` does.
 *
 * @module
 */

import { parseTarget, SERIAL } from "../../net/target.ts";
import { Forward } from "../../p2p/forward.ts";
import type { TunnelOptions } from "../../p2p/tunnel.ts";
import type { Context } from "../context.ts";
import { tunnelWishes } from "../credentials.ts";
import { OutputClosed } from "../io.ts";
import type { NamedTarget } from "../targets.ts";
import { usageError } from "../usage.ts";
import { inUrl, localHost } from "./local_host.ts";
import { type ForwardSpec, isLoopback, USUAL_FORWARD } from "./forward_spec.ts";
import { TunnelReporter } from "./reporter.ts";
import { TunnelStatus } from "./status.ts";

/** Options of the command. */
export interface TunnelCommandOptions {
  /** None at all means {@linkcode USUAL_FORWARD}. */
  readonly forwards: readonly ForwardSpec[];
  readonly relay: boolean;
  readonly direct: boolean;
  readonly exec: string | undefined;
  readonly json: boolean;
  readonly bindPublic: boolean;
}

/**
 * Keeps the ports open until Ctrl-C, or as long as the command of `--exec` runs; resolves to the
 * exit code.
 *
 * @throws {DhipError} `DHIP_USAGE`, `DHIP_LISTEN`, and what keeps the tunnel from being opened; a
 *   device that refuses the password later on ends it as well
 */
export async function runTunnel(context: Context, options: TunnelCommandOptions): Promise<number> {
  const target = targetOf(context);
  checkOptions(context, options);
  const { signal, tunnels, output } = context;
  const ending = new AbortController();
  const end = () => ending.abort();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {}); // told when the command has come so far
  const reporter = new TunnelReporter(context, target, {
    asEvents: options.json || output.format === "ndjson",
    toLog: options.exec !== undefined,
    // Nobody reads any more: whoever wanted the tunnel has gone.
    onFailure: (error) => error instanceof OutputClosed ? end() : reject(error),
  });
  const { credentials } = await tunnelWishes(context, target);
  const mode: TunnelOptions["mode"] = options.relay
    ? "relay"
    : options.direct
    ? "direct"
    : undefined;
  const tunnel = (await tunnels.of(target, {
    mode,
    credentials,
    onEvent: (event) => {
      reporter.tunnelEvent(event);
      if (event.type === "refused") reject(event.error);
    },
  }))!;
  const forwards: Forward[] = [];
  using status = new TunnelStatus(context, target.name, tunnel, reporter);
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  try {
    const specs = options.forwards.length === 0 ? [USUAL_FORWARD] : options.forwards;
    for (const { host, port, remotePort } of specs) {
      const forward: Forward = new Forward({
        dialer: tunnel,
        host,
        port,
        remotePort,
        onEvent: (event) => reporter.forwardEvent(forward, event),
      });
      forwards.push(forward);
    }
    await tunnels.open(target);
    reporter.ready(tunnel.stats().path, forwards);
    await reporter.flush(); // both may end up on one terminal
    status.start();
    if (options.exec !== undefined) {
      return await Promise.race([failed, runWith(context, options.exec, forwards, ending.signal)]);
    }
    const { promise: over, resolve } = Promise.withResolvers<void>();
    if (ending.signal.aborted) resolve();
    ending.signal.addEventListener("abort", () => resolve(), { once: true });
    await Promise.race([failed, over]);
    return 0;
  } finally {
    signal.removeEventListener("abort", end);
    end(); // a program that still runs ends as well
    await Promise.all(forwards.map((forward) => forward.close()));
    await reporter.flush();
  }
}

/** The one device; a word that is no target of the config file is a serial number, as in dh-p2p. */
function targetOf({ targets }: Context): NamedTarget {
  const [target, another] = targets;
  if (another !== undefined) {
    throw usageError("A tunnel leads to one device", "Start another one beside it.");
  }
  const { address, device, name } = target!;
  if (address.serial === undefined) {
    if (device !== undefined || !SERIAL.test(address.host) || address.port !== undefined) {
      throw usageError(
        `${name} is named by its address, and a tunnel needs its serial number`,
        "Write sn:SERIAL, or give its device in the config file a serial.",
      );
    }
    const { host } = address;
    const named = { ...address, ...parseTarget(`sn:${host}`) };
    return { ...target!, name: named.host, host: named.host, address: named };
  }
  if (address.port !== undefined) {
    throw usageError("A tunnel's target has no port", "Ports of the device stand in -L.");
  }
  return target!;
}

function checkOptions({ output }: Context, options: TunnelCommandOptions): void {
  const { relay, direct, exec, json, bindPublic, forwards } = options;
  if (relay && direct) throw usageError("--relay and --direct exclude each other");
  if (exec !== undefined && json) {
    throw usageError(
      "--exec and --json exclude each other",
      "Standard output belongs to the command.",
    );
  }
  if (output.format === "csv") throw usageError("A tunnel has no csv", "Use --json.");
  const most = Math.max(1, forwards.length);
  for (const [word, , number = "1"] of exec?.matchAll(PLACE) ?? []) {
    if (Number(number) >= 1 && Number(number) <= most) continue;
    throw usageError(
      `--exec names ${word}, and there ${most === 1 ? "is 1 port" : `are ${most} ports`}`,
      "{port} is that of the first -L, {port2} of the second, and so on.",
    );
  }
  const open = forwards.find(({ host }) => !isLoopback(host));
  if (open !== undefined && !bindPublic) {
    throw usageError(
      `${open.host} can be reached from other computers, and the device through it`,
      "Use 127.0.0.1, or --bind-public if that is what you want.",
    );
  }
}

/** What is filled in. */
const PLACE = /\{(host|port)(\d{1,3})?\}/g;

/** Runs the command of `--exec`; resolves to its exit code. */
async function runWith(
  { io }: Context,
  text: string,
  forwards: readonly Forward[],
  signal: AbortSignal,
): Promise<number> {
  const line = text.replace(PLACE, (_whole, what: string, number = "1") => {
    const forward = forwards[Number(number) - 1]!;
    return what === "host" ? inUrl(localHost(forward.host)) : String(forward.port);
  });
  try {
    return await io.attach(line, signal);
  } catch {
    throw usageError("The command of --exec cannot be started", "It is run by the shell.");
  }
}
