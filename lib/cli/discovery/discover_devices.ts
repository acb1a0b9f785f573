/**
 * What `dhip discover` does.
 *
 * @module
 */

import { discover, type DiscoveryReport } from "../../dhip/discovery.ts";
import { DISCOVERY_GROUP, DISCOVERY_PORT } from "../../dhip/discovery_codec.ts";
import { endpoint } from "../../net/tcp.ts";
import type { Context } from "../context.ts";
import { readTargets } from "../targets.ts";
import { usageError, Words } from "../usage.ts";
import { discoveryView, pythonDiscoveryView } from "./discovery_view.ts";
import { saveDevices } from "./save_devices.ts";

/** Options of `dhip discover`. */
export interface DiscoverCommandOptions {
  /** In milliseconds. */
  readonly timeout: number | undefined;
  readonly interface: readonly string[];
  readonly port: number | undefined;
  readonly legacy: boolean;
  readonly save: boolean;
  readonly tag: readonly string[];
}

/** As long as python-dhip listens, in milliseconds. */
const PYTHON_TIMEOUT = 2000;

/**
 * Searches, prints what answered, and names it in the config file when asked to.
 *
 * @throws {DhipError} `DHIP_UNREACHABLE`, `DHIP_USAGE`, `DHIP_CONFIG`, `DHIP_FILE`
 */
export async function discoverDevices(
  context: Context,
  where: readonly string[],
  options: DiscoverCommandOptions,
): Promise<number> {
  const { output, log, signal, python } = context;
  const { timeout, port, legacy, save, tag } = options;
  if (tag.length > 0 && !save) throw usageError("--tag is for --save");
  const asItComes = output.format === "ndjson" && !python;
  const search = discover({
    targets: hostsOf(context, where),
    interfaces: options.interface.length === 0 ? undefined : options.interface,
    timeout: timeout ?? (python ? PYTHON_TIMEOUT : undefined),
    port,
    legacy,
    signal,
  });
  let next = await search.next();
  for (; !next.done; next = await search.next()) {
    log.step(`${next.value.source} answered`);
    if (asItComes) await output.line(next.value);
  }
  const report = next.value;
  if (!asItComes) {
    await output.result(report.devices, python ? pythonDiscoveryView : discoveryView);
  }
  remark(context, report, port ?? DISCOVERY_PORT);
  if (save) await saveDevices(context, report.devices, tag);
  return 0;
}

/** Hosts and subnets; devices of the config file by their addresses. */
function hostsOf(context: Context, where: readonly string[]): string[] {
  const { devices } = context.config;
  return where.flatMap((list) => list.split(",")).map((text) => text.trim()).flatMap((text) => {
    if (text.includes("/") && !text.includes("://")) return [text];
    return readTargets([text], { words: new Words([text]), devices, otherUser: "" })
      .map(({ device, address: { host, port } }) =>
        // The port of a named device is that of its login.
        device !== undefined || port === undefined ? host : endpoint(host, port)
      );
  });
}

/** What to know about the search, one line each. */
function remark({ log }: Context, report: DiscoveryReport, port: number): void {
  const { devices, interfaces, hosts, unreadable, dropped, problems } = report;
  for (const problem of problems) log.warning(problem.message);
  if (unreadable > 0) log.notice(`${unreadable} answers were no description of a device`);
  if (dropped > 0) log.warning(`${dropped} answers of further devices were left out`);
  for (const [address, count] of shared(devices.map(({ ip }) => ip))) {
    log.warning(`${count} devices have the address ${address}; connect and change one at a time`);
  }
  if (devices.length > 0) return;
  if (hosts > 0) {
    log.notice(
      `Nobody answered: asked ${hosts === 1 ? "1 host" : `${hosts} hosts`} on UDP port ${port}; ` +
        "a firewall may block it, or discovery is switched off there",
    );
  } else {
    log.notice(
      `Nobody answered: asked ${DISCOVERY_GROUP} on UDP port ${port} over ` +
        `${[...new Set(interfaces)].join(", ")}; multicast may be blocked, or the devices are in ` +
        "another subnet: name it, for example dhip discover 192.168.1.0/24",
    );
  }
}

function shared(addresses: readonly (string | null)[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const address of addresses) {
    if (address !== null) counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1);
}
