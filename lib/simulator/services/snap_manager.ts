/**
 * `snapManager`: pictures that are pushed when something happens. `attachFileProc` with its
 * `filter`, `proc` and the push with `Base64` are of the protocol reference; what `start` and `stop`
 * do, what `getCaps` says and what stands in `info` is (unverified).
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import type { Happening } from "../events.ts";
import { type Call, channelOf, type Service } from "../service.ts";
import { MANUAL_SNAP, passes, type PictureFilter, pictureSize, takePicture } from "../snapshots.ts";

/** The service. */
export const snapManagerService: Service = {
  name: "snapManager",
  factory: "instance",
  methods: {
    getCaps: ({ state }) =>
      ok({ caps: { Channels: state.options.channels, Formats: ["jpg"], Manual: true } }),
    attachFileProc: (call) => lacksObject(call) ? refuse("object") : attach(call),
    detachFileProc({ state, fields, session }) {
      const { SID, proc } = fields;
      const sid = typeof SID === "number" ? SID : undefined;
      const callback = typeof proc === "number" ? proc : undefined;
      if (sid === undefined && callback === undefined) return refuse("params");
      return state.events.detach("pictures", session, sid, callback) ? ok() : refuse("unknown");
    },
    start: (call) => lacksObject(call) ? refuse("object") : start(call),
    // A start is one picture: there is nothing that goes on.
    stop: (call) => lacksObject(call) ? refuse("object") : ok(),
  },
};

/** Stock cameras want the object of `factory.instance`; the SD-2N-4G has none. */
function lacksObject({ state, instance }: Call): boolean {
  return instance === undefined && state.options.objects === "required";
}

/** Takes a picture for everybody who wants pictures that are asked for. */
function start(call: Call): Answer {
  const { state } = call;
  const index = channelOf(call);
  if (index === undefined) return refuse("params");
  const happening = { code: MANUAL_SNAP, action: "Pulse", index, data: {} } as const;
  state.tell(happening, state.events.wanting(happening, "pictures"));
  return ok();
}

function attach({ state, fields, session, target, id, nested }: Call): Answer {
  const filter = filterOf(fields.filter);
  if (filter === undefined) return refuse("params");
  if (nested) return refuse("unknown");
  const proc = typeof fields.proc === "number" ? fields.proc : undefined;
  const subscription = state.events.attach({
    interest: "pictures",
    session,
    owner: target,
    proc,
    wants: (happening) => passes(filter, happening),
    tell: (sid, happening) => {
      const time = state.calendar.text();
      takePicture(state, happening.index).then((jpeg) => {
        target.push(id, session.key, {
          ...(proc === undefined ? {} : { callback: proc }),
          id,
          method: "client.notifySnapFile",
          params: {
            SID: sid,
            Base64: jpeg.toBase64(),
            info: infoOf(happening, jpeg.length, time, pictureSize(state)),
          },
          session: session.key,
        });
      });
      return true;
    },
  });
  return subscription === undefined ? refuse("unknown") : ok({ SID: subscription.sid });
}

function infoOf(
  { code, action, index, data }: Happening,
  length: number,
  time: string,
  { width, height }: { width: number; height: number },
): object {
  return {
    Channel: index,
    EOF: true,
    Events: [{ Action: action, Code: code, Data: data, Index: index }],
    Image: [{ Height: height, Length: length, Offset: 0, Type: "jpg", Width: width }],
    SOF: true,
    Time: time,
  };
}

/** `{Channels,Events,Flags}`, each a list, absent or null; undefined when it is something else. */
function filterOf(value: unknown): PictureFilter | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { Channels, Events, Flags } = value as Record<string, unknown>;
  const channels = listOf(Channels, "number");
  const codes = listOf(Events, "string");
  const flags = listOf(Flags, "string");
  if (channels === false || codes === false || flags === false) return undefined;
  return { channels: channels?.has(-1) ? undefined : channels, codes, flags };
}

function listOf<T extends "number" | "string">(
  value: unknown,
  type: T,
): ReadonlySet<T extends "number" ? number : string> | undefined | false {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || value.length === 0 || value.length > 256) return false;
  return value.every((each) => typeof each === type) && new Set(value);
}
