/**
 * What a Dahua device draws over its pictures: the tables `ChannelTitle` and `VideoWidget`.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import type { Requester } from "../dhip/rpc.ts";
import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { flag, list, number, object, text } from "./_fields.ts";
import { channelPlace, channelRows } from "./_channel_table.ts";
import { assign, type PathStep } from "./config_path.ts";
import { DahuaConfig, planTables } from "./dahua_config.ts";
import {
  type ItemChange,
  type Overlay,
  OVERLAY_MAX,
  type OverlayChange,
  type OverlayItem,
  type OverlayRect,
  type OverlayService,
} from "./overlay.ts";
import { type PlannedChange, plannedChange } from "./planned_change.ts";

const TITLES = "ChannelTitle";
const WIDGETS = "VideoWidget";

/** A table with one element per channel. */
interface Table {
  readonly name: string;
  readonly value: unknown;
}

/** {@linkcode OverlayService} of a Dahua device. */
export class DahuaOverlay implements OverlayService {
  readonly #host: string;
  readonly #config: DahuaConfig;

  /** Works over the given session. */
  constructor(rpc: Requester) {
    this.#host = rpc.host;
    this.#config = new DahuaConfig(rpc);
  }

  /** See {@linkcode OverlayService.titles}. */
  async titles(options?: CallOptions): Promise<(string | null)[]> {
    const { value } = await this.#table(TITLES, options);
    return channelRows(value).map((row) => text(object(row).Name));
  }

  /** See {@linkcode OverlayService.read}. */
  async read(channel: number, options?: CallOptions): Promise<Overlay> {
    // One after another, so that a channel that is not there is told of the table that people know.
    const title = rowOf(await this.#table(TITLES, options), channel);
    const widget = rowOf(await this.#table(WIDGETS, options), channel);
    return {
      channel,
      title: { ...itemOf(widget.ChannelTitle), text: text(title.Name) },
      time: widget.TimeTitle === undefined ? null : {
        ...itemOf(widget.TimeTitle),
        weekday: flag(object(widget.TimeTitle).ShowWeek),
      },
      texts: list(widget.CustomTitle).map((item, index) => ({
        number: index + 1,
        ...itemOf(item),
        text: text(object(item).Text),
      })),
      covers: list(widget.Covers).map((item, index) => ({ number: index + 1, ...itemOf(item) })),
    };
  }

  /** See {@linkcode OverlayService.plan}. */
  async plan(
    channel: number,
    change: OverlayChange,
    options?: CallOptions,
  ): Promise<PlannedChange> {
    const names = [
      ...(change.title?.text === undefined ? [] : [TITLES]),
      ...(isAboutWidgets(change) ? [WIDGETS] : []),
    ];
    const tables = await Promise.all(names.map((name) => this.#table(name, options)));
    const planned = tables.map((table) => {
      const row = rowOf(table, channel);
      const wishes = table.name === TITLES
        ? [{ steps: ["Name"], value: change.title?.text }]
        : widgetWishes(row, change);
      return { name: table.name, before: table.value, after: granted(table, channel, wishes) };
    });
    return plannedChange(this.#config, planTables(planned));
  }

  async #table(name: string, options?: CallOptions): Promise<Table> {
    const value = await this.#config.get(name, options);
    if (value !== undefined) return { name, value };
    throw new DhipError("DHIP_NOT_SUPPORTED", `The device has no table ${name}`, {
      host: this.#host,
      method: "configManager.getConfig",
      hint: "It draws nothing over its pictures that could be changed here.",
    });
  }
}

/** A value for a place in the row of a channel. */
interface Wish {
  readonly steps: readonly PathStep[];
  readonly value: unknown;
}

function rowOf({ name, value }: Table, channel: number): JsonObject {
  return object(channelPlace(name, value, channel).row);
}

/** The table with the wishes in it. A place that it does not have is an error: nothing is padded. */
function granted({ name, value }: Table, channel: number, wishes: readonly Wish[]): unknown {
  const base = channelPlace(name, value, channel).steps;
  return wishes.reduce<unknown>((table, { steps, value }) => {
    return assign(table, { path: { table: name, steps: [...base, ...steps] }, value });
  }, value);
}

function isAboutWidgets({ title = {}, time, texts, covers }: OverlayChange): boolean {
  const { text: _, ...item } = title;
  const hasWish = Object.values(item).some((value) => value !== undefined);
  return hasWish || [time, texts, covers].some((value) => value !== undefined);
}

function widgetWishes(row: JsonObject, change: OverlayChange): Wish[] {
  const { title, time, texts = [], covers = [] } = change;
  return [
    ...(title === undefined ? [] : itemWishes(["ChannelTitle"], row.ChannelTitle, title)),
    ...(time === undefined ? [] : [
      ...itemWishes(["TimeTitle"], row.TimeTitle, time),
      ...wish(["TimeTitle", "ShowWeek"], time.weekday),
    ]),
    ...texts.flatMap(({ number, text, ...item }) => {
      const present = numbered(row.CustomTitle, number, "text");
      const place = ["CustomTitle", number - 1];
      return [...wish([...place, "Text"], text), ...itemWishes(place, present, item)];
    }),
    ...covers.flatMap(({ number, ...item }) => {
      const present = numbered(row.Covers, number, "cover");
      const { rect } = item;
      if (rect !== undefined && (rect.left === rect.right || rect.top === rect.bottom)) {
        throw new RangeError("A cover without an area covers nothing");
      }
      return itemWishes(["Covers", number - 1], present, item);
    }),
  ];
}

function wish(steps: readonly PathStep[], value: unknown): Wish[] {
  return value === undefined ? [] : [{ steps, value }];
}

function itemWishes(place: readonly PathStep[], present: unknown, item: ItemChange): Wish[] {
  const rect = item.rect ?? moved(readRect(present), item.position);
  if (rect !== undefined) requireRect(rect);
  return [
    // What is seen beside the device itself; PreviewBlend is for a screen that is plugged into it.
    ...wish([...place, "EncodeBlend"], item.visible),
    ...wish([...place, "Rect"], rect && [rect.left, rect.top, rect.right, rect.bottom]),
  ];
}

function moved(
  rect: OverlayRect | null,
  position: ItemChange["position"],
): OverlayRect | undefined {
  if (position === undefined) return undefined;
  const { left, top } = position;
  const width = Math.max(0, (rect?.right ?? 0) - (rect?.left ?? 0));
  const height = Math.max(0, (rect?.bottom ?? 0) - (rect?.top ?? 0));
  const right = Math.min(OVERLAY_MAX, left + width);
  return {
    left,
    top,
    right: Math.max(left, right),
    bottom: Math.max(top, Math.min(OVERLAY_MAX, top + height)),
  };
}

function requireRect({ left, top, right, bottom }: OverlayRect): void {
  const isOnGrid = [left, top, right, bottom].every((value) =>
    Number.isInteger(value) && value >= 0 && value <= OVERLAY_MAX
  );
  if (isOnGrid && left <= right && top <= bottom) return;
  throw new RangeError(
    `Not a place in a picture: ${left},${top},${right},${bottom}; expected left,top,right,bottom ` +
      `within 0..${OVERLAY_MAX}, whatever the size of the picture`,
  );
}

/** An element of a list by its number from 1. */
function numbered(items: unknown, number: number, what: string): unknown {
  const count = list(items).length;
  if (Number.isInteger(number) && number >= 1 && number <= count) return list(items)[number - 1];
  const known = count === 0 ? `no ${what}s` : `${what}s 1 to ${count}`;
  throw new RangeError(`There is no ${what} ${number}; the channel has ${known}`);
}

function itemOf(value: unknown): OverlayItem {
  return { visible: flag(object(value).EncodeBlend), rect: readRect(value) };
}

function readRect(item: unknown): OverlayRect | null {
  const [left, top, right, bottom, ...more] = list(object(item).Rect).map(number);
  const corners = [left, top, right, bottom];
  if (more.length > 0 || !corners.every((value) => typeof value === "number")) return null;
  return { left: left!, top: top!, right: right!, bottom: bottom! };
}
