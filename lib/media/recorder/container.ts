/**
 * The kinds of files that can be written, and what sound each of them holds.
 *
 * @module
 */

import type { AudioCodec, MediaTrack } from "../unit.ts";

/** Kinds of files. */
export type Container = "mp4" | "mov" | "mkv" | "ts";

/**
 * What becomes of sound. `auto`: as it is where the file can hold it, else AAC, else PCM, else none.
 * `copy`: as it is or not at all.
 */
export type AudioMode = "auto" | "copy" | "aac" | "pcm" | "none";

/** How sound is written. */
export type SoundForm = "copy" | "aac" | "pcm";

const EXTENSIONS: Readonly<Record<string, Container>> = {
  mp4: "mp4",
  m4v: "mp4",
  mov: "mov",
  mkv: "mkv",
  ts: "ts",
  mts: "ts",
};

/** The kind of file that a name asks for; undefined for an unknown extension. */
export function containerOf(path: string): Container | undefined {
  return EXTENSIONS[/\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? ""];
}

/** Sound that a file holds without a change of its bytes. */
const COPIED: Readonly<Record<Container, readonly AudioCodec[]>> = {
  mp4: ["aac"],
  mov: ["aac", "alaw", "mulaw", "s16le"],
  mkv: ["aac", "s16le"],
  ts: ["aac"],
};

/** Sound that can be decoded, and so be written as AAC or PCM. */
const DECODED: readonly AudioCodec[] = ["alaw", "mulaw", "s16le", "s8"];

/** Sample rates of the AAC encoder, in hertz. */
const AAC_RATES = [7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000];

/**
 * How sound is written, or why not.
 *
 * @param encoder whether there is an AAC encoder
 */
export function soundForm(
  track: MediaTrack,
  container: Container,
  mode: AudioMode,
  encoder: boolean,
): { readonly form: SoundForm } | { readonly form: undefined; readonly why: string } {
  const codec = track.codec as AudioCodec;
  const copied = COPIED[container].includes(codec) &&
    (codec !== "aac" || (track.config !== undefined && track.config.length >= 2));
  const decoded = DECODED.includes(codec);
  const pcm = container === "mov" || container === "mkv";
  const aac = decoded && encoder && AAC_RATES.includes(track.clockRate) && track.channels <= 2;
  const none = (why: string) => ({ form: undefined, why });
  const name = NAMES[codec] ?? codec;
  const file = container.toUpperCase();
  switch (mode) {
    case "none":
      return none("none is wanted");
    case "copy":
      return copied ? { form: "copy" } : none(`${file} does not hold ${name}`);
    case "aac":
      if (codec === "aac" && copied) return { form: "copy" };
      return aac ? { form: "aac" } : none(`${name} cannot be made AAC here`);
    case "pcm":
      if (!pcm) return none(`${file} holds no PCM; .mov and .mkv do`);
      return decoded ? { form: "pcm" } : none(`${name} cannot be decoded`);
    case "auto":
      // PCM plays everywhere that MOV and MKV do; G.711 in them does not.
      if (copied && (codec === "aac" || pcm && codec === "s16le")) return { form: "copy" };
      if (pcm && decoded) return { form: "pcm" };
      if (aac) return { form: "aac" };
      return none(
        `${file} does not hold ${name}${decoded ? "; .mov and .mkv hold it as PCM" : ""}`,
      );
  }
}

const NAMES: Readonly<Partial<Record<AudioCodec, string>>> = {
  aac: "AAC",
  alaw: "G.711 A-law",
  mulaw: "G.711 mu-law",
  s16le: "PCM",
  s8: "8-bit PCM",
  mp2: "MP2",
  mp3: "MP3",
  adpcm: "ADPCM",
};
