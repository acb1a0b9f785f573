/**
 * The control interface: HTTP with JSON, on loopback only, for tests and demos.
 *
 * | request              | body                                          |
 * | -------------------- | --------------------------------------------- |
 * | `POST /event`        | `{"code","action","channel","data","device"}` |
 * | `POST /fault`        | `{"name","options"}`                          |
 * | `DELETE /fault/NAME` | none; `?device=N` for one device              |
 * | `POST /restart`      | none, or `{"downtime","device"}`              |
 * | `GET /stats`         | none                                          |
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { endpoint } from "../net/tcp.ts";
import { isLoopback } from "./addresses.ts";
import type { RestartOptions } from "./device.ts";
import type { SimulatedEvent } from "./events.ts";
import type { FaultOptions } from "./faults.ts";

/** Longest request body in bytes. */
const MOST_BODY = 262_144;

/** What the interface can do; a simulator. */
export interface Controlled {
  /** Lets an event happen. */
  event(event: SimulatedEvent): number;
  /** Activates a fault. */
  fault(name: string, options?: FaultOptions): void;
  /** Ends a fault. */
  clearFault(name: string, device?: number): boolean;
  /** Starts devices anew. */
  restart(options?: RestartOptions & { readonly device?: number }): Promise<void>;
  /** The counters. */
  stats(): object;
}

/** A request that cannot be served. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Opens the interface.
 *
 * @throws {RangeError} when `host` is not loopback: whoever reaches the port commands the simulator
 * @throws {DhipError} `DHIP_UNREACHABLE` when the port cannot be had
 */
export function startControl(
  simulator: Controlled,
  host: string,
  port: number,
): { readonly url: URL; close(): Promise<void> } {
  if (!isLoopback(host)) {
    throw new RangeError(`The control port opens on loopback only, not on ${host}`);
  }
  const hostname = host === "localhost" ? "127.0.0.1" : host.replace(/^\[|\]$/g, "");
  const server = serve(hostname, port, (request) => handle(simulator, request));
  return {
    url: new URL(`http://${endpoint(hostname, server.addr.port)}/`),
    close: () => server.shutdown(),
  };
}

function serve(
  hostname: string,
  port: number,
  handler: (request: globalThis.Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname, port, onListen: () => {} }, handler);
  } catch (cause) {
    const where = endpoint(hostname, port);
    throw new DhipError("DHIP_UNREACHABLE", `Cannot open the control port on ${where}`, {
      host: where,
      retryable: false,
      hint: "Choose another port, or 0 for any free one.",
      cause,
    });
  }
}

async function handle(simulator: Controlled, request: globalThis.Request): Promise<Response> {
  try {
    refuseBrowsers(request);
    return Response.json(await route(simulator, request));
  } catch (error) {
    if (error instanceof Refusal) return failure(error.status, error.message);
    // What the simulator throws at a caller's mistake says what was wrong with it.
    if (error instanceof RangeError || error instanceof TypeError) {
      return failure(400, error.message);
    }
    return failure(500, error instanceof DhipError ? error.message : "Internal error");
  }
}

function failure(status: number, message: string): Response {
  return Response.json({ error: { status, message } }, { status });
}

/** A page in a browser can send requests to loopback; it must not command the simulator. */
function refuseBrowsers(request: globalThis.Request): void {
  const host = new URL(request.url).hostname;
  if (request.headers.has("origin") || !isLoopback(host)) {
    throw new Refusal(403, "Requests from web pages are refused");
  }
}

async function route(simulator: Controlled, request: globalThis.Request): Promise<object> {
  const { pathname, searchParams } = new URL(request.url);
  const [, first = "", second] = pathname.split("/");
  switch (first) {
    case "stats":
      only(request, "GET");
      return simulator.stats();
    case "event": {
      only(request, "POST");
      const event = await body(request);
      return { told: simulator.event(event as unknown as SimulatedEvent) };
    }
    case "fault": {
      if (request.method === "DELETE" && second) {
        const device = searchParams.get("device");
        const name = decode(second);
        const cleared = device === null
          ? simulator.clearFault(name)
          : simulator.clearFault(name, Number(device));
        return { cleared };
      }
      only(request, "POST");
      const { name, options = {} } = await body(request);
      if (typeof name !== "string") throw new Refusal(400, "The body needs a name");
      if (typeof options !== "object" || options === null || Array.isArray(options)) {
        throw new Refusal(400, "options must be an object");
      }
      simulator.fault(name, options as FaultOptions);
      return { active: name };
    }
    case "restart": {
      only(request, "POST");
      await simulator.restart(await body(request, {}) as RestartOptions);
      return { restarted: true };
    }
    default:
      throw new Refusal(
        404,
        "Known: POST /event, POST /fault, DELETE /fault/NAME, POST /restart, GET /stats",
      );
  }
}

function only(request: globalThis.Request, method: string): void {
  if (request.method !== method) throw new Refusal(405, `Use ${method} here`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, "The path is not valid");
  }
}

/** The JSON object of a request, `fallback` for an empty body. */
async function body(
  request: globalThis.Request,
  fallback?: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MOST_BODY) throw new Refusal(413, `The body is longer than ${MOST_BODY} bytes`);
    chunks.push(chunk);
  }
  if (size === 0 && fallback !== undefined) return fallback;
  let value: unknown;
  try {
    value = JSON.parse(await new Blob(chunks).text());
  } catch {
    throw new Refusal(400, "The body is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(400, "The body is not a JSON object");
  }
  return value as Record<string, unknown>;
}
