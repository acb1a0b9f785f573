/**
 * After a gap: asks the device what is under way now, and says where that differs from what the
 * events before the gap told.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import type { Clock } from "../../net/clock.ts";
import type { CallOptions } from "../../net/stream.ts";
import type { Attachment } from "./attachment.ts";
import type { Edges } from "./edges.ts";

/** Limit of one question, in milliseconds. */
const TIMEOUT = 3_000;
/** Unanswered questions in a row after which no more are asked: they would hide a dead link. */
const MOST_UNANSWERED = 2;

/** A start or stop that nobody sent. */
export interface MissedEdge {
  readonly code: string;
  /** 0-based. */
  readonly index: number;
  readonly action: "start" | "stop";
}

/** What the device said. */
export interface Resync {
  /** Codes whose state was read. */
  readonly codes: readonly string[];
  /** What is under way; indexes are 0-based. */
  readonly active: readonly { readonly code: string; readonly index: number }[];
  /** What must have begun or ended in the gap. */
  readonly missed: readonly MissedEdge[];
  /** False when the device did not say for every code. */
  readonly complete: boolean;
}

/**
 * Asks for each code. Events that arrive meanwhile know better than the answer does.
 *
 * @throws {DhipError} when the link broke
 */
export async function resync(
  attachment: Attachment,
  codes: readonly string[],
  edges: Edges,
  clock: Clock,
  { signal }: CallOptions,
): Promise<Resync> {
  const read: string[] = [];
  const active: { code: string; index: number }[] = [];
  const missed: MissedEdge[] = [];
  let unanswered = 0;
  for (const code of codes) {
    if (unanswered >= MOST_UNANSWERED) break;
    const asked = clock.now();
    const now = await attachment.underWay(code, { signal, timeout: TIMEOUT }).catch((error) => {
      // Slow devices leave single questions unanswered. Dead links are noticed by their owner.
      if (error instanceof DhipError && error.code === "DHIP_TIMEOUT") return undefined;
      throw error;
    });
    unanswered = now === undefined ? unanswered + 1 : 0;
    if (now === undefined) continue;
    read.push(code);
    active.push(...now.map((index) => ({ code, index })));
    const { quiet: before, touched } = edges.active(code, asked);
    const turn = (index: number, action: "start" | "stop") => {
      if (touched.includes(index)) return;
      edges.set(code, index, action === "start", clock.now());
      missed.push({ code, index, action });
    };
    for (const index of now) if (!before.includes(index)) turn(index, "start");
    for (const index of before) if (!now.includes(index)) turn(index, "stop");
  }
  return { codes: read, active, missed, complete: read.length === codes.length };
}
