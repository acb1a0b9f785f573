import { command } from "../spec.ts";
import { pathGrid } from "../view.ts";

export default command({
  targets: "list",
  description: "Prints a configuration table, or one place in it. Passwords in it are masked.",
  arguments: {
    path: {
      value: "PATH",
      summary: "Table or place: NTP, Encode[0].MainFormat[0].Video.FPS; indexes count from 0",
    },
  },
  options: {
    secrets: { summary: "Show passwords in clear text" },
    default: { summary: "The value as it left the factory" },
  },
  examples: [
    { does: "The time server settings", line: "dhip config get 192.0.2.7 NTP" },
    {
      does: "The frame rate of the first channel's main stream",
      line: "dhip config get 192.0.2.7 'Encode[0].MainFormat[0].Video.FPS'",
    },
    {
      does: "One setting of many cameras as a spreadsheet",
      line: "dhip config get 192.0.2.7,192.0.2.8 NTP.Address -o csv",
    },
  ],
  async run(context, { path: text }, options) {
    const { parseConfigPath, valueAt } = await import("../../camera/config_path.ts");
    const { maskSecrets } = await import("../../camera/config_secrets.ts");
    const { serviceOf } = await import("../devices.ts");
    const { maskDifference } = await import("../tables/masked.ts");
    const { DhipError } = await import("../../errors.ts");
    const path = parseConfigPath(text);
    return await context.each(async (device) => {
      const config = serviceOf(device, "config");
      const { signal } = context;
      const table = options.default
        ? await config.defaults(path.table, { signal })
        : await config.get(path.table, { signal });
      if (table === undefined || table === null) {
        throw new DhipError("DHIP_NOT_SUPPORTED", `The device has no table ${path.table}`, {
          host: device.host,
          hint: "List the tables: dhip config names TARGET",
        });
      }
      if (options.secrets) return valueAt(table, path);
      const masked = valueAt(maskSecrets(table), path);
      // The place itself may be inside a member that is a secret as a whole.
      return maskDifference({ path: text, after: masked }).after;
    }, {
      view: {
        table: (value) =>
          typeof value === "object" && value !== null ? pathGrid(value) : `${String(value)}\n`,
        csv: pathGrid,
      },
    });
  },
});
