/**
 * Finds and runs the handler of a method.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import { type Answer, ok, refuse } from "./answer.ts";
import type { ResolvedOptions } from "./options.ts";
import { type Call, type Catalogue, channelOf, type Handler, type Service } from "./service.ts";
import type { Request } from "./service.ts";

interface Entry {
  readonly service: string;
  readonly method: string;
  readonly obstacle: Service["obstacle"];
  readonly handler: Handler;
  readonly adminOnly: boolean;
  readonly needsObject: boolean;
}

const NO_FIELDS: JsonObject = {};

/** All methods of a device in one table. */
export class MethodTable implements Catalogue {
  readonly #entries = new Map<string, Entry>();
  readonly #services = new Map<string, string[]>();
  readonly #stock: boolean;

  /**
   * The options decide between factories and channel parameters, and what is missing; a service of
   * which nothing is left does not exist.
   */
  constructor(services: readonly Service[], options: ResolvedOptions) {
    this.#stock = options.objects === "required";
    for (const service of services) {
      const without = service.without?.(options) ?? [];
      const left = Object.keys(service.methods).some((method) => !without.includes(method));
      if (left) this.#add(service, without);
    }
  }

  /** Names of all services, sorted. */
  services(): string[] {
    return [...this.#services.keys()].sort();
  }

  /** Full names of the methods of a service, sorted. */
  methods(service: string): string[] {
    return [...this.#services.get(service) ?? []].sort();
  }

  /** Carries out a call. */
  run(request: Request, context: Pick<Call, "state" | "session" | "target">): Answer {
    const { state, session, target } = context;
    const entry = this.#entries.get(request.method);
    if (entry === undefined) {
      state.counters.call("(unknown)", session.service);
      return refuse(this.#stock ? "method" : "methodNotAllowed");
    }
    state.counters.call(request.method, session.service);
    if (entry.adminOnly && session.account.group !== "admin") return refuse("authority");
    const obstacle = entry.obstacle?.(state, entry.method);
    if (obstacle !== undefined) return refuse(obstacle);
    const { params, object } = request;
    if (params !== undefined && typeof params !== "object") return refuse("params");
    const instance = typeof object === "number"
      ? state.objects.find(session, entry.service, object)
      : undefined;
    // An object that is named must be right, even where none is needed.
    const named = object !== undefined && object !== null;
    if (instance === undefined && (named || entry.needsObject)) return refuse("object");
    const fields = params === null || params === undefined || Array.isArray(params)
      ? NO_FIELDS
      : params as JsonObject;
    return entry.handler({
      method: request.method,
      params,
      object,
      id: request.id,
      binary: request.binary,
      nested: request.nested,
      state,
      session,
      target,
      fields,
      instance,
      catalogue: this,
    });
  }

  #add(service: Service, without: readonly string[]): void {
    const { name, methods, adminOnly = [] } = service;
    const names: string[] = [];
    const put = (method: string, handler: Handler, needsObject: boolean) => {
      const full = `${name}.${method}`;
      names.push(full);
      this.#entries.set(full, {
        service: name,
        method,
        obstacle: service.obstacle,
        handler,
        adminOnly: adminOnly.includes(method),
        needsObject,
      });
    };
    const needsObject = service.needsObject === true &&
      (this.#stock || service.factory === "create");
    for (const [method, handler] of Object.entries(methods)) {
      if (without.includes(method)) continue;
      put(method, handler, needsObject && !method.startsWith("factory."));
    }
    if (service.factory === "create") {
      put("factory.create", create, false);
      put("destroy", destroy, true);
    } else if (service.factory === "instance" && this.#stock) {
      put("factory.instance", instance, false);
      put("destroy", destroy, true);
    }
    put("listMethod", listMethod, false);
    this.#services.set(name, names);
  }
}

const serviceOf = (call: Call) => call.method.slice(0, call.method.indexOf("."));

function instance(call: Call): Answer {
  const channel = channelOf(call);
  if (channel === undefined) return refuse("unknown");
  const key = JSON.stringify(call.params ?? null);
  const id = call.state.objects.instance(call.session, serviceOf(call), key, channel);
  return id === undefined ? refuse("unknown") : { result: id };
}

function create(call: Call): Answer {
  const id = call.state.objects.create(call.session, serviceOf(call));
  return id === undefined ? refuse("unknown") : { result: id };
}

function destroy(call: Call): Answer {
  if (call.instance !== undefined) call.state.objects.destroy(call.session, call.instance.id);
  return ok();
}

/** Fails inside system.multicall, as on real devices (DahuaConsole). */
function listMethod(call: Call): Answer {
  if (call.nested) return refuse("unknown");
  return ok({ method: call.catalogue.methods(serviceOf(call)) });
}
