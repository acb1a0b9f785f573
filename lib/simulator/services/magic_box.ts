/**
 * `magicBox`: what the device is, and its power switch.
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import { productDefinition, softwareVersion, systemInfo } from "../identity.ts";
import type { Call, Service } from "../service.ts";

const TOTAL_MEMORY = 536_870_912;

/** The service. */
export const magicBoxService: Service = {
  name: "magicBox",
  adminOnly: ["reboot", "shutdown"],
  methods: {
    getSystemInfo: ({ state }) => ok(systemInfo(state)),
    getDeviceType: ({ state }) => ok({ type: state.options.type }),
    getDeviceClass: ({ state }) => ok({ type: state.options.deviceClass }),
    getSoftwareVersion: ({ state }) => ok({ version: softwareVersion(state) }),
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

    getProcessInfo: ({ state }) =>
      ok({
        info: ["sonia", "busybox", "dsp"].map((Name, index) => ({
          CPU: 1 + index,
          Memory: 8_388_608 * (3 - index),
          Name,
          Pid: 100 + index * 17,
          UpTime: Math.floor(state.uptime / 1000),
        })),
      }),

    // `delay`, seconds as in DahuaConsole, comes on top of what a start takes.
    reboot: (call) => {
      const { delay = 0 } = call.fields;
      if (typeof delay !== "number" || !(delay >= 0 && delay <= 3600)) return refuse("params");
      const { power, options } = call.state;
      return turn(call, "System.Reboot", () => power.restart(options.bootTime + delay * 1000));
    },
    shutdown: (call) => turn(call, "System.ShutDown", () => call.state.power.off()),
  },
};

/**
 * The answer leaves first, unless the firmware is of the other kind; what a client sends after it
 * falls into nothing.
 */
function turn({ state, nested }: Call, type: string, afterwards: () => void): Answer {
  if (nested) return refuse("unknown");
  state.note(type);
  if (state.options.quirks.rebootReply === "after") return { result: true, afterwards };
  afterwards();
  return ok();
}
