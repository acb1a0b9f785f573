/**
 * `magicBox`: what the device is, and its power switch.
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import { productDefinition, SOFTWARE_VERSION, systemInfo } from "../identity.ts";
import type { Service } from "../service.ts";

const TOTAL_MEMORY = 536_870_912;

/** The service. */
export const magicBoxService: Service = {
  name: "magicBox",
  adminOnly: ["reboot", "shutdown"],
  methods: {
    getSystemInfo: ({ state }) => ok(systemInfo(state)),
    getDeviceType: ({ state }) => ok({ type: state.options.type }),
    getDeviceClass: ({ state }) => ok({ type: state.options.deviceClass }),
    getSoftwareVersion: () => ok({ version: SOFTWARE_VERSION }),
    getHardwareVersion: () => ok({ version: "1.00" }),
    getSerialNo: ({ state }) => ok({ sn: state.serial }),
    getVendor: ({ state }) => ok({ [state.options.vendorKey]: "Dahua" }),
    getMachineName: ({ state }) => ok({ name: state.config.machineName() }),
    getMemoryInfo: ({ state }) =>
      ok({
        free: TOTAL_MEMORY - 201_326_592 - state.sessions.list().length * 65_536,
        total: TOTAL_MEMORY,
      }),
    getCPUUsage: ({ state, fields }) =>
      fields.index === undefined || fields.index === 0
        ? ok({ usage: 20 + Math.floor(state.uptime / 1000) % 15 })
        : refuse("params"),
    getUpTime: ({ state }) => {
      const seconds = Math.floor(state.uptime / 1000);
      return ok({ info: { Last: seconds, Total: seconds + 864_000 } });
    },
    getProductDefinition: ({ state, fields }) => {
      const definition = productDefinition(state);
      const { name } = fields;
      if (name === undefined) return ok({ definition });
      return typeof name === "string" && Object.hasOwn(definition, name)
        ? ok({ definition: definition[name] })
        : refuse("params");
    },
    getMarketArea: () => ok({ AbroadInfo: "Abroad", AdditionInfo: [] }),
    needReboot: ({ state }) => ok({ needReboot: Number(state.config.rebootNeeded) }),

    // The answer leaves first; what a client sends after it falls into nothing.
    reboot: ({ state, nested }) =>
      nested ? refuse("unknown") : {
        result: true,
        afterwards: () => state.power.restart(state.options.bootTime),
      },
    shutdown: ({ state, nested }) =>
      nested ? refuse("unknown") : { result: true, afterwards: () => state.power.off() },
  },
};
