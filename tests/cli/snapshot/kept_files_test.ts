import assert from "node:assert/strict";
import { processIo } from "../../../lib/cli/process_io.ts";
import { FileNames } from "../../../lib/cli/file_names.ts";
import { newestFile, removeOld } from "../../../lib/cli/snapshot/kept_files.ts";
import { temporaryFolder } from "../../support/peers.ts";

const { files } = processIo(new AbortController().signal);
const OF = { name: "gate", host: "h", channel: 1 };
const NOW = Date.UTC(2026, 5, 1);
const DAY = 86_400_000;

async function put(path: string, daysOld: number): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, "x");
  const time = new Date(NOW - daysOld * DAY);
  await Deno.utime(path, time, time);
}

async function tree(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    found.push(name);
    if (isDirectory) {
      for (const inner of await tree(`${folder}/${name}`)) found.push(`${name}/${inner}`);
    }
  }
  return found.sort();
}

Deno.test("only old files that the template can have made are removed, and folders that they leave empty", async () => {
  await using folder = await temporaryFolder();
  const root = `${folder.path}/pics`;
  const outside = `${folder.path}/outside`;
  const stale = "11111111-2222-3333-4444-555555555555";
  await put(`${root}/gate/2026-05-01/120000.jpg`, 30); // old
  await put(`${root}/gate/2026-05-01/120500.jpg.${stale}.part`, 30); // of a killed run
  await put(`${root}/gate/2026-05-02/120000.jpg`, 29);
  await put(`${root}/gate/2026-05-02/note.txt`, 29); // somebody else's
  await put(`${root}/gate/2026-05-31/120000.jpg`, 1); // young
  await put(`${root}/gate/2026-05-31/999999.jpg`, 30); // no time of day
  await put(`${root}/gate/favourites/120000.jpg`, 30); // no day
  await put(`${root}/gate/120000.jpg`, 30); // another level
  await put(`${root}/gate2/2026-05-01/120000.jpg`, 30); // another camera
  await put(`${outside}/2026-05-01/120000.jpg`, 30);
  await Deno.symlink(`${outside}/2026-05-01`, `${root}/gate/2026-05-03`);
  await Deno.symlink(`${outside}/2026-05-01/120000.jpg`, `${root}/gate/2026-05-02/130000.jpg`);
  await Deno.mkdir(`${root}/gate/2026-05-30`); // of a run that is about to write
  const pattern = new FileNames(`${root}/{name}/%Y-%m-%d/%H%M%S.jpg`).patternOf(OF);
  assert.equal(await removeOld(files, pattern, NOW - 7 * DAY), 3);
  assert.deepEqual(await tree(root), [
    "gate",
    "gate/120000.jpg",
    "gate/2026-05-02",
    "gate/2026-05-02/130000.jpg",
    "gate/2026-05-02/note.txt",
    "gate/2026-05-03",
    "gate/2026-05-30",
    "gate/2026-05-31",
    "gate/2026-05-31/120000.jpg",
    "gate/2026-05-31/999999.jpg",
    "gate/favourites",
    "gate/favourites/120000.jpg",
    "gate2",
    "gate2/2026-05-01",
    "gate2/2026-05-01/120000.jpg",
  ]);
  assert.deepEqual(await tree(outside), ["2026-05-01", "2026-05-01/120000.jpg"]);
});

Deno.test("the newest stays, however old it is", async () => {
  await using folder = await temporaryFolder();
  await put(`${folder.path}/gate-100000.jpg`, 100);
  await put(`${folder.path}/gate-110000.jpg`, 90);
  const pattern = new FileNames(`${folder.path}/{name}-%H%M%S.jpg`).patternOf(OF);
  assert.equal(await removeOld(files, pattern, NOW - 7 * DAY), 1);
  assert.deepEqual(await tree(folder.path), ["gate-110000.jpg"]);
  assert.equal((await newestFile(files, pattern))?.path, `${folder.path}/gate-110000.jpg`);
});

Deno.test("a folder that does not exist holds nothing", async () => {
  await using folder = await temporaryFolder();
  const pattern = new FileNames(`${folder.path}/none/%H.jpg`).patternOf(OF);
  assert.equal(await newestFile(files, pattern), undefined);
  assert.equal(await removeOld(files, pattern, NOW), 0);
});

Deno.test("in a folder that many cameras share, only the files of one are looked at, and once", async () => {
  await using folder = await temporaryFolder();
  for (const camera of ["gate", "hall", "yard"]) {
    for (const minute of ["00", "05", "10"]) {
      await put(`${folder.path}/${camera}-1-1200${minute}.jpg`, 30);
    }
  }
  const looked: string[] = [];
  const counting = {
    ...files,
    async list(path: string, isWanted?: (name: string) => boolean) {
      const entries = await files.list(path, isWanted);
      looked.push(...entries.map(({ name }) => name));
      return entries;
    },
  };
  const pattern = new FileNames(`${folder.path}/{name}-{channel}-%H%M%S.jpg`).patternOf(OF);
  assert.equal(await removeOld(counting, pattern, NOW), 2);
  assert.deepEqual(looked.sort(), ["00", "05", "10"].map((minute) => `gate-1-1200${minute}.jpg`));
});
