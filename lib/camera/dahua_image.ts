/**
 * How a Dahua camera sees: tables `VideoInDayNight`, `VideoInOptions`, `VideoInMode`, `Lighting_V2`,
 * `Lighting` and `LeLensMask`.
 *
 * @module
 */

import type { Requester } from "../dhip/rpc.ts";
import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { amount, flag, list, object, text } from "./_fields.ts";
import { type ChannelPlace, channelPlace } from "./_channel_table.ts";
import type { Assignment, PathStep } from "./config_path.ts";
import { DahuaConfig } from "./dahua_config.ts";
import type {
  DayNight,
  DayNightMode,
  ImageProfile,
  ImageService,
  Light,
  LightChange,
  LightKind,
  LightMode,
} from "./image.ts";
import { type PlannedChange, plannedChange } from "./planned_change.ts";

/** Order of the profiles in the tables (rroller/dahua). */
const PROFILES: readonly ImageProfile[] = ["day", "night", "general"];

/** `VideoInDayNight[channel][profile].Mode` (rroller/dahua); its other words judge by the light. */
const DAY_NIGHT: Readonly<Record<DayNightMode, string>> = {
  auto: "Brightness",
  color: "Color",
  "black-white": "BlackWhite",
};
const JUDGES_BY_LIGHT = /^(brightness|photoresistor|gain|auto|electron|.*linkage)$/i;
/** `VideoInOptions[channel].DayNightColor` (HTTP API): the older form. */
const DAY_NIGHT_COLOR: readonly DayNightMode[] = ["color", "auto", "black-white"];

/** `LightType` (rroller/dahua; `Lighting` without one is infrared). */
const LIGHT_TYPES: Readonly<Record<LightKind, string>> = {
  infrared: "InfraredLight",
  white: "WhiteLight",
  mixed: "AIMixLight",
  laser: "LaserLight",
};
/** `Mode` of a light (HTTP API). */
const LIGHT_MODES: Readonly<Record<LightMode, string>> = { on: "Manual", off: "Off", auto: "Auto" };
const JUDGES_ITSELF = /^(auto|zoomprio|smartlight|timing)$/i;

/** A light, and the place of its settings. */
interface PlacedLight extends Light {
  readonly table: "Lighting_V2" | "Lighting";
  readonly steps: readonly PathStep[];
  readonly fields: Record<string, unknown>;
}

/** {@linkcode ImageService} of a Dahua device. */
export class DahuaImage implements ImageService {
  readonly #rpc: Requester;
  readonly #config: DahuaConfig;

  /** Works over the given link. */
  constructor(rpc: Requester) {
    this.#rpc = rpc;
    this.#config = new DahuaConfig(rpc);
  }

  /** See {@linkcode ImageService.dayNight}. */
  async dayNight(channel: number, options: CallOptions = {}): Promise<DayNight> {
    const place = await this.#place("VideoInDayNight", channel, options);
    if (place === undefined) {
      const { fields } = await this.#videoOptions(channel, options);
      return { mode: DAY_NIGHT_COLOR[amount(fields.DayNightColor) ?? -1] ?? null, profiles: [] };
    }
    const profiles = profilesOf(place.row).slice(0, PROFILES.length).map((row, index) => ({
      profile: PROFILES[index]!,
      mode: dayNightOf(text(object(row).Mode)),
    }));
    const mode = object((await this.#place("VideoInMode", channel, options))?.row);
    const inForce = PROFILES[amount(list(mode.Config)[0]) ?? -1];
    const found = profiles.find(({ profile }) => profile === inForce) ??
      (profiles.every((one) => one.mode === profiles[0]?.mode) ? profiles[0] : undefined);
    return { mode: found?.mode ?? null, profiles };
  }

  /** See {@linkcode ImageService.planDayNight}. */
  async planDayNight(
    channel: number,
    mode: DayNightMode,
    options: CallOptions = {},
  ): Promise<PlannedChange> {
    const place = await this.#place("VideoInDayNight", channel, options);
    if (place !== undefined) {
      return await this.#plan(
        profilesOf(place.row).flatMap((row, profile): Assignment[] => {
          // There are several ways to judge by the light; the camera's own stays.
          if (dayNightOf(text(object(row).Mode)) === mode) return [];
          const steps = [...place.steps, ...(Array.isArray(place.row) ? [profile] : []), "Mode"];
          return [{ path: { table: "VideoInDayNight", steps }, value: DAY_NIGHT[mode] }];
        }),
        options,
      );
    }
    const video = await this.#videoOptions(channel, options);
    const value = DAY_NIGHT_COLOR.indexOf(mode);
    const nested = ["NightOptions", "NormalOptions"].filter((name) =>
      "DayNightColor" in object(video.fields[name])
    );
    return await this.#plan(
      [[], ...nested.map((name) => [name])].map((steps) => ({
        path: { table: "VideoInOptions", steps: [...video.steps, ...steps, "DayNightColor"] },
        value,
      })),
      options,
    );
  }

  /** See {@linkcode ImageService.lights}. */
  async lights(channel: number, options: CallOptions = {}): Promise<Light[]> {
    const lights = await this.#lights(channel, options);
    return lights.map(({ kind, profile, mode, deviceMode, brightness }) => (
      { kind, profile, mode, deviceMode, brightness }
    ));
  }

  /** See {@linkcode ImageService.planLight}. */
  async planLight(
    channel: number,
    kind: LightKind,
    change: LightChange,
    options: CallOptions = {},
  ): Promise<PlannedChange> {
    const { mode, brightness } = change;
    if (mode === undefined && brightness === undefined) {
      throw new TypeError("A light needs a mode or a brightness");
    }
    if (brightness !== undefined && !(brightness >= 0 && brightness <= 100)) {
      throw new RangeError("The brightness of a light is within 0..100");
    }
    const all = await this.#lights(channel, options);
    const lights = all.filter((light) => light.kind === kind);
    if (lights.length === 0) {
      const has = [...new Set(all.map((light) => light.kind ?? "others"))].join(", ");
      throw this.#lacks(`no ${kind} light`, `It has: ${has}.`);
    }
    return await this.#plan(lights.flatMap((light) => assignmentsOf(light, change)), options);
  }

  /** See {@linkcode ImageService.privacy}. */
  async privacy(channel: number, options: CallOptions = {}): Promise<boolean> {
    return (await this.#cover(channel, options)).on;
  }

  /** See {@linkcode ImageService.planPrivacy}. */
  async planPrivacy(
    channel: number,
    on: boolean,
    options: CallOptions = {},
  ): Promise<PlannedChange> {
    const { steps } = await this.#cover(channel, options);
    const path = { table: "LeLensMask", steps: [...steps, "Enable"] };
    return await this.#plan([{ path, value: on }], options);
  }

  async #cover(
    channel: number,
    options: CallOptions,
  ): Promise<{ on: boolean; steps: readonly PathStep[] }> {
    const { row, steps = [] } = await this.#place("LeLensMask", channel, options) ?? {};
    const on = flag(object(row).Enable);
    if (on === null) throw this.#lacks("no privacy cover");
    return { on, steps };
  }

  async #lights(channel: number, options: CallOptions): Promise<PlacedLight[]> {
    const lights: PlacedLight[] = [];
    for (const table of ["Lighting_V2", "Lighting"] as const) {
      const place = await this.#place(table, channel, options);
      const known = new Set(lights.map(({ kind }) => kind));
      // The older table repeats the infrared light.
      lights.push(...lightsOf(table, place).filter(({ kind }) => !known.has(kind)));
    }
    if (lights.length === 0) throw this.#lacks("no lights that can be set");
    return lights;
  }

  async #videoOptions(
    channel: number,
    options: CallOptions,
  ): Promise<{ fields: Record<string, unknown>; steps: readonly PathStep[] }> {
    const { row, steps = [] } = await this.#place("VideoInOptions", channel, options) ?? {};
    const fields = object(row);
    if (amount(fields.DayNightColor) !== null) return { fields, steps };
    throw this.#lacks("no setting for day and night");
  }

  /** A channel's part of a table; undefined when the device does not have the table. */
  async #place(
    name: string,
    channel: number,
    options: CallOptions,
  ): Promise<ChannelPlace | undefined> {
    const table = await this.#config.get(name, options);
    return table === undefined ? undefined : channelPlace(name, table, channel);
  }

  async #plan(
    assignments: readonly Assignment[],
    options: CallOptions,
  ): Promise<PlannedChange> {
    return plannedChange(this.#config, await this.#config.plan(assignments, options));
  }

  #lacks(what: string, hint?: string): DhipError {
    return new DhipError("DHIP_NOT_SUPPORTED", `The device has ${what}`, {
      host: this.#rpc.host,
      hint,
    });
  }
}

/** A channel's profiles; some firmwares keep only one. */
function profilesOf(rows: unknown): readonly unknown[] {
  return Array.isArray(rows) ? rows : [rows];
}

function dayNightOf(word: string | null): DayNightMode | null {
  if (word === null) return null;
  const exact = (Object.keys(DAY_NIGHT) as DayNightMode[]).find((mode) =>
    DAY_NIGHT[mode].toLowerCase() === word.toLowerCase()
  );
  return exact ?? (JUDGES_BY_LIGHT.test(word) ? "auto" : null);
}

/** `Lighting_V2[channel][profile][light]`; `Lighting[channel][profile]` has one light only. */
function lightsOf(
  table: PlacedLight["table"],
  place: ChannelPlace | undefined,
): PlacedLight[] {
  return list(place?.row).slice(0, PROFILES.length).flatMap((row, profile): PlacedLight[] => {
    const steps = [...place!.steps, profile];
    const at = PROFILES[profile]!;
    if (!Array.isArray(row)) return [lightOf(table, at, steps, object(row))];
    return row.map((light, index) => lightOf(table, at, [...steps, index], object(light)));
  }).filter(({ fields }) => "Mode" in fields);
}

function lightOf(
  table: PlacedLight["table"],
  profile: ImageProfile,
  steps: readonly PathStep[],
  fields: Record<string, unknown>,
): PlacedLight {
  const type = text(fields.LightType) ?? LIGHT_TYPES.infrared;
  const deviceMode = text(fields.Mode);
  return {
    kind: (Object.keys(LIGHT_TYPES) as LightKind[])
      .find((kind) => LIGHT_TYPES[kind].toLowerCase() === type.toLowerCase()) ?? null,
    profile,
    mode: lightModeOf(deviceMode),
    deviceMode,
    brightness: brightnessPlaces(fields).map((place) => place.light)
      .reduce<number | null>((most, light) => Math.max(most ?? 0, light), null),
    table,
    steps,
    fields,
  };
}

function lightModeOf(word: string | null): LightMode | null {
  const exact = (Object.keys(LIGHT_MODES) as LightMode[]).find((mode) =>
    LIGHT_MODES[mode].toLowerCase() === word?.toLowerCase()
  );
  return exact ?? (JUDGES_ITSELF.test(word ?? "") ? "auto" : null);
}

/** Where the brightness of a light stands: near, middle and far lamps, each a list of lamps. */
function brightnessPlaces(
  fields: Record<string, unknown>,
): { steps: PathStep[]; light: number }[] {
  return ["NearLight", "MiddleLight", "FarLight"].flatMap((name) =>
    list(fields[name]).flatMap((lamp, index) => {
      const light = amount(object(lamp).Light);
      return light === null ? [] : [{ steps: [name, index, "Light"], light }];
    })
  );
}

function assignmentsOf(light: PlacedLight, { mode, brightness }: LightChange): Assignment[] {
  const { table, steps, fields } = light;
  const at = (more: readonly PathStep[], value: unknown): Assignment => (
    { path: { table, steps: [...steps, ...more] }, value }
  );
  return [
    // A light that judges for itself in its own way keeps that way.
    ...(mode === undefined || mode === light.mode ? [] : [at(["Mode"], LIGHT_MODES[mode])]),
    ...(brightness === undefined
      ? []
      : brightnessPlaces(fields).map((place) => at(place.steps, brightness))),
  ];
}
