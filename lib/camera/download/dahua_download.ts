/**
 * Recorded files of a Dahua device.
 *
 * @module
 */

import type { CgiClient } from "../../dhip/cgi_client.ts";
import { FILE_FORMS, type FileForm, fileTarget, timeTarget } from "../../dhip/loadfile.ts";
import { type Loadfile, type LoadfileOptions, openLoadfile } from "../../dhip/loadfile_client.ts";
import type { RpcSession } from "../../dhip/session.ts";
import { AuthError, DhipError } from "../../errors.ts";
import type { CallOptions } from "../../net/stream.ts";
import { writeDeviceTime } from "../device_time.ts";
import type { Download, DownloadOptions, DownloadService, RemoteFile } from "./download.ts";
import { WholeFile } from "./_whole_file.ts";

/** What files are asked over. */
export interface FileLink {
  /** `host:port`, for errors. */
  readonly host: string;
  /** See `DahuaLink.openCgi`. */
  openCgi(): CgiClient;
  /** See `DahuaLink.webSession`. */
  webSession(options?: CallOptions): Promise<RpcSession>;
}

/** Longest silence of a download, in milliseconds. */
const IDLE_TIMEOUT = 10_000;
const SUBTYPES: Readonly<Record<string, number>> = { main: 0, sub1: 1, sub2: 2, sub3: 3 };
/** Failures that say that a device does not give files in this way, or not to this kind of user. */
const OTHER_WAY: ReadonlySet<string> = new Set([
  "DHIP_NOT_SUPPORTED",
  "DHIP_METHOD_NOT_FOUND",
  "DHIP_BAD_PARAMS",
  "DHIP_NO_PERMISSION",
  "DHIP_DEVICE_REFUSED",
  "DHIP_HTTP_STATUS",
  "DHIP_HTTP_REDIRECT",
  "DHIP_INCOMPLETE", // no byte at all
  "DHIP_AUTH_UNSUPPORTED",
  "DHIP_AUTH_CLEARTEXT",
]);
/** Failures that say no more than that. */
const LACKING: ReadonlySet<string> = new Set(["DHIP_NOT_SUPPORTED", "DHIP_METHOD_NOT_FOUND"]);

/** {@linkcode DownloadService} of a Dahua device. Remembers in which way the device gives files. */
export class DahuaDownload implements DownloadService {
  readonly #link: FileLink;
  #form: FileForm | undefined;
  #finding: Promise<unknown> = Promise.resolve();

  /** Fetches over the given link. */
  constructor(link: FileLink) {
    this.#link = link;
  }

  /** See {@linkcode DownloadService.open}. */
  async open(file: RemoteFile, options: DownloadOptions = {}): Promise<Download> {
    const forms = formsFor(file);
    if (forms.length === 0) {
      throw new RangeError("A file needs a path, or a channel, a start and an end");
    }
    const known = () => forms.find((form) => form === this.#form);
    if (known() === undefined) {
      // One after another: what the first one finds out is for all.
      const turn = this.#finding.then(() =>
        known() === undefined ? this.#findOut(forms, file, options) : undefined
      );
      this.#finding = turn.then(() => {}, () => {});
      const download = await turn;
      if (download !== undefined) return download;
    }
    return await this.#ask(known()!, file, options);
  }

  async #findOut(
    forms: readonly FileForm[],
    file: RemoteFile,
    options: DownloadOptions,
  ): Promise<Download> {
    const failures: DhipError[] = [];
    for (const form of forms) {
      try {
        const download = await this.#ask(form, file, options);
        // By time works beside the others: it is the device's way only where it lacks them.
        if (form !== "time" || failures.every(({ code }) => LACKING.has(code))) this.#form = form;
        return download;
      } catch (error) {
        if (!isOtherWay(error)) throw error;
        failures.push(error);
      }
    }
    throw failures.find(({ code }) => !LACKING.has(code)) ?? failures[0]!;
  }

  async #ask(form: FileForm, file: RemoteFile, options: DownloadOptions): Promise<Download> {
    // A client of its own: the others do not wait for its connection.
    const client = this.#link.openCgi();
    try {
      const loadfile = await this.#load(client, form, file, options);
      return this.#watched(client, form, file, loadfile);
    } catch (error) {
      client.close();
      throw error;
    }
  }

  async #load(
    client: CgiClient,
    form: FileForm,
    file: RemoteFile,
    { from, signal, timeout, idleTimeout = IDLE_TIMEOUT }: DownloadOptions,
  ): Promise<Loadfile> {
    const options: LoadfileOptions = { from, signal, timeout, idleTimeout };
    if (form === "time") {
      const { channel, start, end, stream } = file;
      const target = timeTarget({
        channel: channel!,
        from: writeDeviceTime(start!),
        to: writeDeviceTime(end!),
        subtype: SUBTYPES[stream ?? "main"] ?? 0,
      });
      return await openLoadfile(client, target, options);
    }
    const target = fileTarget(form, file.path!);
    if (form === "cgi") return await openLoadfile(client, target, options);
    const session = await this.#link.webSession({ signal, timeout });
    const { id } = session;
    try {
      return await openLoadfile(client, target, { ...options, session: id });
    } catch (error) {
      if (!mayBeForgotten(error)) throw error;
      // A session that the device forgot is renewed, or ended, by the first call that finds it out.
      await session.call("global.getCurrentTime", null, { signal, timeout }).catch(() => {});
      const renewed = await this.#link.webSession({ signal, timeout });
      if (renewed.id === id) throw error;
      return await openLoadfile(client, target, { ...options, session: renewed.id });
    }
  }

  #watched(client: CgiClient, form: FileForm, file: RemoteFile, loadfile: Loadfile): Download {
    const { offset, bytes } = loadfile;
    // What comes by time is made for the occasion: its length is not that of the file.
    const told = form === "time" ? null : file.bytes ?? null;
    const length = loadfile.length ?? told;
    const isDhav = offset > 0 ? /\.dav$/i.test(file.path ?? "") : undefined;
    const check = new WholeFile({
      host: this.#link.host,
      offset,
      length: told === null || length === null ? length : Math.max(length, told),
      isDhav,
    });
    const dispose = async () => {
      await loadfile[Symbol.asyncDispose]();
      client.close();
    };
    return {
      form,
      offset,
      length,
      get mediaSeconds() {
        return check.mediaSeconds;
      },
      bytes: watch(bytes, check, dispose),
      [Symbol.asyncDispose]: dispose,
    };
  }
}

async function* watch(
  bytes: AsyncIterable<Uint8Array>,
  check: WholeFile,
  dispose: () => Promise<void>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const piece of bytes) {
      check.push(piece);
      yield piece;
    }
    check.end();
  } finally {
    await dispose();
  }
}

/** The ways in which a file can be asked for, the preferred one first. */
function formsFor({ path, channel, start, end }: RemoteFile): FileForm[] {
  const hasTimes = channel !== undefined && start && end;
  return FILE_FORMS.filter((form) => form === "time" ? hasTimes : path !== null && path !== "");
}

function isOtherWay(error: unknown): error is DhipError {
  return error instanceof DhipError && OTHER_WAY.has(error.code) && error.deviceCode !== 416;
}

function mayBeForgotten(error: unknown): boolean {
  if (!(error instanceof DhipError) || error instanceof AuthError) return false;
  return error.code === "DHIP_SESSION_LOST" || error.code === "DHIP_NO_PERMISSION" ||
    error.code === "DHIP_NOT_SUPPORTED";
}
