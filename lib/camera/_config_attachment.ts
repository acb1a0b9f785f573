/** Attachments to configuration tables in a session. */

import type { RpcSession } from "../dhip/session.ts";
import { AuthError, DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { number, object } from "./_fields.ts";

/** A `configManager.attach`. */
export interface AttachedTable {
  /** Number of the attachment; null when the device did not say one. */
  readonly sid: number | null;
  /** Object that it was made on, where the firmware wants one. */
  readonly proc: number | undefined;
  /** Name of the table. */
  readonly name: string;
  /** The login that it was made in. */
  readonly generation: number;
}

/** Limit for letting go, in milliseconds: the logout that mostly follows does it as well. */
const DETACH = 1_000;

/**
 * Asks the device to push changes of a table; undefined when it refuses.
 *
 * @throws {DhipError} the link's failure, or a refusal that may not last
 */
export async function attachTable(
  session: RpcSession,
  name: string,
  options: CallOptions,
): Promise<AttachedTable | undefined> {
  const method = "configManager.attach";
  let payload: unknown;
  let proc: number | undefined;
  try {
    try {
      payload = await session.call(method, { name }, options);
    } catch (error) {
      if (!(error instanceof DhipError) || error.code !== "DHIP_STALE_OBJECT") throw error;
      // Some firmwares want an object, as for events.
      proc = await session.instances.instance("configManager", null, { timeout: options.timeout });
      payload = await session.call(method, { name, proc }, { ...options, object: proc });
    }
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
  if (payload === false) return undefined;
  return { sid: number(object(payload).SID), proc, name, generation: session.generation };
}

/** Tells the device, unless the attachments went with their login. Never fails. */
export async function detachTables(
  session: RpcSession,
  attached: readonly AttachedTable[],
): Promise<void> {
  await Promise.allSettled(attached.map(async ({ sid, proc, name, generation }) => {
    // In another login the same number may be that of another attachment.
    if (session.ended !== undefined || session.generation !== generation) return;
    const params = {
      ...(sid === null ? {} : { SID: sid }),
      name,
      ...(proc === undefined ? {} : { proc }),
    };
    await session.request("configManager.detach", params, { timeout: DETACH, object: proc });
  }));
}

/** An answer of the device's own that will be the same next time. */
function isRefusal(error: unknown): boolean {
  return error instanceof DhipError && !(error instanceof AuthError) &&
    error.deviceCode !== undefined && !error.retryable;
}
