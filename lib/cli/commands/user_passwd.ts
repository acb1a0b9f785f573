import { NEW_PASSWORD } from "../accounts/new_password.ts";
import { command } from "../spec.ts";

export default command({
  targets: "list",
  description:
    "Changes the password of the account that logs in, or of another. The new one is asked for " +
    "twice, or comes from standard input, a file or a program; never from the command line, " +
    "which others can see. It is then verified by one more login, which is logged out at once. " +
    "Places that still hold the old password are told and not changed.",
  arguments: {
    name: { value: "NAME", optional: true, summary: "Account; by default that of this login" },
  },
  options: {
    ...NEW_PASSWORD,
    oldPasswordFile: {
      value: "FILE",
      offers: "file",
      summary: "Old password of another account, from the first line of a file",
    },
    oldPasswordCommand: {
      value: "COMMAND",
      summary: "Old password of another account, printed by this program",
    },
  },
  examples: [
    { does: "A new password, asked for", line: "dhip user passwd 192.0.2.7" },
    {
      does: "A new password on every camera in the hall, from a password manager",
      line: "dhip user passwd @hall --new-password-command 'pass show cameras/new'",
    },
    {
      does: "That of another account",
      line: "dhip user passwd 192.0.2.7 guard --new-password-file new --old-password-file old",
    },
  ],
  async run(context, { name }, options) {
    const { passwdView, passwdWork, unverified } = await import("../accounts/passwd_work.ts");
    return await context.each(await passwdWork(context, name, options), {
      view: passwdView,
      verdict: unverified,
    });
  },
});
