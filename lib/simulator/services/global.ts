/**
 * `global`: clock, keep-alive, logout. (global.login is served before there is a session.)
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import type { Service } from "../service.ts";

/** The service. */
export const globalService: Service = {
  name: "global",
  adminOnly: ["setCurrentTime"],
  methods: {
    login: () => refuse("unknown"), // only reached inside system.multicall

    getCurrentTime({ state }) {
      const time = state.calendar.text();
      // Old and OEM firmware puts the value into `result`.
      return state.options.quirks.timeIn === "result"
        ? { result: time, params: null }
        : ok({ time });
    },

    setCurrentTime({ state, fields }) {
      const { time } = fields;
      const before = state.calendar.text();
      if (typeof time !== "string" || !state.calendar.set(time)) return refuse("params");
      state.note("System.SetTime", { After: time, Before: before });
      return ok();
    },

    keepAlive({ state }) {
      const strike = state.faults.strike("refuse-keepalive");
      if (strike !== undefined) {
        const code = strike.number("code");
        const { message } = refuse("session").error!;
        return code === 0 ? { result: false } : { result: false, error: { code, message } };
      }
      state.counters.keepAlives++;
      // Whatever the client asks for: the device knows when it will forget the session.
      return ok({ timeout: state.options.keepAliveInterval });
    },

    logout({ state, session, nested }) {
      if (nested) return refuse("unknown");
      state.counters.logout(session.service);
      state.note("Account.LogOut", { Address: session.address, ClientType: session.clientType });
      state.sessions.end(session);
      return ok();
    },
  },
};
