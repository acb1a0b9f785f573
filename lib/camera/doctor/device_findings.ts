/**
 * What a device says of itself, as findings. Pure.
 *
 * @module
 */

import { flag, list, number, object, text } from "../_fields.ts";
import type { ClockReading } from "../clock.ts";
import { type Finding, finding } from "./finding.ts";

/** Deviation of the clock above which it is a warning, in seconds. */
const MOST_SKEW = 60;
/** Time zones differ by multiples of this, in seconds, and by 14 hours at most. */
const ZONE_STEP = 15 * 60;
const MOST_ZONES = 14 * 3600;

/** The clock against this host's. */
export function clockFinding({ drift, time }: Pick<ClockReading, "drift" | "time">): Finding {
  const { zone, zoneFrom } = drift;
  const seconds = Math.round(drift.milliseconds / 1000);
  const off = Math.abs(seconds);
  const data = { seconds, time: time.toString(), zone, zoneFrom };
  if (off <= MOST_SKEW) {
    return finding("clock", "ok", `The clock differs by ${off} s from this host's`, null, data);
  }
  const rest = off % ZONE_STEP;
  const isZone = off <= MOST_ZONES && Math.min(rest, ZONE_STEP - rest) <= MOST_SKEW;
  const direction = seconds > 0 ? "ahead of" : "behind";
  const read = zoneFrom === "host" ? "this host's zone" : `the zone ${zone}`;
  return finding(
    "clock",
    "warning",
    `The clock is ${spell(off)} ${direction} this host's, if it is in ${read}` +
      (isZone ? "; the zone or summer time may be set wrong" : ""),
    "dhip clock sync TARGET sets it; logs and recordings carry this time",
    data,
  );
}

function spell(seconds: number): string {
  const [d, h, m] = [seconds / 86_400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor);
  if (d! > 0) return `${d} d ${h} h`;
  return h! > 0 ? `${h} h ${m} min` : m! > 0 ? `${m} min ${seconds % 60} s` : `${seconds} s`;
}

/** Sessions in use, this one included: the payload of `userManager.getActiveUserInfoAll`. */
export function sessionsFinding(payload: unknown): Finding | undefined {
  const { users } = object(payload);
  if (!Array.isArray(users)) return undefined;
  const kinds: Record<string, number> = {};
  for (const user of users) {
    const kind = text(object(user).ClientType) ?? "unknown";
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  const shown = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`).join(", ");
  const data = { sessions: users.length, kinds };
  return finding("sessions", "ok", `Sessions in use: ${users.length} (${shown})`, null, data);
}

/** Time synchronisation. */
export function ntpFinding(ntp: ClockReading["ntp"]): Finding | undefined {
  const enabled = ntp?.enabled ?? null;
  if (enabled === null) return undefined;
  return enabled ? finding("ntp", "ok", "Time synchronisation is on", null, { enabled }) : finding(
    "ntp",
    "note",
    "Time synchronisation (NTP) is off: the clock will drift",
    "dhip clock ntp TARGET --enable --server SERVER",
    { enabled },
  );
}

/** Disks and cards: the payload of `storage.getDeviceAllInfo`. */
export function storageFinding(payload: unknown): Finding | undefined {
  const told = Array.isArray(payload) ? payload : object(payload).info;
  const info = told === null ? [] : told; // of a device without any
  if (!Array.isArray(info)) return undefined;
  const bad = info.filter((item) => {
    const { State, Detail } = object(item);
    const state = text(State) ?? "Success";
    return state !== "Success" || list(Detail).some((part) => object(part).IsError === true);
  });
  const data = { devices: info.length, failing: bad.length };
  if (info.length === 0) {
    return finding(
      "storage",
      "note",
      "There is no card or disk: nothing is recorded on the device itself",
      "Put one in, or record on a recorder or with dhip",
      data,
    );
  }
  if (bad.length > 0) {
    return finding(
      "storage",
      "warning",
      `${bad.length} of ${info.length} storage devices report a fault`,
      "Check it on the device's storage page; format or replace it",
      data,
    );
  }
  return finding("storage", "ok", `Storage devices: ${info.length}, no fault`, null, data);
}

/**
 * What there is to know about the streams. `SmartEncode` is the table behind H.265+ and H.264+ (as
 * several public tools switch it over the web API; not in the protocol reference). Channels that are
 * alike are told of together.
 */
export function streamFindings(encode: unknown, smartEncode: unknown): Finding[] {
  const remarks = new Remarks();
  list(encode).forEach((entry, index) => {
    const channel = index + 1;
    const main = object(list(object(entry).MainFormat)[0]);
    const sub = object(list(object(entry).ExtraFormat)[0]);
    const { Compression, FPS, GOP } = object(main.Video);
    const codec = text(Compression);
    if (flag(object(list(smartEncode)[index]).Enable) === true) {
      remarks.add(channel, [
        "stream",
        "note",
        `smart codec (${codec ?? "video"}+) is on: key frames come rarely and at odd times, and ` +
        "many players and recorders stumble",
        "dhip config set TARGET SmartEncode[N].Enable=false, where pictures break; N is the channel " +
        "minus 1",
        { codec, smart: true },
      ]);
    }
    const [fps, gop] = [number(FPS), number(GOP)];
    if (fps !== null && gop !== null && fps > 0 && gop > fps) {
      const seconds = Math.round(gop / fps * 10) / 10;
      remarks.add(channel, [
        "stream",
        "note",
        `a key frame every ${seconds} s (GOP ${gop} at ${fps} frames/s): pictures start late, and ` +
        "clips begin that much too early or too late",
        `dhip config set TARGET Encode[N].MainFormat[0].Video.GOP=${fps}; N is the channel minus 1`,
        { fps, gop },
      ]);
    }
    if (flag(sub.VideoEnable) === false) {
      remarks.add(channel, [
        "stream",
        "note",
        "the sub-stream is off: previews and small devices have to take the main stream",
        "dhip config set TARGET Encode[N].ExtraFormat[0].VideoEnable=true; N is the channel minus 1",
        { subStream: false },
      ]);
    }
    const audio = text(object(main.Audio).Compression);
    const on = flag(main.AudioEnable);
    if (on === true && audio !== null) {
      remarks.add(channel, ["audio", "ok", `sound is ${audio}`, null, { codec: audio }]);
    } else if (on === false) {
      remarks.add(channel, ["audio", "ok", "sound is off", null, { codec: null }]);
    }
  });
  return remarks.findings();
}

type Remark = Parameters<typeof finding>;

/** Remarks with the channels that they hold for. */
class Remarks {
  readonly #channels = new Map<string, { readonly remark: Remark; readonly on: number[] }>();

  add(channel: number, remark: Remark): void {
    const key = JSON.stringify(remark);
    const known = this.#channels.get(key);
    if (known === undefined) this.#channels.set(key, { remark, on: [channel] });
    else known.on.push(channel);
  }

  findings(): Finding[] {
    return [...this.#channels.values()].map(({ remark, on }) => {
      const [check, status, cause, remedy, data] = remark;
      const where = `Channel ${ranges(on)}: ${cause}`;
      return finding(check, status, where, remedy, { ...data, channels: on });
    });
  }
}

/** `1-3, 5`. */
function ranges(numbers: readonly number[]): string {
  const parts: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const part = parts.at(-1);
    if (part !== undefined && part.last === number - 1) part.last = number;
    else parts.push({ first: number, last: number });
  }
  return parts.map(({ first, last }) => first === last ? `${first}` : `${first}-${last}`).join(
    ", ",
  );
}
