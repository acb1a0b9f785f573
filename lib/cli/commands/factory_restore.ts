import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Puts the settings of a device back to the state of the factory. Without --confirm it shows " +
    "what it would do and does nothing. The device may restart, get another address, and forget " +
    "its accounts: save its settings first, with dhip config backup. Whether accounts stay is the " +
    "device's own decision; they are seldom part of its tables.",
  arguments: {},
  options: {
    except: {
      value: "TABLES",
      many: true,
      summary: "Keep these: network, users, or names of tables; a comma list, may be repeated",
    },
    only: {
      value: "TABLES",
      many: true,
      summary: "Restore nothing but these tables; a comma list, may be repeated",
    },
    confirm: {
      value: "NAME",
      summary:
        "Do it: the device's serial number, or the name it has on itself or in the config file",
    },
  },
  examples: [
    { does: "See what would happen", line: "dhip factory-restore 192.0.2.7" },
    {
      does: "Restore all but the network",
      line: "dhip factory-restore 192.0.2.7 --except network --confirm 4K0123PAA0FFFFF",
    },
    {
      does: "Restore two tables",
      line: "dhip factory-restore 192.0.2.7 --only NTP,Email --confirm 4K0123PAA0FFFFF",
    },
  ],
  async run(context, _args, options) {
    const { restoreView, factoryRestoreWork } = await import("../factory_restore_work.ts");
    const { unheardError } = await import("../power_work.ts");
    return await context.each(factoryRestoreWork(context, options), {
      view: restoreView,
      verdict: ({ confirmed }) => unheardError({ confirmed: confirmed ?? true }),
    });
  },
});
