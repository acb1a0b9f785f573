/** A connected `DahuaCamera` whose device is a script, on virtual time. */

import { DahuaCamera } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { type Script, ScriptedDevice, withLogin } from "./scripted_device.ts";
import { VirtualClock } from "./virtual_clock.ts";

export interface ScriptedCamera extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly device: ScriptedDevice;
  readonly camera: DahuaCamera;
}

/** Connects to the script; `script` answers everything but the login, which is that of `wrap`. */
export async function scriptedCamera(
  script: Script,
  wrap: (script: Script) => Script = withLogin,
): Promise<ScriptedCamera> {
  const clock = new VirtualClock();
  const device = new ScriptedDevice(wrap(script));
  const camera = await clock.settle(
    DahuaCamera.connect("device.test", {
      password: "p",
      dialer: device.dialer,
      guard: new MemoryLoginGuard(clock),
      clock,
      timeout: 2_000,
    }),
  );
  return {
    clock,
    device,
    camera,
    async [Symbol.asyncDispose]() {
      await clock.settle(camera.close());
    },
  };
}

export const NOT_FOUND: JsonObject = {
  result: false,
  error: { code: 268894210, message: "Method not found!" },
};

export const NO_PERMISSION: JsonObject = {
  result: false,
  error: { code: 285278249, message: "Authority:check failure." },
};

/** A device of configuration tables: they are read, written and kept. */
export function tablesScript(tables: Record<string, unknown>, rest?: Script): Script {
  return (asked, device) => {
    const { method, params } = asked;
    const name = String(params?.name);
    if (method === "configManager.getConfig") {
      return name in tables
        ? { result: true, params: { table: tables[name] } }
        : { result: false, error: { code: 268959743, message: "Unknown error!" } };
    }
    if (method === "configManager.setConfig") {
      tables[name] = params!.table;
      return { result: true, params: { options: [] } };
    }
    return rest?.(asked, device) ?? NOT_FOUND;
  };
}
