/**
 * A diagnosis to hand on: to a forum, a colleague, a bug report.
 *
 * @module
 */

import { maskSecrets } from "../config_secrets.ts";
import type { Diagnosis } from "./diagnose.ts";

/** What goes into a bundle beside the diagnosis. */
export interface BundleOptions {
  /** When it is made. */
  readonly made: Date;
  /** Version of dhip, runtime and platform, in one line. */
  readonly program: string;
  /** How the device was named; also what is blotted out. */
  readonly target: { readonly name: string; readonly host: string; readonly user: string };
  /** Keeps serial number, MAC, addresses and names. Default false. */
  readonly identity?: boolean | undefined;
}

/** A bundle: plain JSON. */
export interface Bundle {
  /** What this is. */
  readonly format: "dhip-doctor-1";
  /** What is in it, for whoever is about to post it. */
  readonly about: string;
  /** ISO 8601 UTC. */
  readonly made: string;
  /** Version of dhip, runtime and platform. */
  readonly program: string;
  /** Null without identity. */
  readonly target: string | null;
  /** See `Diagnosis.findings`. */
  readonly findings: unknown;
  /** See `Diagnosis.system`. */
  readonly system: unknown;
  /** See `Diagnosis.tables`. */
  readonly tables: unknown;
}

const CONTENTS =
  "Findings, versions and the tables on streams, time and recording. Passwords are masked.";

/** Makes a bundle. No secret is ever in it; who and where the device is only on request. */
export function makeBundle(diagnosis: Diagnosis, options: BundleOptions): Bundle {
  const { made, program, target, identity = false } = options;
  const { findings, system, tables } = diagnosis;
  const content = {
    findings,
    system: system === null ? null : { ...system, problems: system.problems.map(problemOf) },
    tables: maskSecrets(tables),
  };
  const host = target.host.replace(/:\d+$/, "");
  const known = [target.host, host, host.replace(/^sn:/, ""), target.name, target.user];
  const names = [system?.serial, system?.name].filter((text) => typeof text === "string");
  return {
    format: "dhip-doctor-1",
    about: CONTENTS +
      (identity
        ? " Serial number, addresses and names are in it: do not post it in public."
        : " Serial numbers, MAC and network addresses and names are blotted out."),
    made: made.toISOString(),
    program,
    target: identity ? target.host : null,
    ...(identity ? content : blotted(content, [...known, ...names]) as typeof content),
  };
}

function problemOf(
  { field, error: { code, message } }: NonNullable<Diagnosis["system"]>["problems"][number],
): unknown {
  return { field, code, message };
}

const BLOT = "<removed>";
/** Members that say who or where somebody is. */
const IDENTITY_NAME =
  /^(?:serial|sn|name|host|hostname|url|domain|user|username|sha256)$|address|gateway/i;
/** Members whose texts look like addresses and are none. */
const VERSION_NAME = /version|firmware|hardware/i;
const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const ADDRESSES = new RegExp(
  [
    `(?<![\\d.])${OCTET}(?:\\.${OCTET}){3}(?![\\d.])`,
    "(?<![\\w-])[0-9a-f]{2}(?:-[0-9a-f]{2}){5}(?![\\w-])",
    // MAC, IPv6, and fingerprints of certificates; but no time of day.
    "(?<![\\w:])(?:[0-9a-f]{1,4}:){5,}[0-9a-f]{1,4}(?![\\w:])",
    "(?<![\\w:])[0-9a-f]{0,4}(?::[0-9a-f]{1,4})*::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?(?![\\w:])",
  ].join("|"),
  "gi",
);

/** A copy without identities: known texts, addresses, and members that are named so. */
function blotted(value: unknown, known: readonly string[]): unknown {
  // The longest first: a host with its port before the host. Everybody's user is `admin`.
  const words = [...new Set(known)].filter((text) => text !== "" && text !== "admin")
    .sort((a, b) => b.length - a.length)
    .map((text) => `(?<![\\p{L}\\p{N}])${RegExp.escape(text)}(?![\\p{L}\\p{N}])`);
  const anyWord = new RegExp(words.length === 0 ? "(?!)" : words.join("|"), "gu");
  const clean = (text: string) => text.replace(anyWord, BLOT);
  const walk = (node: unknown, name: string): unknown => {
    if (typeof node === "string") {
      if (node === "") return node;
      if (IDENTITY_NAME.test(name)) return BLOT;
      return VERSION_NAME.test(name) ? clean(node) : clean(node).replace(ADDRESSES, BLOT);
    }
    if (Array.isArray(node)) return node.map((item) => walk(item, name));
    if (typeof node !== "object" || node === null) return node;
    const walked = Object.entries(node).map(([key, item]) => [key, walk(item, keyOf(key, name))]);
    return Object.fromEntries(walked);
  };
  return walk(value, "");
}

/** `firmware.version` and `firmware.build` are both about a version. */
function keyOf(key: string, parent: string): string {
  return VERSION_NAME.test(parent) ? parent : key;
}
