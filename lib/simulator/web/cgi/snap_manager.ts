/**
 * `snapManager.cgi`: pictures of events as a stream without end.
 *
 * @module
 */

import { passes, type PictureFilter, takePicture } from "../../snapshots.ts";
import {
  type CgiAnswer,
  type CgiCall,
  type CgiScript,
  fault,
  field,
  lines,
} from "../cgi_script.ts";
import { EventParts, STREAM_TYPE } from "../event_parts.ts";
import { leavesOf } from "../table_text.ts";
import { heartbeatOf, listOf } from "./event_manager.ts";

/** The script. */
export const snapManagerCgi: CgiScript = { name: "snapManager", actions: { attachFileProc } };

function attachFileProc(call: CgiCall): CgiAnswer {
  const { state } = call;
  const filter = filterOf(call);
  const heartbeat = heartbeatOf(call);
  if (filter === undefined || heartbeat === "wrong") return fault(400, "Bad Request!");
  return {
    type: STREAM_TYPE,
    body: "",
    live: (outlet) => {
      const parts = new EventParts(outlet, state, heartbeat);
      state.events.attach({
        interest: "pictures",
        session: undefined,
        owner: outlet,
        proc: undefined,
        wants: (happening) => passes(filter, happening),
        tell: (_sid, { code, action, index, data }) => {
          const event = { Action: action, Code: code, Data: data, Index: index };
          const text = lines(leavesOf("Events[0]", event)).body as string;
          takePicture(state, index).then((jpeg) => {
            parts.text(text);
            parts.picture(jpeg);
          });
          return !outlet.ended;
        },
      });
      return () => {
        state.events.forget(outlet);
        parts.close();
      };
    },
  };
}

/** Channel 1-based, -1 for all; `Flags[0]=Event`, `Events=[A,B]`. */
function filterOf(call: CgiCall): PictureFilter | undefined {
  const channel = field(call, "channel") ?? "-1";
  const number = /^(-1|\d{1,4})$/.test(channel) ? Number(channel) : 0;
  if (number === 0 || number > call.state.options.channels) return undefined;
  const events = field(call, "Events");
  const codes = listOf(events);
  if (events !== undefined && codes === undefined) return undefined;
  const flags = call.fields.filter(([key]) => /^Flags\[\d{1,2}\]$/.test(key)).map(([, flag]) =>
    flag
  );
  return {
    channels: number === -1 ? undefined : new Set([number - 1]),
    codes,
    flags: flags.length === 0 ? undefined : new Set(flags),
  };
}
