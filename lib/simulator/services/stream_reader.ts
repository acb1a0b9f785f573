/**
 * `streamReader`: live streams that are read at `/RPC_Loadfile/<object>`. Seen in python-dhip only.
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import { liveInfo } from "../media/live.ts";
import { openReader, readerOf, stopReader } from "../media/stream_readers.ts";
import { channelOf, type Handler, type Service } from "../service.ts";

/** The service. */
export const streamReaderService: Service = {
  name: "streamReader",
  methods: {
    create: (call) => {
      const { state, session, fields } = call;
      const channel = channelOf(call);
      const { subtype = 0 } = fields;
      if (channel === undefined || typeof subtype !== "number") return refuse("params");
      if (liveInfo(state, { channel, subtype }) === undefined) return refuse("params");
      const id = openReader(state, session, { channel, subtype });
      return id === undefined ? refuse("unknown") : { result: id };
    },
    start: onObject(() => ok()),
    stop: onObject((call) => {
      stopReader(call.instance!);
      return ok();
    }),
    destroy: onObject((call) => {
      stopReader(call.instance!);
      call.state.objects.destroy(call.session, call.instance!.id);
      return ok();
    }),
  },
};

function onObject(handler: Handler): Handler {
  return (call) => {
    const { state, session, instance } = call;
    const known = instance !== undefined && readerOf(state, session, instance.id) !== undefined;
    return known ? handler(call) : refuse("object");
  };
}
