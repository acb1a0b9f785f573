/**
 * What `dhip user passwd` does on one device.
 *
 * @module
 */

import type { PasswordChange } from "../../camera/mod.ts";
import { DhipError } from "../../errors.ts";
import type { Context, DeviceWork } from "../context.ts";
import { serviceOf } from "../devices.ts";
import { envelopeOf } from "../failure.ts";
import { usageError } from "../usage.ts";
import type { View } from "../view.ts";
import { type NewPasswordValues, prepareNewPassword, prepareOldPassword } from "./new_password.ts";
import { oldPlaces } from "./old_places.ts";

/** Options of `dhip user passwd`. */
export interface PasswdOptions extends NewPasswordValues {
  readonly oldPasswordFile: string | undefined;
  readonly oldPasswordCommand: string | undefined;
}

/** What came of it. */
export interface PasswdResult extends PasswordChange {
  /** Places that still give the old password of this login. */
  readonly stillOld: readonly string[];
}

/**
 * Prepares the work.
 *
 * @param account whose password; that of the login when undefined
 * @throws {DhipError} as `prepareNewPassword`
 */
export async function passwdWork(
  context: Context,
  account: string | undefined,
  options: PasswdOptions,
): Promise<DeviceWork<PasswdResult>> {
  const { log, signal, targets } = context;
  const names = new Set(targets.map(({ user }) => account ?? user));
  const whose = names.size === 1 ? [...names][0]! : `${names.size} accounts`;
  const newPassword = await prepareNewPassword(context, options, whose);
  const others = account !== undefined && targets.some(({ user }) => user !== account);
  if (!others && (options.oldPasswordFile ?? options.oldPasswordCommand) !== undefined) {
    throw usageError(
      "--old-password-file and --old-password-command are for another account",
      "The old password of this one is what it logs in with.",
    );
  }
  const oldPassword = others ? await prepareOldPassword(context, options, account) : undefined;
  return async (device, target) => {
    const users = serviceOf(device, "users");
    const own = account === undefined || account === target.user;
    const change = {
      name: account ?? target.user,
      oldPassword: own ? undefined : await oldPassword?.(),
      newPassword: await newPassword(),
    };
    log.notice(`${target.name}: changing it, then logging in once more to see whether it works`);
    const result = await users.changePassword(change, { signal });
    const stillOld = own && result.problem?.code !== "DHIP_NOT_HELD"
      ? oldPlaces(context, target, change.newPassword)
      : [];
    for (const place of stillOld) {
      log.warning(`${target.name}: the old password is still in ${place}`);
    }
    return { ...result, stillOld };
  };
}

/** How the result looks. */
export const passwdView: View<PasswdResult> = {
  table: ({ name, verified }) =>
    verified
      ? `The password of ${name} is changed; a login with it works.\n`
      : `The device accepted the new password of ${name}; that it works was not seen.\n`,
  json: (result) => ({ ...result, problem: result.problem && envelopeOf(result.problem) }),
  csv: ({ name, verified, stillOld }) => ({
    head: ["name", "verified", "still_old"],
    rows: [[name, verified, stillOld.join("; ")]],
  }),
};

/** A change that was not seen to work is no success. */
export function unverified({ name, problem }: PasswdResult): DhipError | undefined {
  if (problem === null || problem.code === "DHIP_NOT_HELD") return problem ?? undefined;
  return new DhipError(
    problem.code,
    `The password of ${name} was changed, but a login with it did not come through: ${problem.message}`,
    {
      host: problem.host,
      hint: "Log in with the new password; the old one is gone.",
      cause: problem,
    },
  );
}
