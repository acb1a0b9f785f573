/**
 * The faults of streams and downloads.
 *
 * @module
 */

import { type FaultInfo, ms, times } from "../fault_info.ts";

const after = (value: number) => ms("after", "time of the stream that passes before", value);

const probability = (value: number) => ({
  name: "probability",
  description: "chance of each packet, 0 to 1",
  default: value,
  min: 0,
  max: 1,
});

const bytes = (name: string, description: string, value: number, min = 0) => ({
  name,
  description: `${description}, bytes`,
  default: value,
  min,
  max: 2 ** 40,
});

const service = {
  name: "service",
  description: "`http`, `rtsp`, or empty for both",
  default: "",
  choices: ["", "http", "rtsp"],
};

/** The faults. */
export const MEDIA_FAULTS: readonly FaultInfo[] = [
  {
    name: "short-download",
    description: "Downloads of recordings end too early.",
    options: [
      bytes("missing", "what is not sent", 1000, 1),
      {
        name: "announced",
        description: "Content-Length is that of the whole recording, and the connection ends",
        default: false,
      },
      times(1, "downloads"),
    ],
  },
  {
    name: "download-refused",
    description: "RPC_Loadfile and loadfile.cgi: the account may not see recordings.",
    options: [times(0, "requests")],
  },
  {
    name: "cut-stream",
    description: "Streams and downloads: the connection ends in the middle.",
    options: [bytes("after", "what is sent before", 50_000), service, times(1, "connections")],
  },
  {
    name: "silent-media",
    description: "Streams and downloads stay open and nothing comes any more.",
    options: [bytes("after", "what is sent before", 50_000), service, times(0, "connections")],
  },
  {
    name: "dhav-garbage",
    description: "DHAV: garbage stands between frames, every four seconds, in recordings too.",
    options: [],
  },
  {
    name: "timestamp-wrap",
    description: "DHAV: the counter of milliseconds passes 65535 soon after the beginning.",
    options: [after(2000), times(0, "streams")],
  },
  {
    name: "timestamp-jump",
    description: "Streams and recordings: the clock of the encoder jumps in the middle.",
    options: [
      after(2000),
      {
        name: "ms",
        description: "how far, ms; below 0 = back",
        default: 3_600_000,
        min: -86_400_000,
        max: 86_400_000,
      },
      times(0, "streams"),
    ],
  },
  {
    name: "codec-change",
    description: "Live streams: codec or size become another in the middle.",
    options: [
      after(2000),
      {
        name: "what",
        description: "`codec`, `size` or `both`",
        default: "codec",
        choices: ["codec", "size", "both"],
      },
      times(0, "streams"),
    ],
  },
  {
    name: "udp-loss",
    description: "RTP over UDP: packets are lost.",
    options: [probability(0.05), times(0, "packets")],
  },
  {
    name: "udp-reorder",
    description: "RTP over UDP: packets come after the next one.",
    options: [probability(0.1), times(0, "packets")],
  },
  {
    name: "udp-duplicate",
    description: "RTP over UDP: packets come twice.",
    options: [probability(0.1), times(0, "packets")],
  },
  {
    name: "late-setup",
    description: "RTSP: SETUP is answered late.",
    options: [ms("delay", "how late", 2000), times(0, "answers")],
  },
  {
    name: "rtsp-refused",
    description: "RTSP: requests are refused because the device has no room for another stream.",
    options: [
      { name: "status", description: "453 or 503", default: 453, min: 453, max: 503 },
      {
        name: "method",
        description: "only this method; empty = any",
        default: "SETUP",
      },
      times(0, "requests"),
    ],
  },
  {
    name: "wrong-rtp-info",
    description: "RTSP: the answer to PLAY tells sequence numbers and times that do not come.",
    options: [times(0, "answers")],
  },
];
