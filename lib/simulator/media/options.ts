/**
 * How the streams of one device can differ from those of the next.
 *
 * @module
 */

import { oneOf, whole } from "../range.ts";
import type { SoundCodec } from "./program.ts";
import type { VideoCodec } from "./source.ts";

/** How RTSP asks who is there. `digest+basic` offers both; `none` lets everybody in. */
export type RtspAuth = "digest" | "basic" | "digest+basic" | "none";

/** What a download is wrapped in. */
export type LoadfileForm = "raw" | "unsized" | "multipart" | "base64";

const CODECS: readonly VideoCodec[] = ["H.264", "H.265"];
const SOUNDS = ["G.711A", "G.711Mu", "PCM", "AAC", "none"] as const;

/** Options of the streams and recordings of a device. */
export interface MediaOptions {
  /** Codec of the main stream as it leaves the factory; recordings keep it. Default `H.265`. */
  readonly mainVideo?: VideoCodec;
  /** Codec of the sub-streams as they leave the factory; recordings keep it. Default `H.264`. */
  readonly subVideo?: VideoCodec;
  /** Sound of all streams as they leave the factory; recordings keep it. Default `G.711A`. */
  readonly sound?: SoundCodec | "none";
  /**
   * What answers of RPC_Loadfile look like: `raw` with its length, `unsized` without, `multipart`
   * (a JSON status and an application/http part), `base64` within JSON. Default `raw`.
   */
  readonly loadfileForm?: LoadfileForm;
  /** False: the field Range is not heeded. Default true; only raw answers have ranges. */
  readonly loadfileRanges?: boolean;
  /** How RTSP asks who is there. Default `digest`, with MD5 and without qop. */
  readonly rtspAuth?: RtspAuth;
  /** Seconds after which an RTSP session without requests ends. 1-3600, default 60. */
  readonly rtspTimeout?: number;
  /** False: RTSP refuses UDP. Default true. */
  readonly rtspUdp?: boolean;
  /** Longest payload of an RTP packet in bytes, 100-60000. Default 1400. */
  readonly rtpPayload?: number;
  /** Bytes of a live stream that wait for a slow client; then frames are left out. 16384-67108864,
   * default 1048576. */
  readonly liveBacklog?: number;
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} when a value is not possible
 */
export function resolveMediaOptions(options: MediaOptions): Required<MediaOptions> {
  return {
    mainVideo: oneOf("mainVideo", options.mainVideo ?? "H.265", CODECS),
    subVideo: oneOf("subVideo", options.subVideo ?? "H.264", CODECS),
    sound: oneOf("sound", options.sound ?? "G.711A", SOUNDS),
    loadfileForm: oneOf("loadfileForm", options.loadfileForm ?? "raw", [
      "raw",
      "unsized",
      "multipart",
      "base64",
    ]),
    loadfileRanges: options.loadfileRanges ?? true,
    rtspAuth: oneOf("rtspAuth", options.rtspAuth ?? "digest", [
      "digest",
      "basic",
      "digest+basic",
      "none",
    ]),
    rtspTimeout: whole("rtspTimeout", options.rtspTimeout ?? 60, 1, 3600),
    rtspUdp: options.rtspUdp ?? true,
    rtpPayload: whole("rtpPayload", options.rtpPayload ?? 1400, 100, 60_000),
    liveBacklog: whole("liveBacklog", options.liveBacklog ?? 1_048_576, 16_384, 67_108_864),
  };
}
