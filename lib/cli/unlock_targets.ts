/**
 * What `dhip unlock` does.
 *
 * @module
 */

import type { Context } from "./context.ts";
import { deviceId } from "./targets.ts";
import type { View } from "./view.ts";

/** A refusal that was forgotten. */
interface Forgotten {
  readonly target: string;
  readonly user: string;
  /** ISO 8601 UTC. */
  readonly refused: string;
  /** Until when the password would not have been tried. */
  readonly until: string;
}

const view: View<readonly Forgotten[]> = {
  table: (forgotten) => ({
    head: ["Target", "User", "Refused at", "Held back until"],
    rows: forgotten.map(({ target, user, refused, until }) => [target, user, refused, until]),
  }),
};

/** Forgets the refused logins of all targets: of the named user, or of all. */
export async function unlockTargets(context: Context): Promise<number> {
  const { targets, log, output, connection } = context;
  const state = await context.state();
  const forgotten: Forgotten[] = [];
  for (const target of targets) {
    const user = target.address.user ?? connection?.user;
    const host = deviceId(target, context.connectionOf(target).dhipPort);
    const refusals = await state.unlock(host, user);
    if (target.address.serial !== undefined) {
      refusals.push(...await state.unlock(`${target.address.host}/tunnel`, user));
    }
    if (refusals.length === 0) log.notice(`${target.name}: no password was held back`);
    forgotten.push(...refusals.map((refusal) => ({
      target: target.name,
      user: refusal.user,
      refused: isoTime(refusal.since),
      until: isoTime(refusal.until),
    })));
  }
  if (forgotten.length > 0 || output.format !== "table") await output.result(forgotten, view);
  return 0;
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}
