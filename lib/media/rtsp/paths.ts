/**
 * Which path a stream has in RTSP. Forms as observed by python-dhip and DahuaBridge.
 *
 * @module
 */

import { endpoint } from "../../net/tcp.ts";

/** Path templates by name; `{channel}` counts from 1, `{subtype}` is 0 for the main stream. */
const RTSP_TEMPLATES = {
  /** Most devices. */
  dahua: "/cam/realmonitor?channel={channel}&subtype={subtype}",
  /** Most devices, in the form that takes ONVIF's digest. */
  onvif: "/cam/realmonitor?channel={channel}&subtype={subtype}&unicast=true&proto=Onvif",
  /** Zenointel and Rostelecom. */
  zenointel: "/H264?ch={channel}&subtype={subtype}",
} as const;

/** Name of a template. */
export type RtspTemplate = keyof typeof RTSP_TEMPLATES;

/** Which stream. */
export interface StreamChoice {
  /** 1..N. */
  readonly channel: number;
  /** 0 is the main stream, 1 and more are sub-streams. */
  readonly subtype: number;
}

/**
 * The path of a stream.
 *
 * @param template name of a template, or a path in which `{channel}` and `{subtype}` are filled in;
 *   other braces stay
 * @throws {SyntaxError} when it is neither
 */
export function rtspPath(template: string, { channel, subtype }: StreamChoice): string {
  const path = Object.hasOwn(RTSP_TEMPLATES, template)
    ? RTSP_TEMPLATES[template as RtspTemplate]
    : template;
  if (!/^\/[\x21-\x7e]*$/.test(path)) {
    const names = Object.keys(RTSP_TEMPLATES).join(", ");
    throw new SyntaxError(`Not an RTSP path: expected ${names}, or a path that begins with /`);
  }
  return path.replaceAll("{channel}", String(channel)).replaceAll("{subtype}", String(subtype));
}

/**
 * The path of a stretch of a recorder's disk, in the device's local time: that of live pictures with
 * two times (measured by DahuaBridge on an NVR; `/cam/playback` is common elsewhere, unverified).
 */
export function playbackPath(
  { channel, subtype }: StreamChoice,
  from: Temporal.PlainDateTime,
  to: Temporal.PlainDateTime,
): string {
  const text = (time: Temporal.PlainDateTime) =>
    time.toString({ fractionalSecondDigits: 0 }).replace(/[-T:]/g, "_");
  return `/cam/realmonitor?channel=${channel}&subtype=${subtype}` +
    `&starttime=${text(from)}&endtime=${text(to)}`;
}

/** The URL of a stream for other programs. Without a password: it would be seen by everybody. */
export function rtspUrl(host: string, port: number, path: string, user?: string): string {
  const account = user === undefined ? "" : `${encodeURIComponent(user)}@`;
  return `rtsp://${account}${port === 554 ? bracketed(host) : endpoint(host, port)}${path}`;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
