/**
 * Session descriptions (RFC 8866), as far as cameras use them in RTSP.
 *
 * @module
 */

/** One stream of a session. */
export interface SdpMedia {
  /** `video`, `audio`, `application`. */
  readonly kind: string;
  /** RTP payload type. */
  readonly payloadType: number;
  /** Encoding in upper case: `H264`, `H265`, `MPEG4-GENERIC`, `PCMA`; empty when not said. */
  readonly encoding: string;
  /** Ticks of the RTP clock in a second. */
  readonly clockRate: number;
  /** Channels of sound. */
  readonly channels: number;
  /** Format parameters, names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Where to SETUP it: absolute or relative; empty when it is the session itself. */
  readonly control: string;
}

/** A session. */
export interface SessionDescription {
  /** Control URL of the whole session, often `*`. */
  readonly control: string;
  /** Time range of recordings, as the device writes it. */
  readonly range: string | undefined;
  /** Streams in their order. */
  readonly media: readonly SdpMedia[];
}

/** Encodings of payload types that need no `rtpmap` (RFC 3551, table 4 and 5). */
const STATIC: Readonly<Record<number, readonly [string, number]>> = {
  0: ["PCMU", 8_000],
  8: ["PCMA", 8_000],
  14: ["MPA", 90_000],
  26: ["JPEG", 90_000],
  32: ["MPV", 90_000],
};

/** More streams than any camera has. */
const MOST_MEDIA = 32;

interface Draft {
  kind: string;
  payloadType: number;
  encoding: string;
  clockRate: number;
  channels: number;
  parameters: Map<string, string>;
  control: string;
}

/**
 * Reads a description. Lines that are not understood are passed over, and so are streams beyond the
 * 32nd: what matters is what can be played.
 */
export function parseSdp(text: string): SessionDescription {
  let control = "";
  let range: string | undefined;
  const media: Draft[] = [];
  for (const line of text.split(/\r?\n/)) {
    const match = /^([a-z])=(.*)$/.exec(line.trimEnd());
    if (match === null) continue;
    const [, type, value] = match as unknown as [string, string, string];
    if (type === "m") {
      const draft = draftOf(value);
      if (media.length >= MOST_MEDIA) break;
      media.push(draft);
      continue;
    }
    if (type !== "a") continue;
    const colon = value.indexOf(":");
    const name = (colon < 0 ? value : value.slice(0, colon)).toLowerCase();
    const content = colon < 0 ? "" : value.slice(colon + 1).trim();
    const current = media.at(-1);
    if (name === "control") {
      if (current === undefined) control = content;
      else current.control = content;
    } else if (name === "range" && current === undefined) range = content;
    else if (name === "rtpmap" && current !== undefined) readRtpmap(current, content);
    else if (name === "fmtp" && current !== undefined) readFmtp(current, content);
  }
  return { control, range, media };
}

/** `video 0 RTP/AVP 96`: of several payload types the first one is what cameras send. */
function draftOf(line: string): Draft {
  const [kind = "", , , format = ""] = line.split(/\s+/);
  const payloadType = /^\d{1,3}$/.test(format) ? Number(format) : -1;
  const [encoding, clockRate] = STATIC[payloadType] ?? ["", 90_000];
  return {
    kind,
    payloadType,
    encoding,
    clockRate,
    channels: 1,
    parameters: new Map(),
    control: "",
  };
}

/** `96 H264/90000`, `97 MPEG4-GENERIC/16000/2`. */
function readRtpmap(draft: Draft, content: string): void {
  const match = /^(\d+)\s+([^/\s]+)\/(\d+)(?:\/(\d+))?/.exec(content);
  if (match === null || Number(match[1]) !== draft.payloadType) return;
  const clockRate = Number(match[3]);
  if (!(clockRate >= 1 && clockRate <= 1_000_000)) return;
  draft.encoding = match[2]!.toUpperCase();
  draft.clockRate = clockRate;
  draft.channels = Math.min(Math.max(Number(match[4] ?? 1), 1), 8);
}

/** `96 packetization-mode=1;profile-level-id=64001F;sprop-parameter-sets=Z2QA,aO48`. */
function readFmtp(draft: Draft, content: string): void {
  const match = /^(\d+)\s+(.*)$/.exec(content);
  if (match === null || Number(match[1]) !== draft.payloadType) return;
  for (const part of match[2]!.split(";")) {
    const equals = part.indexOf("=");
    if (equals < 0) continue;
    draft.parameters.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
}

/**
 * The parameter sets that a description carries (`sprop-parameter-sets`, `sprop-vps/sps/pps`), NAL
 * units without start codes. What is no base64 is left out.
 */
export function parameterSetsOf(media: SdpMedia): Uint8Array[] {
  const names = ["sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets"];
  return names.flatMap((name) => media.parameters.get(name)?.split(",") ?? [])
    .flatMap((text) => {
      try {
        const bytes = Uint8Array.from(atob(text.trim()), (char) => char.charCodeAt(0));
        return bytes.length > 0 && bytes.length < 4096 ? [bytes] : [];
      } catch {
        return [];
      }
    });
}
