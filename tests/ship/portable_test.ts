/** The portable file: it runs where there is nothing, and says why where it cannot. */

import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { isFullRun } from "../support/random.ts";
import { buildPortable, type Ran, runAlone } from "./_portable.ts";

const VERSION = `dhip ${manifest.version} (deno ${Deno.version.deno}, ${Deno.build.os} ` +
  `${Deno.build.arch}, portable)\n`;

function saysVersion({ code, out, err }: Ran): void {
  assert.deepEqual([code, out, err], [0, VERSION, ""]);
}

/** What is in a folder, hidden or not. */
function entries(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** Where it was unpacked; there is nothing else. */
function unpacked(cache: string): string {
  const names = entries(cache);
  assert.equal(names.length, 1, names.join(" "));
  return `${cache}/${names[0]}`;
}

// One test, because the file takes seconds to build.
const name = `the portable file${isFullRun ? "" : ": part of test:all"}`;
Deno.test({ name, ignore: !isFullRun }, async (t) => {
  await using portable = await buildPortable();
  const { file, folder } = portable;
  const version = (env: Record<string, string>) => runAlone([file, "--version"], env);
  const made = async (name: string, mode?: number) => {
    await Deno.mkdir(`${folder}/${name}`, mode === undefined ? {} : { mode });
    return `${folder}/${name}`;
  };

  await t.step("runs without any variable, twice", async () => {
    // Others may use this folder at the same time: only what is of this build goes.
    const temporary = `/tmp/dhip-${Deno.uid()}`;
    const [, own] = /^dhip_name=(.+)$/m.exec(new TextDecoder().decode(await headOf(file)))!;
    try {
      saysVersion(await version({}));
      saysVersion(await version({}));
    } finally {
      await Deno.remove(`${temporary}/${own}`, { recursive: true });
      await Deno.remove(temporary).catch(() => {});
    }
  });

  const cache = `${folder}/a folder of one's own`;

  await t.step("ten first runs at once unpack it once", async () => {
    const runs = await Promise.all(
      Array.from({ length: 10 }, () => version({ DHIP_CACHE: cache })),
    );
    runs.forEach(saysVersion);
    unpacked(cache);
  });

  await t.step("keeps what it unpacked from others, and unpacks no more", async () => {
    const home = unpacked(cache);
    const { mode, ino } = await Deno.stat(home);
    assert.equal(mode! & 0o777, 0o700);
    saysVersion(await version({ DHIP_CACHE: cache }));
    assert.equal((await Deno.stat(unpacked(cache))).ino, ino);
  });

  await t.step("is found on the PATH, through a link, and run by a shell by name", async () => {
    const bin = await made("bin");
    await Deno.symlink(file, `${bin}/dhip`);
    const env = { DHIP_CACHE: `${folder}/by-name`, PATH: `${bin}:/usr/bin:/bin` };
    saysVersion(await runAlone(["/bin/sh", "-c", "cd /; dhip --version"], env));
    await Deno.remove(env.DHIP_CACHE, { recursive: true });
    saysVersion(await runAlone(["/bin/sh", "-c", `cd ${folder}; sh dhip --version`], env));
    await Deno.remove(env.DHIP_CACHE, { recursive: true });
    saysVersion(await runAlone(["/bin/bash", file, "--version"], env));
    await Deno.remove(env.DHIP_CACHE, { recursive: true });
  });

  await t.step(
    "unpacks to XDG_CACHE_HOME, else HOME, else a folder for temporary files",
    async () => {
      const xdg = `${folder}/xdg`;
      const home = await made("home");
      const tmp = await made("tmp", 0o1777);
      saysVersion(await version({ XDG_CACHE_HOME: xdg, HOME: home, TMPDIR: tmp }));
      unpacked(`${xdg}/dhip`);
      await Deno.remove(xdg, { recursive: true });
      saysVersion(await version({ HOME: home, TMPDIR: tmp }));
      unpacked(`${home}/.cache/dhip`);
      assert.deepEqual(entries(tmp), []);
      await Deno.remove(home, { recursive: true });
      saysVersion(await version({ XDG_CACHE_HOME: "relative", HOME: home, TMPDIR: tmp }));
      unpacked(`${tmp}/dhip-${Deno.uid()}`);
      await Deno.remove(tmp, { recursive: true });
    },
  );

  await t.step("trusts no folder for temporary files that another made", async () => {
    const tmp = await made("lent", 0o1777);
    const theirs = await made("theirs");
    await Deno.symlink(theirs, `${tmp}/dhip-${Deno.uid()}`);
    const { code, out, err } = await version({ TMPDIR: tmp });
    assert.deepEqual([code, out, entries(theirs)], [1, "", []]);
    assert.match(
      err,
      /^dhip: Cannot unpack: .*: it belongs to somebody else\nhint: Set DHIP_CACHE /,
    );
  });

  await t.step("repairs what lost a file", async () => {
    const home = unpacked(cache);
    const [chunk] = entries(home).filter((name) => name.startsWith("chunk-"));
    await Deno.remove(`${home}/${chunk}`);
    saysVersion(await version({ DHIP_CACHE: cache }));
    await Deno.stat(`${unpacked(cache)}/${chunk}`);
  });

  await t.step("takes no notice of what lies in folders above", async () => {
    await Deno.writeTextFile(`${cache}/package.json`, '{"type":"commonjs"}');
    await Deno.writeTextFile(`${cache}/deno.json`, "{ not json");
    saysVersion(await version({ DHIP_CACHE: cache }));
    await Deno.remove(`${cache}/package.json`);
    await Deno.remove(`${cache}/deno.json`);
  });

  await t.step("gives the programs that it starts the variables it was given", async () => {
    const env = { DHIP_CACHE: cache, DENO_DIR: "/theirs", HOME: folder, PATH: "/usr/bin:/bin" };
    const config = `${folder}/config.toml`;
    const seen = `${folder}/seen`;
    await Deno.writeTextFile(
      config,
      `[devices.a]\nhost = "127.0.0.1:1"\npassword_command = "env > ${seen}; echo x"\n`,
      { mode: 0o600 },
    );
    await runAlone([file, "info", "a", "--config", config], env);
    const names = (text: string) =>
      text.split("\n").filter((line) => /DENO|DHIP/.test(line)).sort();
    assert.deepEqual(names(await Deno.readTextFile(seen)), [
      `DENO_DIR=/theirs`,
      `DHIP_CACHE=${cache}`,
    ]);
  });

  await t.step("refuses a payload that is not as it was made, and leaves nothing", async () => {
    const bytes = await Deno.readFile(file);
    const broken = `${folder}/broken`;
    const spoilt = bytes.slice();
    spoilt[bytes.length - 1000]! ^= 1;
    for (const content of [spoilt, bytes.subarray(0, bytes.length / 2)]) {
      await Deno.writeFile(broken, content, { mode: 0o755 });
      const env = { DHIP_CACHE: `${folder}/of-broken` };
      const { code, out, err } = await runAlone([broken, "--version"], env);
      assert.deepEqual([code, out], [1, ""]);
      assert.match(err, /^dhip: The file is damaged: .*checksum.*\nhint: Fetch it again/);
      assert.deepEqual(entries(env.DHIP_CACHE), []);
    }
  });

  await t.step("says so when the disk is full, and leaves nothing", async () => {
    const env = { DHIP_CACHE: `${folder}/full` };
    const limited = `ulimit -f 2048; exec '${file}' --version`;
    const { code, out, err } = await runAlone(["/bin/sh", "-c", limited], env);
    assert.deepEqual([code, out, entries(env.DHIP_CACHE)], [1, "", []]);
    assert.match(err, /^dhip: Cannot unpack: \S+\/full: .+\nhint: Set DHIP_CACHE .+ MB free\.\n$/);
  });

  await t.step("says so where nothing can be written", async () => {
    const { code, out, err } = await version({ DHIP_CACHE: `${file}/below` });
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /^dhip: Cannot unpack: \S+\/below: .+\nhint: Set DHIP_CACHE /);
  });

  await t.step("says so where no program may run, and takes the next folder", async () => {
    // As on such a mount, what is written there cannot be run.
    const bin = await made("without-chmod");
    await Deno.symlink("/bin/true", `${bin}/chmod`);
    const PATH = `${bin}:/usr/bin:/bin`;
    const { code, out, err } = await version({ DHIP_CACHE: `${folder}/noexec`, PATH });
    assert.deepEqual([code, out, entries(`${folder}/noexec`)], [1, "", []]);
    assert.match(err, /^dhip: Cannot unpack: \S+\/noexec: no program may run there/);
  });

  const mounter = await firstThatWorks([["unshare", "-rm"], ["sudo", "-n", "unshare", "-m"]]);
  await t.step({
    name: mounter === undefined ? "mounts: skipped: needs the right to mount" : "mounts",
    ignore: mounter === undefined,
    fn: async () => {
      const mount = await made("mount");
      const tmp = await made("beside");
      const script = `
        mount -t tmpfs -o noexec,size=300m none ${mount}
        DHIP_CACHE=${mount}/a ${file} --version; echo "$?"
        XDG_CACHE_HOME=${mount} TMPDIR=${tmp} ${file} --version; echo "$?"
        mount -o remount,exec ${mount}
        XDG_CACHE_HOME=${mount} TMPDIR=${tmp} ${file} --version; echo "$?"
        DHIP_CACHE=${mount}/a ${file} --version; echo "$?"
        mount -o remount,noexec ${mount}
        DHIP_CACHE=${mount}/a ${file} --version; echo "$?"
        rm -r ${mount}/*
        mount -o remount,exec,size=10m ${mount}
        DHIP_CACHE=${mount}/b ${file} --version; echo "$?"
        chown -R ${Deno.uid()}:${Deno.gid()} ${tmp}
      `;
      const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
      const { out, err } = await runAlone([...mounter!, "/bin/sh", "-c", script], env);
      // The fourth runs from the third's folder for temporary files: that one is there by then.
      assert.equal(out, `1\n${VERSION}0\n${VERSION}0\n${VERSION}0\n1\n1\n`, err);
      const causes = [...err.matchAll(/^dhip: Cannot unpack: \S+: (.+?)[(:]/gm)];
      assert.deepEqual(causes.map(([, cause]) => cause!.trim()), [
        "no program may run there",
        "no program may run there",
        "no room, or writing failed",
      ]);
    },
  });

  await t.step("leaves nothing when it is interrupted while it unpacks", async () => {
    const env = { DHIP_CACHE: `${folder}/interrupted`, PATH: "/usr/bin:/bin" };
    const child = new Deno.Command("setsid", {
      args: [file, "--version"],
      clearEnv: true,
      env,
      stdout: "null",
      stderr: "null",
    }).spawn();
    const wait = async (until: (names: string[]) => boolean) => {
      for (let turn = 0; !until(entriesOf(env.DHIP_CACHE)); turn++) {
        assert.ok(turn < 4000, entriesOf(env.DHIP_CACHE).join(" "));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await wait((names) => names.some((name) => name.startsWith(".unpack-")));
    Deno.kill(-child.pid, "SIGINT"); // all of its processes, as Ctrl-C does
    assert.equal((await child.status).success, false);
    await wait((names) => names.length === 0);
    saysVersion(await version(env));
    unpacked(env.DHIP_CACHE);
  });

  await t.step("demo: real commands against its own simulated camera", async () => {
    const demo = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-P=cli", "scripts/demo.ts", file],
      cwd: new URL("../../", import.meta.url),
      env: { DHIP_CACHE: cache, NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder();
    assert.ok(demo.success, `${text.decode(demo.stdout)}${text.decode(demo.stderr)}`);
    assert.match(text.decode(demo.stdout), /^sound +aac$/m);
  });
});

/** The beginning of the file, where the script is. */
async function headOf(file: string): Promise<Uint8Array> {
  using opened = await Deno.open(file);
  const bytes = new Uint8Array(2000);
  return bytes.subarray(0, await opened.read(bytes) ?? 0);
}

/** The first way in which a program can be run here. */
async function firstThatWorks(ways: readonly string[][]): Promise<string[] | undefined> {
  for (const way of ways) {
    const ran = await runAlone([...way, "true"], {}).catch(() => undefined);
    if (ran?.code === 0) return way;
  }
  return undefined;
}

/** The same of a folder that may not be there yet. */
function entriesOf(folder: string): string[] {
  try {
    return entries(folder);
  } catch {
    return [];
  }
}
