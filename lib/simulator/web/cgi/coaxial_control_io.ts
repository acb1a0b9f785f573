/**
 * `coaxialControlIO.cgi`: white light and siren.
 *
 * @module
 */

import {
  deterrentCaps,
  type Deterrents,
  deterrentStatus,
  switchDeterrents,
} from "../../deterrents.ts";
import {
  type CgiAnswer,
  type CgiCall,
  type CgiScript,
  fault,
  field,
  lines,
  OK,
} from "../cgi_script.ts";
import { leavesOf } from "../table_text.ts";
import { channelIn } from "./fields.ts";

const BAD = fault(400, "Bad Request!");

/** The script. */
export const coaxialControlIoCgi: CgiScript = {
  name: "coaxialControlIO",
  adminOnly: ["control"],
  actions: {
    getCaps: on(() => lines(leavesOf("caps", deterrentCaps()))),
    // Nested twice, as public clients read it (unverified).
    getStatus: on((_call, own) => lines(leavesOf("status.status", deterrentStatus(own)))),
    control: on((call, own) => switchDeterrents(own, infoIn(call)) ? OK : BAD),
  },
};

/** `info[0].Type=1&info[0].IO=1`, `info[1].…` */
function infoIn(call: CgiCall): Record<string, number>[] {
  const info: Record<string, number>[] = [];
  for (let index = 0; field(call, `info[${index}].Type`) !== undefined; index++) {
    const [Type, IO] = ["Type", "IO"].map((name) => Number(field(call, `info[${index}].${name}`)));
    info.push({ Type: Type!, IO: IO! });
  }
  return info;
}

function on(handler: (call: CgiCall, own: Deterrents) => CgiAnswer) {
  return (call: CgiCall): CgiAnswer => {
    const own = call.state.deterrents[channelIn(call) ?? -1];
    return own === undefined ? BAD : handler(call, own);
  };
}
