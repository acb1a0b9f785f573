/**
 * Pictures and sound, as `dhip probe` shows them.
 *
 * @module
 */

import type { ProbedAudio, ProbedVideo } from "../../media/probe/unit_probe.ts";
import { lengthText } from "../amounts.ts";
import type { Cell, Grid } from "../view.ts";

/** Lines for people. */
export function trackTexts(
  video: readonly ProbedVideo[],
  audio: readonly ProbedAudio[],
): string[] {
  return [
    ...video.flatMap((track) => [videoText(track), ...gapTexts(track)]),
    ...audio.map(audioText),
  ];
}

/** A row for each stream, behind the columns that all of them share. */
export function trackGrid(
  shared: Readonly<Record<string, Cell>>,
  video: readonly ProbedVideo[],
  audio: readonly ProbedAudio[],
): Grid {
  const before = Object.values(shared);
  return {
    head: [
      ...Object.keys(shared),
      ...["channel", "kind", "codec", "profile", "width", "height"],
      ...["told_fps", "fps", "duration", "frames", "bit_rate", "gaps", "sample_rate"],
    ],
    rows: [
      ...video.map((track): Cell[] => [
        ...[...before, track.channel, "video", track.codec, track.profile],
        ...[track.width, track.height, track.toldFps, track.fps, track.duration, track.frames],
        ...[track.bitRate, track.gapCount, null],
      ]),
      ...audio.map((track): Cell[] => [
        ...[...before, track.channel, "audio", track.codec, null, null, null, null, null],
        ...[track.duration, null, track.bitRate, null, track.sampleRate],
      ]),
    ],
  };
}

function audioText({ channel, codec, sampleRate, channels, duration, bitRate }: ProbedAudio) {
  return `  sound ${channel}: ${codec}, ${sampleRate} Hz, ${channels === 1 ? "mono" : channels}, ` +
    `${lengthText(duration)}, ${rateText(bitRate)}`;
}

function videoText(track: ProbedVideo): string {
  const { channel, codec, profile, width, height, toldFps, fps, gop, frames, bitRate } = track;
  const measured = fps === null ? "" : ` ${fps.toFixed(2)} fps`;
  const told = toldFps === null ? "" : ` (told ${Number(toldFps.toFixed(2))})`;
  const groups = gop === null
    ? ""
    : `, key picture every ${
      gop.shortest === gop.longest ? gop.longest : `${gop.shortest}-${gop.longest}`
    }`;
  const changes = track.changes === 0 ? "" : `, ${track.changes} changes`;
  return `  video ${channel}: ${codec}${profile === null ? "" : ` ${profile}`}, ` +
    `${width ?? "?"}x${height ?? "?"},${measured}${told}${groups}, ${frames} pictures, ` +
    `${lengthText(track.duration)}, ${rateText(bitRate)}${changes}`;
}

function gapTexts({ gaps, gapCount }: ProbedVideo): string[] {
  if (gapCount === 0) return [];
  const shown = gaps.slice(0, 5).map(({ from, to }) =>
    `${lengthText(from)} for ${(to - from).toFixed(1)} s`
  );
  const more = gapCount > shown.length ? `, and ${gapCount - shown.length} more` : "";
  return [`    gaps: ${shown.join(", ")}${more}`];
}

function rateText(bitRate: number | null): string {
  return bitRate === null ? "? kbit/s" : `${(bitRate / 1000).toFixed(0)} kbit/s`;
}
