/**
 * The faults that are active on one device, and when each of them strikes.
 *
 * @module
 */

import type { FaultValue, ResolvedFault } from "./faults.ts";
import type { Random } from "./prng.ts";

/** Options of a fault at the moment it strikes. */
export class Strike {
  readonly #options: Readonly<Record<string, FaultValue>>;

  /** Wraps checked options. */
  constructor(options: Readonly<Record<string, FaultValue>>) {
    this.#options = options;
  }

  /** A number of the table. */
  number(name: string): number {
    return Number(this.#options[name] ?? 0);
  }

  /** A word of the table. */
  text(name: string): string {
    return String(this.#options[name] ?? "");
  }

  /** A yes or no of the table. */
  flag(name: string): boolean {
    return this.#options[name] === true;
  }
}

interface Active {
  readonly strike: Strike;
  readonly method: string;
  readonly probability: number;
  toPass: number;
  left: number;
}

/** Active faults by name. Setting one again replaces it. */
export class FaultBoard {
  readonly #active = new Map<string, Active>();
  readonly #struck = new Map<string, number>();
  readonly #random: Random;

  /** Makes an empty board. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** True when no fault is active: the fast path of every reply. */
  get none(): boolean {
    return this.#active.size === 0;
  }

  /** Activates a fault. */
  set(fault: ResolvedFault): void {
    const strike = new Strike(fault.options);
    const times = strike.number("times");
    this.#active.set(fault.info.name, {
      strike,
      method: strike.text("method"),
      probability: "probability" in fault.options ? strike.number("probability") : 1,
      // Only faults of replies let some pass; `after` of session-expiry counts something else.
      toPass: "method" in fault.options ? strike.number("after") : 0,
      left: times === 0 ? Infinity : times,
    });
  }

  /** Ends a fault; false when it was not active. */
  clear(name: string): boolean {
    return this.#active.delete(name);
  }

  /** The fault, when it is active, without counting a strike. */
  peek(name: string): Strike | undefined {
    return this.#active.get(name)?.strike;
  }

  /** Lets a fault strike if it is active and its conditions hold. */
  strike(name: string, method?: string): Strike | undefined {
    const fault = this.#active.get(name);
    if (fault === undefined) return undefined;
    if (fault.method !== "" && fault.method !== method) return undefined;
    if (fault.toPass > 0) {
      fault.toPass--;
      return undefined;
    }
    if (fault.probability < 1 && this.#random.next() >= fault.probability) return undefined;
    this.count(name);
    if (--fault.left <= 0) this.#active.delete(name);
    return fault.strike;
  }

  /** Counts a strike that the board did not decide. */
  count(name: string): void {
    this.#struck.set(name, (this.#struck.get(name) ?? 0) + 1);
  }

  /** Names of the active faults. */
  names(): string[] {
    return [...this.#active.keys()];
  }

  /** How often each fault has struck. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#struck);
  }
}
