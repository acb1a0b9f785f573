import { command } from "../spec.ts";

export default command({
  targets: "many",
  description:
    "Lists the accounts and groups of a device with their rights. With --active: who is logged in " +
    "now, from where and since when by the device's clock.",
  arguments: {},
  options: {
    active: { short: "a", summary: "Who is logged in now" },
  },
  examples: [
    { does: "Accounts and groups", line: "dhip user list 192.0.2.7" },
    { does: "Who is logged in to any camera in the hall", line: "dhip user list @hall --active" },
  ],
  async run(context, _, { active }) {
    const { signal } = context;
    if (context.python) {
      const { pythonUsers, pythonView } = await import("../python_shapes.ts");
      return await context.each((device) => pythonUsers(device, signal), { view: pythonView });
    }
    const { serviceOf } = await import("../devices.ts");
    const { accountsView, activeView } = await import("../accounts/users_view.ts");
    if (active) {
      return await context.each((device) => serviceOf(device, "users").active({ signal }), {
        view: activeView,
      });
    }
    return await context.each(async (device) => {
      const service = serviceOf(device, "users");
      const [users, groups] = await Promise.all([
        service.list({ signal }),
        service.groups({ signal }),
      ]);
      return { users, groups };
    }, { view: accountsView });
  },
});
