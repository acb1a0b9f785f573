/**
 * What a logged-in session finds out. Only reads.
 *
 * @module
 */

import { object } from "../_fields.ts";
import type { ClockReading } from "../clock.ts";
import { DahuaClock } from "../dahua_clock.ts";
import { DahuaSystem } from "../dahua_system.ts";
import type { SystemInfo } from "../system.ts";
import type { RpcSession } from "../../dhip/session.ts";
import { DhipError } from "../../errors.ts";
import { systemClock } from "../../net/clock.ts";
import {
  clockFinding,
  ntpFinding,
  sessionsFinding,
  storageFinding,
  streamFindings,
} from "./device_findings.ts";
import { type Check, type Finding, finding } from "./finding.ts";

/** What was found out. */
export interface Examination {
  readonly findings: readonly Finding[];
  readonly system: SystemInfo | null;
  readonly tables: Readonly<Record<string, unknown>>;
}

/** How to examine. */
export interface ExamineOptions {
  readonly signal: AbortSignal | undefined;
  /** Reads what the device is and further tables. */
  readonly collect: boolean;
  /** This host's time in milliseconds. */
  readonly now: () => number;
}

/** A table that every device has: who may not read it lacks a right. */
const USUAL = "Encode";
/** Tables that findings come from. */
const READ = [USUAL, "SmartEncode"];
/** Tables that help whoever has to understand a trouble from afar. */
const COLLECTED = [...READ, "NTP", "Locales", "RecordMode", "RTSP", "VideoStandard"];

/** What ends every question alike. */
const BROKEN: ReadonlySet<string> = new Set([
  "DHIP_CONNECTION_LOST",
  "DHIP_SESSION_LOST",
  "DHIP_TUNNEL_LOST",
  "DHIP_CLOSED",
]);
/** What an absent method or table is answered with; nothing can be said then. */
const ABSENT: ReadonlySet<string> = new Set([
  "DHIP_METHOD_NOT_FOUND",
  "DHIP_DEVICE_REFUSED",
  "DHIP_BAD_PARAMS",
  "DHIP_STALE_OBJECT",
  "DHIP_NOT_SUPPORTED",
]);

/**
 * Asks everything that makes findings. A question that the device refuses costs only its own.
 *
 * @throws {DhipError} `DHIP_INTERRUPTED`
 */
export async function examine(
  session: RpcSession,
  { signal, collect, now }: ExamineOptions,
): Promise<Examination> {
  const troubles: Finding[] = [];
  let broken: Finding | undefined;
  /** The answer, or undefined with the trouble noted. A refusal counts if `what` is named. */
  const ask = async (
    check: Check,
    what: string | undefined,
    work: () => Promise<unknown>,
  ): Promise<unknown> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DhipError) || error.code === "DHIP_INTERRUPTED") throw error;
      const { code, message, hint = null } = error;
      if (code === "DHIP_NO_PERMISSION") {
        if (what === undefined) return undefined;
        const cause = `This user may not read ${what}`;
        const remedy = "Use an account of the admin group, or allow it for this user";
        troubles.push(finding("permission", "warning", cause, remedy, { what }));
      } else if (BROKEN.has(code)) {
        broken ??= finding("login", "problem", `The session broke: ${message}`, hint, { code });
      } else if (!ABSENT.has(code)) {
        troubles.push(finding(check, "warning", message, hint, { code }));
      }
      return undefined;
    }
  };
  const table = (name: string) =>
    ask("stream", name === USUAL ? `the table ${name}` : undefined, async () => {
      const payload = await session.call("configManager.getConfig", { name }, { signal });
      return object(payload).table;
    });
  const names = collect ? COLLECTED : READ;
  const reader = new DahuaClock({
    host: session.host,
    clock: systemClock,
    request: (method, params, options) => session.request(method, params, options),
  });
  // First and alone: what else is under way delays the answer.
  const clock = await ask("clock", "the clock", () => reader.read({ signal, now })) as
    | ClockReading
    | undefined;
  const [users, storage, system, ...values] = await Promise.all([
    ask(
      "sessions",
      "who is logged in",
      () => session.call("userManager.getActiveUserInfoAll", null, { signal }),
    ),
    ask(
      "storage",
      "the state of its storage",
      () => session.instances.call("storage", {}, "getDeviceAllInfo", null, { signal }),
    ),
    collect
      ? ask("login", "what the device is", () => new DahuaSystem(session).info({ signal }))
      : undefined,
    ...names.map(table),
  ]);
  const tables = Object.fromEntries(
    names.map((name, at) => [name, values[at]]).filter(([, value]) => value !== undefined),
  );
  const findings = [
    clock && clockFinding(clock),
    sessionsFinding(users),
    ...streamFindings(tables.Encode, tables.SmartEncode),
    storageFinding(storage),
    ntpFinding(clock?.ntp ?? null),
    ...troubles,
    broken,
  ].filter((found) => found !== undefined);
  return {
    findings,
    system: (system as SystemInfo | undefined) ?? null,
    tables: collect ? tables : {},
  };
}
