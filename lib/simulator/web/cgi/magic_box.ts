/**
 * `magicBox.cgi`: what the device is, and its power switch.
 *
 * @module
 */

import { productDefinition, softwareVersion, systemInfo } from "../../identity.ts";
import { type CgiAnswer, type CgiScript, fault, field, lines, OK } from "../cgi_script.ts";
import type { DeviceState } from "../../state.ts";
import { leavesOf } from "../table_text.ts";

/** The script. */
export const magicBoxCgi: CgiScript = {
  name: "magicBox",
  adminOnly: ["reboot", "shutdown"],
  actions: {
    getSystemInfo: ({ state }) => lines(Object.entries(systemInfo(state))),
    getDeviceType: ({ state }) => lines([["type", state.options.type]]),
    getSoftwareVersion: ({ state }) => {
      const { Version, BuildDate } = softwareVersion(state);
      return lines([["version", `${Version},build:${BuildDate}`]]);
    },
    getHardwareVersion: () => lines([["version", "1.00"]]),
    getSerialNo: ({ state }) => lines([["sn", state.serial]]),
    getMachineName: ({ state }) => lines([["name", state.config.machineName()]]),
    getDeviceClass: ({ state }) => lines([["class", state.options.deviceClass]]),
    getProductDefinition: (call) => {
      const definition = productDefinition(call.state);
      const name = field(call, "name");
      if (name === undefined) return lines(leavesOf("table", definition));
      return Object.hasOwn(definition, name)
        ? lines([[`table.${name}`, definition[name]]])
        : fault(400, "Bad Request!");
    },
    getVendor: () => lines([["vendor", "Dahua"]]),

    needReboot: ({ state }) => lines([["needReboot", Number(state.config.rebootNeeded)]]),
    reboot: ({ state }) => turn(state, () => state.power.restart(state.options.bootTime)),
    shutdown: ({ state }) => turn(state, () => state.power.off()),
  },
};

/** As over RPC: the answer leaves first, unless the firmware is of the other kind. */
function turn(state: DeviceState, afterwards: () => void): CgiAnswer {
  if (state.options.quirks.rebootReply === "after") return { ...OK, afterwards };
  afterwards();
  return OK;
}
