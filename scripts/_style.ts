/** Colours, when a person is watching. */

import { styleText } from "node:util";

const colourful = Deno.stdout.isTerminal() && Deno.env.get("NO_COLOR") === undefined ||
  Deno.env.get("FORCE_COLOR") !== undefined;

function style(name: "bold" | "dim" | "blue", text: string): string {
  return colourful ? styleText(name, text, { validateStream: false }) : text;
}

export const bold = (text: string): string => style("bold", text);
export const dim = (text: string): string => style("dim", text);
export const blue = (text: string): string => style("blue", text);
