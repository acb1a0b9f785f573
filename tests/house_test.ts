/** The rules of the house that a machine can hold: directions, circles, sizes, who may print. */

import assert from "node:assert/strict";

const root = new URL("../", import.meta.url);

/** Rooms from the top down; rooms of one level do not know each other. */
const LEVELS = [
  ["cli"],
  ["fleet"],
  ["camera"],
  ["dhip", "media", "p2p"],
  ["http"],
  ["net"],
  ["errors.ts"],
  ["error_codes.ts"],
];

/** What the simulator may share with the client: codecs, streams and error classes. */
const SIMULATOR_MAY = [
  /^lib\/errors\.ts$/,
  /^lib\/net\//,
  /^lib\/dhip\/(frame|encoder|_body|_fragments)\.ts$/,
  /^lib\/p2p\/segment\.ts$/,
];

interface Source {
  readonly path: string;
  readonly text: string;
  /** Paths of the modules it imports, relative to the repository. */
  readonly imports: string[];
}

function sources(folder: string): Source[] {
  const found: Source[] = [];
  for (const entry of Deno.readDirSync(new URL(folder, root))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) found.push(...sources(`${path}/`));
    else if (entry.name.endsWith(".ts")) {
      const text = Deno.readTextFileSync(new URL(path, root));
      const base = new URL(path, root);
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)]
        .map((match) => new URL(match[1]!, base).href.slice(root.href.length));
      found.push({ path, text, imports });
    }
  }
  return found;
}

const library = sources("lib/");
const roomOf = (path: string) => path.split("/")[1]!;
const levelOf = (path: string) => LEVELS.findIndex((rooms) => rooms.includes(roomOf(path)));

Deno.test("imports go one way through the rooms", () => {
  const wrong: string[] = [];
  for (const { path, imports } of library) {
    for (const target of imports) {
      if (!target.startsWith("lib/")) {
        if (!target.endsWith("deno.json")) wrong.push(`${path} -> ${target}`);
        continue;
      }
      if (roomOf(path) === roomOf(target)) continue;
      if (roomOf(path) === "simulator") {
        if (!SIMULATOR_MAY.some((allowed) => allowed.test(target))) {
          wrong.push(`${path} -> ${target}: the simulator must not mirror the client`);
        }
      } else if (roomOf(target) === "simulator") {
        if (roomOf(path) !== "cli") wrong.push(`${path} -> ${target}`);
      } else if (levelOf(target) <= levelOf(path)) wrong.push(`${path} -> ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("no room imports in a circle", () => {
  const graph = new Map(library.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const walk = (path: string, trail: string[]): void => {
    assert.ok(!trail.includes(path), `circle: ${[...trail, path].join(" -> ")}`);
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
});

Deno.test("private files are used in their own folder only", () => {
  const wrong = library.flatMap(({ path, imports }) =>
    imports.filter((target) => {
      const [folder, name] = [target.slice(0, target.lastIndexOf("/")), target.split("/").pop()!];
      return name.startsWith("_") && !path.startsWith(`${folder}/`);
    }).map((target) => `${path} -> ${target}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("a file has one subject: none past 400 lines", () => {
  const long = library.filter(({ text }) => text.split("\n").length > 401).map(({ path }) => path);
  assert.deepEqual(long, []);
});

Deno.test("only the command line's runner prints or exits", () => {
  const comment = /^\s*(\*|\/\/)/;
  const wrong = library.flatMap(({ path, text }) =>
    text.split("\n")
      .filter((line) => !comment.test(line) && /\bconsole\.|Deno\.exit\(/.test(line))
      .map((line) => `${path}: ${line.trim()}`)
  );
  assert.deepEqual(wrong, []);
});
