/**
 * How the values of options are read.
 *
 * @module
 */

import { isIPv4 } from "node:net";

/** How the text of a value is read. */
export interface ValueType<T> {
  /** The possible values, when they can be listed. */
  readonly choices?: readonly string[];
  /**
   * Reads the text.
   *
   * @throws {SyntaxError} with a message that completes "--option must be ...", without the text
   */
  parse(text: string): T;
}

/** One of several words. */
export function oneOf<const C extends readonly string[]>(...choices: C): ValueType<C[number]> {
  return {
    choices,
    parse(text) {
      if (choices.includes(text)) return text;
      throw new SyntaxError(`one of ${choices.join(", ")}`);
    },
  };
}

/** A whole number within a range. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER): ValueType<number> {
  return {
    parse(text) {
      const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
      if (value >= min && value <= max) return value;
      throw new SyntaxError(
        max === Number.MAX_SAFE_INTEGER
          ? `a whole number of at least ${min}`
          : `a whole number within ${min}..${max}`,
      );
    },
  };
}

/** A decimal number within a range. */
export function decimal(min: number, max: number): ValueType<number> {
  return {
    parse(text) {
      const value = /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : NaN;
      if (value >= min && value <= max) return value;
      throw new SyntaxError(`a number within ${min}..${max}`);
    },
  };
}

/** A channel: 1 is the first, as on the recorder's own screen. */
export const channel: ValueType<number> = {
  parse(text) {
    const value = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
    if (value >= 1) return value;
    throw new SyntaxError(
      value === 0 ? "1 or more: the first channel is 1" : "a channel number; the first is 1",
    );
  },
};

/** A channel by number, or by its name on the device: see `channelOf`. */
export const channelOrName: ValueType<number | string> = {
  parse(text) {
    if (text.trim() === "") throw new SyntaxError("a channel's number or name");
    return /^[+-]?\d+$/.test(text) ? channel.parse(text) : text;
  },
};

/** A wall-clock time: `2026-01-02 03:04:05`; without seconds they are 0. */
export const wallTime: ValueType<Temporal.PlainDateTime> = {
  parse(text) {
    try {
      if (/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?$/.test(text)) {
        return Temporal.PlainDateTime.from(text.replace(" ", "T"), { overflow: "reject" });
      }
    } catch {
      // 30 February: said below
    }
    throw new SyntaxError('a time such as "2026-01-02 03:04:05"');
  },
};

/** A time zone: `local` is that of this computer. */
export const timeZone: ValueType<string> = {
  parse(text) {
    if (text === "local") return Temporal.Now.timeZoneId();
    try {
      return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
    } catch {
      throw new SyntaxError("a time zone such as Europe/Berlin, +02:00 or local");
    }
  },
};

/** Where a stream lies in RTSP: the name of a template, or a path. */
export const streamTemplate: ValueType<string> = {
  parse(text) {
    if (/^(?:\/[\x21-\x7e]*|dahua|onvif|zenointel)$/.test(text)) return text;
    throw new SyntaxError("dahua, onvif, zenointel, or a path that begins with /");
  },
};

/** An IPv4 address. */
export const ipv4: ValueType<string> = {
  parse(text) {
    if (isIPv4(text)) return text;
    throw new SyntaxError("an IPv4 address such as 192.0.2.7");
  },
};

/** A TCP or UDP port. */
export const port: ValueType<number> = integer(1, 65_535);

/** A port to listen on; 0 is any free one. */
export const listenPort: ValueType<number> = integer(0, 65_535);

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A time, in seconds unless it has a unit. The value is in milliseconds. */
export const duration: ValueType<number> = {
  parse(text) {
    const match = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)?$/.exec(text);
    const value = match === null ? NaN : Number(match[1]) * UNITS[match[2] ?? "s"]!;
    // setTimeout of any runtime ends at 2^31 - 1 ms.
    if (value >= 1 && value < 2 ** 31) return Math.round(value);
    throw new SyntaxError("a time such as 10, 1.5, 500ms or 2m, and at most 24 days");
  },
};

const LONG_UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** A time of at least a second and of any length, with its unit. The value is in milliseconds. */
export const span: ValueType<number> = {
  parse(text) {
    const match = /^(\d{1,9})([smhdw])$/.exec(text);
    const value = match === null ? 0 : Number(match[1]) * LONG_UNITS[match[2]!]!;
    if (value >= 1000) return value;
    throw new SyntaxError("a time with its unit, such as 30s, 5m, 12h, 7d or 4w");
  },
};

/** An amount of bytes, such as `500M`. */
export const sizeInBytes: ValueType<number> = {
  parse(text) {
    const match = /^(\d{1,9}(?:\.\d+)?)([kMGT]?)(?:i?B)?$/i.exec(text);
    const power = " kmgt".indexOf(match?.[2]?.toLowerCase() || " ");
    const value = match === null ? 0 : Math.round(Number(match[1]) * 1024 ** power);
    if (value >= 1) return value;
    throw new SyntaxError("a size such as 500M or 2G");
  },
};

/** A share of something, in percent. */
export const percent: ValueType<number> = {
  parse(text) {
    const value = /^\d+(?:\.\d+)?%?$/.test(text) ? Number(text.replace("%", "")) : NaN;
    if (value <= 100) return value;
    throw new SyntaxError("a number of percent within 0..100, such as 2 or 0.5");
  },
};

const BASES = oneOf("0", "1", "none");

/** How a device counts its channels: from 0, from 1, or not at all. */
export const channelBase: ValueType<0 | 1 | "none"> = {
  choices: BASES.choices!,
  parse(text) {
    const base = BASES.parse(text);
    return base === "none" ? base : base === "0" ? 0 : 1;
  },
};
