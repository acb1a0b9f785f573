/**
 * Pinned certificates in a file.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import type { CertificatePin, PinStore } from "../../net/pin_store.ts";
import { JsonFile } from "./json_file.ts";

type Pins = Readonly<Record<string, CertificatePin>>;

/**
 * All pins in one file: they are few, small and seldom change. A file that cannot be understood is
 * an error, not an empty one: else whoever stands in between would be pinned as a first contact.
 */
export class FilePinStore implements PinStore {
  readonly #file: JsonFile<Pins>;

  /** Keeps pins in the file at `path`; `lock` is locked while it changes. */
  constructor(path: string, lock: string) {
    this.#file = new JsonFile({ path, lock, read: readPins, onDamaged: refuse });
  }

  /**
   * See {@linkcode PinStore.get}.
   *
   * @throws {DhipError} `DHIP_TLS_UNTRUSTED` when the file is damaged
   */
  async get(endpoint: string): Promise<CertificatePin | undefined> {
    const pins = await this.#file.read();
    return pins !== undefined && Object.hasOwn(pins, endpoint) ? pins[endpoint] : undefined;
  }

  /** See {@linkcode PinStore.set}. */
  async set(endpoint: string, pin: CertificatePin): Promise<void> {
    await this.#file.update((pins) => ({ ...pins, [endpoint]: pin }));
  }

  /** See {@linkcode PinStore.delete}. */
  async delete(endpoint: string): Promise<void> {
    await this.#file.update((pins) => {
      const { [endpoint]: _gone, ...others } = pins ?? {};
      return others;
    });
  }
}

function refuse(path: string): never {
  throw new DhipError(
    "DHIP_TLS_UNTRUSTED",
    `No certificate can be checked: ${path}, which remembers them, is damaged`,
    { hint: "Repair or remove it, then look at each device: dhip trust TARGET, and --accept." },
  );
}

function readPins(value: unknown): Pins | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const isPin = (pin: unknown) => {
    const { sha256, since } = (pin ?? {}) as Record<string, unknown>;
    return typeof sha256 === "string" && /^[0-9a-f]{64}$/i.test(sha256) &&
      typeof since === "string";
  };
  return Object.values(value).every(isPin) ? value as Pins : undefined;
}
