/**
 * Takes pictures of one device after another moment, and keeps them.
 *
 * @module
 */

import { dirname } from "node:path";
import type { ChannelBase, Snapshot } from "../../camera/mod.ts";
import { DhipError } from "../../errors.ts";
import { systemClock } from "../../net/clock.ts";
import { retryWithin } from "../../net/retry.ts";
import type { Context } from "../context.ts";
import { type Device, serviceOf } from "../devices.ts";
import { toDhipError } from "../failure.ts";
import type { NamedTarget } from "../targets.ts";
import { writeUserFile } from "../user_file.ts";
import { type ChannelChoice, channelsOf } from "./channels.ts";
import { rtspOf } from "../video/stream_options.ts";
import type { FileNames, PictureOf } from "../file_names.ts";
import { newestFile, removeOld } from "./kept_files.ts";
import { changePercent, luminanceBlocks, type Pixels } from "./luminance.ts";
import type { PictureResult } from "./pictures.ts";
import { pixelsOf } from "./pixels.ts";
import { previewText } from "./preview.ts";
import type { Preview } from "./preview_kinds.ts";

/** What is wanted of each picture. */
export interface TakeOptions {
  readonly channels: ChannelChoice;
  /** Where to; `-` is standard output. */
  readonly names: FileNames | "-";
  /** The only source; by default the first that delivers. */
  readonly via: string | undefined;
  /** Where key frames come from; by default what the config file says. */
  readonly rtspPort: number | undefined;
  readonly template: string | undefined;
  /** How all devices count channels; by default what the config file says. */
  readonly channelBase: ChannelBase | undefined;
  /** Limit for all attempts at one picture, in milliseconds. */
  readonly deadline: number;
  /** Keeps only pictures that differ by so many percent from the last one kept. */
  readonly ifChanged: number | undefined;
  /** Removes pictures that are older, in milliseconds. */
  readonly keep: number | undefined;
  /** How to show pictures on the terminal. */
  readonly preview: Exclude<Preview, "auto">;
}

/** Pictures of one device at the same time; cameras serve few. */
const AT_ONCE = 2;

/** Takes pictures. Remembers between rounds what the last picture of a channel looked like. */
export class Taker {
  readonly #context: Context;
  readonly #options: TakeOptions;
  readonly #last = new Map<string, Float64Array>();

  /** Works in the given surroundings. */
  constructor(context: Context, options: TakeOptions) {
    this.#context = context;
    this.#options = options;
  }

  /**
   * A picture of each channel. What fails is told in its result.
   *
   * @param at the time in the names of the files
   * @throws {DhipError} when the channels cannot be found out, and `DHIP_INTERRUPTED`
   */
  async take(
    device: Device,
    target: NamedTarget,
    at: Temporal.ZonedDateTime,
  ): Promise<PictureResult[]> {
    const { signal } = this.#context;
    const channels = await this.#persist(
      "its channels",
      target,
      (signal) => channelsOf(device, this.#options.channels, signal),
    );
    const results: PictureResult[] = [];
    const queue = channels.entries();
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (const [index, channel] of queue) {
        if (signal.aborted) break;
        results[index] = await this.#one(device, target, channel, at);
      }
    }));
    if (signal.aborted) throw toDhipError(signal.reason);
    return results;
  }

  async #one(
    device: Device,
    target: NamedTarget,
    channel: number,
    at: Temporal.ZonedDateTime,
  ): Promise<PictureResult> {
    const start = systemClock.now();
    let ms = 0;
    let attempts = 0;
    let snapshot: Snapshot | undefined;
    let change: number | null = null;
    let file: string | null = null;
    let error: DhipError | null = null;
    try {
      const service = serviceOf(device, "snapshot");
      const { via, channelBase = baseOf(target), deadline } = this.#options;
      // One source that hangs leaves the other its half of the time.
      const timeout = via === undefined ? deadline / 2 : deadline;
      snapshot = await this.#persist(`channel ${channel}`, target, (signal) => {
        attempts++;
        const rtsp = rtspOf(target, this.#options);
        return service.take(channel, { via, channelBase, ...rtsp, timeout, signal });
      });
      ms = systemClock.now() - start;
      ({ file, change } = await this.#keep(snapshot, { ...target, channel }, at));
    } catch (thrown) {
      error = toDhipError(thrown);
      ms ||= systemClock.now() - start;
    }
    const first = snapshot?.passed[0];
    return {
      channel,
      file,
      bytes: snapshot?.jpeg.length ?? null,
      width: snapshot?.width ?? null,
      height: snapshot?.height ?? null,
      source: snapshot?.source ?? null,
      fallback: first === undefined ? null : `${first.source}: ${first.error.message}`,
      ms: Math.round(ms),
      attempts,
      change,
      compared: this.#options.ifChanged !== undefined,
      error,
    };
  }

  /** Repeats what may work in a moment. */
  #persist<T>(
    what: string,
    target: NamedTarget,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { log, signal } = this.#context;
    let told = false;
    return retryWithin(work, {
      what: `a picture (${what})`,
      host: target.host,
      timeout: this.#options.deadline,
      signal,
      onRetry(error, wait) {
        const text = `${target.name}: ${what}: ${error.message}; ` +
          `trying again in ${(wait / 1000).toFixed(1)} s`;
        if (told) log.step(text);
        else log.notice(text);
        told = true;
      },
    });
  }

  /** Shows the picture and puts it where it belongs, unless nothing has changed. */
  async #keep(
    { jpeg }: Snapshot,
    of: PictureOf,
    at: Temporal.ZonedDateTime,
  ): Promise<Pick<PictureResult, "file" | "change">> {
    const { io, output } = this.#context;
    const { names, ifChanged, keep, preview } = this.#options;
    const pixels = await this.#pixels(jpeg, of);
    if (pixels !== undefined) {
      const { columns, rows } = io.stderr;
      const screen = { columns, rows, env: (name: string) => io.env(name) };
      io.stderr.write(previewText(preview, { jpeg, pixels }, screen));
    }
    if (names === "-") {
      await output.bytes(jpeg);
      return { file: "-", change: null };
    }
    const pattern = names.patternOf(of);
    const change = ifChanged === undefined ? null : await this.#change(of, names, pixels);
    let file: string | null = null;
    if (change === null || ifChanged === undefined || change >= ifChanged) {
      file = names.pathOf(of, at);
      await this.#write(file, jpeg);
      if (pixels !== undefined) this.#last.set(keyOf(of), luminanceBlocks(pixels));
    }
    // Only where a picture came: those of a dead camera may be the last ones there are.
    if (keep !== undefined) await this.#removeOld(pattern, keep);
    return { file, change: change === null ? null : Math.round(change * 10) / 10 };
  }

  async #write(file: string, jpeg: Uint8Array): Promise<void> {
    const { io } = this.#context;
    const folder = dirname(file);
    if (folder !== ".") {
      await io.files.makeFolder(folder).catch((cause) => {
        const hint = cause instanceof Error ? cause.message : String(cause);
        throw new DhipError("DHIP_FILE", `${folder} cannot be made`, { hint, cause });
      });
    }
    await writeUserFile(io, file, jpeg);
  }

  async #removeOld(pattern: Parameters<typeof removeOld>[1], keep: number): Promise<void> {
    const { io, log } = this.#context;
    try {
      const removed = await removeOld(io.files, pattern, io.now() - keep);
      if (removed > 0) log.step(`${removed} old files removed from ${pattern.folder}`);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      log.warning(`Old pictures in ${pattern.folder} cannot be removed: ${reason}`);
    }
  }

  /** The pixels, where something wants them. A picture that only our decoder dislikes is kept. */
  async #pixels(jpeg: Uint8Array, { name, channel }: PictureOf): Promise<Pixels | undefined> {
    const { ifChanged, preview } = this.#options;
    if (ifChanged === undefined && preview === "none") return undefined;
    try {
      return await pixelsOf(jpeg);
    } catch (error) {
      this.#context.log.warning(`${name}: channel ${channel}: ${toDhipError(error).message}`);
      return undefined;
    }
  }

  /** Percent that differ from the last picture kept; null when there is none to compare with. */
  async #change(
    of: PictureOf,
    names: FileNames,
    pixels: Pixels | undefined,
  ): Promise<number | null> {
    if (pixels === undefined) return null;
    const last = this.#last.get(keyOf(of)) ?? await this.#lastKept(names.patternOf(of));
    if (last === undefined) return null;
    this.#last.set(keyOf(of), last);
    return changePercent(last, luminanceBlocks(pixels));
  }

  /** What an earlier run kept. */
  async #lastKept(pattern: Parameters<typeof newestFile>[1]): Promise<Float64Array | undefined> {
    const { files } = this.#context.io;
    try {
      const newest = await newestFile(files, pattern);
      if (newest === undefined) return undefined;
      return luminanceBlocks(await pixelsOf(await files.read(newest.path)));
    } catch {
      return undefined; // damaged or gone: as good as none
    }
  }
}

function keyOf({ name, channel }: PictureOf): string {
  return `${channel} ${name}`;
}

/** What the config file says of the device. */
function baseOf({ device }: NamedTarget): ChannelBase | undefined {
  return device?.settings.snapshotChannelBase as ChannelBase | undefined;
}
