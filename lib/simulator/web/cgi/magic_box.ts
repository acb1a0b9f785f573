/**
 * `magicBox.cgi`: what the device is, and its power switch.
 *
 * @module
 */

import { productDefinition, SOFTWARE_VERSION, systemInfo } from "../../identity.ts";
import { type CgiScript, fault, field, lines, OK } from "../cgi_script.ts";
import { leavesOf } from "../table_text.ts";

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

    // The answer leaves first; what a client sends after it falls into nothing.
    reboot: ({ state }) => ({
      ...OK,
      afterwards: () => state.power.restart(state.options.bootTime),
    }),
    shutdown: ({ state }) => ({ ...OK, afterwards: () => state.power.off() }),
  },
};
