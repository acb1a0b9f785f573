/** Every line of the protocol reference's sections 6 and 11 has a method, a command and a test. */

import assert from "node:assert/strict";
import { findCommand } from "../../lib/cli/registry.ts";
import * as library from "../../mod.ts";
import type { ReferenceRow } from "./reference/row.ts";
import { ROWS } from "./reference/rows.ts";

const camera = library.DahuaCamera.at("192.0.2.7", { password: "" });
const roots: Readonly<Record<string, unknown>> = { ...library, camera };

/** True when the name leads to a method. */
function isMethod(name: string): boolean {
  const [root, ...rest] = name.split(".");
  return typeof rest.reduce<unknown>(
    (value, key) => (value as Record<string, unknown> | undefined)?.[key],
    roots[root!],
  ) === "function";
}

/** Names of tests in a file: literals and templates, in calls and in tables of cases. */
async function testNames(file: string): Promise<Set<string>> {
  const source = await Deno.readTextFile(new URL(`../${file}.ts`, import.meta.url));
  const literals = source.matchAll(/(?:Deno\.test\(\s*|\bname: )(["`])((?:\\.|(?!\1).)*)\1/g);
  return new Set([...literals].map(([, , name]) => name!));
}

Deno.test("lines of the reference are listed once, with all they need or a reason", () => {
  const ids = ROWS.map(({ id }) => id);
  assert.deepEqual(ids.filter((id, index) => ids.indexOf(id) !== index), []);
  const incomplete = ({ id, method, command, test, left }: ReferenceRow) => {
    if (left !== undefined) return (method ?? command ?? test) !== undefined;
    // Sections 11.1, 11.2 and 11.5 are about lines, not about the library.
    const ofLines = /^11\.[125] /.test(id);
    return command === undefined || test === undefined || (method === undefined && !ofLines);
  };
  assert.deepEqual(ROWS.filter(incomplete), []);
  const sections = [1, 2, 3, 4, 5, 6].flatMap((number) => [`6.${number}`, `11.${number}`]);
  for (const section of sections) {
    assert.ok(ids.some((id) => id.startsWith(`${section} `)), section);
  }
});

Deno.test("methods and commands of the reference's lines exist", () => {
  assert.deepEqual(ROWS.filter(({ method }) => method !== undefined && !isMethod(method)), []);
  assert.deepEqual(
    ROWS.filter(({ command }) => command !== undefined && !findCommand(command)),
    [],
  );
});

Deno.test("tests of the reference's lines exist", async () => {
  const files = new Map<string, Set<string>>();
  const missing: string[] = [];
  for (const { id, test } of ROWS) {
    if (test === undefined) continue;
    const [, file, name] = /^(\S+): (.+)$/.exec(test)!;
    const names = files.get(file!) ?? await testNames(file!);
    files.set(file!, names);
    if (!names.has(name!)) missing.push(`${id}: ${test}`);
  }
  assert.deepEqual(missing, []);
});
