/**
 * `userManager`: accounts. No answer carries a password.
 *
 * @module
 */

import type { JsonObject } from "../../dhip/frame.ts";
import { type Answer, ok, refuse } from "../answer.ts";
import type { Account } from "../accounts.ts";
import type { Call, Service } from "../service.ts";

/** Most accounts of a device. */
const MOST = 64;

const ADMIN_RIGHTS = ["AuthUserMag", "AuthSysCfg", "AuthSysInfo", "AuthManuCtr", "AuthMaintence"];
const USER_RIGHTS = ["Monitor_01", "Replay_01"];
const GROUPS = ["admin", "user"];

/** The service. */
export const userManagerService: Service = {
  name: "userManager",
  adminOnly: ["addUser", "modifyUser", "deleteUser"],
  methods: {
    getUserInfoAll: ({ state }) => ok({ users: state.accounts.list().map(describe) }),

    getGroupInfoAll: ({ state }) => {
      const groups = GROUPS.map((name, index) => ({
        AuthorityList: rights(name),
        Id: index + 1,
        Memo: `${name} group`,
        Name: name,
      }));
      return ok(state.options.objects === "channel" ? groups : { groups });
    },

    getActiveUserInfoAll: ({ state }) =>
      ok({
        users: state.sessions.list().map((session) => ({
          ClientAddress: session.address,
          ClientType: session.clientType,
          Group: session.account.group,
          Id: session.id,
          LoginTime: session.loginTime,
          Name: session.account.name,
        })),
      }),

    addUser: ({ state, fields }) => {
      const user = text(fields.user);
      const { Name, Password, Group, Memo } = user;
      if (!name(Name) || typeof Password !== "string") return refuse("params");
      if (state.accounts.find(Name) !== undefined) return refuse("accountExists");
      if (typeof Group !== "string" || !GROUPS.includes(Group)) return refuse("noGroup");
      if (state.accounts.list().length >= MOST) return refuse("unknown");
      const memo = typeof Memo === "string" ? Memo : "";
      state.accounts.add({ name: Name, password: Password, group: Group, memo });
      return ok();
    },

    modifyUser: ({ state, fields }) => {
      const user = text(fields.user);
      const account = state.accounts.find(String(fields.name ?? user.Name));
      if (account === undefined) return refuse("noAccount");
      const { Group, Memo, Sharable } = user;
      if (Group !== undefined && !GROUPS.includes(String(Group))) return refuse("noGroup");
      if (typeof Group === "string") account.group = Group;
      if (typeof Memo === "string") account.memo = Memo;
      if (typeof Sharable === "boolean") account.sharable = Sharable;
      return ok();
    },

    deleteUser: ({ state, fields, session }) => {
      const account = typeof fields.name === "string"
        ? state.accounts.find(fields.name)
        : undefined;
      if (account === undefined) return refuse("noAccount");
      if (account === session.account || account.id === 1) return refuse("unknown");
      state.accounts.remove(account.name);
      for (const each of state.sessions.list()) {
        if (each.account === account) state.sessions.end(each);
      }
      return ok();
    },

    modifyPassword,
  },
};

/** Takes the names of python-dhip (`oldPassword`, `password`) and of the web UI (`pwdOld`, `pwd`). */
function modifyPassword({ state, fields, session }: Call): Answer {
  const { name, oldPassword, pwdOld, password, pwd } = fields;
  const account = typeof name === "string" ? state.accounts.find(name) : undefined;
  if (account === undefined) return refuse("noAccount");
  if (account !== session.account && session.account.group !== "admin") return refuse("authority");
  const fresh = password ?? pwd;
  if (typeof fresh !== "string" || fresh === "") return refuse("params");
  if ((oldPassword ?? pwdOld) !== account.password) return refuse("passwordNotValid");
  account.password = fresh;
  return ok();
}

function describe(account: Account): object {
  return {
    Anonymous: false,
    AuthorityList: rights(account.group),
    Group: account.group,
    Id: account.id,
    Memo: account.memo,
    Name: account.name,
    Reserved: account.id === 1,
    Sharable: account.sharable,
  };
}

function rights(group: string): string[] {
  return group === "admin" ? [...ADMIN_RIGHTS, ...USER_RIGHTS] : USER_RIGHTS;
}

function text(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? value as JsonObject : {};
}

function name(value: unknown): value is string {
  return typeof value === "string" && value.length >= 1 && value.length <= 64;
}
