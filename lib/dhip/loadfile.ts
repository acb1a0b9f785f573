/**
 * Where a device's files and live streams are asked for: every form of `RPC_Loadfile` in one place.
 *
 * | form      | request                                  | who is asking            | source                                          |
 * | --------- | ---------------------------------------- | ------------------------ | ----------------------------------------------- |
 * | `cgi`     | `GET /cgi-bin/RPC_Loadfile<path>`        | Digest, no session       | python-amcrest; measured on an NVR (DahuaBridge) |
 * | `session` | `GET /RPC_Loadfile<path>`                | cookie of an RPC2 session | python-dhip, dahua-rpc                          |
 * | `time`    | `GET /cgi-bin/loadfile.cgi?action=…`     | Digest, no session       | one source                                      |
 * | live      | `GET /RPC_Loadfile/<object>`             | cookie of an RPC2 session | python-dhip, never seen on a device             |
 *
 * @module
 */

/** A way to ask for a recorded file. */
export type FileForm = "cgi" | "session" | "time";

/** The ways, the preferred one first: one without a session takes none of the device's few. */
export const FILE_FORMS: readonly FileForm[] = ["cgi", "session", "time"];

/** What is asked for by time. */
export interface TimeRequest {
  /** Channel, from 1: this is the web API. */
  readonly channel: number;
  /** Start by the device's clock, `YYYY-MM-DD HH:MM:SS`. */
  readonly from: string;
  /** End, in the same form. */
  readonly to: string;
  /** Stream: 0 is the main one. */
  readonly subtype: number;
}

/** The target for a file by its path on the device. */
export function fileTarget(form: "cgi" | "session", path: string): string {
  return `${form === "cgi" ? "/cgi-bin" : ""}/RPC_Loadfile${escapePath(path)}`;
}

/** The target for what was recorded within a time. */
export function timeTarget({ channel, from, to, subtype }: TimeRequest): string {
  const query = [
    "action=startLoad",
    `channel=${channel}`,
    `startTime=${encodeURIComponent(from)}`,
    `endTime=${encodeURIComponent(to)}`,
    `subtype=${subtype}`,
  ];
  return `/cgi-bin/loadfile.cgi?${query.join("&")}`;
}

/** The target for the live stream of a `streamReader`. */
export function liveTarget(object: number): string {
  return `/RPC_Loadfile/${object}`;
}

/**
 * A path with everything escaped that cannot stand in a target: `[ ] @` (the names of recordings
 * are full of them), blanks, `%`, `?` and `#`.
 */
function escapePath(path: string): string {
  const absolute = path.startsWith("/") ? path : `/${path}`;
  return absolute.toWellFormed().split("/").map(encodeURIComponent).join("/");
}
