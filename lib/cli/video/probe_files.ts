/**
 * `dhip probe` of files.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import { probeContainer, probeDhav, type ProbeResult } from "../../media/probe/probe.ts";
import type { Context } from "../context.ts";
import { lengthText, sizeText } from "../amounts.ts";
import { Progress } from "../progress.ts";
import type { View } from "../view.ts";
import { eachFile } from "./each_file.ts";
import { openInput } from "./input.ts";
import { trackGrid, trackTexts } from "./probe_texts.ts";

/** What is known of a file. */
export interface Probed extends ProbeResult {
  readonly file: string;
}

/** One row for each stream. */
const VIEW: View<Probed> = {
  table: (result) => `${textOf(result)}\n`,
  csv: ({ file, format, video, audio }) => trackGrid({ file, format }, video, audio),
};

/** Looks at files. */
export async function probeFiles(context: Context, files: readonly string[]): Promise<number> {
  return await eachFile(context, files, (file) => probe(context, file), {
    view: VIEW,
    verdict: () => undefined,
  });
}

async function probe({ io, log, signal }: Context, file: string): Promise<Probed> {
  await using input = await openInput(io, file);
  using progress = new Progress({ log, now: io.now, what: file, total: input.size });
  const source = async function* () {
    for await (const chunk of input.chunks()) {
      signal.throwIfAborted();
      yield chunk;
    }
  };
  const head = file === "-" ? undefined : await startOf(io, file);
  const isOther = head !== undefined && isContainer(head);
  const found = isOther
    ? await probeContainer(file)
    : await probeDhav(source(), (read) => progress.update(read));
  const result = found ?? (isOther || file === "-" ? undefined : await probeContainer(file));
  if (result === undefined) {
    throw new DhipError("DHIP_NOT_SUPPORTED", `Nobody knows what ${file} is`, {
      hint: "DHAV, MP4, MOV, MKV and MPEG-TS are known.",
    });
  }
  return { file, ...result };
}

async function startOf(io: Context["io"], file: string): Promise<Uint8Array> {
  await using input = await openInput(io, file);
  for await (const chunk of input.chunks()) return chunk;
  return new Uint8Array(0);
}

/** MP4 and MOV, Matroska, MPEG-TS. */
function isContainer(head: Uint8Array): boolean {
  const box = new TextDecoder("latin1").decode(head.subarray(4, 8));
  if (["ftyp", "moov", "mdat", "wide", "free"].includes(box)) return true;
  if (head[0] === 0x1a && head[1] === 0x45 && head[2] === 0xdf && head[3] === 0xa3) return true;
  return head[0] === 0x47 && head[188] === 0x47;
}

function textOf({ file, format, bytes, duration, video, audio, dhav }: Probed): string {
  const since = dhav?.started === null || dhav === null ? "" : `, from ${dhav.started}`;
  const lines = [`${file}: ${format}, ${sizeText(bytes)}, ${lengthText(duration)}${since}`];
  lines.push(...trackTexts(video, audio));
  if (dhav !== null) {
    const { frames, damaged, repeated, unknown, skipped, truncated } = dhav;
    const odd = Object.entries({ damaged, repeated, unexplained: unknown })
      .filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
    if (skipped > 0) odd.push(`${sizeText(skipped)} skipped`);
    if (truncated) odd.push("cut short");
    lines.push(`  frames: ${frames}${odd.length === 0 ? "" : ` (${odd.join(", ")})`}`);
    for (const { channel, at, kind, by } of dhav.clock) {
      const what = kind === "restart" ? "another recording begins" : "the clock was set";
      lines.push(`  channel ${channel}: at ${lengthText(at)} ${what}, by ${by} s`);
    }
  }
  return lines.join("\n");
}
