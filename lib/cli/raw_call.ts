/**
 * What `dhip call` does on one device.
 *
 * @module
 */

import { unwrap } from "../dhip/envelope.ts";
import { DhipError } from "../errors.ts";
import type { Context, DeviceWork } from "./context.ts";
import { serviceOf } from "./devices.ts";
import { readJsonArgument } from "./json_argument.ts";
import { requireOwnPath, targetPath } from "./target_path.ts";
import type { NamedTarget } from "./targets.ts";
import { writeUserFile } from "./user_file.ts";
import { pathGrid, type View } from "./view.ts";

/** Options of `dhip call`. */
export interface CallCommandOptions {
  readonly params: string | undefined;
  readonly object: number | undefined;
  readonly envelope: boolean;
  readonly binaryOut: string | undefined;
}

/** A reply with what is needed to judge it. */
export interface CallResult {
  /** What is printed. */
  readonly shown: unknown;
  /** The device's refusal, when the whole reply is printed all the same. */
  readonly refusal: DhipError | undefined;
}

/**
 * Reads the parameters and prepares the call.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
export async function callWork(
  context: Context,
  method: string,
  options: CallCommandOptions,
): Promise<DeviceWork<CallResult>> {
  const { signal, targets, log, io } = context;
  const { binaryOut, object, envelope: whole } = options;
  if (binaryOut !== undefined) requireOwnPath("--binary-out", binaryOut, targets.length);
  const params = options.params === undefined
    ? null
    : await readJsonArgument(context, "--params", options.params);
  return async (device, target) => {
    const { envelope, binary } = await serviceOf(device, "rpc").request(method, params, {
      object,
      signal,
    });
    const { payload, refusal } = judged(() => unwrap(envelope, method, device.host));
    if (refusal !== undefined && !whole) throw refusal;
    if (binary.length > 0 || (binaryOut !== undefined && refusal === undefined)) {
      await keepBinary(binary, target);
    }
    return { shown: whole ? envelope : payload, refusal };
  };

  async function keepBinary(bytes: Uint8Array, target: NamedTarget): Promise<void> {
    const { name } = target;
    const size = `${bytes.length} bytes of binary data`;
    if (binaryOut === undefined) {
      return log.notice(`${name}: ${size} in the reply; --binary-out FILE keeps them`);
    }
    if (bytes.length === 0) {
      throw new DhipError("DHIP_BAD_REPLY", `${method} returned no binary data`, {
        method,
        host: name,
        hint: "Leave out --binary-out to see the reply.",
      });
    }
    const path = targetPath(binaryOut, target);
    await writeUserFile(io, path, bytes);
    log.notice(`${name}: wrote ${size} to ${path}`);
  }
}

/** Any JSON value; as text it stays JSON. */
export const callView: View<CallResult> = {
  json: ({ shown }) => shown,
  table: ({ shown }) => typeof shown === "string" ? shown : JSON.stringify(shown, undefined, 2),
  csv: ({ shown }) => pathGrid(shown),
};

function judged(unwrapped: () => unknown): { payload?: unknown; refusal: DhipError | undefined } {
  try {
    return { payload: unwrapped(), refusal: undefined };
  } catch (error) {
    if (error instanceof DhipError) return { refusal: error };
    throw error;
  }
}
