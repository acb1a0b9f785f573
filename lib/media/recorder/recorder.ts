/**
 * Writes pictures and sound to files that play.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import { inspectAccessUnit, type NalCodec, type ParameterSets } from "../annexb.ts";
import { nalKind } from "../annexb.ts";
import { type DecoderConfig, decoderConfig, isSameSets } from "../decoder_config.ts";
import type { MediaTrack, MediaUnit } from "../unit.ts";
import { OpenFile } from "./_file.ts";
import { Interleaver } from "./_interleaver.ts";
import { hasAacEncoder } from "./_sound.ts";
import { type SoundForm, soundForm } from "./container.ts";
import type {
  FileReason,
  RecordedFile,
  RecorderOptions,
  RecordingGap,
  RecordingProgress,
  RecordingResult,
} from "./recording.ts";

const MAX_GAPS = 1000;
/** Seconds without a picture that are a gap at any frame rate. */
const GAP = 1;
/** Pictures without which it is one, at low frame rates. */
const GAP_FRAMES = 3;
/** Seconds without a picture after which another file begins. */
const LONG_GAP = 3600;
/** Seconds for which sound goes on without pictures. */
const ALONE = 60;
/** Seconds that sound may stay away before silence stands in for it. */
const SILENCE = 3;
/** A time line that goes back by more begins anew. */
const BACK = 1;

/** Writes units to files. One at a time: await each call. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #order: Interleaver;
  readonly #files: RecordedFile[] = [];
  readonly #gaps: RecordingGap[] = [];
  #gapCount = 0;
  #damaged = 0;
  #file: OpenFile | undefined;
  #reason: FileReason = "start";
  #config: DecoderConfig | undefined;
  #skipping = false;
  #lastPicture: number | undefined;
  /** Seconds between pictures, as they came of late. */
  #interval: number | undefined;
  #audio: MediaTrack | undefined;
  #saidOfAudio = "";
  #encoder: boolean | undefined;
  #before = { duration: 0, frames: 0, bytes: 0 };
  /** Added to the source's times, which went back. */
  #offset = 0;
  #newest = -Infinity;

  /** Prepares a recording; the first file begins with the first key picture. */
  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#order = new Interleaver((options.audio ?? "auto") !== "none");
  }

  /** How far the recording is. */
  get progress(): RecordingProgress {
    const { duration, frames, bytes } = this.#before;
    const file = this.#file;
    return {
      duration: duration + (file?.duration ?? 0),
      frames: frames + (file?.frames ?? 0),
      bytes: bytes + (file?.bytes ?? 0),
    };
  }

  /**
   * Records a unit; resolves when there is room for more.
   *
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` for pictures other than H.264 and H.265, `DHIP_FILE`
   */
  async push(unit: MediaUnit): Promise<void> {
    // Known before it is written, so that the first file has sound from its start.
    if (unit.track.kind === "audio") this.#audio = unit.track;
    for (const next of this.#order.push(this.#onward(unit))) await this.#write(next);
  }

  /**
   * Ends the last file.
   *
   * @param error what ended the source before its end
   * @throws {DhipError} `DHIP_INCOMPLETE` when there was no picture to begin with, `DHIP_FILE`
   */
  async finish(error?: DhipError): Promise<RecordingResult> {
    for (const next of this.#order.flush()) await this.#write(next);
    await this.#close("start");
    if (this.#files.length === 0) {
      throw new DhipError("DHIP_INCOMPLETE", "There is no key picture to begin with", {
        hint: "H.264 or H.265 pictures are needed; dhip probe shows what a file holds.",
      });
    }
    return {
      files: this.#files,
      ...this.#before,
      gaps: this.#gaps,
      gapCount: this.#gapCount,
      damaged: this.#damaged,
      error,
    };
  }

  /** Gives the recording up after an error. Files that were whole before stay. */
  async abandon(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.abandon();
  }

  /** A time line that jumps back goes on where it was. */
  #onward(unit: MediaUnit): MediaUnit {
    let time = unit.time + this.#offset;
    if (unit.track.kind === "video") {
      if (time < this.#newest - BACK) {
        this.#offset += this.#newest - time + (this.#file?.interval ?? 0);
        time = unit.time + this.#offset;
        this.#options.onNotice?.("The times of the source went back; the recording goes on");
      }
      this.#newest = Math.max(this.#newest, time);
    }
    return time === unit.time ? unit : { ...unit, time };
  }

  #write(unit: MediaUnit): Promise<void> {
    return unit.track.kind === "video" ? this.#picture(unit) : this.#sound(unit);
  }

  async #picture(unit: MediaUnit): Promise<void> {
    const { codec } = unit.track;
    if (codec !== "h264" && codec !== "h265") {
      throw new DhipError("DHIP_NOT_SUPPORTED", `Pictures in ${codec} cannot be recorded`, {
        hint: "Set the camera's encoder to H.264 or H.265.",
      });
    }
    const isFar = this.#isFar(unit.time);
    if (unit.damaged || isFar) this.#skipping = this.#file !== undefined;
    if (unit.damaged || (this.#skipping && !unit.key)) {
      this.#damaged++;
      return;
    }
    if (unit.key) await this.#keyPicture(unit, codec);
    const file = this.#file;
    if (file === undefined) return; // nothing to begin with yet
    this.#watch(unit.time);
    await file.video(unit);
    this.#interval = file.interval;
    if (file.start.sound !== undefined) await file.silence(unit.time - SILENCE);
  }

  /** True behind a gap that no file should have in it. */
  #isFar(time: number): boolean {
    return this.#lastPicture !== undefined && time - this.#lastPicture > LONG_GAP;
  }

  async #keyPicture(unit: MediaUnit, codec: NalCodec): Promise<void> {
    const { segment, maxSize } = this.#options;
    const file = this.#file;
    const config = this.#configOf(unit, codec);
    if (config === undefined) return;
    let reason: FileReason | undefined;
    if (file === undefined) reason = this.#reason;
    else if (config !== file.start.config || this.#audio !== file.start.sound?.track) {
      const form = await this.#formOf(this.#audio);
      const sound = form === undefined ? undefined : this.#audio;
      if (config !== file.start.config || sound !== file.start.sound?.track) reason = "change";
    }
    if (reason === undefined && this.#isFar(unit.time)) reason = "gap";
    const length = file === undefined ? 0 : unit.time - file.start.origin;
    if (reason === undefined && segment !== undefined && length >= segment) reason = "length";
    if (reason === undefined && maxSize !== undefined && file!.bytes >= maxSize) reason = "size";
    if (reason === undefined) return;
    if (reason === "change") this.#options.onNotice?.(this.#changeText(file!.start.config, config));
    await this.#close(reason);
    const track = this.#audio;
    const form = await this.#formOf(track);
    const sink = await this.#options.open({
      number: this.#files.length + 1,
      time: unit.time,
      reason,
    });
    this.#file = await OpenFile.open({
      sink,
      container: this.#options.container,
      fragmented: (this.#options.fragmented ?? false) || !sink.seekable,
      codec,
      config,
      sound: track === undefined || form === undefined ? undefined : { track, form },
      origin: (this.#files.length === 0 ? this.#options.origin : undefined) ?? unit.time,
      interval: this.#interval ?? 1 / (config.info.frameRate ?? 25),
    });
  }

  /** The configuration in force: the same object as long as nothing changes. */
  #configOf(unit: MediaUnit, codec: NalCodec): DecoderConfig | undefined {
    const found = inspectAccessUnit(codec, unit.data);
    const sets = found.sps.length > 0 ? found : undefined;
    if (sets === undefined) return this.#config ??= decoderConfig(codec, describedSets(unit.track));
    if (this.#config !== undefined && isSameSets(this.#config.sets, sets)) return this.#config;
    const config = decoderConfig(codec, sets);
    if (config === undefined) return this.#config; // damaged: those before are the best guess
    return this.#config = config;
  }

  /** How sound is written; undefined when it is not, which is said once. */
  async #formOf(track: MediaTrack | undefined): Promise<SoundForm | undefined> {
    const { audio = "auto", container } = this.#options;
    if (track === undefined || audio === "none") return undefined;
    let choice = soundForm(track, container, audio, true);
    if (choice.form === "aac" && !(this.#encoder ??= await hasAacEncoder())) {
      choice = soundForm(track, container, audio, false);
    }
    if (choice.form === undefined && this.#saidOfAudio !== choice.why) {
      this.#saidOfAudio = choice.why;
      this.#options.onNotice?.(`Without sound: ${choice.why}`);
    }
    return choice.form;
  }

  async #sound(unit: MediaUnit): Promise<void> {
    // A wrong time, or a minute without pictures: either way it belongs to none of them.
    if (unit.time - (this.#lastPicture ?? unit.time) > ALONE) return;
    // Sound in another form waits for the next file, which begins with a key picture.
    if (this.#file?.start.sound?.track === unit.track) await this.#file.sound(unit);
  }

  /** Looks for gaps. */
  #watch(time: number): void {
    const interval = this.#interval ?? 0;
    const before = this.#lastPicture;
    this.#lastPicture = time;
    const skipped = this.#skipping;
    this.#skipping = false;
    if (before === undefined) return;
    const limit = Math.max(GAP, GAP_FRAMES * interval);
    // The first step tells how far apart pictures are.
    if (!skipped && (time - before <= limit || this.progress.frames < 2)) return;
    this.#gapCount++;
    if (this.#gaps.length >= MAX_GAPS) return;
    const reason = skipped ? "damaged" : "missing";
    this.#gaps.push({ from: before + interval, to: time, reason });
  }

  async #close(next: FileReason): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    await file.finish();
    this.#file = undefined; // not before: what fails in its end is to be given up
    const { duration, frames, bytes } = file;
    const { sink, config: { info }, origin, sound } = file.start;
    const done: RecordedFile = {
      name: sink.name,
      reason: this.#reason,
      start: origin,
      duration,
      frames,
      bytes,
      video: info.codec,
      width: info.width,
      height: info.height,
      audio: sound === undefined ? null : sound.form === "copy" ? sound.track.codec : sound.form,
    };
    this.#files.push(done);
    this.#before = {
      duration: this.#before.duration + duration,
      frames: this.#before.frames + frames,
      bytes: this.#before.bytes + bytes,
    };
    this.#reason = next;
    this.#options.onFile?.(done);
  }

  #changeText(before: DecoderConfig, now: DecoderConfig): string {
    const text = ({ info }: DecoderConfig) => `${info.codec} ${info.width}x${info.height}`;
    const what = before === now
      ? "The sound changed"
      : text(before) === text(now)
      ? "The encoder's settings changed"
      : `The pictures changed from ${text(before)} to ${text(now)}`;
    return `${what}: a new file begins`;
  }
}

/** Parameter sets that were told beside the stream. */
function describedSets({ codec, parameterSets }: MediaTrack): ParameterSets {
  const of = (kind: string) =>
    parameterSets.filter((unit) => unit.length > 0 && nalKind(codec as NalCodec, unit) === kind);
  return { vps: of("vps"), sps: of("sps"), pps: of("pps") };
}
