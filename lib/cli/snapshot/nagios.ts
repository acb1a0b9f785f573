/**
 * Results for Nagios and what understands its plugins: one line and four exit codes.
 *
 * @module
 */

import type { DhipError } from "../../errors.ts";
import { plain } from "../text.ts";
import type { Measured } from "./prometheus.ts";

/** The line, and the exit code: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
export interface NagiosAnswer {
  readonly line: string;
  readonly exit: 0 | 1 | 2 | 3;
}

const STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;

/** WARNING when some pictures failed, CRITICAL when all did. */
export function nagiosAnswer(
  measured: readonly Measured[],
  failures: readonly DhipError[],
): NagiosAnswer {
  const good = measured.filter(({ ok }) => ok).length;
  const exit = good === measured.length ? 0 : good > 0 ? 1 : 2;
  const [first] = failures;
  const cause = first === undefined ? "" : `: ${first.message}`;
  const words = `${good} of ${measured.length} pictures taken${cause}`;
  const data = measured.flatMap(({ target, channel, seconds, bytes }) => {
    const label = (what: string) =>
      `'${`${target} ${channel ?? ""} ${what}`.replace(/ +/g, " ").replace(/['=|]/g, "_")}'`;
    return [
      `${label("time")}=${seconds}s;;;0`,
      ...(bytes === null ? [] : [`${label("size")}=${bytes}B;;;0`]),
    ];
  });
  return answer(exit, words, data);
}

/** The answer when nothing could be found out: it says nothing about the cameras. */
export function nagiosUnknown(error: DhipError): NagiosAnswer {
  return answer(3, error.message, []);
}

/** Failures on this side: the cameras may be well. */
const OURS: ReadonlySet<string> = new Set([
  "DHIP_USAGE",
  "DHIP_CONFIG",
  "DHIP_NO_PASSWORD",
  "DHIP_FILE",
  "DHIP_INTERNAL",
  "DHIP_INTERRUPTED",
]);

/** True for a failure that says nothing about the device. */
export function isOurs({ code }: DhipError): boolean {
  return OURS.has(code);
}

function answer(exit: NagiosAnswer["exit"], words: string, data: readonly string[]): NagiosAnswer {
  // A bar begins the performance data.
  const text = plain(`SNAPSHOT ${STATES[exit]} - ${words}`).replaceAll("|", "/");
  const tail = data.length === 0 ? "" : ` | ${data.map(plain).join(" ")}`;
  return { line: `${text}${tail}`, exit };
}
