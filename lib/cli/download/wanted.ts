/**
 * Which recordings are wanted, and what their files are called.
 *
 * @module
 */

import { dirname } from "node:path";
import type { Recording, RecordingStream, RecordingType, RemoteFile } from "../../camera/mod.ts";
import { channelsOf } from "../files_work.ts";
import { type Device, serviceOf } from "../devices.ts";
import { periodOf, type PeriodValues } from "../period.ts";
import { FileNames, type NameKind } from "../snapshot/file_names.ts";
import type { NamedTarget } from "../targets.ts";
import { fileWord } from "../target_path.ts";
import { usageError } from "../usage.ts";

/** A recording and the file that it becomes. */
export interface Wanted {
  readonly recording: RemoteFile;
  /** Path of the file on this computer. */
  readonly file: string;
}

/** What to look for. */
export interface SearchOptions extends PeriodValues {
  readonly channel: readonly (number | string)[];
  readonly type: readonly RecordingType[];
  readonly stream: RecordingStream | undefined;
}

/** Names of recordings that were searched for. */
export const SEARCHED: NameKind = {
  fields: ["host", "name", "channel", "stream", "type", "file"],
  usual: "{name}-{channel}-%Y%m%d-%H%M%S.{type}",
};

/** Names of recordings whose paths are given. */
export const NAMED: NameKind = { ...SEARCHED, usual: "{name}-{file}" };

/**
 * Reads a template.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
export function recordingNames(template: string | undefined, kind: NameKind): FileNames {
  const text = template ?? kind.usual;
  // The device's clock has no zone that we know.
  const zoned = /%([sz])/.exec(text.replaceAll("%%", ""));
  if (zoned !== null) {
    throw usageError(`--out cannot hold %${zoned[1]}: recordings have the device's local time`);
  }
  try {
    return new FileNames(text, kind);
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`--out must be ${error.message}`);
    throw error;
  }
}

/** The recordings of a period, the oldest first, channel by channel. */
export async function search(
  device: Device,
  options: SearchOptions,
  signal: AbortSignal,
): Promise<Recording[]> {
  const { from, to } = await periodOf(device, options, signal);
  const channels = await channelsOf(device, options.channel, signal);
  const { type, stream } = options;
  const types = type.length === 0 ? undefined : type;
  const found = serviceOf(device, "recordings").find({ from, to, channels, types, stream }, {
    signal,
  });
  return await Array.fromAsync(found);
}

/** Gives each recording its file. Two that would get the same one are numbered. */
export function withFiles(
  recordings: readonly RemoteFile[],
  names: FileNames,
  target: NamedTarget,
): Wanted[] {
  const used = new Map<string, number>();
  return recordings.map((recording) => {
    const path = pathOf(recording, names, target);
    const count = (used.get(path) ?? 0) + 1;
    used.set(path, count);
    return { recording, file: count === 1 ? path : numbered(path, count) };
  });
}

/** A recording of which only the path is known; what the path tells, as DahuaBridge saw it. */
export function recordingAt(path: string): RemoteFile {
  const [, date, from, to] =
    /\/(\d{4}-\d\d-\d\d)\/(?:.*\/)?(\d\d\.\d\d\.\d\d)-(\d\d\.\d\d\.\d\d)[^/]*$/.exec(path) ?? [];
  if (date === undefined) return { path };
  const at = (time: string) => `${date}T${time.replaceAll(".", ":")}`;
  try {
    const start = Temporal.PlainDateTime.from(at(from!));
    const end = Temporal.PlainDateTime.from(at(to!));
    const isAfter = Temporal.PlainDateTime.compare(end, start) > 0;
    return { path, start, end: isAfter ? end : end.add({ days: 1 }) };
  } catch {
    return { path }; // digits that are no time
  }
}

function pathOf(recording: RemoteFile, names: FileNames, target: NamedTarget): string {
  const { channel, start, stream, path } = recording;
  if (names.hasTime && !start) {
    throw usageError(
      `The device does not tell when ${path ?? "a recording"} begins`,
      "Name files without the time, for example --out '{name}-{file}'",
    );
  }
  if (names.has("channel") && channel === undefined) {
    throw usageError("{channel} is not known of a path", "Use --from and --to, or {file}.");
  }
  const { name, host } = target;
  const values = {
    name,
    host,
    channel: channel ?? "",
    stream: stream ?? "main",
    type: typeOf(recording),
    file: fileOf(recording),
  };
  return names.pathOf(values, (start ?? UNTIMED).toZonedDateTime("UTC"));
}

/** Stands for the time where no name holds it. */
const UNTIMED = Temporal.PlainDateTime.from("2000-01-01T00:00");

/** The name of the file on the device, behind its date: names of one day repeat on the next. */
function fileOf({ path, start }: RemoteFile): string {
  const name = path?.slice(path.lastIndexOf("/") + 1) ?? "recording";
  return fileWord(start ? `${start.toPlainDate()}_${name}` : name);
}

function typeOf(recording: RemoteFile): string {
  const { type } = recording as Partial<Recording>;
  return fileWord(type ?? /\.(\w{1,5})$/.exec(recording.path ?? "")?.[1] ?? "dav");
}

function numbered(path: string, count: number): string {
  const folder = dirname(path);
  const name = path.slice(folder === "." && !path.startsWith("./") ? 0 : folder.length + 1);
  const dot = name.lastIndexOf(".");
  const at = path.length - (dot > 0 ? name.length - dot : 0);
  return `${path.slice(0, at)}-${count}${path.slice(at)}`;
}
