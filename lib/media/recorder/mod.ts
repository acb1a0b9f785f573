/**
 * Files that play.
 *
 * @module
 */

export { type AudioMode, type Container, containerOf } from "./container.ts";
export { numbered } from "./file_names.ts";
export { record } from "./record.ts";
export { Recorder } from "./recorder.ts";
export type {
  FileReason,
  RecordedFile,
  RecorderOptions,
  RecordingGap,
  RecordingProgress,
  RecordingResult,
} from "./recording.ts";
export { FileSink, type FileSinkOptions, type RecordingSink, StreamSink } from "./sink.ts";
