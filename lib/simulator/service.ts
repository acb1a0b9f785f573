/**
 * What a service of the device is made of.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import type { Answer, DeviceErrorName } from "./answer.ts";
import type { PushTarget } from "./events.ts";
import type { ServiceObject } from "./objects.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Session } from "./sessions.ts";
import type { DeviceState } from "./state.ts";

/** A call that arrived, before anybody looked at its method. */
export interface Request {
  /** Full name, `service.method`. */
  readonly method: string;
  /** `params` as sent: an object, a list, null or absent. */
  readonly params: unknown;
  /** `object` as sent. */
  readonly object: unknown;
  /** Request id. */
  readonly id: number;
  /** Binary part; a view that must be copied to be kept. */
  readonly binary: Uint8Array;
  /** True for a call inside system.multicall. */
  readonly nested: boolean;
}

/** What a handler is given. */
export interface Call extends Request {
  /** The device. */
  readonly state: DeviceState;
  /** Whose call it is. */
  readonly session: Session;
  /** The connection, for pushes. */
  readonly target: PushTarget;
  /** `params` when it is an object, otherwise an empty one. */
  readonly fields: JsonObject;
  /** The object named, when it exists in this session and service. */
  readonly instance: ServiceObject | undefined;
  /** The device's methods. */
  readonly catalogue: Catalogue;
}

/** Serves one method. Synchronous: a device answers in the order of the requests. */
export type Handler = (call: Call) => Answer;

/** A service: methods under one name. */
export interface Service {
  /** Name before the dot. */
  readonly name: string;
  /** `instance`: X.factory.instance; `create`: X.factory.create and X.destroy. */
  readonly factory?: "instance" | "create";
  /** True when its methods need an object on devices with `objects: "required"`. */
  readonly needsObject?: boolean;
  /** Methods that only members of the group `admin` may call. */
  readonly adminOnly?: readonly string[];
  /** Why a method cannot be used now; undefined when it can. */
  readonly obstacle?: (state: DeviceState, method: string) => DeviceErrorName | undefined;
  /** Methods that a device with these options does not have. */
  readonly without?: (options: ResolvedOptions) => readonly string[];
  /** Handlers by method name. */
  readonly methods: Readonly<Record<string, Handler>>;
}

/** The methods of a device. */
export interface Catalogue {
  /** Names of all services. */
  services(): string[];
  /** Full names of the methods of a service. */
  methods(service: string): string[];
  /** Carries out a call. */
  run(request: Request, context: Pick<Call, "state" | "session" | "target">): Answer;
}

/** A channel from params, 0-based; undefined when the device has no such channel. */
export function channelOf(call: Pick<Call, "state" | "fields">): number | undefined {
  const channel = call.fields.channel ?? 0;
  if (typeof channel !== "number" || !Number.isInteger(channel)) return undefined;
  return channel >= 0 && channel < call.state.options.channels ? channel : undefined;
}
