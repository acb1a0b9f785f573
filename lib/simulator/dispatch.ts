/**
 * One call of a session, over whatever transport it came.
 *
 * @module
 */

import { type Answer, refuse } from "./answer.ts";
import type { Call, Catalogue, Request } from "./service.ts";

/** Carries out a call. Whatever a client sent, the device goes on. */
export function dispatch(
  catalogue: Catalogue,
  request: Request,
  context: Pick<Call, "state" | "session" | "target">,
): Answer {
  const { state, session } = context;
  let answer: Answer;
  state.acting = session.account.name;
  try {
    answer = catalogue.run(request, context);
  } catch {
    answer = refuse("internal");
  } finally {
    state.acting = undefined;
  }
  const expiry = state.faults.none ? undefined : state.faults.peek("session-expiry");
  if (expiry !== undefined && session.calls >= expiry.number("after")) {
    state.faults.strike("session-expiry");
    state.sessions.end(session);
  }
  return answer;
}
