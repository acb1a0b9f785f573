/**
 * Which recordings are wanted, and what their files are called.
 *
 * @module
 */

import type { Recording, RecordingStream, RecordingType, RemoteFile } from "../../camera/mod.ts";
import { channelsOf } from "../files_work.ts";
import { type Device, serviceOf } from "../devices.ts";
import { type Period, periodOf, type PeriodValues } from "../period.ts";
import { numbered } from "../../media/recorder/file_names.ts";
import { FileNames } from "../file_names.ts";
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

/** Name of a recording that was searched for, unless the user wants another. */
export const SEARCHED = "{name}-{channel}-%Y%m%d-%H%M%S.{type}";
/** The same for one whose path is given. */
export const NAMED = "{name}-{file}";

/** What is known of recordings beside device, channel and time. */
const FIELDS = ["stream", "type", "file"] as const;

/** A template of names: fields in braces, and those of strftime for the start. */
export class RecordingNames {
  readonly #names: FileNames<typeof FIELDS[number]>;

  /**
   * Reads a template; one that ends with `/` is a folder for files with the usual names.
   *
   * @throws {DhipError} `DHIP_USAGE`
   */
  constructor(template: string | undefined, usual: string) {
    const isFolder = template === undefined || template.endsWith("/");
    const whole = isFolder ? (template ?? "") + usual : template;
    const zoned = /%([sz])/.exec(whole.replaceAll("%%", ""));
    if (zoned !== null) {
      throw usageError(`%${zoned[1]} is not known: recordings have the device's local time`);
    }
    try {
      this.#names = new FileNames(whole, FIELDS);
    } catch (error) {
      if (error instanceof SyntaxError) throw usageError(`The name must be ${error.message}`);
      throw error;
    }
  }

  /** True when `{name}` or `{host}` is in it. */
  get hasTarget(): boolean {
    return this.#names.hasTarget;
  }

  /**
   * The path of one recording.
   *
   * @throws {DhipError} `DHIP_USAGE` when something that the template wants is not known
   */
  pathOf(recording: RemoteFile, { name, host }: NamedTarget): string {
    const { channel, start, stream, path } = recording;
    if (this.#names.hasTime && !start) {
      throw usageError(
        `The device does not tell when ${path ?? "a recording"} begins`,
        "Name files without the time, for example --out '{name}-{file}'",
      );
    }
    if (this.#names.has("channel") && channel === undefined) {
      throw usageError("{channel} is not known of a path", "Use --from and --to, or {file}.");
    }
    const of = { name, host, channel: channel ?? 0, stream: stream ?? "main" };
    const at = (start ?? UNTIMED).toZonedDateTime("UTC"); // any zone: none is shown
    return this.#names.pathOf({ ...of, type: typeOf(recording), file: fileOf(recording) }, at);
  }
}

/** Stands for the time where no name holds it. */
const UNTIMED = Temporal.PlainDateTime.from("2000-01-01T00:00");

/** The recordings of the period that the options name, the oldest first, channel by channel. */
export async function search(
  device: Device,
  options: SearchOptions,
  signal: AbortSignal,
): Promise<Recording[]> {
  const period = await periodOf(device, options, signal);
  const channels = await channelsOf(device, options.channel, signal);
  return await find(device, period, channels, options, signal);
}

/** The recordings of a period. */
export async function find(
  device: Device,
  period: Period,
  channels: readonly number[],
  { type, stream }: Pick<SearchOptions, "type" | "stream">,
  signal: AbortSignal,
): Promise<Recording[]> {
  const filter = { ...period, channels, types: type.length === 0 ? undefined : type, stream };
  return await Array.fromAsync(serviceOf(device, "recordings").find(filter, { signal }));
}

/** Gives each recording its file. Two that would get the same one are numbered. */
export function withFiles(
  recordings: readonly RemoteFile[],
  names: RecordingNames,
  target: NamedTarget,
): Wanted[] {
  const used = new Map<string, number>();
  return recordings.map((recording) => {
    const path = names.pathOf(recording, target);
    const count = (used.get(path) ?? 0) + 1;
    used.set(path, count);
    return { recording, file: numbered(path, count) };
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

/** The name of the file on the device, behind its date: names of one day repeat on the next. */
function fileOf({ path, start }: RemoteFile): string {
  const name = path?.slice(path.lastIndexOf("/") + 1) ?? "recording";
  return fileWord(start ? `${start.toPlainDate()}_${name}` : name);
}

function typeOf(recording: RemoteFile): string {
  const { type } = recording as Partial<Recording>;
  return fileWord(type ?? /\.(\w{1,5})$/.exec(recording.path ?? "")?.[1] ?? "dav");
}
