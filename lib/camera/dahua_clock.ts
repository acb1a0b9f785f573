/**
 * The clock of a Dahua device.
 *
 * @module
 */

import { unwrap } from "../dhip/envelope.ts";
import type { Requester } from "../dhip/rpc.ts";
import { DhipError } from "../errors.ts";
import type { Clock } from "../net/clock.ts";
import { sleep } from "../net/deadline.ts";
import type { CallOptions } from "../net/stream.ts";
import { object } from "./_fields.ts";
import { readNtp, readSummerTime, readTimeZone, zoneOf } from "./_time_settings.ts";
import { namedZone, offsetAt, offsetText, type Zone } from "./_zone.ts";
import type {
  ClockDrift,
  ClockOptions,
  ClockReading,
  ClockService,
  ClockSync,
  NtpChange,
  SummerTime,
} from "./clock.ts";
import { DahuaConfig } from "./dahua_config.ts";
import { readDeviceTime, writeDeviceTime } from "./device_time.ts";
import { type PlannedChange, plannedChange } from "./planned_change.ts";

/** What a clock needs of a link. */
export interface ClockLink extends Requester {
  /** For waiting until a full second. */
  readonly clock: Clock;
}

/** One look at the device's clock. Times of this host in milliseconds since 1970. */
interface Sample {
  readonly time: Temporal.PlainDateTime;
  readonly asked: number;
  readonly answered: number;
}

/** The clock, and the settings that it depends on. */
interface Look {
  readonly sample: Sample;
  readonly zone: Zone;
  readonly zoneFrom: ClockDrift["zoneFrom"];
  /** The table `NTP`. */
  readonly ntp: unknown;
  readonly summerTime: SummerTime | null;
  readonly problems: ClockReading["problems"];
}

/** A clock that was set may show this much else when it is read back, in milliseconds. */
const TOLERANCE = 1000;
const GET = "global.getCurrentTime";
const SET = "global.setCurrentTime";
const PLACES = { enabled: "Enable", server: "Address", port: "Port", period: "UpdatePeriod" };

/** {@linkcode ClockService} of a Dahua device. */
export class DahuaClock implements ClockService {
  readonly #link: ClockLink;
  readonly #config: DahuaConfig;

  /** Works over the given link. */
  constructor(link: ClockLink) {
    this.#link = link;
    this.#config = new DahuaConfig(link);
  }

  /** See {@linkcode ClockService.time}. */
  async time(options: CallOptions = {}): Promise<Temporal.PlainDateTime> {
    return (await this.#sample(options)).time;
  }

  /** See {@linkcode ClockService.read}. */
  async read(options: ClockOptions = {}): Promise<ClockReading> {
    const { sample, zone, zoneFrom, ntp, summerTime, problems } = await this.#look(options);
    return {
      time: sample.time,
      drift: driftOf(sample, zone, zoneFrom),
      timeZone: readTimeZone(ntp),
      summerTime,
      ntp: readNtp(ntp),
      problems,
    };
  }

  /** See {@linkcode ClockService.set}. */
  async set(
    time: Temporal.PlainDateTime,
    options: CallOptions = {},
  ): Promise<Temporal.PlainDateTime> {
    const began = this.#link.clock.now();
    await this.#write(time, options);
    const { time: found } = await this.#sample(options);
    const elapsed = this.#link.clock.now() - began;
    const off = time.until(found).total("milliseconds");
    if (off < -TOLERANCE || off > elapsed + TOLERANCE) throw this.#notHeld(writeDeviceTime(found));
    return found;
  }

  /** See {@linkcode ClockService.sync}. */
  async sync(options: ClockOptions = {}): Promise<ClockSync> {
    const { now = Date.now } = options;
    const { sample, zone, zoneFrom } = await this.#look(options);
    const way = (sample.answered - sample.asked) / 2;
    const second = Math.ceil((now() + way) / 1000) * 1000;
    await sleep(Math.max(0, second - way - now()), options.signal, this.#link.clock);
    await this.#write(zone.wallOf(second), options);
    const after = driftOf(await this.#sample(options), zone, zoneFrom);
    if (Math.abs(after.milliseconds) > after.uncertainty + TOLERANCE) {
      throw this.#notHeld(`a time that is off by ${Math.round(after.milliseconds / 1000)} s`);
    }
    return { before: driftOf(sample, zone, zoneFrom), after };
  }

  /** See {@linkcode ClockService.planNtp}. */
  async planNtp(change: NtpChange, options?: CallOptions): Promise<PlannedChange> {
    if (change.server === "") throw new RangeError("The time server is not empty");
    for (const key of ["port", "period"] as const) {
      const value = change[key];
      if (value === undefined || (Number.isInteger(value) && value >= 1 && value <= 65_535)) {
        continue;
      }
      throw new RangeError(`The ${key} of a time server is a whole number within 1..65535`);
    }
    const keys = Object.keys(PLACES) as (keyof typeof PLACES)[];
    const assignments = keys.filter((key) => change[key] !== undefined).map((key) => ({
      path: { table: "NTP", steps: [PLACES[key]] },
      value: change[key],
    }));
    return plannedChange(this.#config, await this.#config.plan(assignments, options));
  }

  async #sample(options: ClockOptions): Promise<Sample> {
    const { now = Date.now } = options;
    const asked = now();
    const reply = await this.#link.request(GET, null, options);
    const answered = now();
    const payload = unwrap(reply.envelope, GET, this.#link.host);
    // In `result` on the SD-2N-4G and old devices, in `params.time` on others.
    const told = typeof payload === "string" ? payload : object(payload).time;
    const time = readDeviceTime(told);
    if (time !== null) return { time, asked, answered };
    const shown = typeof told === "string" ? JSON.stringify(told.slice(0, 40)) : typeof told;
    throw new DhipError("DHIP_BAD_REPLY", `The device tells a time that is none: ${shown}`, {
      host: this.#link.host,
      method: GET,
    });
  }

  async #write(time: Temporal.PlainDateTime, options: CallOptions): Promise<void> {
    const reply = await this.#link.request(SET, { time: writeDeviceTime(time) }, options);
    if (unwrap(reply.envelope, SET, this.#link.host) !== false) return;
    throw new DhipError("DHIP_DEVICE_REFUSED", "The device did not take the time", {
      host: this.#link.host,
      method: SET,
    });
  }

  /** The clock and all that is needed to understand it. */
  async #look(options: ClockOptions): Promise<Look> {
    const asked = options.zone === undefined ? undefined : namedZone(options.zone);
    const problems: { field: string; error: DhipError }[] = [];
    const table = async (name: string, field: string) => {
      try {
        return await this.#config.get(name, options);
      } catch (error) {
        if (!isOneTablesOwn(error)) throw error;
        problems.push({ field, error });
        return undefined;
      }
    };
    const ntp = await table("NTP", "ntp");
    const locales = await table("Locales", "summerTime");
    // Alone on the line, so that nothing delays the answer.
    const sample = await this.#sample(options);
    const summerTime = readSummerTime(locales, sample.time);
    const isTold = problems.every(({ field }) => field !== "summerTime");
    const own = zoneOf(
      ntp,
      isTold ? summerTime : undefined,
      (zone) => driftOf(sample, zone, "device").milliseconds,
    );
    const zone = asked ?? own ?? namedZone(Temporal.Now.timeZoneId());
    const zoneFrom = asked !== undefined ? "caller" : own !== undefined ? "device" : "host";
    return { sample, zone, zoneFrom, ntp, summerTime, problems };
  }

  #notHeld(found: string): DhipError {
    return new DhipError("DHIP_NOT_HELD", `The device took the time and shows ${found}`, {
      host: this.#link.host,
      method: SET,
      hint:
        "A time server, or a recorder that it belongs to, may set its clock; see dhip clock ntp.",
    });
  }
}

/** A refusal or a silence concerns one table; a lost link concerns all. */
function isOneTablesOwn(error: unknown): error is DhipError {
  if (!(error instanceof DhipError) || error.code === "DHIP_SESSION_LOST") return false;
  return error.deviceCode !== undefined || error.code === "DHIP_TIMEOUT";
}

/** Between question and answer the device's clock showed a time, or a fraction of a second more. */
function driftOf({ time, asked, answered }: Sample, zone: Zone, zoneFrom: ClockDrift["zoneFrom"]) {
  const hidden = time.millisecond === 0 ? 1000 : 0;
  const middle = (asked + answered) / 2;
  const drifts = zone.instantsOf(time).map((instant) => ({
    milliseconds: instant + hidden / 2 - middle,
    // As it is in force: with summer time.
    offset: offsetAt(zone, instant),
  }));
  const [nearest] = drifts.sort((a, b) => Math.abs(a.milliseconds) - Math.abs(b.milliseconds));
  const uncertainty = (hidden + answered - asked) / 2;
  return {
    milliseconds: Math.round(nearest!.milliseconds),
    uncertainty: Math.ceil(uncertainty),
    zone: zone.name ?? offsetText(nearest!.offset),
    zoneFrom,
  };
}
