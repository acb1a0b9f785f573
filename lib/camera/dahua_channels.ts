/**
 * The channels of a Dahua device. Each source tells a part, and each may be missing: single cameras
 * know no remote devices, door stations may have no `Encode`, and old recorders have no states.
 *
 * @module
 */

import { unwrap } from "../dhip/envelope.ts";
import type { JsonObject } from "../dhip/frame.ts";
import type { Requester } from "../dhip/rpc.ts";
import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { flag, list, number, object, text } from "./_fields.ts";
import { channelRows } from "./_channel_table.ts";
import {
  type ChannelInfo,
  type ChannelList,
  type ChannelsService,
  type ChannelStream,
  findChannel,
} from "./channels.ts";
import { wireChannel } from "./channel.ts";
import { DahuaConfig } from "./dahua_config.ts";

/** What the link tells beside the answers. */
export interface ChannelSource extends Requester {
  /** Address of the device, without a port. */
  readonly name: string;
}

/** Beyond this a channel number is damage: the largest recorders have 512. */
const MOST = 1024;

/** Classes of devices whose pictures are their own: cameras, domes, door stations. */
const CAMERAS = /^(?:IPC|SD|VTO)/i;

/** {@linkcode ChannelsService} of a Dahua device. */
export class DahuaChannels implements ChannelsService {
  readonly #link: ChannelSource;
  readonly #config: DahuaConfig;

  /** Reads over the given link. */
  constructor(link: ChannelSource) {
    this.#link = link;
    this.#config = new DahuaConfig(link);
  }

  /** See {@linkcode ChannelsService.list}. */
  async list(options: CallOptions = {}): Promise<ChannelList> {
    const problems: { source: string; error: DhipError }[] = [];
    const read = async (source: string, reading: Promise<unknown>) => {
      try {
        return await reading;
      } catch (error) {
        if (!isOneSourcesOwn(error)) throw error;
        problems.push({ source, error });
        return undefined;
      }
    };
    const table = (name: string) => read(name, this.#config.get(name, options));
    const ask = (method: string, params: JsonObject | null = null) =>
      read(method, this.#call(method, params, options));
    const answers = await Promise.all([
      table("ChannelTitle"),
      table("Encode"),
      table("RemoteDevice"),
      ask("LogicDeviceManager.getCameraAll"),
      // All of them: observed in the web pages of recorders.
      ask("LogicDeviceManager.getCameraState", { uniqueChannels: [-1] }),
      ask("magicBox.getDeviceType"),
      ask("magicBox.getDeviceClass"),
    ]);
    if (problems.length === answers.length) throw problems[0]!.error;
    const [titles, encode, remote, cameras, states, type, deviceClass] = answers;
    // Some single cameras have the table of remote devices too, with what nobody uses in it.
    const isCamera = CAMERAS.test(text(object(deviceClass).type) ?? "");
    const facts: Facts = {
      titles: rows(titles),
      encode: rows(encode),
      slots: isCamera ? new Map() : merged(slotsOf(remote), camerasOf(cameras)),
      states: statesOf(states),
      device: { model: text(object(type).type), address: this.#link.name },
    };
    return {
      channels: Array.from({ length: countOf(facts) }, (_, index) => describe(index, facts)),
      problems: problems.filter(({ error }) => error.code !== "DHIP_METHOD_NOT_FOUND"),
    };
  }

  /** See {@linkcode ChannelsService.find}. */
  async find(wanted: number | string, options?: CallOptions): Promise<number> {
    const isNumber = typeof wanted === "number" || /^\s*\d+\s*$/.test(wanted);
    if (isNumber) return wireChannel(Number(wanted)) + 1;
    // The titles are what people see; everything else is only asked when none of them is meant.
    const titles = rows(await this.#config.get("ChannelTitle", options))
      .map((row, index) => ({ channel: index + 1, name: text(row.Name) }));
    try {
      return findChannel(titles, wanted);
    } catch (error) {
      if (!(error instanceof RangeError) || titles.some(({ name }) => name !== null)) throw error;
      return findChannel((await this.list(options)).channels, wanted);
    }
  }

  async #call(method: string, params: JsonObject | null, options: CallOptions): Promise<unknown> {
    const reply = await this.#link.request(method, params, options);
    return unwrap(reply.envelope, method, this.#link.host);
  }
}

/** What a recorder says about one slot. */
interface Slot {
  readonly source: "own" | "remote";
  readonly enabled: boolean | null;
  readonly name: string | null;
  readonly model: string | null;
  readonly address: string | null;
}

/** Everything that was told, by channel from 0. */
interface Facts {
  readonly titles: readonly JsonObject[];
  readonly encode: readonly JsonObject[];
  readonly slots: ReadonlyMap<number, Slot>;
  readonly states: ReadonlyMap<number, JsonObject>;
  readonly device: { readonly model: string | null; readonly address: string };
}

/** A refusal or a silence concerns one source; a lost link concerns all. */
function isOneSourcesOwn(error: unknown): error is DhipError {
  if (!(error instanceof DhipError)) return false;
  const { code, deviceCode } = error;
  if (code === "DHIP_TIMEOUT" || code === "DHIP_BAD_JSON" || code === "DHIP_BAD_REPLY") return true;
  return code !== "DHIP_SESSION_LOST" &&
    (deviceCode !== undefined || code === "DHIP_DEVICE_REFUSED");
}

function rows(table: unknown): readonly JsonObject[] {
  return channelRows(table).slice(0, MOST).map(object);
}

/**
 * The table `RemoteDevice`: one member per slot, `uuid:System_CONFIG_NETCAMERA_INFO_3` for the
 * fourth (measured by rroller/dahua and DahuaBridge on recorders), or a list.
 */
function* slotsOf(table: unknown): Generator<readonly [number, Slot]> {
  const entries = Array.isArray(table)
    ? table.map((item, index): [string, unknown] => [`_${index}`, item])
    : Object.entries(object(table));
  for (const [key, value] of entries) {
    const index = Number(/_(\d{1,4})$/.exec(key)?.[1] ?? NaN);
    if (index < MOST) yield [index, slotOf(object(value), "remote", null)];
  }
}

/** `LogicDeviceManager.getCameraAll`: what the slots are, the device's own inputs too. */
function* camerasOf(payload: unknown): Generator<readonly [number, Slot]> {
  for (const item of list(object(payload).camera ?? object(payload).cameras)) {
    const camera = object(item);
    const index = number(camera.UniqueChannel ?? camera.Channel);
    if (index === null || !Number.isInteger(index) || index < 0 || index >= MOST) continue;
    const info = object(camera.DeviceInfo);
    const isLocal = (value: unknown) => /^local$/i.test(text(value) ?? "");
    const own = isLocal(camera.Type) || isLocal(camera.DeviceID) || !("DeviceInfo" in camera);
    yield [index, slotOf(info, own ? "own" : "remote", flag(camera.Enable))];
  }
}

/** By channel; what the later source does not tell comes from the earlier one. */
function merged(...sources: readonly Iterable<readonly [number, Slot]>[]): Map<number, Slot> {
  const found = new Map<number, Slot>();
  for (const source of sources) {
    for (const [index, slot] of source) {
      const before = found.get(index);
      found.set(index, {
        source: slot.source,
        enabled: slot.enabled ?? before?.enabled ?? null,
        name: slot.name ?? before?.name ?? null,
        model: slot.model ?? before?.model ?? null,
        address: slot.address ?? before?.address ?? null,
      });
    }
  }
  return found;
}

function slotOf(info: JsonObject, source: Slot["source"], enabled: boolean | null): Slot {
  const isOn = enabled ?? flag(info.Enable);
  const inputs = list(info.VideoInputs).map((input) => text(object(input).Name));
  return {
    source,
    enabled: isOn,
    name: inputs.find((name) => name !== null) ?? text(info.Name),
    // An empty slot is filled with placeholders: 192.168.0.0, the last camera's model.
    model: isOn === false ? null : text(info.DeviceType),
    address: isOn === false ? null : text(info.Address),
  };
}

function statesOf(payload: unknown): Map<number, JsonObject> {
  const found = new Map<number, JsonObject>();
  for (const item of list(object(payload).states)) {
    const index = number(object(item).channel);
    if (index !== null && Number.isInteger(index) && index >= 0 && index < MOST) {
      found.set(index, object(item));
    }
  }
  return found;
}

function countOf({ titles, encode, slots, states }: Facts): number {
  const highest = Math.max(-1, ...slots.keys(), ...states.keys());
  // What answers has a picture, unless it says otherwise: a door station may tell nothing at all.
  return Math.max(1, titles.length, encode.length, highest + 1);
}

function describe(index: number, facts: Facts): ChannelInfo {
  const { titles, encode, slots, states, device } = facts;
  const slot = slots.get(index);
  const state = states.get(index);
  // A recorder is what knows of remote devices; any other device's pictures are its own.
  const isRecorder = slots.size > 0;
  const source = slot?.source ?? (isRecorder ? null : "own");
  const format = encode[index] ?? {};
  const [main = null] = streams(format.MainFormat).slice(0, 1);
  return {
    channel: index + 1,
    name: text(titles[index]?.Name) ?? slot?.name ?? text(state?.cameraName),
    source,
    enabled: slot === undefined ? (isRecorder ? null : true) : slot.enabled,
    model: slot?.model ?? (isRecorder ? null : device.model),
    address: source === "own" ? device.address : slot?.address ?? null,
    online: isConnected(state) ?? (isRecorder ? null : true),
    main,
    sub: streams(format.ExtraFormat),
  };
}

/** `Connected`, or another word: `Unconnect`, `Disconnected`, … `Empty` is a slot without camera. */
function isConnected(state: JsonObject | undefined): boolean | null {
  const word = text(state?.connectionState);
  return word === null || /^empty$/i.test(word) ? null : /^connected$/i.test(word);
}

/**
 * The streams of an entry of `Encode`. The main one is there several times: for schedule, motion
 * and alarm recordings.
 */
function streams(formats: unknown): ChannelStream[] {
  return (Array.isArray(formats) ? formats : formats === undefined ? [] : [formats])
    .map((item): ChannelStream => {
      const format = object(item);
      const video = object(format.Video);
      const [, width, height] = /^(\d{2,5})[x*](\d{2,5})$/i.exec(text(video.resolution) ?? "") ??
        [];
      return {
        enabled: flag(format.VideoEnable),
        codec: text(video.Compression),
        width: number(video.Width) ?? (width === undefined ? null : Number(width)),
        height: number(video.Height) ?? (height === undefined ? null : Number(height)),
        fps: number(video.FPS),
        bitrate: number(video.BitRate),
      };
    });
}
