/**
 * `system`: what services there are, and many calls in one.
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import type { Call, Service } from "../service.ts";

/** Most calls of one system.multicall. */
const MOST = 512;

const NO_BYTES = new Uint8Array(0);

/** The service. */
export const systemService: Service = {
  name: "system",
  methods: {
    listService: ({ catalogue }) => ok({ service: catalogue.services() }),
    multicall,

    methodSignature: (call) => {
      const method = methodIn(call);
      // Only `system` itself is documented (DahuaConsole).
      return method?.startsWith("system.")
        ? ok({ signature: [["bool", "table"]] })
        : refuse("params");
    },
    methodHelp: (call) => {
      const method = methodIn(call);
      return method?.startsWith("system.") ? ok({ help: HELP[method] ?? "" }) : refuse("params");
    },
  },
};

const HELP: Readonly<Record<string, string>> = {
  "system.listService": "List the services of the device.",
  "system.multicall": "Carry out several calls in one.",
};

/** The method that a question is about; undefined when the device has none of that name. */
function methodIn({ catalogue, fields }: Call): string | undefined {
  const { method_name: method } = fields;
  if (typeof method !== "string") return undefined;
  const service = method.slice(0, Math.max(0, method.lastIndexOf(".")));
  return catalogue.methods(service).includes(method) ? method : undefined;
}

/** Runs calls in their order; each has a result of its own, the whole is always a yes. */
function multicall(call: Call): Answer {
  const { params, nested } = call;
  if (nested || !Array.isArray(params) || params.length > MOST) return refuse("params");
  return ok(params.map((each: unknown) => inner(call, each)));
}

function inner(call: Call, each: unknown): object {
  const { session } = call;
  if (typeof each !== "object" || each === null || Array.isArray(each)) {
    return { id: 0, result: false, error: refuse("parse").error };
  }
  const fields: Record<string, unknown> = { ...each };
  const id = typeof fields.id === "number" ? fields.id : 0;
  const answer = runInner(call, fields, id);
  const { result, params, error } = answer;
  return {
    id,
    ...(params === undefined ? {} : { params }),
    ...(error === undefined ? {} : { error }),
    result,
    session: session.key,
  };
}

function runInner(call: Call, fields: Record<string, unknown>, id: number): Answer {
  const { state, session, target, catalogue } = call;
  if (typeof fields.method !== "string") return refuse("parse");
  if (fields.session !== undefined && String(fields.session) !== String(session.key)) {
    return refuse("session");
  }
  return catalogue.run({
    method: fields.method,
    params: fields.params,
    object: fields.object,
    id,
    binary: NO_BYTES,
    nested: true,
  }, { state, session, target });
}
