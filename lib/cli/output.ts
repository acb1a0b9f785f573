/**
 * Results on standard output, in the format the user wants.
 *
 * @module
 */

import { csvText } from "./csv.ts";
import { envelopeOf } from "./failure.ts";
import type { DhipError } from "../errors.ts";
import type { ResultSink } from "./io.ts";
import { jsonText, plain } from "./text.ts";
import type { Format, Grid, View } from "./view.ts";

/** What became of one target: a result, a failure, or a result with something wrong about it. */
export interface Outcome<T> {
  readonly target: string;
  readonly result?: T;
  readonly error?: DhipError | undefined;
}

/** Prints results. The only writer of standard output. */
export class Output {
  /** The format in force. */
  readonly format: Format;
  readonly #sink: ResultSink;
  readonly #color: boolean;

  /** Prints to `sink`; `format` undefined is a table on a terminal, else JSON. */
  constructor(sink: ResultSink, format: Format | undefined, noColor: boolean) {
    this.#sink = sink;
    this.format = format ?? (sink.isTerminal ? "table" : "json");
    this.#color = sink.isTerminal && !noColor;
  }

  /** Prints text as it is. */
  text(text: string): Promise<void> {
    return this.#sink.write(text);
  }

  /** Passes bytes on. */
  bytes(bytes: Uint8Array): Promise<void> {
    return this.#sink.write(bytes);
  }

  /** Prints one JSON document, indented by 2. */
  json(value: unknown): Promise<void> {
    return this.text(`${jsonText(value, 2)}\n`);
  }

  /** Prints one JSON document on one line. */
  line(value: unknown): Promise<void> {
    return this.text(`${jsonText(value)}\n`);
  }

  /** Prints the result of a single target. */
  async result<T>(result: T, view: View<T>): Promise<void> {
    if (result === undefined) return; // work that has none
    switch (this.format) {
      case "json":
        return await this.json(jsonOf(view, result));
      case "ndjson": {
        const value = jsonOf(view, result);
        for (const item of Array.isArray(value) ? value : [value]) await this.line(item);
        return;
      }
      case "csv":
        return await this.#csv(csvGrid(view, result));
      case "table": {
        const shown = view.table(result, false);
        return await (typeof shown === "string" ? this.text(lines(shown)) : this.#table(shown));
      }
    }
  }

  /** Prints the outcome of one of several targets, in the format that has a line for each. */
  async outcome<T>(outcome: Outcome<T>, view: View<T>): Promise<void> {
    if (this.format === "ndjson") await this.line(outcomeJson(outcome, view));
  }

  /** Prints the outcomes of several targets, in the formats that are one document. */
  async outcomes<T>(outcomes: readonly Outcome<T>[], view: View<T>): Promise<void> {
    switch (this.format) {
      case "ndjson":
        return;
      case "json":
        return await this.json(outcomes.map((outcome) => outcomeJson(outcome, view)));
      case "csv": {
        const grids = outcomes.flatMap((outcome) => {
          const grid = shownOf(outcome, view, (result) => csvGrid(view, result));
          return grid === undefined ? [] : named(outcome.target, forPrograms(grid));
        });
        return grids.length === 0 ? undefined : await this.#csv(joined(grids));
      }
      case "table": {
        const grids: Grid[] = [];
        for (const outcome of outcomes) {
          const { target } = outcome;
          const shown = shownOf(outcome, view, (result) => view.table(result, true));
          if (typeof shown === "string") await this.text(`${plain(target)}:\n${lines(shown)}`);
          else if (shown !== undefined) grids.push(named(target, shown));
        }
        return grids.length === 0 ? undefined : await this.#table(joined(grids));
      }
    }
  }

  async #table(grid: Grid): Promise<void> {
    const { tableText } = await import("./table.ts");
    const width = this.#sink.isTerminal ? this.#sink.columns : Infinity;
    await this.text(tableText(grid, this.#color, width));
  }

  #csv(grid: Grid): Promise<void> {
    if (!this.#sink.isTerminal) return this.text(csvText(grid));
    const rows = grid.rows.map((row) =>
      row.map((cell) => typeof cell === "string" ? plain(cell) : cell)
    );
    return this.text(csvText({ ...grid, rows }));
  }
}

function hasResult<T>(outcome: Outcome<T>): outcome is Outcome<T> & { readonly result: T } {
  return "result" in outcome;
}

function outcomeJson<T>(outcome: Outcome<T>, view: View<T>): unknown {
  const { target, error } = outcome;
  return {
    target,
    ...(hasResult(outcome) ? { result: jsonOf(view, outcome.result) } : {}),
    ...(error === undefined ? {} : { error: envelopeOf(error) }),
  };
}

function jsonOf<T>(view: View<T>, result: T): unknown {
  return view.json === undefined ? result : view.json(result);
}

function csvGrid<T>(view: View<T>, result: T): Grid {
  const grid = view.csv?.(result) ?? view.table(result, true);
  return typeof grid === "string" ? { head: ["value"], rows: [[grid]] } : forPrograms(grid);
}

/** What a table shows of a target; undefined for a failed one that has no row. */
function shownOf<T, S>(
  outcome: Outcome<T>,
  view: View<T>,
  show: (result: T) => S,
): S | Grid | undefined {
  if (hasResult(outcome)) return show(outcome.result);
  return outcome.error === undefined ? undefined : view.failed?.(outcome.error);
}

/** Headings of a table for people as names of columns: `Refused at` becomes `refused_at`. */
function forPrograms(grid: Grid): Grid {
  const name = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, "_");
  return { ...grid, head: grid.head.map(name) };
}

function named(target: string, grid: Grid): Grid {
  return {
    ...grid,
    head: ["target", ...grid.head],
    rows: grid.rows.map((row) => [target, ...row]),
  };
}

function joined(grids: readonly Grid[]): Grid {
  // Some targets may have columns that others lack.
  const head = [...new Set(grids.flatMap((grid) => grid.head))];
  const rows = grids.flatMap((grid) => {
    const places = head.map((name) => grid.head.indexOf(name));
    return grid.rows.map((row) => places.map((place) => row[place] ?? null));
  });
  return { ...grids[0]!, head, rows };
}

/** Text of a device, line by line without control characters. */
function lines(text: string): string {
  return text.replace(/\n$/, "").split("\n").map((line) => `${plain(line)}\n`).join("");
}
