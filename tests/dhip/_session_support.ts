/** A session on virtual time against a device whose every answer the test writes. */

import { RpcSession } from "../../lib/dhip/session.ts";
import type { SessionOptions } from "../../lib/dhip/session_options.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { type Script, ScriptedDevice } from "../support/scripted_device.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

export const credentials = { user: "admin", password: "canary-secret" };

export interface Setup {
  clock: VirtualClock;
  device: ScriptedDevice;
  open(options?: SessionOptions): Promise<RpcSession>;
}

export function setup(script: Script): Setup {
  const clock = new VirtualClock();
  const device = new ScriptedDevice(script);
  const guard = new MemoryLoginGuard(clock);
  return {
    clock,
    device,
    open: (options) =>
      clock.settle(
        RpcSession.open(device.dialer, credentials, { clock, guard, ...options }),
      ),
  };
}

export const echo: Script = ({ method }) => ({ result: true, params: { echo: method } });
