/**
 * Accounts of a Dahua device (`userManager`).
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { flag, list, object, text, texts } from "./_fields.ts";
import { AccountCalls } from "./_account_calls.ts";
import type { Difference } from "./config_diff.ts";
import { readDeviceTime } from "./device_time.ts";
import type { DahuaLink } from "./link.ts";
import type {
  ActiveUser,
  NewPassword,
  NewUser,
  PasswordChange,
  User,
  UserChange,
  UserGroup,
  UserProperties,
  UsersService,
} from "./users.ts";

/** {@linkcode UsersService} of a Dahua device. */
export class DahuaUsers implements UsersService {
  readonly #link: DahuaLink;
  readonly #calls: AccountCalls;

  /** Works over the given link. */
  constructor(link: DahuaLink) {
    this.#link = link;
    this.#calls = new AccountCalls(link);
  }

  /** See {@linkcode UsersService.list}. */
  async list(options?: CallOptions): Promise<User[]> {
    return (await this.#records(options)).map(userOf);
  }

  /** See {@linkcode UsersService.groups}. */
  async groups(options?: CallOptions): Promise<UserGroup[]> {
    const payload = await this.#link.call("userManager.getGroupInfoAll", null, options);
    return named(payload, "groups").map((group) => ({
      name: String(group.Name),
      memo: text(group.Memo),
      authorities: texts(group.AuthorityList),
    }));
  }

  /** See {@linkcode UsersService.active}. */
  async active(options?: CallOptions): Promise<ActiveUser[]> {
    const payload = await this.#link.call("userManager.getActiveUserInfoAll", null, options);
    return named(payload, "users").map((user) => ({
      name: String(user.Name),
      group: text(user.Group),
      address: text(user.ClientAddress),
      clientType: text(user.ClientType),
      since: readDeviceTime(user.LoginTime),
    }));
  }

  /** See {@linkcode UsersService.add}. */
  async add(user: NewUser, options?: CallOptions): Promise<UserChange> {
    const { name, password, memo = "" } = user;
    if (name === "") throw new RangeError("The name of an account is not empty");
    requirePassword(password);
    const group = await this.#group(user.group, options);
    const wanted = { group: group.name, memo, authorities: user.authorities ?? group.authorities };
    await this.#calls.send("userManager.addUser", [{
      user: {
        Name: name,
        Password: password,
        Group: wanted.group,
        Memo: wanted.memo,
        Sharable: true,
        AuthorityList: wanted.authorities,
      },
    }], options);
    return await this.#readBack(name, wanted, options);
  }

  /** See {@linkcode UsersService.modify}. */
  async modify(
    name: string,
    change: UserProperties,
    options?: CallOptions,
  ): Promise<UserChange> {
    const record = await this.#record(name, options);
    const group = change.group === undefined ? undefined : await this.#group(change.group, options);
    const moves = group !== undefined && group.name !== record.Group;
    const wanted: UserProperties = {
      group: group?.name,
      memo: change.memo,
      authorities: change.authorities ?? (moves ? group.authorities : undefined),
    };
    // Devices want the whole record. A password in it, which old firmwares list as a digest, stays
    // where it is: sent back it would become the password.
    const { Password: _, ...present } = record;
    const user = {
      ...present,
      ...(wanted.group === undefined ? {} : { Group: wanted.group }),
      ...(wanted.memo === undefined ? {} : { Memo: wanted.memo }),
      ...(wanted.authorities === undefined ? {} : { AuthorityList: wanted.authorities }),
    };
    // The web pages name the account beside it; python-dhip sends the record alone.
    await this.#calls.send("userManager.modifyUser", [{ name, user }, { user }], options);
    return await this.#readBack(name, wanted, options);
  }

  /** See {@linkcode UsersService.remove}. */
  async remove(name: string, options?: CallOptions): Promise<void> {
    if (name === this.#link.credentials.user) {
      throw new RangeError(
        `${name} is the account of this login; log in with another to remove it`,
      );
    }
    await this.#record(name, options);
    await this.#calls.send("userManager.deleteUser", [{ name }], options);
    if ((await this.list(options)).some((user) => user.name === name)) {
      throw this.#notHeld(`The device agreed to remove ${name} and still has it`);
    }
  }

  /** See {@linkcode UsersService.changePassword}. */
  async changePassword(change: NewPassword, options?: CallOptions): Promise<PasswordChange> {
    const { user, password } = this.#link.credentials;
    const { name = user, newPassword } = change;
    const own = name === user;
    const oldPassword = change.oldPassword ?? (own ? password : undefined);
    requirePassword(newPassword);
    if (oldPassword === undefined) throw new TypeError(`The old password of ${name} is missing`);
    await this.#link.session(options); // proves the own password, before it is sent as the old one
    await this.#calls.changePassword(name, oldPassword, newPassword, {
      ...options,
      proven: own && oldPassword === password,
    });
    const identity = { user: name, password: newPassword };
    const problem = await this.#verify(identity, options);
    if (own && problem?.code !== "DHIP_NOT_HELD") this.#link.passwordChanged(newPassword);
    return { name, verified: problem === null, problem };
  }

  async #verify(
    identity: { readonly user: string; readonly password: string },
    options?: CallOptions,
  ): Promise<DhipError | null> {
    try {
      // An earlier refusal of it, from before it was the right one, says nothing any more.
      await this.#link.forgetRefusal(identity);
      await this.#link.tryLogin(identity, options);
      return null;
    } catch (error) {
      if (!(error instanceof DhipError)) throw error;
      if (error.code !== "DHIP_AUTH_REFUSED") return error;
      return this.#notHeld(
        `The device accepted the new password of ${identity.user} and then refused a login with it`,
        "The old one may still be valid: try it once. The device may have shortened the new one.",
        error,
      );
    }
  }

  async #records(options?: CallOptions): Promise<JsonObject[]> {
    return named(await this.#link.call("userManager.getUserInfoAll", null, options), "users");
  }

  async #record(name: string, options?: CallOptions): Promise<JsonObject> {
    const records = await this.#records(options);
    const found = records.find(({ Name }) => Name === name);
    if (found !== undefined) return found;
    throw new RangeError(`There is no account ${JSON.stringify(name)}; ${namesOf(records)}`);
  }

  async #group(name: string, options?: CallOptions): Promise<UserGroup> {
    const groups = await this.groups(options);
    const found = groups.find((group) => group.name === name);
    if (found !== undefined) return found;
    const known = namesOf(groups.map((group) => ({ Name: group.name })));
    throw new RangeError(`There is no group ${JSON.stringify(name)}; ${known}`);
  }

  async #readBack(
    name: string,
    wanted: UserProperties,
    options?: CallOptions,
  ): Promise<UserChange> {
    const user = (await this.list(options)).find((user) => user.name === name);
    if (user === undefined) throw this.#notHeld(`The device accepted ${name} and does not have it`);
    const notHeld: Difference[] = [];
    for (const key of ["group", "memo", "authorities"] as const) {
      const before = wanted[key];
      const after = user[key] ?? "";
      if (before !== undefined && comparable(before) !== comparable(after)) {
        notHeld.push({ path: key, before, after });
      }
    }
    return { user, notHeld };
  }

  #notHeld(message: string, hint?: string, cause?: unknown): DhipError {
    return new DhipError("DHIP_NOT_HELD", message, { host: this.#link.host, hint, cause });
  }
}

/** The order of rights means nothing. */
function comparable(value: string | readonly string[]): string {
  return typeof value === "string" ? value : JSON.stringify([...value].sort());
}

function requirePassword(password: string): void {
  if (password === "") throw new RangeError("The new password is not empty");
}

/** Entries with a name: a list, or (python-dhip's device) a list inside an object. */
function named(payload: unknown, member: string): JsonObject[] {
  const entries = Array.isArray(payload) ? payload : list(object(payload)[member]);
  return entries.map(object).filter(({ Name }) => text(Name) !== null);
}

function namesOf(records: readonly JsonObject[]): string {
  return records.length === 0
    ? "the device tells none"
    : `there is ${records.map(({ Name }) => String(Name)).join(", ")}`;
}

function userOf(record: JsonObject): User {
  return {
    name: String(record.Name),
    group: text(record.Group),
    memo: text(record.Memo),
    authorities: texts(record.AuthorityList),
    sharable: flag(record.Sharable),
    reserved: flag(record.Reserved),
  };
}
