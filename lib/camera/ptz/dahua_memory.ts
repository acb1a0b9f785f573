/**
 * Presets, tours, patterns and scans of a Dahua device.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import { object } from "../_fields.ts";
import { isRefusal, type PtzCaller } from "./caller.ts";
import { checkedName, checkedNumber, checkedPlace, checkedSpeed } from "./limits.ts";
import type {
  NumberOrName,
  PatternService,
  PresetService,
  Remembered,
  ScanService,
  TourService,
} from "./memory.ts";
import type { PtzOptions, PtzSpeedOptions } from "./options.ts";
import {
  autoPanOrder,
  type Order,
  patternOrder,
  presetOrder,
  removeTourOrder,
  savePresetOrder,
  scanLimitOrder,
  scanOrder,
  setTourOrder,
  tourOrder,
} from "./orders.ts";
import { readRemembered } from "./report.ts";

/** Things of one kind that a device remembers. */
class Memory {
  protected readonly caller: PtzCaller;
  readonly #what: string;
  readonly #field: string;

  /** @param what `preset`, `tour` or `pattern` */
  constructor(caller: PtzCaller, what: string) {
    this.caller = caller;
    this.#what = what;
    this.#field = `${what}s`;
  }

  /** All of them, by number. */
  async list(options: PtzOptions = {}): Promise<Remembered[]> {
    const { channel = 1 } = options;
    const method = `get${this.#field[0]!.toUpperCase()}${this.#field.slice(1)}`;
    const answer = await this.caller.ask(method, channel, options);
    return readRemembered(object(answer)[this.#field]);
  }

  /**
   * The number that is meant, with its name where one was asked for.
   *
   * @throws {RangeError} for a number or a name that cannot be
   * @throws {DhipError} `DHIP_BAD_PARAMS` when nothing has that name
   */
  protected async find(wanted: NumberOrName, options: PtzOptions): Promise<Remembered> {
    const place = checkedPlace(this.#what, wanted);
    if ("number" in place) return { number: place.number, name: null };
    const { name } = place;
    const all = await this.list(options);
    const found = byName(all, name);
    if (found !== undefined) return found;
    const known = all.map(({ number, name }) => `${number} ${name ?? ""}`.trim()).join(", ");
    const { host } = this.caller.link;
    throw new DhipError("DHIP_BAD_PARAMS", `The device has no single ${this.#what} ${name}`, {
      host,
      hint: known === "" ? `It lists no ${this.#field}.` : `It has: ${known.slice(0, 300)}`,
    });
  }

  protected async send(order: Order, options: PtzOptions): Promise<void> {
    await this.caller.send(order, options.channel ?? 1, options);
  }
}

/** {@linkcode PresetService} of a Dahua device. */
export class DahuaPresets extends Memory implements PresetService {
  /** Speaks through the caller. */
  constructor(caller: PtzCaller) {
    super(caller, "preset");
  }

  /** See {@linkcode PresetService.save}. */
  async save(
    preset: NumberOrName,
    options: PtzOptions & { readonly name?: string | undefined } = {},
  ): Promise<Remembered> {
    const place = checkedPlace("preset", preset, options.name);
    const before = await this.#listIfTold(options);
    const known = "number" in place
      ? before?.find(({ number }) => number === place.number)
      : byName(before ?? [], place.name);
    const number = "number" in place ? place.number : known?.number ?? this.#firstFree(before);
    const given = options.name ?? ("name" in place ? place.name : undefined);
    const name = given ?? known?.name ?? undefined;
    await this.send(savePresetOrder(number, name), options);
    const after = await this.#listIfTold(options);
    if (after === undefined) return { number, name: null };
    const saved = after.find((each) => each.number === number);
    if (saved !== undefined && (given === undefined || saved.name === given)) return saved;
    const lacks = saved === undefined ? "does not list it" : `calls it ${saved.name}`;
    throw new DhipError("DHIP_NOT_HELD", `Preset ${number} was saved, but the device ${lacks}`, {
      host: this.caller.link.host,
    });
  }

  /** See {@linkcode PresetService.go}. */
  async go(preset: NumberOrName, options: PtzSpeedOptions = {}): Promise<Remembered> {
    const speed = checkedSpeed(options.speed);
    const found = await this.find(preset, options);
    await this.send(presetOrder("go", found.number, speed), options);
    return found;
  }

  /** See {@linkcode PresetService.remove}. */
  async remove(preset: NumberOrName, options: PtzOptions = {}): Promise<Remembered> {
    const found = await this.find(preset, options);
    await this.send(presetOrder("remove", found.number, 0), options);
    return found;
  }

  /** Some devices keep presets and list none. */
  async #listIfTold(options: PtzOptions): Promise<Remembered[] | undefined> {
    try {
      return await this.list(options);
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }

  #firstFree(known: readonly Remembered[] | undefined): number {
    if (known !== undefined) {
      const taken = new Set(known.map(({ number }) => number));
      for (let number = 1;; number++) if (!taken.has(number)) return number;
    }
    throw new DhipError("DHIP_NOT_SUPPORTED", "The device does not list its presets", {
      host: this.caller.link.host,
      hint: "Give the preset a number, and the name with --name.",
    });
  }
}

/** {@linkcode TourService} of a Dahua device. */
export class DahuaTours extends Memory implements TourService {
  /** Speaks through the caller. */
  constructor(caller: PtzCaller) {
    super(caller, "tour");
  }

  /** See {@linkcode TourService.set}. */
  async set(number: number, name: string, options: PtzOptions = {}): Promise<Remembered> {
    const order = setTourOrder(checkedNumber("tour", number), checkedName("tour", name));
    await this.send(order, options);
    return { number, name };
  }

  /** See {@linkcode TourService.remove}. */
  remove(tour: NumberOrName, options: PtzOptions = {}): Promise<Remembered> {
    return this.#with(tour, removeTourOrder, options);
  }

  /** See {@linkcode TourService.start}. */
  start(tour: NumberOrName, options: PtzOptions = {}): Promise<Remembered> {
    return this.#with(tour, (number) => tourOrder("start", number), options);
  }

  /** See {@linkcode TourService.stop}. */
  stop(tour: NumberOrName, options: PtzOptions = {}): Promise<Remembered> {
    return this.#with(tour, (number) => tourOrder("stop", number), options);
  }

  async #with(
    tour: NumberOrName,
    order: (number: number) => Order,
    options: PtzOptions,
  ): Promise<Remembered> {
    const found = await this.find(tour, options);
    await this.send(order(found.number), options);
    return found;
  }
}

/** {@linkcode PatternService} of a Dahua device. */
export class DahuaPatterns extends Memory implements PatternService {
  /** Speaks through the caller. */
  constructor(caller: PtzCaller) {
    super(caller, "pattern");
  }

  /** See {@linkcode PatternService.record}. */
  async record(
    number: number,
    options: PtzOptions & { readonly name?: string | undefined } = {},
  ): Promise<void> {
    const { name } = options;
    if (name !== undefined) checkedName("pattern", name);
    await this.send(patternOrder("record", checkedNumber("pattern", number), name), options);
  }

  /** See {@linkcode PatternService.save}. */
  async save(number: number, options: PtzOptions = {}): Promise<void> {
    await this.send(patternOrder("save", checkedNumber("pattern", number)), options);
  }

  /** See {@linkcode PatternService.start}. */
  async start(number: number, options: PtzOptions = {}): Promise<void> {
    await this.send(patternOrder("start", checkedNumber("pattern", number)), options);
  }

  /** See {@linkcode PatternService.stop}. */
  async stop(number: number, options: PtzOptions = {}): Promise<void> {
    await this.send(patternOrder("stop", checkedNumber("pattern", number)), options);
  }
}

/** {@linkcode ScanService} of a Dahua device. */
export class DahuaScans implements ScanService {
  readonly #caller: PtzCaller;

  /** Speaks through the caller. */
  constructor(caller: PtzCaller) {
    this.#caller = caller;
  }

  /** See {@linkcode ScanService.setLimit}. */
  async setLimit(
    number: number,
    side: "left" | "right",
    options: PtzOptions = {},
  ): Promise<void> {
    await this.#send(scanLimitOrder(checkedNumber("scan", number), side), options);
  }

  /** See {@linkcode ScanService.start}. */
  async start(number: number, options: PtzSpeedOptions = {}): Promise<void> {
    const speed = checkedSpeed(options.speed);
    await this.#send(scanOrder("start", checkedNumber("scan", number), speed), options);
  }

  /** See {@linkcode ScanService.stop}. */
  async stop(number: number, options: PtzOptions = {}): Promise<void> {
    await this.#send(scanOrder("stop", checkedNumber("scan", number), 0), options);
  }

  /** See {@linkcode ScanService.startAutoPan}. */
  async startAutoPan(options: PtzSpeedOptions = {}): Promise<void> {
    await this.#send(autoPanOrder(true, checkedSpeed(options.speed)), options);
  }

  /** See {@linkcode ScanService.stopAutoPan}. */
  async stopAutoPan(options: PtzOptions = {}): Promise<void> {
    await this.#send(autoPanOrder(false, 0), options);
  }

  async #send(order: Order, options: PtzOptions): Promise<void> {
    await this.#caller.send(order, options.channel ?? 1, options);
  }
}

/** The one of that name, or the only one that differs in upper and lower case alone. */
function byName(all: readonly Remembered[], name: string): Remembered | undefined {
  const exact = all.filter((each) => each.name === name);
  const near = all.filter((each) => each.name?.toLowerCase() === name.toLowerCase());
  const found = exact.length > 0 ? exact : near;
  return found.length === 1 ? found[0] : undefined;
}
