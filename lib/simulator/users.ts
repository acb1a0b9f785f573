/**
 * What can be done with the accounts of a device, over RPC and CGI. Nothing here tells a password.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import type { Account } from "./accounts.ts";
import type { DeviceErrorName } from "./answer.ts";
import type { DeviceState } from "./state.ts";

/** Most accounts of a device. */
const MOST = 64;

/** Longest name in UTF-16 units. */
const LONGEST = 64;

const USER_RIGHTS: readonly string[] = ["Monitor_01", "Replay_01"];
const ADMIN_RIGHTS: readonly string[] = [
  "AuthUserMag",
  "AuthSysCfg",
  "AuthSysInfo",
  "AuthManuCtr",
  "AuthMaintence", // the firmware's spelling
  ...USER_RIGHTS,
];
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  admin: ADMIN_RIGHTS,
  user: USER_RIGHTS,
};

/** What becomes of a change: done, or the reason why not. */
export type Verdict = "done" | DeviceErrorName;

/** All rights there are. */
export const RIGHTS = ADMIN_RIGHTS;

/** An account as the device tells it. */
export function describeUser(account: Account): Record<string, unknown> {
  return {
    Anonymous: false,
    AuthorityList: account.rights ?? rightsOf(account.group),
    Group: account.group,
    Id: account.id,
    Memo: account.memo,
    Name: account.name,
    Reserved: account.id === 1,
    Sharable: account.sharable,
  };
}

/** The groups as the device tells them. */
export function groups(): Record<string, unknown>[] {
  return Object.entries(GROUPS).map(([Name, AuthorityList], index) => ({
    AuthorityList,
    Id: index + 1,
    Memo: `${Name} group`,
    Name,
  }));
}

/** Who is logged in. */
export function activeUsers(state: DeviceState): Record<string, unknown>[] {
  return state.sessions.list().map((session) => ({
    ClientAddress: session.address,
    ClientType: session.clientType,
    Group: session.account.group,
    Id: session.id,
    LoginTime: session.loginTime,
    Name: session.account.name,
  }));
}

/** Adds an account from Name, Password, Group, Memo, Sharable, AuthorityList. */
export function addUser(state: DeviceState, user: JsonObject): Verdict {
  const { Name, Password, Group, Memo = "" } = user;
  if (!isName(Name) || !isPassword(Password) || typeof Memo !== "string") return "params";
  if (state.accounts.find(Name) !== undefined) return "accountExists";
  if (!isGroup(Group)) return "noGroup";
  const rights = rightsIn(user);
  if (rights === "params") return "params";
  if (state.accounts.list().length >= MOST) return "unknown";
  const account = state.accounts.add({ name: Name, password: Password, group: Group, memo: Memo });
  account.rights = rights;
  account.sharable = user.Sharable !== false;
  state.note("Account.Add", { Name });
  return "done";
}

/** Changes group, remark, rights and sharing of an account; what is left out stays. */
export function modifyUser(state: DeviceState, name: unknown, user: JsonObject): Verdict {
  const account = typeof name === "string" ? state.accounts.find(name) : undefined;
  if (account === undefined) return "noAccount";
  const { Name = account.name, Group = account.group, Memo = account.memo, Sharable } = user;
  if (Name !== account.name) return "unknown"; // an account keeps its name
  if (!isGroup(Group)) return "noGroup";
  const rights = rightsIn(user);
  if (rights === "params" || typeof Memo !== "string") return "params";
  if (Group !== "admin" && isLastAdmin(state, account)) return "unknown";
  // The rights of the former group do not follow into another one.
  if (Group !== account.group) account.rights = undefined;
  else if (rights !== undefined) account.rights = rights;
  account.group = Group;
  account.memo = Memo;
  if (typeof Sharable === "boolean") account.sharable = Sharable;
  state.note("Account.Modify", { Name: account.name });
  return "done";
}

/** Removes an account and ends its sessions; `actor` cannot remove itself. */
export function deleteUser(state: DeviceState, name: unknown, actor?: Account): Verdict {
  const account = typeof name === "string" ? state.accounts.find(name) : undefined;
  if (account === undefined) return "noAccount";
  // The account that the device was initialised with stays for ever.
  if (account === actor || account.id === 1 || isLastAdmin(state, account)) return "unknown";
  state.accounts.remove(account.name);
  for (const each of state.sessions.list()) {
    if (each.account === account) state.sessions.end(each);
  }
  state.note("Account.Delete", { Name: account.name });
  return "done";
}

/** Changes a password; whoever does it has to know the old one. Open sessions stay. */
export function modifyPassword(
  state: DeviceState,
  name: unknown,
  old: unknown,
  fresh: unknown,
  actor?: Account,
): Verdict {
  const account = typeof name === "string" ? state.accounts.find(name) : undefined;
  if (account === undefined) return "noAccount";
  if (actor !== undefined && account !== actor && actor.group !== "admin") return "authority";
  if (!isPassword(fresh)) return "params";
  if (old !== account.password) return "passwordNotValid";
  account.password = fresh;
  state.note("Account.ModifyPassword", { Name: account.name });
  return "done";
}

function isLastAdmin(state: DeviceState, account: Account): boolean {
  return account.group === "admin" &&
    state.accounts.list().filter(({ group }) => group === "admin").length === 1;
}

function rightsOf(group: string): readonly string[] {
  return GROUPS[group] ?? [];
}

/** The rights that a client gives; undefined when it says nothing. */
function rightsIn({ AuthorityList }: JsonObject): readonly string[] | undefined | "params" {
  if (AuthorityList === undefined || AuthorityList === null) return undefined;
  const known = Array.isArray(AuthorityList) &&
    AuthorityList.every((each) => RIGHTS.includes(each));
  return known ? AuthorityList as string[] : "params";
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length >= 1 && value.length <= LONGEST;
}

function isPassword(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isGroup(value: unknown): value is string {
  return typeof value === "string" && Object.hasOwn(GROUPS, value);
}
