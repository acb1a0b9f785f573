/**
 * What `dhip upgrade upload` does.
 *
 * @module
 */

import { createHash } from "node:crypto";
import type { UploadOutcome } from "../camera/mod.ts";
import { DhipError } from "../errors.ts";
import { sizeText } from "./amounts.ts";
import type { Context, DeviceWork } from "./context.ts";
import { type Device, serviceOf } from "./devices.ts";
import { Progress } from "./progress.ts";
import type { UploadResult } from "./upgrade_view.ts";
import { usageError } from "./usage.ts";
import { readUserBytes } from "./user_file.ts";

/** Options of `dhip upgrade upload`. */
export interface UploadCommandOptions {
  readonly confirm: boolean;
  readonly sha256: string | undefined;
  readonly wait: boolean;
  readonly waitLimit: number;
}

/** No image of any of these devices is larger. */
const LARGEST = 512 * 2 ** 20;
/** What is smaller is no firmware but an error page or the beginning of a download. */
const SMALLEST = 1024;

/**
 * Reads the image and prepares the upload.
 *
 * @throws {DhipError} `DHIP_FILE`, `DHIP_USAGE`
 */
export async function uploadWork(
  context: Context,
  file: string,
  { confirm, sha256: expected, wait, waitLimit }: UploadCommandOptions,
): Promise<DeviceWork<UploadResult>> {
  const { io, log, signal, targets } = context;
  if (targets.length > 1) throw usageError("Firmware goes to one device at a time");
  const image = await readUserBytes(io, file, "The image");
  requireImage(file, image);
  const sha256 = createHash("sha256").update(image).digest("hex");
  if (expected !== undefined && expected.toLowerCase() !== sha256) {
    throw new DhipError("DHIP_FILE", `${file} has another SHA-256: ${sha256}`, {
      hint: "It is damaged or another file than its vendor speaks of. Nothing was sent.",
    });
  }
  const bytes = image.length;
  return async (device, { name }) => {
    const { model, firmware } = await device.system.info({ signal });
    const before = firmware?.version ?? null;
    const result = { file, bytes, sha256, model };
    if (!confirm) {
      log.notice(`${name}: nothing was sent; to install it, add --confirm`);
      return { ...result, firmware: { before, after: null }, end: null };
    }
    log.notice(`${name}: ${file}, ${sizeText(bytes)}, SHA-256 ${sha256}`);
    const end = await send(device, name);
    const after = wait ? await firmwareAfter(device) : null;
    if (!wait && end === "restarting") {
      log.notice(`${name}: the device restarts; dhip info shows its firmware when it is back`);
    }
    return { ...result, firmware: { before, after }, end };
  };

  /** Sends and watches. Whoever gives up is told at once what the device makes of it. */
  async function send(device: Device, name: string): Promise<UploadOutcome["end"]> {
    using progress = new Progress({ log, now: io.now, what: `${name}: sending`, total: bytes });
    let sent = 0;
    let last = "";
    const explain = () =>
      log.warning(
        `${name}: ` + (sent < bytes
          ? `nothing was installed; the device had ${sizeText(sent)} of ${sizeText(bytes)}`
          : "the device has the whole image and may be installing it: leave its power on"),
      );
    signal.addEventListener("abort", explain, { once: true });
    try {
      const outcome = await serviceOf(device, "upgrade").upload(image, {
        signal,
        installTimeout: waitLimit,
        onProgress: (done) => progress.update(sent = done),
        onInstall({ state, progress }) {
          const text = `${state ?? "working"}${progress === null ? "" : ` ${progress} %`}`;
          if (text !== last) log.notice(`${name}: ${text}`);
          last = text;
        },
      });
      return outcome.end;
    } finally {
      signal.removeEventListener("abort", explain);
    }
  }

  async function firmwareAfter(device: Device): Promise<string | null> {
    await serviceOf(device, "power").back({ wait: waitLimit, signal });
    return (await device.system.info({ signal })).firmware?.version ?? null;
  }
}

/** Refuses what is certainly no image: the device would find out too late. */
function requireImage(file: string, image: Uint8Array): void {
  const wrong = image.length === 0
    ? "is empty"
    : image.length < SMALLEST
    ? `has only ${image.length} bytes`
    : image.length > LARGEST
    ? `is larger than ${sizeText(LARGEST)}`
    : /^\s*(<|\{)/.test(new TextDecoder().decode(image.subarray(0, 64)))
    ? "is text: a page of a web site, perhaps, instead of the download"
    : undefined;
  if (wrong === undefined) return;
  throw new DhipError("DHIP_FILE", `${file} is no firmware: it ${wrong}`, {
    hint: "Nothing was sent. Take the image from the vendor and unpack it when it is a ZIP file.",
  });
}
