/**
 * The options that every command takes.
 *
 * @module
 */

import { FORMATS } from "./view.ts";
import { channelBase, decimal, duration, integer, oneOf, port, streamTemplate } from "./values.ts";
import type { OptionSpecs, OptionValues } from "./option_spec.ts";

/** Options of every command that talks to a device. */
export const CONNECTION = {
  target: {
    short: "t",
    value: "TARGET",
    many: true,
    fills: "target",
    offers: "target",
    summary: "Device to work on; may be repeated",
  },
  user: {
    short: "u",
    value: "USER",
    otherwise: "the device's own, DHIP_USER, admin",
    summary: "User name",
  },
  password: {
    short: "P",
    value: "PASSWORD",
    summary: "Password; all users of this computer can see it, so prefer the others",
  },
  passwordStdin: {
    summary: "Password from standard input; DHIP_PASSWORD_FILE, DHIP_PASSWORD and the config " +
      "file work too",
  },
  dhipPort: {
    short: "p",
    value: "PORT",
    type: port,
    env: "DHIP_PORT",
    config: "device",
    otherwise: "5000",
    summary: "DHIP port of targets that name none",
  },
  httpPort: {
    value: "PORT",
    type: port,
    env: "DHIP_HTTP_PORT",
    config: "device",
    otherwise: "80, with TLS 443",
    summary: "HTTP port of targets that name none",
  },
  transport: {
    value: "WAY",
    type: oneOf("auto", "dhip", "http"),
    env: "DHIP_TRANSPORT",
    config: "device",
    otherwise: "auto",
    summary: "auto, dhip or http; auto takes http where nothing speaks dhip",
  },
  tls: {
    config: "device",
    summary: "HTTP over TLS; an unknown certificate is remembered and must not change",
  },
  insecure: { summary: "Accept any certificate, of a single target and for this run" },
  allowPlain: {
    config: "device",
    summary: "Go on without TLS where that of the device is too old to use",
  },
  timeout: {
    value: "SECONDS",
    type: duration,
    env: "DHIP_TIMEOUT",
    config: "device",
    otherwise: "10 s",
    summary: "Limit for connecting and for each answer: 10, 1.5, 500ms, 2m",
  },
  concurrency: {
    value: "N",
    type: integer(1, 1000),
    default: 8,
    env: "DHIP_CONCURRENCY",
    config: "defaults",
    summary: "Devices worked on at the same time",
  },
  cloud: {
    value: "NAME",
    config: "device",
    otherwise: "[cloud] of the config file, and DHIP_CLOUD_*",
    summary: "P2P cloud that sn:SERIAL is registered with: [cloud.NAME] of the config file",
  },
  auth: {
    value: "WAY",
    type: oneOf("auto", "none", "device"),
    config: "device",
    otherwise: "auto",
    summary:
      "Whether sn:SERIAL gets a signature of its password for the tunnel: auto, as it asks " +
      "for, none or device",
  },
  allowCleartextLogin: {
    config: "device",
    summary: "Log in even when the device wants the password in clear text",
  },
} as const satisfies OptionSpecs;

/** What the config file says of a device and no option of every command does. */
export const DEVICE_ONLY = {
  rtspPort: { value: "PORT", type: port, config: "device", summary: "RTSP port" },
  rtspTemplate: {
    value: "PATH",
    type: streamTemplate,
    config: "device",
    summary: "RTSP path: dahua, onvif, zenointel, or one with {channel} and {subtype}",
  },
  snapshotChannelBase: {
    value: "BASE",
    type: channelBase,
    config: "device",
    summary: "What its web API calls the first channel of a picture: 1, 0 or none",
  },
  locationFullscale: {
    value: "STEPS",
    type: decimal(1, 1e9),
    config: "device",
    summary: "Steps of a full turn and of the whole tilt, where positions come in steps",
  },
  tiltSpan: {
    value: "DEGREES",
    type: decimal(1, 360),
    config: "device",
    summary: "Degrees of the whole tilt, where positions come in steps",
  },
} as const satisfies OptionSpecs;

/** Options of every command. */
export const GENERAL = {
  output: {
    short: "o",
    value: "FORMAT",
    type: oneOf(...FORMATS),
    env: "DHIP_OUTPUT",
    config: "defaults",
    otherwise: "table on a terminal, else json",
    summary: "table, json, ndjson or csv",
  },
  config: {
    value: "FILE",
    env: "DHIP_CONFIG",
    otherwise: "~/.config/dhip/config.toml",
    summary: "Config file",
  },
  quiet: { short: "q", summary: "No warnings and notes" },
  verbose: { short: "v", count: true, summary: "Log the steps; -vv also every message" },
  logJson: { summary: "Log as one JSON object a line" },
  help: { short: "h", summary: "Show this help" },
} as const satisfies OptionSpecs;

/**
 * The connection options for one device: what the line says, else what the device's entry in the
 * config file says, else what applies to all.
 */
export function connectionOf(
  values: ConnectionValues,
  given: ReadonlySet<string>,
  own: Readonly<Record<string, unknown>> = {},
): ConnectionValues {
  return {
    ...values,
    ...Object.fromEntries(Object.entries(own).filter(([key]) => !given.has(key))),
  };
}

/** Values of {@linkcode CONNECTION}, with what the config file adds for one device. */
export type ConnectionValues =
  & OptionValues<typeof CONNECTION>
  & Partial<OptionValues<typeof DEVICE_ONLY>>;

/** Values of {@linkcode GENERAL}. */
export type GeneralValues = OptionValues<typeof GENERAL>;
