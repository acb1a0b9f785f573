/**
 * `snapshot.cgi`: what a channel shows now.
 *
 * @module
 */

import { takePicture } from "../../snapshots.ts";
import { type CgiAnswer, type CgiCall, type CgiScript, fault, field } from "../cgi_script.ts";

/** The script. */
export const snapshotCgi: CgiScript = { name: "snapshot", actions: { "": snapshot } };

async function snapshot(call: CgiCall): Promise<CgiAnswer> {
  const { state } = call;
  if (state.options.snapshotCgi === "absent") return fault(404, "Not Found!");
  const busy = state.faults.strike("snapshot-busy");
  if (busy !== undefined) return fault(busy.text("how") === "error" ? 200 : 503, "Busy!");
  const index = indexOf(call);
  if (index === undefined || !/^\d$/.test(field(call, "type") ?? "0")) {
    return fault(400, "Bad Request!");
  }
  return { type: "image/jpeg", body: await takePicture(state, index) };
}

/** The channel asked for, 0-based; undefined when the device has none of that number. */
function indexOf(call: CgiCall): number | undefined {
  const { snapshotCgi, channels } = call.state.options;
  const text = field(call, "channel");
  if (text === undefined) return 0;
  // That a door station refuses a channel is (unverified); its clients send none.
  if (snapshotCgi === "no-channel" || !/^\d{1,4}$/.test(text)) return undefined;
  const index = Number(text) - (snapshotCgi === "0-based" ? 0 : 1);
  return index >= 0 && index < channels ? index : undefined;
}
