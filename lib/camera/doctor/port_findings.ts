/**
 * Ports as findings. Pure.
 *
 * @module
 */

import { type Finding, finding } from "./finding.ts";
import type { Knock, Speech } from "./knock.ts";

/** Services of a device, each with a TCP port. */
export type Service = "dhip" | "http" | "https" | "rtsp" | "netsdk";

/** TCP ports. */
export type Ports = Readonly<Record<Service, number>>;

/** Where devices have their services when nobody changed it. */
export const USUAL_PORTS: Ports = { dhip: 5000, http: 80, https: 443, rtsp: 554, netsdk: 37777 };

const NAMES: Readonly<Record<Service, string>> = {
  dhip: "DHIP",
  http: "HTTP",
  https: "HTTPS",
  rtsp: "RTSP",
  netsdk: "the vendor's private protocol",
};
const SPEECHES: Readonly<Record<Speech, string>> = {
  dhip: "DHIP",
  http: "HTTP",
  tls: "TLS",
  rtsp: "RTSP",
  netsdk: "the vendor's private protocol",
  unknown: "something else",
};
const EXPECTED: Readonly<Record<Service, Speech>> = {
  dhip: "dhip",
  http: "http",
  https: "tls",
  rtsp: "rtsp",
  netsdk: "netsdk",
};
/** What does not work without the service, and what to do about it. */
const WITHOUT: Readonly<Record<Service, string | null>> = {
  dhip: "dhip uses RPC over HTTP instead; name the port with --dhip-port if it has another one",
  http: "Snapshots and event streams of the web API need it, or HTTPS; name it with --http-port",
  https: null,
  rtsp: "Live pictures need it; look for the RTSP port in the device's network settings",
  netsdk: null,
};

/** True when the port speaks what it should. */
export function answers(service: Service, { speaks }: Knock): boolean {
  return speaks === EXPECTED[service];
}

/** What a knock on a port says. */
export function portFinding(service: Service, port: number, knock: Knock): Finding {
  const { state, speaks } = knock;
  const name = NAMES[service];
  const data = { service, port, state, speaks };
  const where = `TCP ${port}`;
  if (answers(service, knock)) return finding("port", "ok", `${where} speaks ${name}`, null, data);
  if (state !== "open") {
    const how = state === "closed" ? "is closed" : "does not answer (filtered)";
    return finding("port", "note", `${where} (${name}) ${how}`, WITHOUT[service], data);
  }
  if (speaks === null) {
    const cause = `${where} is open, but what listens there does not answer to ${name}`;
    const remedy = "It may be another service, or have no free connection; restart the device";
    return finding("port", service === "netsdk" ? "note" : "warning", cause, remedy, data);
  }
  return finding(
    "port",
    "warning",
    `${where} speaks ${SPEECHES[speaks]}, not ${name}`,
    `Name the right port of ${name}, or forward it to the right one`,
    data,
  );
}

/** Nothing answers anywhere. */
export function unreachable(ports: Ports, knocks: readonly Knock[]): Finding {
  const errors = knocks.flatMap(({ error }) => error ?? []);
  // Of "Cannot connect to HOST:PORT: reason" only the reason, when it is the same everywhere.
  const reasons = new Set(
    errors.map(({ code, message }) =>
      code === "DHIP_TIMEOUT" ? "no answer" : message.split(": ").at(-1)!
    ),
  );
  const [reason] = reasons.size === 1 ? reasons : [];
  const places = Object.values(ports).join(", ");
  return finding(
    "reach",
    "problem",
    `No port answers (${places})${reason === undefined ? "" : `: ${reason}`}`,
    reason === "unknown host name"
      ? "Check the name, or use the address"
      : "Check address, power, cable and firewall; dhip discover finds devices whose address " +
        "changed",
    { ports, reason: reason ?? null },
  );
}
