/**
 * How the values of `dhip events` are read.
 *
 * @module
 */

import { EVENT_KINDS, type EventKind } from "../../camera/events/event.ts";
import { oneOf, type ValueType } from "../values.ts";

/** Event codes, in a comma list. */
export const codes: ValueType<readonly string[]> = {
  parse(text) {
    const found = text.split(",").map((code) => code.trim()).filter((code) => code !== "");
    if (found.every((code) => /^[\w.-]{1,64}$/.test(code))) return found;
    throw new SyntaxError("event codes such as VideoMotion,CrossLineDetection");
  },
};

const kind = oneOf(...EVENT_KINDS);

/** Kinds of events, in a comma list. */
export const kinds: ValueType<readonly EventKind[]> = {
  choices: EVENT_KINDS,
  parse: (text) => text.split(",").map((word) => kind.parse(word.trim())),
};
