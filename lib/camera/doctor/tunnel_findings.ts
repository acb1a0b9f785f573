/**
 * The way to a device by its serial number as findings. Pure.
 *
 * @module
 */

import type { DhipError } from "../../errors.ts";
import type { HandshakeStep, HandshakeStepName } from "../../p2p/handshake.ts";
import type { TunnelStats } from "../../p2p/tunnel.ts";
import { type Finding, finding } from "./finding.ts";

/** What the steps are about. */
const LABELS: Readonly<Record<HandshakeStepName, string>> = {
  cloud: "P2P cloud",
  serial: "Serial number",
  device: "Device at the cloud",
  info: "How the device is asked",
  channel: "Addresses of the device",
  punch: "Direct path",
  dispatcher: "Relay dispatcher",
  agent: "Relay",
  lease: "Lease of the relay",
  join: "Device at the relay",
  sign: "Sign for the direct path",
};

const SHORT: ReadonlySet<HandshakeStepName> = new Set(["cloud", "serial", "device", "info"]);

/** What to do about a failed step whose error does not say it. */
const REMEDIES: Readonly<Record<HandshakeStepName, string | null>> = {
  cloud: "Check host and port of the cloud's profile, and that this network lets UDP out",
  serial: "Check that this network lets UDP out, and try again",
  device: "Check that the device is online, with P2P switched on in its network settings",
  info: null,
  channel: "Check that the device is online; give its user and password",
  punch: "A router or firewall on the way lets nothing through directly; a relay is slower",
  dispatcher: "The cloud has no relay to offer; a direct path needs none",
  agent: "Check that this network lets UDP out to any port",
  lease: "Check that this network lets UDP out to any port",
  join: "Check that the device's network lets UDP out to any port",
  sign: null,
};

/** What became of the tunnel: its figures once it was up, or why there is none. */
export type TunnelOutcome = Pick<TunnelStats, "path" | "roundTrip"> | DhipError;

/** What the steps of a handshake and its end say. */
export function tunnelFindings(
  steps: readonly HandshakeStep[],
  outcome: TunnelOutcome,
): Finding[] {
  const failure = outcome instanceof Error ? outcome : undefined;
  const isTold = steps.some(({ error }) => error !== undefined && error === failure);
  return [
    ...steps.map((step) => stepFinding(step, failure)),
    ...(isTold ? [] : [endFinding(outcome)]),
  ];
}

function stepFinding(step: HandshakeStep, failure: DhipError | undefined): Finding {
  const { name, ok, detail, took, error } = step;
  const data = { step: name, took, ...(error === undefined ? {} : { code: error.code }) };
  if (ok) return finding("tunnel", "ok", told(name, detail), null, data);
  const cause = `${LABELS[name]}: ${detail}`;
  const remedy = error?.hint ?? REMEDIES[name];
  if (failure !== undefined) {
    return finding("tunnel", error === failure ? "problem" : "warning", cause, remedy, data);
  }
  // It was reached all the same: worth a word where it costs something.
  return finding("tunnel", name === "punch" ? "warning" : "note", cause, remedy, data);
}

/** What came of the later steps says itself what it is about. */
function told(name: HandshakeStepName, detail: string): string {
  if (SHORT.has(name)) return `${LABELS[name]}: ${detail}`;
  return detail.charAt(0).toUpperCase() + detail.slice(1);
}

function endFinding(outcome: TunnelOutcome): Finding {
  if (outcome instanceof Error) {
    const { message, hint = null, code } = outcome;
    return finding("tunnel", "problem", message, hint, { code });
  }
  const { path, roundTrip } = outcome;
  const way = path === "relay" ? "through a relay" : "directly";
  const time = roundTrip === null ? "" : `, round trip ${Math.round(roundTrip)} ms`;
  return finding("tunnel", "ok", `The tunnel is up, ${way}${time}`, null, { path, roundTrip });
}
