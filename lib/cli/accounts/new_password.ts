/**
 * Where passwords that an account shall get come from. Never from the command line, which all users
 * of the computer can see.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import type { Context } from "../context.ts";
import type { OptionSpecs } from "../option_spec.ts";
import { passwordFile, passwordLine, passwordOfProgram } from "../password_source.ts";
import { usageError } from "../usage.ts";

/** Options that give the new password. */
export const NEW_PASSWORD = {
  newPasswordStdin: { summary: "New password from the first line of standard input" },
  newPasswordFile: {
    value: "FILE",
    offers: "file",
    summary: "New password from the first line of a file that only you can read",
  },
  newPasswordCommand: {
    value: "COMMAND",
    summary: "New password printed by this program; the shell runs it",
  },
} as const satisfies OptionSpecs;

/** Values of {@linkcode NEW_PASSWORD}. */
export interface NewPasswordValues {
  readonly newPasswordStdin: boolean;
  readonly newPasswordFile: string | undefined;
  readonly newPasswordCommand: string | undefined;
}

/** Gives a password; whoever has to ask for it asks once. */
export type PasswordGiver = () => Promise<string>;

/**
 * Finds the new password. What cannot work fails before any device is contacted; a prompt waits
 * until the login has succeeded, and asks twice.
 *
 * @param whose for the prompt: an account's name
 * @throws {DhipError} `DHIP_USAGE`, `DHIP_FILE`, `DHIP_NO_PASSWORD`
 */
export async function prepareNewPassword(
  context: Context,
  values: NewPasswordValues,
  whose: string,
): Promise<PasswordGiver> {
  const { io, log, stdinTaken } = context;
  const { newPasswordStdin, newPasswordFile, newPasswordCommand } = values;
  const given = [newPasswordStdin || undefined, newPasswordFile, newPasswordCommand];
  if (given.filter((one) => one !== undefined).length > 1) {
    throw usageError(
      "--new-password-stdin, --new-password-file and --new-password-command exclude each other",
    );
  }
  const tell = (text: string) => log.notice(text);
  if (newPasswordStdin) {
    if (stdinTaken) {
      throw usageError(
        "--new-password-stdin and --password-stdin both want standard input",
        "Give one of them by a file: --new-password-file, DHIP_PASSWORD_FILE.",
      );
    }
    return always(passwordLine(await io.stdin.readAll(), "Standard input", tell));
  }
  const fromElsewhere = await storedPassword(context, "new", newPasswordFile, newPasswordCommand);
  if (fromElsewhere !== undefined) return always(fromElsewhere);
  requireTerminal(context, "new", "--new-password-stdin, --new-password-file");
  return once(async () => {
    const typed = await askPassword(context, `New password for ${whose}: `);
    if (await askPassword(context, "Again: ") === typed) return typed;
    throw new DhipError("DHIP_NO_PASSWORD", "The two passwords differ; nothing was changed");
  });
}

/**
 * Finds the password that another account has until now.
 *
 * @throws {DhipError} as {@linkcode prepareNewPassword}
 */
export async function prepareOldPassword(
  context: Context,
  { oldPasswordFile, oldPasswordCommand }: {
    readonly oldPasswordFile: string | undefined;
    readonly oldPasswordCommand: string | undefined;
  },
  whose: string,
): Promise<PasswordGiver> {
  const stored = await storedPassword(context, "old", oldPasswordFile, oldPasswordCommand);
  if (stored !== undefined) return always(stored);
  requireTerminal(context, "old", "--old-password-file");
  return once(() => askPassword(context, `Old password of ${whose}: `));
}

async function storedPassword(
  { io, log }: Context,
  which: "new" | "old",
  file: string | undefined,
  command: string | undefined,
): Promise<string | undefined> {
  const option = `--${which}-password`;
  if (file !== undefined && command !== undefined) {
    throw usageError(`${option}-file and ${option}-command exclude each other`);
  }
  if (file !== undefined) {
    const tell = (text: string) => log.notice(text);
    return await passwordFile({ io, tell }, file, `The file of ${option}-file`);
  }
  if (command === undefined) return undefined;
  return await passwordOfProgram(command, `The program of ${option}-command`, io);
}

function requireTerminal({ io, stdinTaken }: Context, which: string, options: string): void {
  if (io.stdin.isTerminal && !stdinTaken) return;
  throw new DhipError(
    "DHIP_NO_PASSWORD",
    `The ${which} password is not given and there is no terminal to ask on`,
    { hint: `Give it by ${options} or --${which}-password-command.` },
  );
}

async function askPassword({ io }: Context, question: string): Promise<string> {
  const typed = await io.stdin.askSecret(question);
  if (typed !== undefined && typed !== "") return typed;
  throw new DhipError("DHIP_NO_PASSWORD", "No password was given; nothing was changed");
}

function always(password: string): PasswordGiver {
  if (password === "") {
    throw new DhipError("DHIP_NO_PASSWORD", "An account cannot have the empty password");
  }
  return () => Promise.resolve(password);
}

function once(ask: PasswordGiver): PasswordGiver {
  let answer: Promise<string> | undefined;
  return () => answer ??= ask();
}
