/**
 * How accounts look.
 *
 * @module
 */

import type { ActiveUser, User, UserChange, UserGroup } from "../../camera/mod.ts";
import type { View } from "../view.ts";

/** Accounts and groups of a device. */
export interface Accounts {
  readonly users: readonly User[];
  readonly groups: readonly UserGroup[];
}

/** Looks of {@linkcode Accounts}. */
export const accountsView: View<Accounts> = {
  table: ({ users, groups }) => ({
    head: ["Kind", "Name", "Group", "Memo", "Rights"],
    rows: [
      ...users.map((user) => ["user", user.name, user.group, user.memo, rights(user)]),
      ...groups.map((group) => ["group", group.name, null, group.memo, rights(group)]),
    ],
    cut: ["Memo", "Rights"],
  }),
};

/** Looks of those who are logged in. */
export const activeView: View<readonly ActiveUser[]> = {
  table: (sessions) => ({
    head: ["Name", "Group", "Address", "Client", "Since"],
    rows: sessions.map((one) => [
      one.name,
      one.group,
      one.address,
      one.clientType,
      one.since?.toString().replace("T", " ") ?? null,
    ]),
  }),
};

/** Looks of an account that was made or changed. */
export const userChangeView: View<UserChange> = {
  table: ({ user }) => ({
    head: ["Name", "Group", "Memo", "Rights"],
    rows: [[user.name, user.group, user.memo, rights(user)]],
    record: true,
  }),
};

function rights({ authorities }: Pick<User, "authorities">): string {
  return authorities.join(" ");
}
