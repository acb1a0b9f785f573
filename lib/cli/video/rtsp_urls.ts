/**
 * What other programs need to play a stream. Never a password: each program has a place of its own
 * for it.
 *
 * @module
 */

import { rtspPath, rtspUrl } from "../../media/rtsp/paths.ts";
import type { NamedTarget } from "../targets.ts";
import { LOCAL_HOST, LOCAL_PORT } from "../tunnel/forward_spec.ts";
import { shellQuote } from "../text.ts";

/** Programs that snippets are made for. */
export const PLAYERS = ["url", "vlc", "ffplay", "go2rtc", "frigate"] as const;

/** A program. */
export type Player = typeof PLAYERS[number];

/** Which stream. */
export interface UrlChoice {
  readonly channel: number;
  readonly subtype: number;
  readonly rtspPort: number;
  readonly rtspTemplate: string;
}

/**
 * A URL, or the lines that a program's configuration needs. A device that is reached by its serial
 * number is at the local end of `dhip tunnel`.
 */
export function streamText(target: NamedTarget, choice: UrlChoice, player: Player): string {
  const { address, user, name } = target;
  const { rtspPort, rtspTemplate, channel } = choice;
  const [host, port] = address.serial === undefined
    ? [address.host, rtspPort]
    : [LOCAL_HOST, LOCAL_PORT];
  const url = (subtype: number, account: string | undefined = user) =>
    rtspUrl(host, port, rtspPath(rtspTemplate, { channel, subtype }), account);
  // A password in the place of one: the programs fill it in from their own environment.
  const withVariable = (subtype: number, variable: string) =>
    url(subtype).replace(
      `//${encodeURIComponent(user)}@`,
      `//${encodeURIComponent(user)}:${variable}@`,
    );
  const key = `${name}_${channel}`.replace(/[^\w]+/g, "_");
  switch (player) {
    case "url":
      return url(choice.subtype);
    case "vlc":
      return `vlc ${shellQuote(url(choice.subtype))}  # asks for the password`;
    case "ffplay":
      return `dhip record ${name} - --channel ${channel} --subtype ${choice.subtype} | ffplay -`;
    case "go2rtc":
      return [
        "streams:",
        `  ${key}: ${withVariable(choice.subtype, "${CAMERA_PASSWORD}")}`,
      ].join("\n");
    case "frigate":
      return [
        "cameras:",
        `  ${key}:`,
        "    ffmpeg:",
        "      inputs:",
        `        - path: ${withVariable(0, "{FRIGATE_RTSP_PASSWORD}")}`,
        "          roles: [record]",
        `        - path: ${withVariable(1, "{FRIGATE_RTSP_PASSWORD}")}`,
        "          roles: [detect]",
      ].join("\n");
  }
}
