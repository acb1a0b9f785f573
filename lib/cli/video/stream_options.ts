/**
 * The options of all commands that play a stream, and how a target's own settings complete them.
 *
 * @module
 */

import { CHANNEL_SPEC } from "../channel_spec.ts";
import type { NamedTarget } from "../targets.ts";
import type { OptionSpecs } from "../option_spec.ts";
import { usageError } from "../usage.ts";
import { integer, oneOf, port, streamTemplate } from "../values.ts";

/** Which stream. */
export const STREAM = {
  channel: { ...CHANNEL_SPEC, default: 1 },
  subtype: {
    value: "N",
    type: integer(0, 9),
    default: 0,
    summary: "0 is the main stream, 1 and more are sub-streams",
  },
} as const satisfies OptionSpecs;

/** How RTSP is reached; the config file has both for each device. */
export const RTSP = {
  rtspPort: {
    value: "PORT",
    type: port,
    env: "DHIP_RTSP_PORT",
    otherwise: "554",
    summary: "RTSP port",
  },
  template: {
    value: "PATH",
    type: streamTemplate,
    otherwise: "dahua",
    summary: "RTSP path: dahua, onvif, zenointel, or one with {channel} and {subtype}",
  },
} as const satisfies OptionSpecs;

/** How a stream comes. */
export const WAY = {
  via: {
    value: "WAY",
    type: oneOf("auto", "rtsp", "http"),
    default: "auto",
    summary: "rtsp, http (native stream, takes a session), or auto: the first that plays",
  },
  udp: { summary: "Packets over UDP instead of inside the RTSP connection" },
} as const satisfies OptionSpecs;

/** Values of {@linkcode RTSP}, with what the config file says about the target. */
export function rtspOf(
  target: NamedTarget,
  options: { readonly rtspPort: number | undefined; readonly template: string | undefined },
): { rtspPort: number; rtspTemplate: string } {
  const own = target.device?.settings;
  return {
    rtspPort: options.rtspPort ?? own?.rtspPort as number | undefined ?? 554,
    rtspTemplate: options.template ?? own?.rtspTemplate as string | undefined ?? "dahua",
  };
}

/**
 * How the packets of a stream come.
 *
 * @throws {DhipError} `DHIP_USAGE` for UDP through a tunnel
 */
export function transportOf(
  { address, name }: NamedTarget,
  { udp }: { readonly udp: boolean },
): "tcp" | "udp" {
  if (!udp) return "tcp";
  if (address.serial === undefined) return "udp";
  throw usageError(
    `--udp does not go through the tunnel to ${name}`,
    "Leave it out: packets inside the RTSP connection do.",
  );
}
