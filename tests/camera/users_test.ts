import assert from "node:assert/strict";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { AuthError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { type Script, withLogin } from "../support/scripted_device.ts";
import { NO_PERMISSION, NOT_FOUND, scriptedCamera } from "../support/scripted_camera.ts";

const PASSWORD = "old secret 1";
const NEW = "new secret 2";

async function simulated(options: SimulatorOptions = {}) {
  const simulator = await Simulator.start({ host: "127.77.20.1", password: PASSWORD, ...options });
  const guard = new MemoryLoginGuard();
  const at = (password = PASSWORD, user = "admin") =>
    DahuaCamera.connect("127.77.20.1", { user, password, port: simulator.dhipPort, guard });
  return { simulator, guard, at };
}

const BAD_PARAMS = { result: false, error: { code: 268894211, message: "Invalid request param" } };
const DECLINED = { result: false, error: { code: 268959743, message: "Unknown error!" } };
const WRONG_OLD = { result: false, error: { code: 268632071, message: "PasswordNotValid" } };

const GROUPS = [
  { Id: 1, Name: "admin", Memo: "administrators", AuthorityList: ["AuthUserMag", "Monitor_01"] },
  { Id: 2, Name: "user", Memo: "", AuthorityList: ["Monitor_01"] },
];

/** Keeps accounts; `change` answers the methods that change them. */
function accounts(users: JsonObject[], change: Script, listed = false): Script {
  return (asked, device) => {
    switch (asked.method) {
      case "userManager.getUserInfoAll":
        return { result: true, params: listed ? users as unknown as JsonObject : { users } };
      case "userManager.getGroupInfoAll":
        return {
          result: true,
          params: listed ? GROUPS as unknown as JsonObject : { groups: GROUPS },
        };
      default:
        return change(asked, device);
    }
  };
}

const ADMIN = {
  Id: 1,
  Name: "admin",
  Group: "admin",
  Memo: "",
  AuthorityList: ["AuthUserMag"],
  Password: "6QNMIQGe",
  Reserved: true,
  Sharable: true,
};

Deno.test("accounts, groups and active users come in every shape", async () => {
  for (const listed of [true, false]) {
    await using scripted = await scriptedCamera(
      accounts([ADMIN, { Name: "" }, { Name: "bare" }], () => ({
        result: true,
        params: {
          users: [
            { Name: "admin", ClientAddress: "192.0.2.1", LoginTime: "2026-01-02 03:04:05", Id: 77 },
            { Name: "old", LoginTime: "soon", ClientType: "Web3.0", Group: "admin" },
          ],
        },
      }), listed),
    );
    const { users } = scripted.camera;
    assert.deepEqual(await users.list(), [
      {
        name: "admin",
        group: "admin",
        memo: null,
        authorities: ["AuthUserMag"],
        sharable: true,
        reserved: true,
      },
      {
        name: "bare",
        group: null,
        memo: null,
        authorities: [],
        sharable: null,
        reserved: null,
      },
    ]);
    assert.deepEqual((await users.groups()).map(({ name, memo }) => [name, memo]), [
      ["admin", "administrators"],
      ["user", null],
    ]);
    const active = await users.active();
    assert.equal(String(active[0]!.since), "2026-01-02T03:04:05");
    assert.equal(active[1]!.since, null);
    assert.ok(!JSON.stringify(active).includes("77"), "the number of a session is not told");
  }
});

Deno.test("odd lists are empty lists, refusals are thrown", async () => {
  await using odd = await scriptedCamera(() => ({ result: true, params: { users: 7 } }));
  assert.deepEqual(await odd.camera.users.list(), []);
  assert.deepEqual(await odd.camera.users.groups(), []);
  await using refused = await scriptedCamera(() => NO_PERMISSION);
  for (const call of ["list", "groups", "active"] as const) {
    await assert.rejects(refused.camera.users[call](), { code: "DHIP_NO_PERMISSION" });
  }
});

Deno.test("an account is made, changed, used and removed", async () => {
  const { simulator, at } = await simulated();
  await using _ = simulator;
  await using camera = await at();
  const added = await camera.users.add({ name: "eve", password: NEW, group: "user", memo: "hall" });
  assert.deepEqual([added.user.group, added.user.memo, added.notHeld], ["user", "hall", []]);
  await (await at(NEW, "eve")).close();
  const same = { name: "eve", password: NEW, group: "user" };
  await assert.rejects(camera.users.add(same), { deviceCode: 285409285 });
  const moved = await camera.users.modify("eve", { group: "admin", memo: "x" });
  assert.deepEqual([moved.user.group, moved.user.memo, moved.notHeld], ["admin", "x", []]);
  await camera.users.remove("eve");
  assert.deepEqual((await camera.users.list()).map(({ name }) => name), ["admin"]);
});

Deno.test("mistakes are told before anything is sent", async () => {
  await using scripted = await scriptedCamera(accounts([ADMIN], () => ({ result: true })));
  const { users } = scripted.camera;
  const user = { name: "eve", password: NEW, group: "user" };
  await assert.rejects(users.add({ ...user, name: "" }), RangeError);
  await assert.rejects(users.add({ ...user, password: "" }), RangeError);
  await assert.rejects(users.add({ ...user, group: "x" }), /no group "x"; there is admin, user/);
  await assert.rejects(users.modify("bob", { memo: "" }), /no account "bob"; there is admin/);
  await assert.rejects(users.remove("bob"), /no account "bob"/);
  await assert.rejects(users.remove("admin"), /account of this login/);
  await assert.rejects(users.changePassword({ newPassword: "" }), RangeError);
  await assert.rejects(users.changePassword({ name: "bob", newPassword: NEW }), TypeError);
  const sent = scripted.device.asked.map(({ method }) => method);
  assert.ok(!sent.some((method) => /add|modify|delete/.test(method)), String(sent));
});

Deno.test("a record is changed in both shapes, and no digest is sent back", async () => {
  const users = [{ ...ADMIN, Id: 2, Name: "eve" }];
  const shapes: JsonObject[] = [];
  await using scripted = await scriptedCamera(accounts(users, ({ params }) => {
    shapes.push(params!);
    if ("name" in params!) return BAD_PARAMS; // python-dhip's device knows `user` alone
    Object.assign(users[0]!, params!.user);
    return { result: true };
  }));
  const { user, notHeld } = await scripted.camera.users.modify("eve", { group: "user" });
  assert.deepEqual([user.group, user.authorities, notHeld], ["user", ["Monitor_01"], []]);
  assert.deepEqual(shapes.map((shape) => Object.keys(shape)), [["name", "user"], ["user"]]);
  const { Password: _, ...record } = ADMIN;
  const wanted = { ...record, Id: 2, Name: "eve", Group: "user", AuthorityList: ["Monitor_01"] };
  assert.deepEqual(shapes[1]!.user, wanted);
});

Deno.test("what the device accepts and does not keep is told", async () => {
  const users = [{ ...ADMIN, Name: "eve", Memo: "old" }];
  await using scripted = await scriptedCamera(accounts(users, () => ({ result: true })));
  const service = scripted.camera.users;
  const { notHeld } = await service.modify("eve", { memo: "new", authorities: ["AuthUserMag"] });
  assert.deepEqual(notHeld, [{ path: "memo", before: "new", after: "old" }]);
  const ghost = { name: "ghost", password: NEW, group: "user" };
  await assert.rejects(service.add(ghost), { code: "DHIP_NOT_HELD" });
  await assert.rejects(service.remove("eve"), { code: "DHIP_NOT_HELD" });
});

Deno.test("a plain false is a refusal", async () => {
  await using scripted = await scriptedCamera(accounts([], () => ({ result: false })));
  const user = { name: "eve", password: NEW, group: "user" };
  await assert.rejects(scripted.camera.users.add(user), { code: "DHIP_DEVICE_REFUSED" });
});

Deno.test("devices that want user calls encrypted are told apart", async () => {
  for (const refusal of [NOT_FOUND, BAD_PARAMS, DECLINED]) {
    await using scripted = await scriptedCamera(
      accounts(
        [],
        ({ method }) =>
          method === "Security.getEncryptInfo"
            ? { result: true, params: { pub: "N:C0FFEE,E:010001", cipher: ["RPAC-256"] } }
            : refusal,
      ),
    );
    const { users } = scripted.camera;
    const user = { name: "eve", password: NEW, group: "user" };
    const expected = { code: "DHIP_NOT_SUPPORTED", hint: /web page/ };
    await assert.rejects(users.add(user), expected);
    await assert.rejects(users.changePassword({ newPassword: NEW }), expected);
  }
  // The same refusals without encryption stay what they are, and so do others with it.
  for (const refusal of [DECLINED, NO_PERMISSION]) {
    await using scripted = await scriptedCamera(
      accounts(
        [],
        ({ method }) =>
          method !== "Security.getEncryptInfo"
            ? refusal
            : refusal === DECLINED
            ? { result: true, params: {} }
            : { result: true, params: { cipher: ["RPAC-256"] } },
      ),
    );
    const user = { name: "eve", password: NEW, group: "user" };
    await assert.rejects(scripted.camera.users.add(user), {
      deviceCode: (refusal.error as { code: number }).code,
    });
  }
});

Deno.test("a changed password is verified by a login of its own; the session stays", async () => {
  const { simulator, at } = await simulated();
  await using _ = simulator;
  {
    await using camera = await at();
    const change = await camera.users.changePassword({ newPassword: NEW });
    assert.deepEqual(change, { name: "admin", verified: true, problem: null });
    const { logins, logouts, refusedLogins } = simulator.stats();
    assert.deepEqual([logins, logouts, refusedLogins], [2, 1, 0]);
    assert.ok(await camera.rpc.call("magicBox.getSerialNo"));
    assert.equal(simulator.stats().logins, 2); // the old session was still good
    const lost = camera.closed;
    await simulator.restart();
    await lost;
    assert.ok(await camera.rpc.call("magicBox.getSerialNo")); // and a new one has the new password
    assert.equal(simulator.stats().refusedLogins, 0);
  }
  await assert.rejects(at(PASSWORD), { code: "DHIP_AUTH_REFUSED" });
  await (await at(NEW)).close();
});

Deno.test("over HTTP a changed password serves the web API too", async () => {
  const host = "127.77.20.2";
  await using simulator = await Simulator.start({ host, password: PASSWORD, httpPort: 0 });
  const { httpPort } = simulator.devices[0]!;
  const guard = new MemoryLoginGuard();
  const options = { password: PASSWORD, transport: "http", httpPort: httpPort!, guard } as const;
  await using camera = await DahuaCamera.connect(host, options);
  const taken = async () => (await camera.snapshot.take(1, { via: "cgi" })).source === "cgi";
  assert.ok(await taken()); // by now the web API has answered a challenge with the old password
  assert.equal((await camera.users.changePassword({ newPassword: NEW })).verified, true);
  assert.ok(await taken());
  assert.equal(simulator.stats().refusedLogins, 0);
});

Deno.test("the guard forgets that the new password was refused before it was right", async () => {
  const { simulator, at } = await simulated();
  await using _ = simulator;
  await assert.rejects(at(NEW), { code: "DHIP_AUTH_REFUSED" });
  await assert.rejects(at(NEW), { code: "DHIP_AUTH_GUARDED" });
  await using camera = await at();
  await assert.rejects(at(NEW), { code: "DHIP_AUTH_REFUSED" });
  assert.equal((await camera.users.changePassword({ newPassword: NEW })).verified, true);
  await (await at(NEW)).close();
});

Deno.test("the password of another account needs its old one", async () => {
  const { simulator, at } = await simulated({
    users: [{ name: "eve", password: "eve's", group: "user" }],
  });
  await using _ = simulator;
  await using camera = await at();
  const change = { name: "eve", newPassword: NEW };
  await assert.rejects(
    camera.users.changePassword({ ...change, oldPassword: "wrong" }),
    (error) => {
      assert.ok(error instanceof AuthError);
      assert.match(error.message, /did not take the old password of eve/);
      return error.code === "DHIP_AUTH_REFUSED";
    },
  );
  const changed = await camera.users.changePassword({ ...change, oldPassword: "eve's" });
  assert.deepEqual(changed, { name: "eve", verified: true, problem: null });
  await (await at(NEW, "eve")).close();
  assert.ok(await camera.rpc.call("magicBox.getSerialNo"));
});

Deno.test("a wrong old password of another account is sent once", async () => {
  await using scripted = await scriptedCamera(() => WRONG_OLD);
  const change = { name: "eve", oldPassword: "x", newPassword: NEW };
  await assert.rejects(scripted.camera.users.changePassword(change), {
    code: "DHIP_AUTH_REFUSED",
  });
  assert.equal(scripted.device.count("userManager.modifyPassword"), 1);
});

Deno.test("an old password that may be wrong is not sent again after a refusal without a reason", async () => {
  for (const refusal of [{ result: false }, { result: false, error: { code: 268959743 } }]) {
    await using scripted = await scriptedCamera(() => refusal);
    const change = { name: "guard", oldPassword: "maybe wrong", newPassword: NEW };
    await assert.rejects(scripted.camera.users.changePassword(change), {
      code: "DHIP_DEVICE_REFUSED",
    });
    assert.equal(scripted.device.count("userManager.modifyPassword"), 1);
  }
});

Deno.test("python-dhip's parameters are sent to a device that wants them", async () => {
  for (const refusal of [BAD_PARAMS, WRONG_OLD]) {
    await using scripted = await scriptedCamera(({ params }) =>
      "oldPassword" in params! ? { result: true } : refusal
    );
    const { camera, device, clock } = scripted;
    const change = await clock.settle(camera.users.changePassword({ newPassword: NEW }));
    assert.equal(change.verified, true);
    const asked = device.asked.filter(({ method }) => method === "userManager.modifyPassword");
    assert.deepEqual(asked.map(({ params }) => params), [
      { name: "admin", pwd: NEW, pwdOld: "p" },
      { name: "admin", oldPassword: "p", password: NEW },
    ]);
  }
});

/** Answers the login of the session, and every later one with `answer`. */
function onlyFirstLogin(answer: JsonObject | undefined): (script: Script) => Script {
  let logins = 0;
  return (script) => {
    const usual = withLogin(script);
    return (asked, device) => {
      const isAnswer = asked.method === "global.login" && asked.params?.password !== "";
      return isAnswer && ++logins > 1 ? answer : usual(asked, device);
    };
  };
}

Deno.test("a new password that the device then refuses is told, and not used", async () => {
  const refused = { result: false, error: { code: 268632085 } };
  await using scripted = await scriptedCamera(() => ({ result: true }), onlyFirstLogin(refused));
  const { camera, clock, device } = scripted;
  const change = await clock.settle(camera.users.changePassword({ newPassword: NEW }));
  assert.deepEqual([change.verified, change.problem?.code], [false, "DHIP_NOT_HELD"]);
  assert.match(change.problem!.hint!, /old one may still be valid/);
  assert.ok(await camera.rpc.call("magicBox.getSerialNo"));
  // The old one is still the one: it would be sent as the old password once more.
  await clock.settle(camera.users.changePassword({ newPassword: "third" }));
  assert.equal(device.asked.findLast(({ method }) => /modifyP/.test(method))!.params!.pwdOld, "p");
});

Deno.test("a verification that gets no answer says nothing against the new password", async () => {
  await using scripted = await scriptedCamera(() => ({ result: true }), onlyFirstLogin(undefined));
  const { camera, clock, device } = scripted;
  const change = await clock.settle(camera.users.changePassword({ newPassword: NEW }));
  assert.deepEqual([change.verified, change.problem?.code], [false, "DHIP_TIMEOUT"]);
  await clock.settle(camera.users.changePassword({ newPassword: "third" }));
  assert.equal(device.asked.findLast(({ method }) => /modifyP/.test(method))!.params!.pwdOld, NEW);
});
