/**
 * Where passwords come from.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Defaults } from "./config/config.ts";
import type { Context } from "./context.ts";
import type { ConnectionValues } from "./global_options.ts";
import type { CliIo } from "./io.ts";
import type { Log } from "./log.ts";
import { passwordFile, passwordFrom, passwordLine } from "./password_source.ts";
import type { NamedTarget } from "./targets.ts";
import { usageError } from "./usage.ts";

/** What {@linkcode preparePasswords} decides on. */
export interface LoginSources {
  readonly io: CliIo;
  readonly log: Log;
  readonly options: Pick<ConnectionValues, "password" | "passwordStdin">;
  /** Of the config file. */
  readonly defaults: Defaults;
  /** Password when there is no other; instead of asking for one. */
  readonly fallback?: string | undefined;
}

/** Gives the password of a device. */
export type PasswordOf = (target: NamedTarget) => Promise<string>;

/**
 * Finds out where the passwords come from. What is asked for is asked once and before the first
 * connection; programs of single devices run when their device's turn comes.
 *
 * Order: `-P`, `--password-stdin`, the device's own of the config file, `DHIP_PASSWORD_FILE`,
 * `DHIP_PASSWORD`, `[defaults]` of the config file, a prompt. With several targets a device that
 * has a password of its own gets that one and no other.
 *
 * @throws {DhipError} `DHIP_NO_PASSWORD`, `DHIP_FILE`, `DHIP_USAGE`, `DHIP_INTERRUPTED`
 */
export async function preparePasswords(
  targets: readonly NamedTarget[],
  sources: LoginSources,
): Promise<PasswordOf> {
  const { io, log, options } = sources;
  checkOptions(sources);
  const onLine = options.password !== undefined || options.passwordStdin;
  const single = targets.length === 1;
  const needy = targets.filter(({ device }) =>
    device?.password === undefined || (single && onLine)
  );
  if (needy.length === 0 && onLine) {
    log.notice("Each device has a password of its own; the one given here is not used");
  }
  const runWide = needy.length === 0 ? undefined : await runWidePassword(sources, needy);
  return async (target) => {
    const own = target.device?.password;
    if (runWide !== undefined && needy.includes(target)) return runWide;
    if (own === undefined) throw new Error(`${target.name} is none of the targets`);
    return await passwordFrom(own, `of ${target.name}`, { io, tell: (text) => log.notice(text) });
  };
}

/**
 * The password of one target in the same order, as far as there is one without asking for it.
 *
 * @throws {DhipError} see {@linkcode preparePasswords}
 */
async function knownPassword(
  target: NamedTarget,
  sources: Omit<LoginSources, "fallback">,
): Promise<string | undefined> {
  const { io, log, options } = sources;
  checkOptions(sources);
  const own = target.device?.password;
  if (own === undefined || options.password !== undefined || options.passwordStdin) {
    return await givenPassword(sources);
  }
  return await passwordFrom(own, `of ${target.name}`, { io, tell: (text) => log.notice(text) });
}

/** User and password for the tunnel to a target where nobody logs in, if they are known. */
export async function tunnelWishes(
  { io, log, connection, config }: Pick<Context, "io" | "log" | "connection" | "config">,
  target: NamedTarget,
): Promise<{ readonly credentials?: Credentials }> {
  if (target.address.serial === undefined) return {};
  const sources = { io, log, options: connection!, defaults: config.defaults };
  const password = await knownPassword(target, sources);
  return password === undefined ? {} : { credentials: { user: target.user, password } };
}

/** User and password. */
interface Credentials {
  readonly user: string;
  readonly password: string;
}

function checkOptions({ options, log }: Pick<LoginSources, "options" | "log">): void {
  if (options.password === undefined) return;
  if (options.passwordStdin) throw usageError("-P and --password-stdin exclude each other");
  log.warning(
    "-P shows the password to all users of this computer; " +
      "--password-stdin, DHIP_PASSWORD_FILE and the prompt do not",
  );
}

/** The password that is given for every device without one of its own; undefined when none is. */
async function givenPassword(
  { io, log, options, defaults }: Omit<LoginSources, "fallback">,
): Promise<string | undefined> {
  const tell = (text: string) => log.notice(text);
  if (options.password !== undefined) return options.password;
  if (options.passwordStdin) return passwordLine(await io.stdin.readAll(), "Standard input", tell);
  const file = io.env("DHIP_PASSWORD_FILE");
  if (file) return await passwordFile({ io, tell }, file, "The file of DHIP_PASSWORD_FILE");
  const variable = io.env("DHIP_PASSWORD");
  if (variable !== undefined) return variable; // the empty password is one, too
  if (defaults.password === undefined) return undefined;
  return await passwordFrom(defaults.password, "of [defaults]", { io, tell });
}

/** The password for every device that has none of its own. */
async function runWidePassword(
  sources: LoginSources,
  needy: readonly NamedTarget[],
): Promise<string> {
  const { io, fallback } = sources;
  const given = await givenPassword(sources) ?? fallback;
  if (given !== undefined) return given;
  const [first] = needy;
  const question = needy.length === 1
    ? `Password for ${first!.user}@${first!.name}: `
    : `Password for ${needy.length} devices: `;
  const typed = io.stdin.isTerminal ? await io.stdin.askSecret(question) : undefined;
  // Enter alone is a slip and no password: an attempt with the empty one may lock an account.
  if (typed !== undefined && typed !== "") return typed;
  throw new DhipError(
    "DHIP_NO_PASSWORD",
    io.stdin.isTerminal
      ? "No password was given"
      : "No password was given and there is no terminal to ask on",
    { hint: "Give it by --password-stdin, DHIP_PASSWORD_FILE, DHIP_PASSWORD or -P." },
  );
}
