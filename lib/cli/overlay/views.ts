/**
 * How overlays look.
 *
 * @module
 */

import type { Overlay, OverlayCover, OverlayRect } from "../../camera/mod.ts";
import type { Cell, View } from "../view.ts";

/** A title, with the number of its channel. */
export interface Title {
  readonly channel: number;
  readonly title: string | null;
}

/** Looks of titles. */
export const titlesView: View<readonly Title[]> = {
  table: (titles) => ({
    head: ["Channel", "Title"],
    rows: titles.map(({ channel, title }) => [channel, title]),
  }),
};

/** Title, time and texts of a channel. */
export type Osd = Omit<Overlay, "covers">;

const PLACE = ["Left", "Top", "Right", "Bottom"];

/** Looks of an {@linkcode Osd}. */
export const osdView: View<Osd> = {
  table: ({ title, time, texts }) => ({
    head: ["Item", "Visible", "Text", ...PLACE],
    rows: [
      ["title", title.visible, title.text, ...placeOf(title.rect)],
      ...(time === null ? [] : [["time", time.visible, null, ...placeOf(time.rect)]]),
      ...texts.map(({ number, visible, text, rect }) => [
        `text ${number}`,
        visible,
        text,
        ...placeOf(rect),
      ]),
    ],
  }),
};

/** Looks of covers. */
export const coversView: View<readonly OverlayCover[]> = {
  table: (covers) =>
    covers.length === 0 ? "The channel has no privacy covers.\n" : {
      head: ["Cover", "Visible", ...PLACE],
      rows: covers.map(({ number, visible, rect }) => [number, visible, ...placeOf(rect)]),
    },
  csv: (covers) => ({
    head: ["cover", "visible", "left", "top", "right", "bottom"],
    rows: covers.map(({ number, visible, rect }) => [number, visible, ...placeOf(rect)]),
  }),
};

function placeOf(rect: OverlayRect | null): Cell[] {
  return rect === null ? [null, null, null, null] : [rect.left, rect.top, rect.right, rect.bottom];
}
