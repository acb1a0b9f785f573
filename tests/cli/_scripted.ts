/** Command lines against a device whose every answer is written in the test. */

import { DahuaCamera } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { type Script, ScriptedDevice, withLogin } from "../support/scripted_device.ts";
import { cli, type FakeSurroundings, type Ran } from "./_support.ts";

/** Runs a command line; the device answers the login, `script` everything else. */
export async function cliOn(
  script: Script,
  argv: readonly string[],
  around: FakeSurroundings = {},
): Promise<Ran & { readonly device: ScriptedDevice }> {
  const device = new ScriptedDevice(withLogin(script));
  const open = () =>
    DahuaCamera.at("device.test", {
      password: "p",
      dialer: device.dialer,
      guard: new MemoryLoginGuard(),
    });
  const ran = await cli(argv, {
    ...around,
    env: { DHIP_PASSWORD: "p", NO_COLOR: "1", ...around.env },
    library: {
      connect: () => Promise.resolve(open()),
      at: () => Promise.resolve(open()),
      ...around.library,
    },
  });
  return { ...ran, device };
}
