/**
 * Firmware upgrades of a Dahua device: `upgrader`.
 *
 * Sources disagree about its methods and none was seen at work: python-dhip has `prepare`,
 * `appendData` and `execute` (read from one device's program), the web interface `check`, `start`
 * and `cancel` (dahua-rpc), whose bytes travel outside of RPC. Here the bytes always go by
 * `appendData`, as only that is known; a device without `prepare` and `execute` is told `check` and
 * `start` behind them, and `cancel` takes an upload back (inferred).
 *
 * @module
 */

import { unwrap } from "../dhip/envelope.ts";
import type { RpcCallOptions } from "../dhip/rpc.ts";
import type { RpcSession } from "../dhip/session.ts";
import { DhipError, isConnectionLost } from "../errors.ts";
import { sleep } from "../net/deadline.ts";
import type { CallOptions } from "../net/stream.ts";
import { amount, object, text } from "./_fields.ts";
import { RELEASE_TIMEOUT } from "./_release.ts";
import type { DahuaLink } from "./link.ts";
import type { UpgradeService, UpgradeState, UploadOptions, UploadOutcome } from "./upgrade.ts";

/** Bytes in one message, as python-dhip has it. */
const CHUNK = 0x8000;
/** Time for one message: the device writes to flash meanwhile. In milliseconds. */
const CHUNK_TIMEOUT = 60_000;
const INSTALL_TIMEOUT = 15 * 60_000;
/** Between two looks at the installation, in milliseconds. */
const LOOK_WAIT = 2_000;
const FAILED = /fail|error|invalid|mismatch|incomplete|unsuccess/i;
const DONE = /success|finish|done|complete/i;
const BUSY = /upgrad|install|flash|writ/i;
const IDLE = /^(idle|none|normal)$/i;

/** {@linkcode UpgradeService} of a Dahua device. */
export class DahuaUpgrade implements UpgradeService {
  readonly #link: DahuaLink;

  /** Works over the given link. */
  constructor(link: DahuaLink) {
    this.#link = link;
  }

  /** See {@linkcode UpgradeService.state}. */
  async state(options: CallOptions = {}): Promise<UpgradeState> {
    return stateOf(await this.#link.instanceCall("upgrader", {}, "getState", null, options));
  }

  /** See {@linkcode UpgradeService.upload}. */
  async upload(image: Uint8Array, options: UploadOptions = {}): Promise<UploadOutcome> {
    const { chunkSize = CHUNK, signal, timeout } = options;
    if (image.length === 0) throw new RangeError("The image is empty");
    if (!(Number.isInteger(chunkSize) && chunkSize >= 1 && chunkSize <= 2 ** 20)) {
      throw new RangeError("chunkSize must be within 1..1048576");
    }
    await this.#requireFree({ signal, timeout });
    const upload = await Upload.begin(this.#link, image, options);
    await upload.send(chunkSize);
    return await upload.install();
  }

  /** An upload into a running installation could leave the device with half of each. */
  async #requireFree(options: CallOptions): Promise<void> {
    const state = await this.state(options).catch((error) => {
      if (error instanceof DhipError && error.deviceCode !== undefined) return undefined;
      throw error;
    });
    if (!BUSY.test(state?.state ?? "")) return;
    throw new DhipError("DHIP_DEVICE_BUSY", `The device is at an upgrade: ${state!.state}`, {
      host: this.#link.host,
      method: "upgrader.getState",
      hint: "Wait for its end: dhip upgrade state TARGET. Nothing was sent.",
    });
  }
}

/** One upload in one session: another login would begin with nothing. */
class Upload {
  readonly #link: DahuaLink;
  readonly #session: RpcSession;
  readonly #generation: number;
  readonly #object: number | undefined;
  readonly #image: Uint8Array;
  readonly #options: UploadOptions;
  #prepared = false;
  #sent = 0;

  private constructor(
    link: DahuaLink,
    session: RpcSession,
    object: number | undefined,
    image: Uint8Array,
    options: UploadOptions,
  ) {
    this.#link = link;
    this.#session = session;
    this.#generation = session.generation;
    this.#object = object;
    this.#image = image;
    this.#options = options;
  }

  static async begin(
    link: DahuaLink,
    image: Uint8Array,
    options: UploadOptions,
  ): Promise<Upload> {
    const session = await link.session(options);
    const object = await session.instances.instance("upgrader", null, options).catch((error) => {
      if (lacks(error)) return undefined;
      throw error;
    });
    const upload = new Upload(link, session, object, image, options);
    upload.#prepared = await upload.#has("prepare", { Type: "System" });
    return upload;
  }

  /** Sends the image. What fails takes the upload back. */
  async send(chunkSize: number): Promise<void> {
    const { onProgress } = this.#options;
    const total = this.#image.length;
    try {
      onProgress?.(0, total);
      while (this.#sent < total) {
        const binary = this.#image.subarray(this.#sent, this.#sent + chunkSize);
        await this.#call("appendData", { length: binary.length }, { binary });
        this.#sent += binary.length;
        onProgress?.(this.#sent, total);
      }
    } catch (error) {
      if (this.#sent === 0 && lacks(error)) {
        throw new DhipError("DHIP_NOT_SUPPORTED", "The device takes no firmware this way", {
          host: this.#link.host,
          method: "upgrader.appendData",
          hint: "Use its own web page. Nothing was sent.",
          cause: error,
        });
      }
      throw await this.#cancelled(error);
    }
  }

  /** Has the image installed and waits for the end. */
  async install(): Promise<UploadOutcome> {
    const bytes = this.#sent;
    try {
      await this.#execute();
      return { bytes, end: await this.#installed() };
    } catch (error) {
      if (isGone(error)) return { bytes, end: "restarting" };
      throw explained(
        error,
        "The device has the whole image and may be installing it: leave its power on, and look " +
          "with dhip upgrade state TARGET.",
      );
    }
  }

  async #execute(): Promise<void> {
    if (this.#prepared && await this.#has("execute", {})) return;
    await this.#has("check", null);
    await this.#call("start", null);
  }

  /** Calls a method that not every device has; false when this one has not. */
  async #has(method: string, params: Record<string, unknown> | null): Promise<boolean> {
    try {
      await this.#call(method, params);
      return true;
    } catch (error) {
      if (lacks(error)) return false;
      throw error;
    }
  }

  async #installed(): Promise<UploadOutcome["end"]> {
    const { installTimeout = INSTALL_TIMEOUT, signal, onInstall } = this.#options;
    const { clock, host } = this.#link;
    const end = clock.now() + installTimeout;
    for (let worked = false; clock.now() < end;) {
      const state = await this.#look();
      if (state === undefined) continue;
      onInstall?.(state);
      const word = state.state ?? "";
      if (FAILED.test(word)) {
        throw new DhipError("DHIP_DEVICE_REFUSED", `The installation ended with: ${word}`, {
          host,
          method: "upgrader.getState",
          hint: "The device should still run what it had. Check that the image is for this model.",
        });
      }
      if (DONE.test(word) || state.progress === 100 || (worked && IDLE.test(word))) {
        return "installed";
      }
      worked ||= word !== "" && !IDLE.test(word);
      await sleep(LOOK_WAIT, signal, clock);
    }
    throw new DhipError("DHIP_TIMEOUT", `No end of the installation in ${installTimeout} ms`, {
      host,
      method: "upgrader.getState",
    });
  }

  /** Undefined while the device is too busy to answer. When it is gone the link tells. */
  async #look(): Promise<UpgradeState | undefined> {
    try {
      return stateOf(await this.#call("getState", null, { timeout: LOOK_WAIT * 5 }));
    } catch (error) {
      if (error instanceof DhipError && error.code === "DHIP_TIMEOUT") return undefined;
      throw error;
    }
  }

  async #call(
    method: string,
    params: Record<string, unknown> | null,
    more: RpcCallOptions = {},
  ): Promise<unknown> {
    const { signal, timeout = CHUNK_TIMEOUT } = this.#options;
    const name = `upgrader.${method}`;
    const { host } = this.#link;
    const options = { signal, timeout, object: this.#object, ...more };
    const { envelope } = await this.#session.request(name, params, options);
    if (this.#session.generation !== this.#generation) {
      throw new DhipError("DHIP_SESSION_LOST", `${name}: the device began a new session`, {
        host,
        method: name,
      });
    }
    const payload = unwrap(envelope, name, host);
    if (payload !== false) return payload;
    throw new DhipError("DHIP_DEVICE_REFUSED", `${name} was refused without a reason`, {
      host,
      method: name,
    });
  }

  /** Takes the upload back; the error says how far it came. */
  async #cancelled(error: unknown): Promise<unknown> {
    const options = { object: this.#object, timeout: RELEASE_TIMEOUT };
    const told = await this.#session.call("upgrader.cancel", null, options)
      .then(() => true, () => false);
    return explained(
      error,
      `Nothing was installed. The device had ${this.#sent} of ${this.#image.length} bytes and ` +
        (told ? "was told to drop them." : "drops them at the next upload or restart."),
    );
  }
}

/** `{state: {State, Progress}}`, or the same without the level. */
function stateOf(payload: unknown): UpgradeState {
  const outer = object(payload);
  const fields = typeof outer.state === "object" ? object(outer.state) : outer;
  return {
    state: text(fields.State) ?? text(fields.state) ?? text(payload),
    progress: amount(fields.Progress ?? fields.progress),
  };
}

function lacks(error: unknown): boolean {
  return error instanceof DhipError && error.code === "DHIP_METHOD_NOT_FOUND";
}

/** A device that has installed its firmware restarts. */
function isGone(error: unknown): boolean {
  return isConnectionLost(error) || error instanceof DhipError &&
      ["DHIP_SESSION_LOST", "DHIP_UNREACHABLE", "DHIP_BIND_REFUSED"].includes(error.code);
}

function explained(error: unknown, hint: string): unknown {
  if (!(error instanceof DhipError)) return error;
  const { code, message, host, method, deviceCode, cause } = error;
  const together = error.hint === undefined ? hint : `${error.hint} ${hint}`;
  return new DhipError(code, message, { host, method, deviceCode, hint: together, cause });
}
