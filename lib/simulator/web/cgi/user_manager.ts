/**
 * `userManager.cgi`: accounts. No answer carries a password.
 *
 * @module
 */

import {
  activeUsers,
  addUser,
  deleteUser,
  describeUser,
  groups,
  modifyPassword,
  modifyUser,
  type Verdict,
} from "../../users.ts";
import {
  type CgiAnswer,
  type CgiCall,
  type CgiScript,
  fault,
  field,
  lines,
  OK,
} from "../cgi_script.ts";
import { leavesOf } from "../table_text.ts";
import { listIn } from "./fields.ts";

/** The script. */
export const userManagerCgi: CgiScript = {
  name: "userManager",
  adminOnly: ["addUser", "modifyUser", "deleteUser", "modifyPassword"],
  actions: {
    getUserInfoAll: ({ state }) =>
      lines(leavesOf("users", state.accounts.list().map(describeUser))),
    getUserInfo: (call) => {
      const account = call.state.accounts.find(field(call, "name") ?? "");
      return account === undefined
        ? fault(400, "Bad Request!")
        : lines(leavesOf("user", describeUser(account)));
    },
    getGroupInfoAll: () => lines(leavesOf("groups", groups())),
    getActiveUserInfoAll: ({ state }) => lines(leavesOf("users", activeUsers(state))),
    addUser: (call) => answer(addUser(call.state, userIn(call))),
    modifyUser: (call) => answer(modifyUser(call.state, field(call, "name"), userIn(call))),
    deleteUser: (call) => answer(deleteUser(call.state, field(call, "name"))),
    modifyPassword: (call) => {
      const [name, old, fresh] = ["name", "pwdOld", "pwd"].map((key) => field(call, key));
      return answer(modifyPassword(call.state, name, old, fresh));
    },
  },
};

/** `user.Name`, `user.Group`, …; what is not said is left out. */
function userIn(call: CgiCall): Record<string, unknown> {
  const texts = ["Name", "Password", "Group", "Memo"].map((
    key,
  ) => [key, field(call, `user.${key}`)]);
  const sharable = field(call, "user.Sharable");
  const given = [
    ...texts,
    ["Sharable", sharable === undefined ? undefined : sharable === "true"],
    ["AuthorityList", listIn(call, "user.AuthorityList")],
  ].filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

function answer(verdict: Verdict): CgiAnswer {
  return verdict === "done" ? OK : fault(400, "Bad Request!");
}
