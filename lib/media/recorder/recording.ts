/**
 * What a recording is asked for, and what it became.
 *
 * @module
 */

import type { DhipError } from "../../errors.ts";
import type { AudioMode, Container } from "./container.ts";
import type { RecordingSink } from "./sink.ts";

/** Why a file begins. */
export type FileReason =
  /** It is the first. */
  | "start"
  /** The file before is as long as it may be. */
  | "length"
  /** The file before is as large as it may be. */
  | "size"
  /** Codec, resolution or sound changed. */
  | "change"
  /** No pictures came for more than an hour. */
  | "gap";

/** How a recording is made. */
export interface RecorderOptions {
  /** Kind of the files. */
  readonly container: Container;
  /** Opens the sink of the next file; `time` in seconds of the source's time line. */
  readonly open: (
    file: { readonly number: number; readonly time: number; readonly reason: FileReason },
  ) => Promise<RecordingSink>;
  /**
   * Playable at any time, even when nobody ends the file: for live pictures. Without it, MP4 and MOV
   * are plain ones. Pipes are always so. Default false.
   */
  readonly fragmented?: boolean | undefined;
  /**
   * Where the first file begins to be shown, in seconds of the source's time line; pictures before
   * are there for decoding only (an edit list: MP4 and MOV). Default: its first picture.
   */
  readonly origin?: number | undefined;
  /** What becomes of sound. Default `auto`. */
  readonly audio?: AudioMode | undefined;
  /** Seconds after which a new file begins, at the next key picture. */
  readonly segment?: number | undefined;
  /** Bytes after which a new file begins, at the next key picture. */
  readonly maxSize?: number | undefined;
  /** Gets things an operator should know, one line each. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Gets each file when it is whole. */
  readonly onFile?: ((file: RecordedFile) => void) | undefined;
}

/** A file of a recording. */
export interface RecordedFile {
  /** Its name. */
  readonly name: string;
  /** Why it began. */
  readonly reason: FileReason;
  /** Seconds on the source's time line. */
  readonly start: number;
  /** Seconds. */
  readonly duration: number;
  /** Number of pictures. */
  readonly frames: number;
  /** Bytes of pictures and sound, without those of the container. */
  readonly bytes: number;
  /** RFC 6381, for example `avc1.64001F`. */
  readonly video: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Sound as it is in the file; null when there is none. */
  readonly audio: string | null;
}

/** Pictures that are missing in a recording. */
export interface RecordingGap {
  /** Seconds on the source's time line. */
  readonly from: number;
  /** Seconds on the source's time line. */
  readonly to: number;
  /** `missing`: none came. `damaged`: they could not be used up to the next key picture. */
  readonly reason: "missing" | "damaged";
}

/** What a recording became. */
export interface RecordingResult {
  /** The files, in order. */
  readonly files: readonly RecordedFile[];
  /** Seconds, over all files. */
  readonly duration: number;
  /** Number of pictures. */
  readonly frames: number;
  /** Bytes of pictures and sound. */
  readonly bytes: number;
  /** The first 1000 gaps. */
  readonly gaps: readonly RecordingGap[];
  /** Number of gaps. */
  readonly gapCount: number;
  /** Pictures that were damaged, or could not be decoded because of one. */
  readonly damaged: number;
  /** What ended the source before its end; undefined when nothing did. */
  readonly error: DhipError | undefined;
}

/** A recording on its way. */
export interface RecordingProgress {
  /** Seconds, over all files. */
  readonly duration: number;
  /** Number of pictures. */
  readonly frames: number;
  /** Bytes of pictures and sound. */
  readonly bytes: number;
}
