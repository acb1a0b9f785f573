/**
 * `ptz.cgi`: the codes, position and presets of a camera.
 *
 * @module
 */

import { capabilities, presetsOf, statusOf } from "../../ptz/report.ts";
import type { Camera } from "../../ptz/memory.ts";
import { start, stop } from "../../ptz/orders.ts";
import {
  type CgiAnswer,
  type CgiCall,
  type CgiScript,
  fault,
  field,
  lines,
  OK,
} from "../cgi_script.ts";
import { channelIn } from "./fields.ts";
import { leavesOf } from "../table_text.ts";

/** Where CGI has its numbers, whatever RPC does. */
const PLACES = { presetArg: "arg2", tourArg: "arg1" } as const;

/** The script. */
export const ptzCgi: CgiScript = {
  name: "ptz",
  adminOnly: ["start", "stop"],
  actions: {
    start: (call) => order(call, "start"),
    stop: (call) => order(call, "stop"),
    getStatus: read("status", (call, camera) => statusOf(call.state, camera)),
    getPresets: read("presets", (call, camera) => presetsOf(call.state, camera) ?? []),
    getCurrentProtocolCaps: read("caps", capabilities),
  },
};

function order(call: CgiCall, action: "start" | "stop"): CgiAnswer {
  const { state } = call;
  const channel = channelIn(call);
  const camera = channel === undefined ? undefined : state.cameras[channel];
  const code = field(call, "code");
  if (state.options.quirks.ptzApi === "none") return fault(400, "Bad Request!");
  if (channel === undefined || camera === undefined || code === undefined) {
    return fault(400, "Bad Request!");
  }
  const [arg1, arg2, arg3, arg4] = ["arg1", "arg2", "arg3", "arg4"].map((name) => {
    const text = field(call, name);
    return text === undefined || text === "" ? undefined : Number(text);
  });
  const args = { arg1, arg2, arg3, arg4 };
  const act = action === "start" ? start : stop;
  const now = state.clock.now();
  camera.note(now); // a pattern that is being recorded notes where the order found the motors
  const verdict = act(camera, code, args, now, PLACES);
  const accepted = verdict === "done";
  state.notePtz({ channel: channel + 1, action, code, args, session: null, accepted });
  return accepted ? OK : fault(400, "Bad Request!");
}

function read(name: string, tell: (call: CgiCall, camera: Camera) => unknown) {
  return (call: CgiCall): CgiAnswer => {
    const channel = channelIn(call);
    const camera = channel === undefined ? undefined : call.state.cameras[channel];
    const none = call.state.options.quirks.ptzApi === "none";
    if (camera === undefined || none) return fault(400, "Bad Request!");
    return lines(leavesOf(name, tell(call, camera)));
  };
}
