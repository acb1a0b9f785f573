/**
 * `dhip probe`.
 *
 * @module
 */

import type { LiveProbe } from "../../camera/live/probe_live.ts";
import { DhipError } from "../../errors.ts";
import { lengthText, sizeText } from "../amounts.ts";
import { channelOf } from "../channel_option.ts";
import type { Context } from "../context.ts";
import { type Device, serviceOf } from "../devices.ts";
import { Progress } from "../progress.ts";
import type { NamedTarget } from "../targets.ts";
import { usageError } from "../usage.ts";
import type { View } from "../view.ts";
import { trackGrid, trackTexts } from "./probe_texts.ts";
import { rtspOf, transportOf } from "./stream_options.ts";

/** Options of the command; all are for cameras. Times in milliseconds. */
export interface ProbeOptions {
  readonly channel: number | string;
  readonly subtype: number;
  readonly rtspPort: number | undefined;
  readonly template: string | undefined;
  readonly via: "auto" | "rtsp" | "http";
  readonly udp: boolean;
  readonly duration: number;
}

const VIEW: View<LiveProbe> = {
  table: (result) => `${textOf(result)}\n`,
  csv: ({ source, subtype, lostPackets: lost_packets, video, audio }) =>
    trackGrid({ source, subtype, lost_packets }, video, audio),
};

/**
 * Looks at the files or at the cameras; resolves to the exit code.
 *
 * @throws {DhipError} `DHIP_USAGE`, and with a single one its failure
 */
export async function probeAll(context: Context, options: ProbeOptions): Promise<number> {
  const { files, targets } = context;
  if (files.length === 0) {
    return await context.each((device, target) => probe(context, device, target, options), {
      view: VIEW,
      verdict: (result) => verdictOf(result, options),
      lazyLogin: true,
      finishes: true,
    });
  }
  const [device] = targets;
  if (device !== undefined) {
    throw usageError(
      "Files and cameras are two lines, because the results differ",
      `dhip found files among the words, and took ${device.name} for a camera.`,
    );
  }
  const { probeFiles } = await import("./probe_files.ts");
  return await probeFiles(context, files);
}

async function probe(
  { io, log, signal, targets }: Context,
  device: Device,
  target: NamedTarget,
  options: ProbeOptions,
): Promise<LiveProbe> {
  const { probeLive } = await import("../../camera/live/probe_live.ts");
  const channel = await channelOf(device, options.channel, signal);
  const where = targets.length === 1 ? "" : `${target.name}: `;
  using progress = new Progress({ log, now: io.now, what: `${target.name}: playing` });
  return await probeLive(serviceOf(device, "live"), {
    channel,
    subtype: options.subtype,
    via: options.via === "auto" ? undefined : options.via,
    ...rtspOf(target, options),
    rtspTransport: transportOf(target, options),
    duration: options.duration,
    signal,
    onNotice: (text) => log.notice(where + text),
    onProgress: (bytes) => progress.update(bytes),
  });
}

/** What is wrong with a stream that was played. */
function verdictOf(
  { video, ended, duration }: LiveProbe,
  options: ProbeOptions,
): DhipError | undefined {
  if (video.length === 0) {
    const why = ended === null ? ` in ${lengthText(options.duration / 1000)}` : `: ${ended}`;
    return new DhipError("DHIP_INCOMPLETE", `No whole picture came${why}`);
  }
  if (ended === null) return undefined;
  return new DhipError("DHIP_INCOMPLETE", `Only ${lengthText(duration)}: ${ended}`);
}

function textOf(result: LiveProbe): string {
  const { channel, subtype, source, passed, bytes, duration, lostPackets, damaged } = result;
  const stream = subtype === 0 ? "main stream" : `sub-stream ${subtype}`;
  const lost = `${lostPackets} packets lost`;
  return [
    `channel ${channel}, ${stream}, live over ${source}: ${sizeText(bytes)}, ` +
    `${lengthText(duration)}, ${lost}${damaged === 0 ? "" : `, ${damaged} damaged pictures`}`,
    ...passed.map(({ source, reason }) => `  not over ${source}: ${reason}`),
    ...trackTexts(result.video, result.audio),
  ].join("\n");
}
