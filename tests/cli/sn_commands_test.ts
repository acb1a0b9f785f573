/** Every command takes `sn:SERIAL` for a target. */

import assert from "node:assert/strict";
import { library } from "../../lib/cli/devices.ts";
import { COMMANDS } from "../../lib/cli/registry.ts";
import { type Site, site } from "./_tunnelled.ts";

const HOST = "127.77.90.1";

const SHORT = ["--duration", "50ms"];

/** A line for each command that takes a target, in an order in which later ones find their things. */
const LINES: readonly (readonly [command: string, ...rest: string[]])[] = [
  ["info"],
  ["channels"],
  ["snapshot", "@/a.jpg"],
  ["call", "magicBox.getSerialNo"],
  ["events", "--max-events", "1"],
  ["services"],
  ["unlock"],
  ["trust"],
  ["ptz left", ...SHORT],
  ["ptz right", ...SHORT],
  ["ptz up", ...SHORT],
  ["ptz down", ...SHORT],
  ["ptz left-up", ...SHORT],
  ["ptz left-down", ...SHORT],
  ["ptz right-up", ...SHORT],
  ["ptz right-down", ...SHORT],
  ["ptz zoom", "in", ...SHORT],
  ["ptz focus", "near", ...SHORT],
  ["ptz iris", "open", ...SHORT],
  ["ptz move", "--pan", "1", ...SHORT],
  ["ptz stop"],
  ["ptz goto", "--pan", "10", "--tilt", "5"],
  ["ptz relative", "--pan", "1"],
  ["ptz locate", "--x", "0", "--y", "0"],
  ["ptz home"],
  ["ptz preset save", "1"],
  ["ptz preset list"],
  ["ptz preset go", "1"],
  ["ptz tour set", "1", "gate"],
  ["ptz tour list"],
  ["ptz tour start", "1"],
  ["ptz tour stop", "1"],
  ["ptz tour remove", "1"],
  ["ptz preset remove", "1"],
  ["ptz pattern", "record", "1"],
  ["ptz scan", "left", "1"],
  ["ptz autopan", "on"],
  ["ptz aux", "light", "on"],
  ["ptz status"],
  ["ptz position"],
  ["ptz capabilities"],
  ["ptz reset"],
  ["ptz restart"],
  ["ptz code", "Up", "--arg2", "3", "--duration", "50ms"],
  ["overlay title"],
  ["overlay osd"],
  ["overlay covers"],
  ["clock get"],
  ["clock ntp"],
  ["user list"],
  ["user add", "eve", "-g", "user", "--new-password-file", "@/new"],
  ["user modify", "eve", "--memo", "x"],
  ["user passwd", "eve", "--new-password-file", "@/newer", "--old-password-file", "@/new"],
  ["user remove", "eve", "--yes"],
  ["files"],
  ["download", "--from", "yesterday 12:00", "--to", "yesterday 12:01", "-c", "1", "-o", "@/"],
  ["sync", "@/kept", "-c", "1", "--last", "1m"],
  ["clip", "--from", "yesterday 12:00", "--to", "yesterday 12:00:05", "-o", "@/d.mp4"],
  ["stream", "@/b.dav", "--duration", "500ms"],
  ["logs"],
  ["storage"],
  ["set daynight"],
  ["set light"],
  ["set privacy"],
  ["set recording"],
  ["lens get"],
  ["lens set", "--zoom", "0.5"],
  ["lens autofocus"],
  ["set siren"],
  ["set warning-light"],
  ["upgrade state"],
  ["upgrade upload", "@/firmware.bin", "--confirm"],
  ["network"],
  ["check-address", "192.0.2.99"],
  ["wifi"],
  ["config set", "Email.Enable=true", 'Email.Receivers=["eve@example.test"]'],
  ["test-mail", "--yes"],
  ["config get", "NTP"],
  ["config names"],
  ["config watch", "NTP", "--until", "200ms"],
  ["config backup", "@/backup.json"],
  ["config diff", "@/backup.json"],
  ["config restore", "@/backup.json", "--yes"],
  ["devices test"],
  ["doctor"],
  ["record", "@/c.mp4", "--duration", "500ms"],
  ["probe", "--duration", "500ms"],
  ["rtsp-url"],
  ["tunnel", "-L", "0:rtsp", "--exec", "true"],
  ["clock sync"],
  ["clock set", "2026-01-02 03:04:05"],
  ["reboot"],
  ["shutdown", "--confirm"],
  ["factory-restore", "--confirm", "SERIAL"],
];

Deno.test("every command that takes a target has a line here", async () => {
  const wanted: string[] = [];
  for (const { name, load } of COMMANDS) {
    if ((await load()).default.targets !== "none") wanted.push(name);
  }
  assert.deepEqual(LINES.map(([name]) => name).sort(), wanted.sort());
});

/** What prints nothing when nothing happens. */
const SILENT = ["config watch", "tunnel"];
/** What a device does not come back from in time for the next line. */
const LAST = ["reboot", "shutdown", "factory-restore"];

Deno.test("every command works by serial number", async (t) => {
  const lasting = await start();
  await using _ = lasting;
  for (const [name, ...rest] of LINES) {
    await t.step(name, async () => {
      const at = LAST.includes(name) ? await start() : lasting;
      const words = rest.map((word) => word === "SERIAL" ? at.target.slice(3) : word);
      const line = [...name.split(" "), "SN", ...words];
      const { code, out, err } = await at.run(line, {
        programs: { true: {} },
        // A device that restarts is noticed by its silence.
        library: {
          tunnel: (options) => library.tunnel({ ...options, session: { heartbeatInterval: 300 } }),
        },
      });
      if (at !== lasting) await at[Symbol.asyncDispose]();
      assert.equal(code, 0, err);
      if (!SILENT.includes(name)) assert.notEqual(out, "", "it has something to tell");
    });
  }
  const { sessionsOpen, devices } = lasting.simulator.stats();
  assert.equal(sessionsOpen, 0, "every login was logged out");
  assert.ok(devices[0]!.p2p.tunnels > LINES.length / 2);
  assert.equal(devices[0]!.p2p.openConnections, 0, "every connection was closed");
});

async function start(): Promise<Site> {
  const at = await site({ host: HOST, eventsEvery: 50, wireless: true });
  await Deno.writeTextFile(`${at.folder}/new`, "one-4-eve\n", { mode: 0o600 });
  await Deno.writeTextFile(`${at.folder}/newer`, "two-4-eve\n", { mode: 0o600 });
  await Deno.writeFile(`${at.folder}/firmware.bin`, new Uint8Array(20_000));
  return at;
}
