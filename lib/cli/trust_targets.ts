/**
 * What `dhip trust` does.
 *
 * @module
 */

import { fingerprintText } from "../net/certificate_trust.ts";
import { endpoint } from "../net/tcp.ts";
import type { Context } from "./context.ts";
import { tunnelWishes } from "./credentials.ts";
import type { NamedTarget } from "./targets.ts";
import { usageError } from "./usage.ts";
import type { View } from "./view.ts";

/** What is known of a device's certificate. */
interface Trust {
  /** `host:port`. */
  readonly endpoint: string;
  /** `unknown`: never seen; `changed`: another one is remembered; `forgotten`: no longer. */
  readonly status: "authority" | "remembered" | "unknown" | "changed" | "forgotten";
  /** SHA-256 fingerprint of the certificate that the device shows. */
  readonly shown?: string;
  readonly subject?: string;
  readonly validTo?: string;
  readonly protocol?: string;
  /** SHA-256 fingerprint of the remembered one. */
  readonly remembered?: string;
  /** Since when. */
  readonly since?: string;
}

const LABELS: Readonly<Record<keyof Trust, string>> = {
  endpoint: "Endpoint",
  status: "Status",
  shown: "SHA-256",
  subject: "Subject",
  validTo: "Valid to",
  protocol: "Protocol",
  remembered: "Remembered SHA-256",
  since: "Since",
};

const view: View<Trust> = {
  table: (trust, several) => {
    const keys = Object.keys(LABELS) as (keyof Trust)[];
    const shown = keys.filter((key) => several || trust[key] !== undefined);
    return {
      record: !several,
      head: shown.map((key) => LABELS[key]),
      rows: [shown.map((key) => trust[key] ?? null)],
    };
  },
};

/** Shows, accepts or forgets the certificates of all targets. */
export async function trustTargets(
  context: Context,
  options: { readonly show: boolean; readonly accept: boolean; readonly forget: boolean },
): Promise<number> {
  const { show, accept, forget } = options;
  if ([show, accept, forget].filter(Boolean).length > 1) {
    throw usageError("--show, --accept and --forget exclude each other");
  }
  const { lastingPins: pins } = await context.state();
  return await context.eachAddress(async (target): Promise<Trust> => {
    const address = addressOf(context, target);
    const name = endpoint(address.host, address.port);
    const pin = await pins.get(name);
    const known = pin === undefined
      ? {}
      : { remembered: fingerprintText(pin.sha256), since: pin.since };
    if (forget) {
      await pins.delete(name);
      return { endpoint: name, status: pin === undefined ? "unknown" : "forgotten", ...known };
    }
    const { signal, library, io, tunnels } = context;
    const { timeout } = context.connectionOf(target);
    const dialer = await tunnels.open(target, await tunnelWishes(context, target));
    const certificate = await library.certificate(address, { signal, timeout, dialer });
    const { sha256, subject, validTo, protocol, trust } = certificate;
    const facts = {
      endpoint: name,
      shown: fingerprintText(sha256),
      subject,
      validTo,
      protocol,
    };
    if (accept) {
      const since = new Date(io.now()).toISOString();
      await pins.set(name, { sha256, since });
      return { ...facts, status: "remembered", since };
    }
    if (pin?.sha256.toLowerCase() === sha256) return { ...facts, status: "remembered", ...known };
    if (trust === "authority") return { ...facts, status: "authority", ...known };
    return { ...facts, status: pin === undefined ? "unknown" : "changed", ...known };
  }, { view });
}

function addressOf(context: Context, target: NamedTarget): { host: string; port: number } {
  const { host, port } = target.address;
  return { host, port: port ?? context.connectionOf(target).httpPort ?? 443 };
}
