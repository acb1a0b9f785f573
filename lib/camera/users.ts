/**
 * Who may enter a device, and who is in it now.
 *
 * @module
 */

import type { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import type { Difference } from "./config_diff.ts";

/** An account. What the device does not tell is null. */
export interface User {
  /** Name to log in with. */
  readonly name: string;
  /** Name of its group. */
  readonly group: string | null;
  /** Remark. */
  readonly memo: string | null;
  /** Rights, as the device names them: `Monitor_01`, `AuthUserMag`, … */
  readonly authorities: readonly string[];
  /** True: several may use it at the same time. */
  readonly sharable: boolean | null;
  /** True: it is built in and cannot be removed. */
  readonly reserved: boolean | null;
}

/** A group of accounts. Its rights are the most that a member can have. */
export interface UserGroup {
  /** Name. */
  readonly name: string;
  /** Remark. */
  readonly memo: string | null;
  /** Rights, as the device names them. */
  readonly authorities: readonly string[];
}

/** Somebody who is logged in. The number of the session is left out: it would let others use it. */
export interface ActiveUser {
  /** Name of the account. */
  readonly name: string;
  /** Name of its group. */
  readonly group: string | null;
  /** Address that the login came from. */
  readonly address: string | null;
  /** Kind of client: `Web3.0`, `Console`, … */
  readonly clientType: string | null;
  /** Time of the login by the device's own clock. */
  readonly since: Temporal.PlainDateTime | null;
}

/** What may be said about an account. */
export interface UserProperties {
  /** Name of a group that the device has. */
  readonly group?: string | undefined;
  /** Remark. */
  readonly memo?: string | undefined;
  /** Rights; by default all that the group has. */
  readonly authorities?: readonly string[] | undefined;
}

/** An account to make. */
export interface NewUser extends UserProperties {
  /** Name, not empty. Devices commonly take letters, digits and `_ - . @`, up to 31 characters. */
  readonly name: string;
  /** Password, not empty. Devices commonly want 8 characters or more, of two kinds. */
  readonly password: string;
  /** Name of a group that the device has. */
  readonly group: string;
}

/** What came of a change of an account. */
export interface UserChange {
  /** The account as the device has it now. */
  readonly user: User;
  /** What the device accepted and did not keep: wanted value, value it has. */
  readonly notHeld: readonly Difference[];
}

/** A change of a password. */
export interface NewPassword {
  /** Account; by default that of this login. */
  readonly name?: string | undefined;
  /** Its password until now. That of this login is known. */
  readonly oldPassword?: string | undefined;
  /** The new one, not empty. */
  readonly newPassword: string;
}

/** What came of a change of a password, after the device accepted it. */
export interface PasswordChange {
  /** Account. */
  readonly name: string;
  /** True: a login of its own with the new password succeeded, and was logged out. */
  readonly verified: boolean;
  /** Why it is not verified; null when it is. `DHIP_NOT_HELD`: a login with it was refused. */
  readonly problem: DhipError | null;
}

/** Manages the accounts of a device. */
export interface UsersService {
  /**
   * All accounts.
   *
   * @throws {DhipError} the device's refusal
   */
  list(options?: CallOptions): Promise<User[]>;
  /**
   * All groups.
   *
   * @throws {DhipError} the device's refusal
   */
  groups(options?: CallOptions): Promise<UserGroup[]>;
  /**
   * Who is logged in.
   *
   * @throws {DhipError} the device's refusal
   */
  active(options?: CallOptions): Promise<ActiveUser[]>;
  /**
   * Makes an account, then reads it back.
   *
   * @throws {RangeError} for an empty name or password, and for a group that the device lacks
   * @throws {DhipError} the device's refusal; `DHIP_NOT_HELD` when there is no such account after
   *   all; `DHIP_NOT_SUPPORTED` when the device takes changes of accounts only encrypted
   */
  add(user: NewUser, options?: CallOptions): Promise<UserChange>;
  /**
   * Changes an account, then reads it back. With another group and no rights named, it gets all
   * that the group has.
   *
   * @throws {RangeError} for an account or a group that the device lacks
   * @throws {DhipError} as {@linkcode UsersService.add}
   */
  modify(name: string, change: UserProperties, options?: CallOptions): Promise<UserChange>;
  /**
   * Removes an account, then looks whether it is gone.
   *
   * @throws {RangeError} for the account of this login, and for one that the device lacks
   * @throws {DhipError} as {@linkcode UsersService.add}
   */
  remove(name: string, options?: CallOptions): Promise<void>;
  /**
   * Changes a password, and verifies it by a login of its own beside the present session, which
   * stays usable. Later logins of this camera use the new one.
   *
   * @throws {RangeError} for an empty password
   * @throws {TypeError} when the old password of another account is not given
   * @throws {DhipError} the device's refusal; `DHIP_AUTH_REFUSED` when it does not take the old
   *   password; `DHIP_NOT_SUPPORTED` when it takes changes of accounts only encrypted
   */
  changePassword(change: NewPassword, options?: CallOptions): Promise<PasswordChange>;
}
