/**
 * Orders to a camera, and the ways in which devices take them. Pure: values in, calls out.
 *
 * Two interfaces are in use: codes (`ptz.start` and `ptz.stop`) and a method for each purpose
 * (`ptz.gotoPreset`); many devices have both. They are addressed in two forms: to an object, as the
 * web interface does (dahua-rpc), or with the channel in the parameters (SD-2N-4G, python-dhip).
 * Where sources disagree about an order, the way that was observed with a form is its first there.
 *
 * @module
 */

import type { JsonObject } from "../../dhip/frame.ts";
import type { Addressing as Form } from "../../dhip/instances.ts";
import type { Aim, Direction, LensMotion, Motion, PicturePoint, Velocity } from "./ptz.ts";

/** One call that carries out an order. */
export interface Way {
  /** Method, without the service. */
  readonly method: string;
  /** Parameters, without the channel. */
  readonly params: JsonObject | null;
  /** The call that stops what this one begins. */
  readonly stop?: Way | undefined;
}

/** An order. */
export interface Order {
  /** What it is, for messages and for remembering which way works. */
  readonly name: string;
  /** The ways to try, the most likely first. Their places are the same for every value. */
  ways(form: Form): readonly Way[];
}

/** Codes of the directions, and where they lead. */
const TURNS: Readonly<Record<Direction, readonly [code: string, x: -1 | 0 | 1, y: -1 | 0 | 1]>> = {
  left: ["Left", -1, 0],
  right: ["Right", 1, 0],
  up: ["Up", 0, 1],
  down: ["Down", 0, -1],
  "left-up": ["LeftUp", -1, 1],
  "left-down": ["LeftDown", -1, -1],
  "right-up": ["RightUp", 1, 1],
  "right-down": ["RightDown", 1, -1],
};

/** Codes of the lens. */
const LENS: Readonly<Record<LensMotion, string>> = {
  "zoom-in": "ZoomTele",
  "zoom-out": "ZoomWide",
  "focus-near": "FocusNear",
  "focus-far": "FocusFar",
  "iris-open": "IrisLarge",
  "iris-close": "IrisSmall",
};

/** Edge of the picture in the units of the code `Position`. */
const EDGE = 8191;

/** A motion that goes on until it is stopped. `speed` is that of motions with a name. */
export function motionOrder(motion: Motion, speed: number): Order {
  if (typeof motion === "string") {
    return motion in TURNS
      ? turnOrder(motion as Direction, speed)
      : lensOrder(motion as LensMotion, speed);
  }
  const name = "move";
  return { name, ways: (form) => [continuous(form, motion), ...velocityCode(motion)] };
}

function turnOrder(direction: Direction, speed: number): Order {
  const [code, x, y] = TURNS[direction];
  // A diagonal needs a speed for each axis: with one in arg2 alone, as python-dhip sends it, strict
  // firmwares do not tilt.
  const vertical = x !== 0 && y !== 0 ? speed : 0;
  return {
    name: `turn ${direction}`,
    ways: (form) => [
      codeMotion(code, vertical, speed),
      continuous(form, { pan: x * speed, tilt: y * speed }),
    ],
  };
}

function lensOrder(motion: LensMotion, speed: number): Order {
  const name = motion.replace("-", " ");
  const first = codeMotion(LENS[motion], 0, speed);
  const sign = /in$|far|open/.test(motion) ? 1 : -1;
  if (motion.startsWith("zoom")) {
    return { name, ways: (form) => [first, continuous(form, { zoom: sign * speed })] };
  }
  // Names and parameters as the web interface has them (dahua-rpc); signs are inferred.
  const second: Way = motion.startsWith("focus")
    ? {
      method: "focusContinuously",
      params: { speed: sign * speed },
      stop: { method: "stopFocus", params: null },
    }
    : { method: "adjustIris", params: { change: sign * speed } };
  return { name, ways: () => [first, second] };
}

/** Any code of ptz.start, by name. */
export function codeOrder(code: string, args: readonly number[]): Order {
  const [arg1 = 0, arg2 = 0, arg3 = 0] = args;
  return { name: code, ways: () => [codeMotion(code, arg1, arg2, arg3)] };
}

/** `x`, `y` and `z` with the channel (python-dhip), a list with an object (dahua-rpc). */
function continuous(form: Form, { pan = 0, tilt = 0, zoom = 0 }: Velocity): Way {
  return {
    method: "moveContinuously",
    params: form === "channel" ? { x: pan, y: tilt, z: zoom } : { speed: [pan, tilt, zoom] },
    stop: { method: "stopMove", params: null },
  };
}

/** The code of a velocity; there is none for turning and zooming at once. */
function velocityCode({ pan = 0, tilt = 0, zoom = 0 }: Velocity): readonly Way[] {
  const turns = pan !== 0 || tilt !== 0;
  if (turns && zoom !== 0) return [];
  if (!turns) return [codeMotion(LENS[zoom > 0 ? "zoom-in" : "zoom-out"], 0, Math.abs(zoom))];
  const [code] = Object.values(TURNS)
    .find(([, x, y]) => x === Math.sign(pan) && y === Math.sign(tilt))!;
  const diagonal = pan !== 0 && tilt !== 0;
  return [
    codeMotion(code, diagonal ? Math.abs(tilt) : 0, Math.abs(diagonal || pan !== 0 ? pan : tilt)),
  ];
}

/** Ends whatever turns: by the method, and by the code. One of them has to work. */
export const HALT_TURN: readonly Way[] = [
  { method: "stopMove", params: null },
  coded("stop", "Up"),
];

/** Ends whatever the lens does. */
export const HALT_LENS: readonly Way[] = ["ZoomTele", "FocusNear", "IrisLarge"]
  .map((code) => coded("stop", code));

/** A position in degrees and a zoom factor. */
export interface FullAim {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

/** A position. */
export function gotoOrder({ pan, tilt, zoom }: FullAim, speed: number): Order {
  // In the form with an object `position` is degrees on some firmwares and -1..1 on others; the
  // code is degrees everywhere (python-amcrest), but knows no negative ones.
  const code = tilt < 0 ? [] : [coded("start", "PositionABS", pan, tilt, zoom)];
  return {
    name: tilt < 0 ? "goto below the horizon" : "goto",
    ways: (form) =>
      form === "channel"
        ? [{ method: "moveAbsolutely", params: { Position: [pan, tilt, zoom] } }, ...code]
        : [...code, { method: "moveAbsolutely", params: { position: [pan, tilt, zoom], speed } }],
  };
}

/** A step in degrees. */
export function stepOrder({ pan = 0, tilt = 0, zoom = 0 }: Aim, speed: number): Order {
  const step = [pan, tilt, zoom];
  return {
    name: "relative move",
    ways: (form) => [{
      method: "moveRelatively",
      params: form === "channel" ? { Position: step } : { translation: step, speed },
    }],
  };
}

/** A point of the picture (3-D locate). */
export function locateOrder({ x, y, zoom = 0 }: PicturePoint, speed: number): Order {
  const [across, along] = [Math.round(x * EDGE), Math.round(y * EDGE)];
  return {
    name: "locate",
    ways: () => [
      coded("start", "Position", across, along, zoom),
      { method: "moveDirectly", params: { screen: [across, along, zoom], speed } },
    ],
  };
}

/** Home: the method, and the code where it is refused (python-dhip). */
export const GO_HOME: Order = either("home", "gotoHomePosition", "GotoHome");
/** The present position as home. */
export const SET_HOME: Order = either("set home", "setHomePosition");
/** Back to the origin. */
export const RESET: Order = either("reset", "reset", "Reset");
/** The head's own restart. */
export const RESTART: Order = either("restart", "restartPtz");

function either(name: string, method: string, code?: string): Order {
  const ways = [{ method, params: null }, ...(code === undefined ? [] : [coded("start", code)])];
  return { name, ways: () => ways };
}

/** A preset by its number. */
export function presetOrder(verb: "go" | "remove", index: number, speed: number): Order {
  const [code, method] = verb === "go"
    ? (["GotoPreset", { method: "gotoPreset", params: { index, speed } }] as const)
    : (["ClearPreset", { method: "removePreset", params: { index } }] as const);
  return {
    name: `preset ${verb}`,
    ways: (form) => [...numbered("start", form, code, index), method],
  };
}

/** The present position as a preset. Only the method carries a name. */
export function savePresetOrder(index: number, name: string | undefined): Order {
  const method = { method: "setPreset", params: { index, name: name ?? `Preset ${index}` } };
  return {
    name: name === undefined ? "preset save" : "preset save with a name",
    ways: (form) => {
      const codes = numbered("start", form, "SetPreset", index);
      return name === undefined ? [...codes, method] : [method, ...codes];
    },
  };
}

/** A tour by its number. */
export function tourOrder(verb: "start" | "stop", index: number): Order {
  const method = { method: `${verb}Tour`, params: { index } };
  const code = verb === "start" ? "StartTour" : "StopTour";
  return {
    name: `tour ${verb}`,
    ways(form) {
      // python-dhip stops by ptz.stop, python-amcrest by starting the code; the method is the one
      // form in which nobody differs.
      const codes = form === "channel" && verb === "stop"
        ? [...numbered("stop", form, code, index), ...numbered("start", form, code, index)]
        : numbered("start", form, code, index);
      return form === "channel" ? [...codes, method] : [method, ...codes];
    },
  };
}

/** A tour's name; there is no code for it. */
export function setTourOrder(index: number, name: string): Order {
  return { name: "tour set", ways: () => [{ method: "setTour", params: { index, name } }] };
}

/** The end of a tour that was set. */
export function removeTourOrder(index: number): Order {
  return { name: "tour remove", ways: () => [{ method: "removeTour", params: { index } }] };
}

/** A pattern. `name` is for the recording. */
export function patternOrder(
  verb: "record" | "save" | "start" | "stop",
  index: number,
  name = `Pattern ${index}`,
): Order {
  const [code, method] = ({
    record: ["SetPatternBegin", "startPatternRecord"],
    save: ["SetPatternEnd", "stopPatternRecord"],
    start: ["StartPattern", "startPatternReplay"],
    stop: ["StopPattern", "stopPatternReplay"],
  } as const)[verb];
  const params = verb === "record" ? { index, name } : { index };
  return { name: `pattern ${verb}`, ways: withMethod(coded("start", code, index), method, params) };
}

/** An end of a scan. */
export function scanLimitOrder(index: number, side: "left" | "right"): Order {
  const limitMode = side === "left" ? "Left" : "Right"; // the values are inferred
  const code = coded("start", `Set${limitMode}Limit`, index);
  return { name: "scan limit", ways: withMethod(code, "setScanLimit", { index, limitMode }) };
}

/** A scan, to and fro. */
export function scanOrder(verb: "start" | "stop", index: number, speed: number): Order {
  const code = coded("start", verb === "start" ? "AutoScanOn" : "AutoScanOff", index);
  const params = verb === "start" ? { index, speed } : { index };
  return { name: `scan ${verb}`, ways: withMethod(code, `${verb}Scan`, params) };
}

/** Turning round and round. */
export function autoPanOrder(on: boolean, speed: number): Order {
  return on
    ? {
      name: "auto pan",
      ways: withMethod(coded("start", "AutoPanOn", 0, speed), "moveAutoPan", { speed }),
    }
    : { name: "auto pan stop", ways: withMethod(coded("start", "AutoPanOff"), "stopMove", null) };
}

/** A light, a wiper: switched on by starting the code and off by stopping it (DahuaBridge). */
export function auxOrder(name: string, on: boolean): Order {
  const code = coded(on ? "start" : "stop", name, 0, 1);
  const method = { method: "auxControl", params: { function: name, open: on } };
  return {
    name: `switch ${name} ${on ? "on" : "off"}`,
    ways: (form) => form === "channel" ? [code, method] : [method, code],
  };
}

function withMethod(code: Way, method: string, params: JsonObject | null): Order["ways"] {
  const second = { method, params };
  return (form) => form === "channel" ? [code, second] : [second, code];
}

/**
 * A code with a number. With an object it is in `arg1` (rroller/dahua calls that the exact
 * contract), with the channel in `arg2` (python-dhip); the other one is for those that refuse.
 */
function numbered(method: "start" | "stop", form: Form, code: string, number: number): Way[] {
  const ways = [coded(method, code, number, 0), coded(method, code, 0, number)];
  return form === "object" ? ways : ways.reverse();
}

function codeMotion(code: string, arg1: number, arg2: number, arg3 = 0): Way {
  return {
    ...coded("start", code, arg1, arg2, arg3),
    stop: coded("stop", code, arg1, arg2, arg3),
  };
}

function coded(method: "start" | "stop", code: string, arg1 = 0, arg2 = 0, arg3 = 0): Way {
  return { method, params: { code, arg1, arg2, arg3 } };
}
