/**
 * How a tunnel fares: a line that is kept up to date on a terminal, one every few seconds elsewhere.
 *
 * @module
 */

import type { TunnelStats } from "../../p2p/tunnel.ts";
import { sizeText } from "../amounts.ts";
import type { Context } from "../context.ts";

/** Between two looks of a person, in milliseconds. */
const BAR_EVERY = 1_000;
/** Between two lines where nobody watches, in milliseconds. */
const LINE_EVERY = 5_000;

/** Shows the figures of a tunnel until it is disposed. */
export class TunnelStatus implements Disposable {
  readonly #context: Pick<Context, "log" | "io">;
  readonly #name: string;
  readonly #tunnel: { stats(): TunnelStats };
  readonly #reporter: { readonly asEvents: boolean };
  #timer: ReturnType<typeof setInterval> | undefined;
  #before: Sample | undefined;
  #toldAt = 0;
  #told: TunnelStats | undefined;

  /** Shows nothing before {@linkcode start}. */
  constructor(
    context: Pick<Context, "log" | "io">,
    name: string,
    tunnel: { stats(): TunnelStats },
    reporter: { readonly asEvents: boolean },
  ) {
    this.#context = context;
    this.#name = name;
    this.#tunnel = tunnel;
    this.#reporter = reporter;
  }

  /** Begins to show them. */
  start(): void {
    this.#toldAt = this.#context.io.now();
    this.show();
    this.#timer = setInterval(() => this.show(), BAR_EVERY);
  }

  /** Shows them, where it is time to. */
  show(): void {
    const { log, io } = this.#context;
    const now = { at: io.now(), stats: this.#tunnel.stats() };
    const before = this.#before ?? now;
    this.#before = now;
    if (log.bar(() => `${this.#name}  ${statusText(before, now).join("  ")}`)) return;
    // Programs get events; a log is not filled with lines about nothing.
    const { stats, at } = now;
    if (this.#reporter.asEvents || at - this.#toldAt < LINE_EVERY || !this.#hasNews(stats)) return;
    const since = this.#told === undefined ? before : { at: this.#toldAt, stats: this.#told };
    const { bytesIn, bytesOut } = stats;
    const totals = `${sizeText(bytesIn)} in and ${sizeText(bytesOut)} out so far`;
    log.notice(`${this.#name}: ${[...statusText(since, now), totals].join(", ")}`);
    this.#toldAt = at;
    this.#told = stats;
  }

  /** Takes the line away. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#context.log.bar(() => "");
  }

  #hasNews({ bytesIn, bytesOut, path, connections }: TunnelStats): boolean {
    const told = this.#told;
    return told === undefined
      ? bytesIn + bytesOut > 0
      : told.bytesIn !== bytesIn || told.bytesOut !== bytesOut || told.path !== path ||
        told.connections !== connections;
  }
}

/** Figures at a time, in milliseconds. */
export interface Sample {
  readonly at: number;
  readonly stats: TunnelStats;
}

/** The figures, with the rates since an earlier time. What a narrow terminal cuts off stands last. */
export function statusText(before: Sample, { at, stats }: Sample): string[] {
  const { path, roundTrip, loss, bytesIn, bytesOut, connections } = stats;
  const seconds = Math.max(0.001, (at - before.at) / 1000);
  const rate = (amount: number, earlier: number) =>
    `${sizeText(Math.max(0, amount - earlier) / seconds)}/s`;
  return [
    path ?? "not connected",
    ...(path === null || roundTrip === null ? [] : [`${Math.round(roundTrip)} ms`]),
    ...(path === null ? [] : [`loss ${(loss * 100).toFixed(1)} %`]),
    connections === 1 ? "1 connection" : `${connections} connections`,
    `in ${rate(bytesIn, before.stats.bytesIn)}`,
    `out ${rate(bytesOut, before.stats.bytesOut)}`,
  ];
}
