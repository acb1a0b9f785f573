/**
 * The way to a device by its serial number, for `dhip doctor`.
 *
 * @module
 */

import { type Finding, tunnelFindings } from "../../camera/doctor/mod.ts";
import { DhipError } from "../../errors.ts";
import type { Dialer } from "../../net/stream.ts";
import type { HandshakeStep } from "../../p2p/handshake.ts";
import type { Context } from "../context.ts";
import { tunnelWishes } from "../credentials.ts";
import type { NamedTarget } from "../targets.ts";
import { stepText } from "../tunnels.ts";

/** What was found out about the way, and the way where there is one. */
export interface TunnelCheck {
  readonly findings: readonly Finding[];
  readonly dialer: Dialer | undefined;
}

/**
 * Opens the tunnel to a target, once: the first failure is what the doctor looks for.
 *
 * @param password for a device that wants a signature of it
 * @throws {DhipError} `DHIP_P2P_NO_PROFILE`, `DHIP_USAGE`, `DHIP_FILE`, `DHIP_INTERRUPTED`
 */
export async function checkTunnel(
  context: Context,
  target: NamedTarget,
  password: string | undefined,
): Promise<TunnelCheck> {
  const { tunnels, log } = context;
  const { user, name } = target;
  const steps: HandshakeStep[] = [];
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {}); // the race below hears of it
  const { credentials } = password === undefined
    ? await tunnelWishes(context, target)
    : { credentials: { user, password } };
  const tunnel = await tunnels.of(target, {
    credentials,
    onEvent: (event) => {
      if (event.type === "retry") reject(event.error);
      if (event.type !== "step") return;
      steps.push(event.step);
      log.step(`${name}: ${stepText(event.step)}`);
    },
  });
  if (tunnel === undefined) return { findings: [], dialer: undefined };
  try {
    await Promise.race([tunnels.open(target), failed]);
    return { findings: tunnelFindings(steps, tunnel.stats()), dialer: tunnel };
  } catch (error) {
    if (!(error instanceof DhipError) || error.code === "DHIP_INTERRUPTED") throw error;
    return { findings: tunnelFindings(steps, error), dialer: undefined };
  }
}
