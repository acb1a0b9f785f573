/** A scripted camera with a head, in either form of address, and what it was told. */

import type { JsonObject } from "../../lib/dhip/frame.ts";
import type { Asked } from "../support/scripted_device.ts";
import { NOT_FOUND, type ScriptedCamera, scriptedCamera } from "../support/scripted_camera.ts";

/** Object that the scripted camera hands out. */
export const OBJECT = 7;

/** A refusal without an error, as PTZ orders get it. */
export const BENIGN: JsonObject = { result: false };

/** A refusal with the code that says nothing. */
export const DECLINED: JsonObject = {
  result: false,
  error: { code: 268959743, message: "Unknown error! error code was not set in service!" },
};

/** Method without the service, and parameters. */
export type Told = readonly [method: string, params: unknown];

export interface ScriptedHead extends ScriptedCamera {
  /** PTZ calls so far, without those that look for the object. */
  told(): Told[];
  /** The same as they were on the wire. */
  wire(): (Asked & { readonly seq?: number })[];
}

/** Answers are those of `answer`, or success. */
export async function scriptedHead(
  form: "object" | "channel",
  answer: (method: string, params: JsonObject, count: number) =>
    | JsonObject
    | undefined
    | Promise<
      JsonObject | undefined
    > = () => ({ result: true }),
): Promise<ScriptedHead> {
  const made = await scriptedCamera(async ({ method, params }, device) => {
    if (method === "ptz.factory.instance") {
      return form === "object" ? { result: OBJECT } : NOT_FOUND;
    }
    if (!method.startsWith("ptz.")) return { result: true };
    return await answer(method.slice(4), params ?? {}, device.count(method));
  });
  const wire = () =>
    made.device.asked.filter(({ method }) =>
      method.startsWith("ptz.") && method !== "ptz.factory.instance"
    );
  return {
    ...made,
    wire,
    told: () => wire().map(({ method, params }) => [method.slice(4), params]),
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}
