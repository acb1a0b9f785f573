/**
 * Packs the portable file: a shell script, and behind it a compressed archive of Deno and of the
 * program as a bundle in which lazy commands stay files of their own.
 */

import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import manifest from "../../deno.json" with { type: "json" };
import { BuildError, deno, megabytes, RUN_FLAGS } from "../_build.ts";

/** What `uname -sm` says where Deno calls it so. */
const SYSTEMS: Readonly<Record<string, string>> = {
  "linux x86_64": "Linux x86_64",
  "linux aarch64": "Linux aarch64",
  "darwin x86_64": "Darwin x86_64",
  "darwin aarch64": "Darwin arm64",
};

/** Nothing that lies around on the host is to have a say, and nothing is to be fetched. */
const CLOSED = ["--quiet", "--no-config", "--no-lock", "--no-npm", "--no-remote", "--cached-only"];

/**
 * Writes the portable file for this system, with the Deno that runs this.
 *
 * @throws {BuildError} on a system without a POSIX shell
 */
export async function packPortable(output: string): Promise<void> {
  const system = SYSTEMS[`${Deno.build.os} ${Deno.build.arch}`];
  if (system === undefined) throw new BuildError("A portable file is a shell script: not here.");
  const folder = await Deno.makeTempDir({ prefix: "dhip-pack-" });
  try {
    await deno([
      "bundle",
      "--quiet",
      "--code-splitting",
      "--platform=deno",
      `--outdir=${folder}`,
      "scripts/portable/main.ts",
    ]);
    // Whatever package.json lies in a folder above, these are modules.
    await Deno.writeTextFile(`${folder}/package.json`, '{"type":"module"}\n');
    await Deno.copyFile(Deno.execPath(), `${folder}/deno`);
    await Deno.chmod(`${folder}/deno`, 0o755);
    const { archive, files, size } = await archiveOf(folder);
    const payload = await promisify(gzip)(archive);
    const sum = createHash("sha256").update(payload).digest("hex");
    const stub = render(await Deno.readTextFile(new URL("stub.sh", import.meta.url)), {
      VERSION: manifest.version,
      SYSTEM: system,
      NAME: `${manifest.version}-${sum.slice(0, 16)}`,
      FILES: String(files),
      SUM: sum,
      FLAGS: [...CLOSED, ...RUN_FLAGS].join(" "),
      ROOM: megabytes(size),
    });
    await writeWhole(output, [stub, payload]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** An archive of a folder's files, the same for the same files. */
async function archiveOf(folder: string) {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  let size = 0;
  for (const name of names) {
    await Deno.utime(`${folder}/${name}`, 0, 0);
    size += (await Deno.stat(`${folder}/${name}`)).size;
  }
  const { success, stdout, stderr } = await new Deno.Command("tar", {
    args: ["-cf", "-", "--format=ustar", ...names],
    cwd: folder,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new BuildError(new TextDecoder().decode(stderr));
  return { archive: stdout, files: names.length, size };
}

/** The script with its values. It names its own length, which the digits of that are part of. */
function render(template: string, values: Readonly<Record<string, string>>): Uint8Array {
  const filled = template.replace(/@([A-Z]+)@/g, (mark, name) => values[name] ?? mark);
  const encode = (offset: number) =>
    new TextEncoder().encode(filled.replace("@OFFSET@", String(offset).padEnd("@OFFSET@".length)));
  return encode(encode(0).length + 1); // `tail -c +N` counts from 1
}

/** Writes a program that is there whole or not at all, even while the old one runs. */
async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const part = `${path}.part`;
  {
    using file = await Deno.open(part, { write: true, create: true, truncate: true, mode: 0o755 });
    for (const bytes of parts) {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    }
  }
  await Deno.chmod(part, 0o755);
  await Deno.rename(part, path);
}
