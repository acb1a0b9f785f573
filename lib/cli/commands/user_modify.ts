import { command } from "../spec.ts";
import { usageError } from "../usage.ts";

export default command({
  targets: "list",
  description:
    "Changes an account and reads it back. With another group and no --authority it gets all " +
    "rights of that group. A change that did not hold ends with exit code 7.",
  arguments: {
    name: { value: "NAME", summary: "Account to change" },
  },
  options: {
    group: { short: "g", value: "GROUP", summary: "Its new group" },
    memo: { value: "TEXT", summary: "Its new remark" },
    authority: { value: "RIGHT", many: true, summary: "Only this right; may be repeated" },
  },
  examples: [
    { does: "Make somebody an administrator", line: "dhip user modify 192.0.2.7 eve -g admin" },
    {
      does: "Leave live pictures of channel 1 only",
      line: "dhip user modify 192.0.2.7 wall --authority Monitor_01",
    },
  ],
  async run(context, { name }, { group, memo, authority }) {
    if (group === undefined && memo === undefined && authority.length === 0) {
      throw usageError("Nothing to change", "Give --group, --memo or --authority.");
    }
    const { serviceOf } = await import("../devices.ts");
    const { userChangeView } = await import("../accounts/users_view.ts");
    const { notHeldError } = await import("../tables/access.ts");
    const { signal } = context;
    const change = { group, memo, authorities: authority.length === 0 ? undefined : authority };
    return await context.each(
      (device) => serviceOf(device, "users").modify(name, change, { signal }),
      { view: userChangeView, verdict: ({ notHeld }) => notHeldError("", notHeld) },
    );
  },
});
