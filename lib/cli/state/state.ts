/**
 * What is remembered between runs, in files where that is possible, else in memory.
 *
 * @module
 */

import { join } from "node:path";
import { DhipError } from "../../errors.ts";
import { type LoginGuard, MemoryLoginGuard } from "../../net/login_guard.ts";
import { MemoryPinStore, type PinStore } from "../../net/pin_store.ts";
import { stateFolder } from "../folders.ts";
import type { CliIo } from "../io.ts";
import type { State } from "../remembered.ts";
import { withLock } from "./file_lock.ts";
import { FileLoginGuard } from "./file_login_guard.ts";
import { FilePinStore } from "./file_pin_store.ts";

/**
 * Opens the state folder. When it cannot be used the run goes on with a memory of its own, because
 * a camera job must not fail for that; it says so once.
 */
export async function openState(
  io: Pick<CliIo, "env" | "now">,
  onProblem: (text: string) => void,
): Promise<State> {
  const folder = stateFolder((name) => io.env(name));
  const tell = once(onProblem);
  try {
    if (folder === undefined) throw new Error("HOME is not set");
    const logins = join(folder, "logins");
    const lock = join(folder, "lock");
    await Deno.mkdir(logins, { recursive: true, mode: 0o700 });
    if (Deno.build.os !== "windows") await makePrivate(folder);
    await withLock(lock, () => Promise.resolve()); // a file system without locks is found here
    const guard = new FileLoginGuard({
      folder: logins,
      lock,
      now: () => io.now(),
      onProblem: tell,
    });
    const pins = new FilePinStore(join(folder, "pins.json"), lock);
    return {
      guard: guardWithSpare(guard, (error) => tell(unusable(folder, error))),
      pins: pinsWithSpare(pins, (error) => tell(unusable(folder, error))),
      lastingPins: lasting(pins, folder),
      unlock: (host, user) => guard.unlock(host, user),
    };
  } catch (error) {
    const text = unusable(folder ?? "The state folder", error);
    tell(text);
    const nowhere = () => Promise.reject(new DhipError("DHIP_FILE", text, { cause: error }));
    return {
      guard: new MemoryLoginGuard(),
      pins: new MemoryPinStore(),
      lastingPins: { get: () => Promise.resolve(undefined), set: nowhere, delete: nowhere },
      unlock: nowhere,
    };
  }
}

function unusable(folder: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `${folder} cannot be used (${reason}); refused passwords and certificates are ` +
    "remembered for this run only";
}

async function makePrivate(folder: string): Promise<void> {
  const { mode } = await Deno.stat(folder);
  if (mode !== null && (mode & 0o077) !== 0) await Deno.chmod(folder, 0o700);
}

function once(tell: (text: string) => void): (text: string) => void {
  const told = new Set<string>();
  return (text) => {
    if (told.has(text)) return;
    told.add(text);
    tell(text);
  };
}

/** A full disk must not stop a login, nor hide what came of it. */
function guardWithSpare(guard: LoginGuard, onFailure: (error: unknown) => void): LoginGuard {
  const spare = new MemoryLoginGuard();
  let spareKnows = false;
  return {
    async enter(identity, signal) {
      if (spareKnows) await (await spare.enter(identity, signal)).undecided();
      try {
        const attempt = await guard.enter(identity, signal);
        return {
          accepted: () => attempt.accepted().catch(onFailure),
          undecided: () => attempt.undecided().catch(onFailure),
          refused: (outcome) =>
            attempt.refused(outcome).catch(async (error) => {
              onFailure(error);
              spareKnows = true;
              await (await spare.enter(identity)).refused(outcome);
            }),
        };
      } catch (error) {
        if (error instanceof DhipError && error.code !== "DHIP_FILE") throw error;
        onFailure(error);
        return await spare.enter(identity, signal);
      }
    },
    async forget(identity) {
      await spare.forget(identity);
      await guard.forget(identity).catch(onFailure);
    },
  };
}

/** Whoever accepts or forgets a certificate must know when that was not kept. */
function lasting(pins: PinStore, folder: string): PinStore {
  const failed = (cause: unknown): never => {
    if (cause instanceof DhipError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DhipError("DHIP_FILE", `Certificates cannot be kept in ${folder}`, {
      hint: reason,
      cause,
    });
  };
  return {
    get: (endpoint) => pins.get(endpoint).catch(failed),
    set: (endpoint, pin) => pins.set(endpoint, pin).catch(failed),
    delete: (endpoint) => pins.delete(endpoint).catch(failed),
  };
}

function pinsWithSpare(pins: PinStore, onFailure: (error: unknown) => void): PinStore {
  const spare = new MemoryPinStore();
  return {
    get: async (endpoint) => await spare.get(endpoint) ?? await pins.get(endpoint),
    set: (endpoint, pin) =>
      pins.set(endpoint, pin).catch((error) => {
        onFailure(error);
        return spare.set(endpoint, pin);
      }),
    delete: async (endpoint) => {
      await spare.delete(endpoint);
      await pins.delete(endpoint);
    },
  };
}
