/**
 * `loadfile.cgi`: what was recorded between two times.
 *
 * @module
 */

import { timeOf } from "../../device_clock.ts";
import { partsBetween, streamName, timeBytes } from "../../media/disk_reader.ts";
import { mayReplay } from "../../media/loadfile.ts";
import { type CgiAnswer, type CgiCall, type CgiScript, fault, field } from "../cgi_script.ts";
import { channelIn, timeIn } from "./fields.ts";

/** The script. */
export const loadfileCgi: CgiScript = { name: "loadfile", actions: { startLoad } };

function startLoad(call: CgiCall): CgiAnswer {
  const { state, account } = call;
  const channel = channelIn(call);
  const subtype = Number(field(call, "subtype") ?? "0");
  const from = timeOf(timeIn(call, "startTime"));
  const to = timeOf(timeIn(call, "endTime"));
  const known = channel !== undefined && [0, 1, 2, 3].includes(subtype);
  if (!known || from === undefined || to === undefined || to <= from) {
    return fault(400, "Bad Request!");
  }
  if (!mayReplay(state, account, channel)) return fault(403, "Authority:check failure.");
  const parts = partsBetween(state, { channel, stream: streamName(subtype) }, from, to);
  // The status is (unverified): no source shows a search that finds nothing here.
  if (parts.length === 0) return fault(404, "Not Found!");
  const file = { length: undefined, pieces: timeBytes(state, channel, parts) };
  return { type: "application/octet-stream", body: "", file };
}
