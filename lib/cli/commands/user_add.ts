import { NEW_PASSWORD } from "../accounts/new_password.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Makes an account and reads it back. Its password is asked for twice, or comes from standard " +
    "input, a file or a program. It gets all rights of its group unless --authority names some.",
  arguments: {
    name: { value: "NAME", summary: "Name of the account" },
  },
  options: {
    group: { short: "g", value: "GROUP", default: "user", summary: "Its group" },
    memo: { value: "TEXT", summary: "Remark" },
    authority: { value: "RIGHT", many: true, summary: "Only this right; may be repeated" },
    ...NEW_PASSWORD,
  },
  examples: [
    { does: "Somebody who may look", line: "dhip user add 192.0.2.7 guard" },
    {
      does: "An administrator on two cameras, with a password from a program",
      line:
        "dhip user add 192.0.2.7,192.0.2.8 eve --group admin --new-password-command 'pass cam/eve'",
    },
    {
      does: "Only live pictures of channel 1",
      line: "dhip user add 192.0.2.7 wall --authority Monitor_01 --new-password-file wall.pass",
    },
  ],
  async run(context, { name }, { group, memo, authority, ...sources }) {
    const { serviceOf } = await import("../devices.ts");
    const { prepareNewPassword } = await import("../accounts/new_password.ts");
    const { userChangeView } = await import("../accounts/users_view.ts");
    const { notHeldError } = await import("../tables/access.ts");
    const { signal } = context;
    const givePassword = await prepareNewPassword(context, sources, name);
    const authorities = authority.length === 0 ? undefined : authority;
    return await context.each(
      async (device) => {
        const password = await givePassword();
        const user = { name, password, group, memo, authorities };
        return await serviceOf(device, "users").add(user, { signal });
      },
      { view: userChangeView, verdict: ({ notHeld }) => notHeldError("", notHeld) },
    );
  },
});
