/**
 * Pictures in a terminal. Pure: what is to be written comes out as text.
 *
 * @module
 */

import { deflateSync } from "node:zlib";
import type { Pixels } from "./luminance.ts";
import type { Preview } from "./preview_kinds.ts";

/** Where a picture is shown. */
export interface Screen {
  /** Characters in a line. */
  readonly columns: number;
  /** Lines. */
  readonly rows: number;
  /** An environment variable. */
  env(name: string): string | undefined;
}

/** Lines that stay free below the picture, for the summary and the prompt. */
const SPARE_ROWS = 4;
/** Width in pixels of a picture for kitty; the terminal makes it as large as it should be. */
const KITTY_WIDTH = 960;
/** Longest piece of a graphics command (kitty's protocol). */
const KITTY_CHUNK = 4096;

/** The best way that a terminal is known to understand. */
export function detectPreview({ env }: Pick<Screen, "env">): Exclude<Preview, "auto"> {
  const term = env("TERM") ?? "";
  const program = env("TERM_PROGRAM") ?? "";
  if (term === "dumb" || term === "") return "none";
  // tmux and screen keep graphics from the terminal outside, whatever that is.
  if (env("TMUX") || /^(tmux|screen)/.test(term)) return "blocks";
  if (env("KITTY_WINDOW_ID") || /kitty|ghostty/.test(term) || program === "ghostty") return "kitty";
  if (program === "iTerm.app" || program === "WezTerm") return "iterm";
  return "blocks";
}

/** The size in characters of a picture that is as large as the screen allows; a character is twice as high as wide. */
export function fit({ width, height }: Pick<Pixels, "width" | "height">, screen: Screen) {
  const columns = Math.max(1, screen.columns - 1);
  const rows = Math.max(1, screen.rows - SPARE_ROWS);
  const scale = Math.min(columns / width, rows * 2 / height);
  return {
    columns: Math.max(1, Math.min(columns, Math.round(width * scale))),
    rows: Math.max(1, Math.min(rows, Math.round(height * scale / 2))),
  };
}

/** The picture as text with control sequences; empty for `none`. */
export function previewText(
  kind: Exclude<Preview, "auto">,
  picture: { readonly jpeg: Uint8Array; readonly pixels: Pixels },
  screen: Screen,
): string {
  const { jpeg, pixels } = picture;
  const size = fit(pixels, screen);
  switch (kind) {
    case "none":
      return "";
    case "kitty":
      return kitty(pixels, size);
    case "iterm": {
      const place = `width=${size.columns};height=${size.rows};preserveAspectRatio=1`;
      return `\x1b]1337;File=inline=1;size=${jpeg.length};${place}:${jpeg.toBase64()}\x07\n`;
    }
    case "blocks":
      return blocks(pixels, size, hasTrueColor(screen));
  }
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** kitty's graphics protocol: raw pixels, deflated, in pieces. */
function kitty(pixels: Pixels, { columns, rows }: Size): string {
  const width = Math.min(KITTY_WIDTH, pixels.width);
  const height = Math.max(1, Math.round(pixels.height * width / pixels.width));
  const small = resize(pixels, width, height);
  const data = new Uint8Array(deflateSync(small.rgb)).toBase64();
  let text = "";
  for (let at = 0; at < data.length; at += KITTY_CHUNK) {
    const more = at + KITTY_CHUNK < data.length ? 1 : 0;
    const head = at === 0 ? `a=T,f=24,o=z,s=${width},v=${height},c=${columns},r=${rows},q=2,` : "";
    text += `\x1b_G${head}m=${more};${data.slice(at, at + KITTY_CHUNK)}\x1b\\`;
  }
  return `${text}\n`;
}

/** Upper half blocks: the foreground is the upper pixel, the background the lower one. */
function blocks(pixels: Pixels, { columns, rows }: Size, trueColor: boolean): string {
  const { rgb } = resize(pixels, columns, rows * 2);
  const color = (x: number, y: number) => {
    const at = (y * columns + x) * 3;
    const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
    return trueColor ? `2;${red};${green};${blue}` : `5;${cube(red, green, blue)}`;
  };
  let text = "";
  for (let row = 0; row < rows; row++) {
    let before = "";
    for (let x = 0; x < columns; x++) {
      const colors = `\x1b[38;${color(x, row * 2)};48;${color(x, row * 2 + 1)}m`;
      text += colors === before ? "▀" : `${colors}▀`;
      before = colors;
    }
    text += "\x1b[0m\n";
  }
  return text;
}

/** Terminals that know only 256 colours show others wrong, or nothing. */
function hasTrueColor({ env }: Screen): boolean {
  return /truecolor|24bit/.test(env("COLORTERM") ?? "") || env("TMUX") !== undefined ||
    /direct|kitty/.test(env("TERM") ?? "");
}

/** The nearest of the 6 x 6 x 6 colours of xterm. */
function cube(red: number, green: number, blue: number): number {
  const step = (value: number) => value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40);
  return 16 + 36 * step(red) + 6 * step(green) + step(blue);
}

/** Makes a picture smaller: each new pixel is the mean of those that it stands for. */
export function resize(pixels: Pixels, width: number, height: number): Pixels {
  const rgb = new Uint8Array(width * height * 3);
  const edge = (place: number, from: number, to: number) => Math.floor(place * from / to);
  for (let y = 0; y < height; y++) {
    const top = edge(y, pixels.height, height);
    const bottom = Math.max(top + 1, edge(y + 1, pixels.height, height));
    for (let x = 0; x < width; x++) {
      const left = edge(x, pixels.width, width);
      const right = Math.max(left + 1, edge(x + 1, pixels.width, width));
      rgb.set(mean(pixels, left, right, top, bottom), (y * width + x) * 3);
    }
  }
  return { width, height, rgb };
}

function mean(
  { width, rgb }: Pixels,
  left: number,
  right: number,
  top: number,
  bottom: number,
): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      for (let part = 0; part < 3; part++) sums[part]! += rgb[(y * width + x) * 3 + part]!;
    }
  }
  const count = (right - left) * (bottom - top);
  return [sums[0] / count, sums[1] / count, sums[2] / count];
}
