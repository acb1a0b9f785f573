/**
 * The options that every command takes.
 *
 * @module
 */

import { FORMATS } from "./view.ts";
import { duration, integer, oneOf, port } from "./values.ts";
import type { OptionSpecs, OptionValues } from "./spec.ts";

/** Options of every command that talks to a device. */
export const CONNECTION = {
  target: {
    short: "t",
    value: "TARGET",
    many: true,
    fills: "target",
    summary: "Device to work on; may be repeated",
  },
  user: {
    short: "u",
    value: "USER",
    otherwise: "DHIP_USER, else admin",
    summary: "User name",
  },
  password: {
    short: "P",
    value: "PASSWORD",
    summary: "Password; all users of this computer can see it, so prefer the others",
  },
  passwordStdin: {
    summary: "Password from standard input; DHIP_PASSWORD_FILE and DHIP_PASSWORD work too",
  },
  dhipPort: {
    short: "p",
    value: "PORT",
    type: port,
    env: "DHIP_PORT",
    otherwise: "5000",
    summary: "DHIP port of targets that name none",
  },
  timeout: {
    value: "SECONDS",
    type: duration,
    env: "DHIP_TIMEOUT",
    summary: "Limit for connecting and for each answer: 10, 1.5, 500ms, 2m",
  },
  concurrency: {
    value: "N",
    type: integer(1, 1000),
    default: 8,
    env: "DHIP_CONCURRENCY",
    summary: "Devices worked on at the same time",
  },
  allowCleartextLogin: {
    summary: "Log in even when the device wants the password in clear text",
  },
} as const satisfies OptionSpecs;

/** Options of every command. */
export const GENERAL = {
  output: {
    short: "o",
    value: "FORMAT",
    type: oneOf(...FORMATS),
    env: "DHIP_OUTPUT",
    otherwise: "table on a terminal, else json",
    summary: "table, json, ndjson or csv",
  },
  quiet: { short: "q", summary: "No warnings and notes" },
  verbose: { short: "v", count: true, summary: "Log the steps; -vv also every message" },
  logJson: { summary: "Log as one JSON object a line" },
  help: { short: "h", summary: "Show this help" },
} as const satisfies OptionSpecs;

/** Values of {@linkcode CONNECTION}. */
export type ConnectionValues = OptionValues<typeof CONNECTION>;

/** Values of {@linkcode GENERAL}. */
export type GeneralValues = OptionValues<typeof GENERAL>;
