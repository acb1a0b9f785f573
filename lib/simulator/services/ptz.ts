/**
 * `ptz`: cameras that move. Names are those of python-dhip and of the web UI (dahua-rpc); what the
 * reference does not say about values is decided in `ptz/orders.ts`.
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import { capabilities, presetsOf, statusOf, toursOf } from "../ptz/report.ts";
import type { Camera } from "../ptz/memory.ts";
import { MOST, numbered } from "../ptz/memory.ts";
import * as orders from "../ptz/orders.ts";
import type { Verdict } from "../ptz/orders.ts";
import { type Call, channelOf, type Handler, type Service } from "../service.ts";

/** Orders by method; what they return becomes the answer. */
const ORDERS: Readonly<Record<string, (camera: Camera, call: Call, now: number) => Verdict>> = {
  start: (camera, { fields, state }, now) =>
    orders.start(camera, fields.code, argumentsOf(fields), now, state.options.quirks),
  stop: (camera, { fields, state }, now) =>
    orders.stop(camera, fields.code, argumentsOf(fields), now, state.options.quirks),

  moveAbsolutely: (camera, call, now) => {
    const target = degrees(call, list(call.fields[oem(call) ? "Position" : "position"]), false);
    const pace = paceOf(call.fields.speed);
    return pace === undefined ? "params" : orders.moveTo(camera, target, pace, now);
  },
  moveRelatively: (camera, call, now) => {
    const way = degrees(call, list(call.fields[oem(call) ? "Position" : "translation"]), true);
    const pace = paceOf(call.fields.speed);
    return pace === undefined ? "params" : orders.moveBy(camera, way, pace, now);
  },
  moveContinuously,
  moveDirectly: (camera, { fields }, now) => {
    const pace = paceOf(fields.speed);
    return pace === undefined
      ? "params"
      : orders.moveOnScreen(camera, list(fields.screen), pace, now);
  },
  moveAutoPan: (camera, { fields }, now) => {
    const duration = durationOf(fields.timeout);
    return duration === undefined ? "params" : orders.autoPan(camera, fields.speed, now, duration);
  },
  stopMove: orders.halt,

  gotoPreset: (camera, { fields }, now) => {
    const pace = paceOf(fields.speed);
    return pace === undefined ? "params" : orders.gotoPreset(camera, fields.index, pace, now);
  },
  setPreset: (camera, { fields }, now) => orders.setPreset(camera, fields.index, fields.name, now),
  removePreset: (camera, { fields }) => orders.removePreset(camera, fields.index),
  setTour,
  removeTour: (camera, { fields }) => orders.removeTour(camera, fields.index),
  startTour: (camera, { fields }, now) => orders.startTour(camera, fields.index, now),
  stopTour: (camera, { fields }, now) => orders.endOf(camera, "Tour", fields.index, now),
  startPatternRecord: (camera, { fields }, now) =>
    orders.startRecording(camera, fields.index, fields.name, now),
  stopPatternRecord: (camera, { fields }, now) => orders.stopRecording(camera, fields.index, now),
  startPatternReplay: (camera, { fields }, now) => orders.startPattern(camera, fields.index, now),
  stopPatternReplay: (camera, { fields }, now) =>
    orders.endOf(camera, "Pattern", fields.index, now),
  setScanLimit: (camera, { fields }, now) => {
    const side = String(fields.limitMode).toLowerCase();
    return side === "left" || side === "right"
      ? orders.setLimit(camera, side, fields.index, now)
      : "params";
  },
  startScan: (camera, { fields }, now) =>
    orders.speed(fields.speed, 1)
      ? orders.startScan(camera, fields.index, fields.speed, now)
      : "params",
  stopScan: (camera, { fields }, now) => orders.endOf(camera, "Scan", fields.index, now),

  focusContinuously: (camera, { fields }, now) => {
    const duration = durationOf(fields.timeout);
    if (duration === undefined || !signed(fields.speed)) return "params";
    camera.head.drive({ focus: fields.speed }, now, duration);
    return "done";
  },
  stopFocus: (camera, _call, now) => {
    camera.head.motor("focus", now).halt(now);
    return "done";
  },
  adjustIris: (camera, { fields }, now) => {
    if (!signed(fields.change)) return "params";
    const iris = camera.head.motor("iris", now);
    iris.goTo(iris.nearest(iris.position(now) + fields.change / 8), 1, now);
    return "done";
  },
  auxControl: (_camera, { fields }) =>
    ["Light", "Wiper", "Aux"].includes(String(fields.function)) && typeof fields.open === "boolean"
      ? "done"
      : "params",

  gotoHomePosition: orders.goHome,
  setHomePosition: (camera, _call, now) => {
    camera.home = camera.head.view(now);
    return "done";
  },
  reset: orders.reset,
  restartPtz: (camera, _call, now) => {
    camera.restart(now);
    return "done";
  },
};

const HOME = ["gotoHomePosition", "setHomePosition"];

/** Orders of firmwares that know codes only. */
const CODES = ["start", "stop", "reset", "restartPtz", ...HOME];

/** What can be asked. */
const READERS: Readonly<Record<string, Handler>> = {
  getStatus: read((camera, { state }) => ({ status: statusOf(state, camera) })),
  getPresets: read((camera, { state }) => ({ presets: presetsOf(state, camera) })),
  getTours: read((camera) => ({ tours: toursOf(camera) })),
  getPatterns: read((camera) => ({
    patterns: camera.patterns.size === 0
      ? null
      : [...camera.patterns].map(([Index, { name }]) => ({ Index, Name: name })),
  })),
  getZoomValue: read((camera, { state }) => ({
    value: camera.head.view(state.clock.now()).zoom,
  })),
  getCurrentProtocolCaps: read(() => ({ caps: capabilities() })),
  getProtocol: read(() => ({ info: { Name: "DH-SD1", Type: 1 } })),
  getProtocolList: read(() => ({ protocol: ["DH-SD1", "PELCO-D", "PELCO-P"] })),
  isMoving: (call) => {
    const camera = cameraOf(call);
    if (camera === undefined) return refuse("unknown");
    const now = call.state.clock.now();
    const moving = camera.head.turns(now) || camera.head.zooms(now);
    return call.state.options.quirks.isMovingIn === "result" ? { result: moving } : ok({ moving });
  },
};

/** The service. */
export const ptzService: Service = {
  name: "ptz",
  factory: "instance",
  needsObject: true,
  adminOnly: Object.keys(ORDERS),
  without: ({ quirks }) =>
    quirks.ptzApi === "none" ? [...Object.keys(ORDERS), ...Object.keys(READERS)] : [
      ...(quirks.ptzApi === "object" ? ["start", "stop"] : []),
      ...(quirks.ptzApi === "code"
        ? Object.keys(ORDERS).filter((name) => !CODES.includes(name))
        : []),
      ...(quirks.ptzHome ? [] : HOME),
    ],
  methods: {
    ...Object.fromEntries(Object.keys(ORDERS).map((name) => [name, order(name)])),
    ...READERS,
  },
};

function order(name: string): Handler {
  const act = ORDERS[name]!;
  return (call) => {
    const { state, fields, session } = call;
    const channel = channelAt(call);
    const camera = channel === undefined ? undefined : state.cameras[channel];
    if (channel === undefined || camera === undefined) return refuse("unknown");
    const now = state.clock.now();
    camera.note(now); // a pattern that is being recorded notes where the order found the motors
    const verdict = act(camera, call, now);
    const { channel: _, code, ...args } = fields;
    const coded = name === "start" || name === "stop";
    state.notePtz({
      channel: channel + 1,
      action: coded ? name : "call",
      code: coded ? String(code).slice(0, 64) : name,
      args,
      session: session.id,
      accepted: verdict === "done",
    });
    if (verdict === "done") return ok();
    return state.options.quirks.benignRefusals ? { result: false } : refuse(verdict);
  };
}

function read(tell: (camera: Camera, call: Call) => object): Handler {
  return (call): Answer => {
    const camera = cameraOf(call);
    return camera === undefined ? refuse("unknown") : ok(tell(camera, call));
  };
}

const channelAt = (call: Call) => call.instance?.channel ?? channelOf(call);

function cameraOf(call: Call): Camera | undefined {
  const channel = channelAt(call);
  return channel === undefined ? undefined : call.state.cameras[channel];
}

const oem = (call: Call) => call.state.options.objects === "channel";

function argumentsOf({ arg1, arg2, arg3, arg4 }: Call["fields"]): orders.CodeArguments {
  return { arg1, arg2, arg3, arg4 };
}

const list = (value: unknown): readonly unknown[] => Array.isArray(value) ? value : [];

/** Speeds of a move to somewhere: the fastest when nobody says; one number, or one per axis. */
function paceOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return 8;
  const fastest = Array.isArray(value) ? Math.max(...value.map(Number)) : value;
  return typeof fastest === "number" && fastest > 0 && fastest <= 8 ? fastest : undefined;
}

/** Milliseconds of a time limit in seconds, at most an hour; none is no limit. */
function durationOf(timeout: unknown): number | undefined {
  if (timeout === undefined || timeout === null) return Infinity;
  return typeof timeout === "number" && timeout > 0 && timeout <= 3600 ? timeout * 1000 : undefined;
}

function signed(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= 8;
}

/** Pan -1 to 1 is -180 to 180 degrees, tilt -1 to 1 its whole range, zoom 0 to 1 as well. */
function degrees(call: Call, values: readonly unknown[], relative: boolean): readonly unknown[] {
  if (call.state.options.quirks.ptzUnits === "degrees") return values;
  const [pan, tilt, zoom = 0] = values;
  const fit = [pan, tilt, zoom].every((each) => typeof each === "number" && Math.abs(each) <= 1);
  if (!fit) return [];
  const [x, y, z] = [Number(pan), Number(tilt), Number(zoom)];
  return relative ? [x * 180, y * 45, z * 24] : [(x * 180 + 360) % 360, (y + 1) * 45, 1 + z * 24];
}

function moveContinuously(camera: Camera, call: Call, now: number): Verdict {
  const { speed, timeout, x, y, z } = call.fields;
  const speeds = oem(call) ? [x ?? 0, y ?? 0, z ?? 0] : list(speed);
  const [pan, tilt = 0, zoom = 0] = speeds;
  const duration = durationOf(timeout);
  if (duration === undefined || !signed(pan) || !signed(tilt) || !signed(zoom)) return "params";
  camera.head.drive({ pan, tilt, zoom }, now, duration);
  return "done";
}

/** Names a tour; `presets`, this simulator's choice, are its stops `{Index, Duration}` in seconds. */
function setTour(camera: Camera, { fields }: Call): Verdict {
  const { index, name = `Tour ${index}`, presets } = fields;
  if (!numbered(index, MOST.tour) || typeof name !== "string" || name.length > 63) return "params";
  const stops = camera.tours.get(index)?.stops ?? [];
  if (presets === undefined) {
    camera.tours.set(index, { name, stops });
    return "done";
  }
  const wanted = list(presets).map((each) => Object(each) as Record<string, unknown>)
    .map(({ Index, Duration = 5 }) => ({ preset: Index, dwell: Number(Duration) * 1000 }));
  for (const { preset, dwell } of wanted) {
    if (!numbered(preset, MOST.preset) || !(dwell >= 1000 && dwell <= 255_000)) return "params";
  }
  camera.tours.set(index, { name, stops: wanted as { preset: number; dwell: number }[] });
  return "done";
}
