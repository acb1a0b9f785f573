/**
 * `magicBox.cgi`: what the device is, and its power switch.
 *
 * @module
 */

import { SOFTWARE_VERSION, systemInfo } from "../../identity.ts";
import { type CgiScript, lines, OK } from "../cgi_script.ts";

/** The script. */
export const magicBoxCgi: CgiScript = {
  name: "magicBox",
  adminOnly: ["reboot", "shutdown"],
  actions: {
    getSystemInfo: ({ state }) => lines(Object.entries(systemInfo(state))),
    getDeviceType: ({ state }) => lines([["type", state.options.type]]),
    getSoftwareVersion: () => {
      const { Version, BuildDate } = SOFTWARE_VERSION;
      return lines([["version", `${Version},build:${BuildDate}`]]);
    },
    getHardwareVersion: () => lines([["version", "1.00"]]),
    getSerialNo: ({ state }) => lines([["sn", state.serial]]),
    getMachineName: ({ state }) => lines([["name", state.config.machineName()]]),
    getVendor: () => lines([["vendor", "Dahua"]]),

    // The answer leaves first; what a client sends after it falls into nothing.
    reboot: ({ state }) => ({
      ...OK,
      afterwards: () => state.power.restart(state.options.bootTime),
    }),
    shutdown: ({ state }) => ({ ...OK, afterwards: () => state.power.off() }),
  },
};
