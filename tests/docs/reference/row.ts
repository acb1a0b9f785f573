/** Lines of the protocol reference, and where dhip has them. */

/** A line of the reference. */
export interface ReferenceRow {
  /** Section, and what the line is about. */
  readonly id: string;
  /** What it says. */
  readonly fact: string;
  /** `camera.…` of a connected camera, else an export of `mod.ts`. */
  readonly method?: string | undefined;
  /** The native command. */
  readonly command?: string | undefined;
  /** `room/file: name of the test`, within `tests/`. */
  readonly test?: string | undefined;
  /** Why dhip does not have it; then there is none of the others. */
  readonly left?: string | undefined;
}

/** A line that dhip has. */
export type Built = readonly [
  id: string,
  fact: string,
  method: string | undefined,
  command: string | undefined,
  test: string,
];
/** A line that dhip leaves. */
export type Left = readonly [id: string, fact: string, left: string];

/** The lines of a section. */
export function section(number: string, rows: readonly (Built | Left)[]): ReferenceRow[] {
  return rows.map(([name, fact, ...rest]) => {
    const id = `${number} ${name}`;
    if (rest.length === 1) return { id, fact, left: rest[0] };
    const [method, command, test] = rest;
    return { id, fact, method, command, test };
  });
}

/** Why a method has no place of its own. */
export const RAW = "nothing in dhip needs it; dhip call and camera.rpc reach it";

// Tests that several lines share.
export const GETTERS =
  "camera/camera_test: system information comes from all getters, in both spellings";
export const ACCOUNTS = "camera/users_test: accounts, groups and active users come in every shape";
export const LIFE = "camera/users_test: an account is made, changed, used and removed";
/** A test of orders to a camera with a head. */
export const orders = (name: string) => `camera/ptz_orders_test: ${name}`;
