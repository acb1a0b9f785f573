/**
 * `userManager`: accounts. No answer carries a password.
 *
 * @module
 */

import type { JsonObject } from "../../dhip/frame.ts";
import { type Answer, ok, refuse } from "../answer.ts";
import type { Service } from "../service.ts";
import {
  activeUsers,
  addUser,
  deleteUser,
  describeUser,
  groups,
  modifyPassword,
  modifyUser,
  RIGHTS,
  type Verdict,
} from "../users.ts";

/** The service. */
export const userManagerService: Service = {
  name: "userManager",
  adminOnly: ["addUser", "modifyUser", "deleteUser"],
  methods: {
    getUserInfoAll: ({ state }) => ok({ users: state.accounts.list().map(describeUser) }),

    getUserInfo: ({ state, fields }) => {
      const { name } = fields;
      const account = typeof name === "string" ? state.accounts.find(name) : undefined;
      return account === undefined ? refuse("noAccount") : ok({ user: describeUser(account) });
    },

    getGroupInfoAll: ({ state }) =>
      ok(state.options.quirks.groupsIn === "list" ? groups() : { groups: groups() }),

    getGroupInfo: ({ fields }) => {
      const group = groups().find(({ Name }) => Name === fields.name);
      return group === undefined ? refuse("noGroup") : ok({ group });
    },

    getAuthorityList: () => ok({ authorities: RIGHTS }),

    getActiveUserInfoAll: ({ state }) => ok({ users: activeUsers(state) }),

    addUser: ({ state, fields }) => answer(addUser(state, userIn(fields.user))),

    // Web UI: the name beside the user; python-dhip: in it.
    modifyUser: ({ state, fields }) => {
      const user = userIn(fields.user);
      return answer(modifyUser(state, fields.name ?? user.Name, user));
    },

    deleteUser: ({ state, fields, session }) =>
      answer(deleteUser(state, fields.name, session.account)),

    // Web UI: pwdOld and pwd; python-dhip: oldPassword and password.
    modifyPassword: ({ state, fields, session }) => {
      const { name, oldPassword, pwdOld, password, pwd } = fields;
      const { account } = session;
      return answer(
        modifyPassword(state, name, oldPassword ?? pwdOld, password ?? pwd, account),
      );
    },
  },
};

function answer(verdict: Verdict): Answer {
  return verdict === "done" ? ok() : refuse(verdict);
}

function userIn(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? value as JsonObject : {};
}
