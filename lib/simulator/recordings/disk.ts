/**
 * What a device has recorded.
 *
 * @module
 */

import { type DeviceClock, timeOf, timeText } from "../device_clock.ts";
import { naturalLength, type Part } from "../media/file.ts";
import type { MediaOptions } from "../media/options.ts";
import type { ProgramInfo, SoundCodec } from "../media/program.ts";
import { clipInfo, type PictureSize, type VideoCodec } from "../media/source.ts";
import { Random } from "../prng.ts";
import type { RecordingFlag, SimulatedRecording } from "./wanted.ts";

/** What decides what there is. */
export interface DiskOptions
  extends Required<Pick<MediaOptions, "mainVideo" | "subVideo" | "sound">> {
  /** Seed of what the device records by itself. */
  readonly seed: number;
  /** Video channels. */
  readonly channels: number;
  /** What a test wants; undefined: the seed decides. */
  readonly recordings: readonly SimulatedRecording[] | undefined;
}

/** A file on the disk. Times are milliseconds of device local time. */
export interface Recording {
  readonly channel: number;
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly stream: string;
  readonly flag: RecordingFlag;
  readonly events: readonly string[];
  readonly length: number;
  readonly redundant: boolean;
  readonly cluster: number;
  readonly path: string;
  /** Its stretches; none for a picture. */
  readonly parts: readonly Part[];
}

const DAY = 86_400_000;
const HALF_HOUR = 1_800_000;

/** Days before the first one of the device that the card goes back. */
const PAST = 3;

/** Letter of a flag in file names. */
const LETTERS: Readonly<Record<RecordingFlag, string>> = { Timing: "R", Event: "M", Manual: "H" };

const CODES = [
  "VideoMotion",
  "CrossLineDetection",
  "CrossRegionDetection",
  "SmartMotionHuman",
  "SmartMotionVehicle",
];

/** The files of a device. What was recorded by a time does not change with questions. */
export class Disk {
  readonly #options: DiskOptions;
  readonly #calendar: DeviceClock;
  readonly #given: readonly Recording[] | undefined;
  readonly #firstDay: number;
  readonly #days = new Map<string, readonly Recording[]>();

  /**
   * A card in a device that was just switched on.
   *
   * @throws {RangeError} when a recording that is wanted has an impossible time or channel
   */
  constructor(options: DiskOptions, calendar: DeviceClock) {
    this.#options = options;
    this.#calendar = calendar;
    this.#firstDay = Math.floor(calendar.local() / DAY) - PAST;
    this.#given = options.recordings?.map((wanted, index) => given(wanted, index, options));
  }

  /** The file of that name, when it is complete by now. */
  find(path: string): Recording | undefined {
    const [, date, number] = /^\/mnt\/\w+\/(\d{4}-\d\d-\d\d)\/(\d{1,2})\//.exec(path) ?? [];
    const day = timeOf(`${date} 00:00:00`);
    const channel = Number(number);
    if (day === undefined || channel >= this.#options.channels) return undefined;
    return this.between(channel, day, day + DAY).find((recording) => recording.path === path);
  }

  /** What is complete by now on a channel, 0-based, and touches a time, in no order. */
  between(channel: number, from: number, to: number): Recording[] {
    const now = this.#calendar.local();
    // A picture has no duration: it is within when its moment is.
    const within = ({ start, end }: Recording) =>
      start === end ? start >= from && start < to : start < to && end > from;
    const all = this.#given?.filter((recording) => recording.channel === channel) ??
      this.#made(channel, from, Math.min(to, now));
    return all.filter((recording) => recording.end <= now && within(recording));
  }

  /** Bytes of all that is complete by now. */
  used(): number {
    let bytes = 0;
    for (let channel = 0; channel < this.#options.channels; channel++) {
      for (const { length } of this.between(channel, 0, Infinity)) bytes += length;
    }
    return bytes;
  }

  #made(channel: number, from: number, to: number): Recording[] {
    const recordings: Recording[] = [];
    // A file may have begun the day before.
    const first = Math.max(this.#firstDay, Math.floor(from / DAY) - 1);
    for (let day = first; day * DAY < to; day++) {
      const key = `${channel}:${day}`;
      let made = this.#days.get(key);
      if (made === undefined) this.#days.set(key, made = makeDay(this.#options, channel, day));
      recordings.push(...made);
    }
    return recordings;
  }
}

/** A day of a channel: the schedule with a gap, some events with pictures, something by hand. */
function makeDay(options: DiskOptions, channel: number, day: number): Recording[] {
  const random = new Random(options.seed, 0x7265_0000 + channel * 100_000 + day);
  const recordings: Recording[] = [];
  const add = (
    stream: string,
    start: number,
    seconds: number,
    flag: RecordingFlag,
    type: string,
    ...events: string[]
  ) => {
    const cluster = random.integer(1, 999_999);
    const begin = day * DAY + start;
    const end = begin + seconds * 1000;
    const parts = type === "jpg"
      ? []
      : [{ from: begin, to: end, program: programOf(options, stream) }];
    const length = type === "jpg" ? random.integer(80_000, 400_000) : naturalLength(parts);
    const place = { channel, start: begin, end, type, stream, flag, cluster, parts, length };
    recordings.push({ ...place, events, redundant: false, path: pathOf(place) });
  };
  const gap = random.integer(2, 46);
  for (let slot = 0; slot < 48; slot++) {
    if (slot === gap) continue;
    add("Main", slot * HALF_HOUR, 1800, "Timing", "dav");
    if (slot % 2 === 0) add("Extra1", slot * HALF_HOUR, 3600, "Timing", "dav");
  }
  for (let count = random.integer(4, 9); count > 0; count--) {
    const start = random.integer(0, 86_000) * 1000;
    const code = CODES[random.integer(0, CODES.length - 1)]!;
    const seconds = random.integer(10, 90);
    add("Main", start, seconds, "Event", "dav", code);
    add("Extra1", start, seconds, "Event", "mp4", code);
    add("Main", start, 0, "Event", "jpg", code);
  }
  add("Main", random.integer(0, 80_000) * 1000, random.integer(60, 600), "Manual", "dav");
  return recordings;
}

/** What a stream consists of as it leaves the factory. */
function programOf(options: DiskOptions, stream: string): ProgramInfo {
  const { mainVideo, subVideo, sound } = options;
  return program(
    stream === "Main" ? "main" : "sub",
    stream === "Main" ? mainVideo : subVideo,
    sound,
  );
}

function program(size: PictureSize, video: VideoCodec, sound: SoundCodec | "none"): ProgramInfo {
  return { video: clipInfo(video, size), sound: sound === "none" ? undefined : sound };
}

function given(wanted: SimulatedRecording, index: number, options: DiskOptions): Recording {
  const { channels } = options;
  const { channel = 1, type = "dav", stream = "Main", flag = "Timing", events = [] } = wanted;
  const start = timeOf(wanted.start);
  const end = timeOf(wanted.end ?? wanted.start);
  if (start === undefined || end === undefined || end < start) {
    throw new RangeError(
      `Recording ${index}: times must be YYYY-MM-DD HH:MM:SS, the end not first`,
    );
  }
  if (!Number.isInteger(channel) || channel < 1 || channel > channels) {
    throw new RangeError(`Recording ${index}: channel must be within 1..${channels}`);
  }
  const parts = type === "jpg"
    ? []
    : partsOf(wanted, index, start, end, programOf(options, stream));
  const length = wanted.length ?? (type === "jpg" ? 100_000 : naturalLength(parts));
  const place = {
    channel: channel - 1,
    start,
    end,
    type,
    stream,
    flag,
    cluster: index + 1,
    parts,
    length,
  };
  const { redundant = false } = wanted;
  return { ...place, events, redundant, path: pathOf(place, redundant) };
}

/** The stretches of a recording that is wanted. */
function partsOf(
  wanted: SimulatedRecording,
  index: number,
  start: number,
  end: number,
  factory: ProgramInfo,
): Part[] {
  const { sound = factory.sound ?? "none", changes = [] } = wanted;
  let [video, size] = [wanted.video ?? factory.video.codec, factory.video.size];
  let from = start;
  const parts: Part[] = [];
  for (const change of changes) {
    const at = timeOf(change.at);
    if (at === undefined || at <= from || at >= end) {
      throw new RangeError(`Recording ${index}: changes must be within it, in the order of time`);
    }
    parts.push({ from, to: at, program: program(size, video, sound) });
    [from, video, size] = [at, change.video ?? video, change.size ?? size];
  }
  return [...parts, { from, to: end, program: program(size, video, sound) }];
}

/** The form that DahuaBridge saw on a recorder; brackets and @ have to be escaped in URLs. */
function pathOf(
  recording: Pick<
    Recording,
    "channel" | "start" | "end" | "type" | "stream" | "flag" | "cluster"
  >,
  redundant = false,
): string {
  const { channel, start, end, type, stream, flag, cluster } = recording;
  const [date, begin] = timeText(start).split(" ") as [string, string];
  const clock = (time: number) => timeText(time).slice(11).replaceAll(":", ".");
  const [hour, minute, second] = begin.split(":") as [string, string, string];
  const folder = `/mnt/${redundant ? "backup" : "dvr"}/${date}/${channel}/${type}/${hour}`;
  const mark = `[${LETTERS[flag]}][0@0][${cluster}]`;
  if (type === "jpg") return `${folder}/${minute}/${second}${mark}.jpg`;
  const sub = stream === "Main" ? 0 : Number(stream.at(-1));
  return `${folder}/1/${sub}/${cluster}/${clock(start)}-${clock(end)}${mark}.${type}`;
}
