/**
 * Files that play.
 *
 * @module
 */

export { type AudioMode, type Container, containerOf } from "./container.ts";
export {
  type FileReason,
  type RecordedFile,
  Recorder,
  type RecorderOptions,
  type RecordingGap,
  type RecordingProgress,
  type RecordingResult,
} from "./recorder.ts";
export { FileSink, type FileSinkOptions, type RecordingSink, StreamSink } from "./sink.ts";
