import assert from "node:assert/strict";
import { authorised, RawHttp, RawRpc2 } from "./_http.ts";
import { type Bench, bench, errorOf } from "./_support.ts";

const USER = { Name: "op", Password: "op-secret-1", Group: "user", Memo: "Büro", Sharable: true };

Deno.test("an account has group, remark and rights, and is told one by one", async () => {
  await using it = bench();
  const client = await it.open();
  const user = { ...USER, AuthorityList: ["Monitor_01"] };
  assert.equal((await client.call("userManager.addUser", { user })).json.result, true);
  assert.deepEqual(await client.ask("userManager.getUserInfo", { name: "op" }), {
    user: {
      Anonymous: false,
      AuthorityList: ["Monitor_01"],
      Group: "user",
      Id: 2,
      Memo: "Büro",
      Name: "op",
      Reserved: false,
      Sharable: true,
    },
  });
  assert.equal(await client.refusal("userManager.getUserInfo", { name: "nobody" }), 285409284);
  const { group } = await client.ask("userManager.getGroupInfo", { name: "user" });
  assert.equal((group as { Name: string }).Name, "user");
  assert.equal(await client.refusal("userManager.getGroupInfo", { name: "x" }), 285409296);
});

Deno.test("new accounts that cannot be are refused by their reason", async () => {
  await using it = bench();
  const client = await it.open();
  const cases: [object, number][] = [
    [{ Name: "admin" }, 285409285],
    [{ Group: "kings" }, 285409296],
    [{ Group: "toString" }, 285409296],
    [{ Name: "" }, 268894211],
    [{ Password: "" }, 268894211],
    [{ Password: 5 }, 268894211],
    [{ AuthorityList: ["Everything"] }, 268894211],
  ];
  for (const [more, code] of cases) {
    const user = { ...USER, ...more };
    assert.equal(await client.refusal("userManager.addUser", { user }), code, JSON.stringify(more));
  }
  assert.equal(it.device.stats().refusedLogins, 0);
});

Deno.test("an account is changed in either shape of the call, and keeps what is not said", async () => {
  await using it = bench();
  const client = await it.open();
  await client.call("userManager.addUser", { user: USER });
  const read = async () =>
    (await client.ask("userManager.getUserInfo", { name: "op" })).user as Record<string, unknown>;
  await client.call("userManager.modifyUser", { name: "op", user: { Memo: "Web UI" } });
  assert.deepEqual([(await read()).Memo, (await read()).Group], ["Web UI", "user"]);
  const merged = { ...await read(), Memo: "python-dhip", Group: "admin" };
  await client.call("userManager.modifyUser", { user: merged });
  assert.deepEqual([(await read()).Memo, (await read()).Group], ["python-dhip", "admin"]);
  const modify = (params: object) => client.refusal("userManager.modifyUser", params);
  assert.equal(await modify({ user: { Name: "nobody" } }), 285409284);
  assert.equal(await modify({ name: "op", user: { Group: "kings" } }), 285409296);
  assert.equal(await modify({ name: "op", user: { Name: "other" } }), 268959743);
  const operator = await it.open("op", USER.Password);
  assert.equal((await operator.call("userManager.deleteUser", { name: "op" })).json.result, false);
});

Deno.test("the last administrator stays one", async () => {
  await using it = bench({ users: [{ name: "second", password: "s" }] });
  const client = await it.open("second", "s");
  const demote = (name: string) =>
    client.call("userManager.modifyUser", { name, user: { Group: "user" } });
  assert.equal((await demote("admin")).json.result, true);
  assert.equal(errorOf((await demote("second")).json).code, 268959743);
  assert.equal(await client.refusal("userManager.deleteUser", { name: "second" }), 268959743);
  assert.equal(await client.refusal("userManager.deleteUser", { name: "admin" }), 268959743);
  const first = await it.open(); // sessions from now on have the rights of the group
  assert.equal(await first.refusal("userManager.deleteUser", { name: "second" }), 285278249);
});

Deno.test("a user changes the own password and no other's", async () => {
  await using it = bench({ users: [{ name: "guest", password: "g", group: "user" }] });
  const guest = await it.open("guest", "g");
  const change = (params: object) => guest.call("userManager.modifyPassword", params);
  const other = { name: "admin", pwdOld: "admin54321", pwd: "x" };
  assert.equal(errorOf((await change(other)).json).code, 285278249);
  const empty = { name: "guest", pwdOld: "g", pwd: "" };
  assert.equal(errorOf((await change(empty)).json).code, 268894211);
  const own = { name: "guest", pwdOld: "g", pwd: "пароль" };
  assert.equal((await change(own)).json.result, true);
  assert.equal((await it.connect().login("guest", "g")).result, false);
  assert.equal((await it.connect().login("guest", "пароль")).result, true);
  await guest.ask("magicBox.getSerialNo"); // the session goes on
});

Deno.test("an account that is not shared is used once at a time", async () => {
  await using it = bench();
  const client = await it.open();
  await client.call("userManager.addUser", { user: { ...USER, Sharable: false } });
  const first = await it.open("op", USER.Password);
  const second = it.connect();
  assert.equal(errorOf(await second.login("op", USER.Password)).code, 268632074);
  await first.call("global.logout");
  assert.equal((await second.login("op", USER.Password)).result, true);
});

Deno.test("sessions of both transports are among the active users", async () => {
  await using it = bench();
  const client = await it.open();
  const rpc = new RawRpc2(RawHttp.open(it));
  await it.clock.advance(5000);
  await rpc.login();
  const { users } = await client.ask("userManager.getActiveUserInfoAll");
  assert.deepEqual(
    (users as Record<string, unknown>[]).map((each) => [
      each.Id,
      each.ClientAddress,
      each.LoginTime,
    ]),
    [[1, "127.0.0.1", "2026-01-02 01:00:00"], [2, "127.0.0.7", "2026-01-02 01:00:05"]],
  );
});

Deno.test("groups come in an object or as a bare list", async () => {
  for (const groupsIn of ["object", "list"] as const) {
    await using it = bench({ quirks: { groupsIn } });
    const params = await (await it.open()).ask("userManager.getGroupInfoAll");
    const list = groupsIn === "list" ? params : params.groups;
    assert.deepEqual((list as unknown as { Name: string }[]).map(({ Name }) => Name), [
      "admin",
      "user",
    ]);
  }
});

async function cgi(it: Bench, query: string, who: { user?: string; password?: string } = {}) {
  using http = RawHttp.open(it);
  return await authorised(http, `/cgi-bin/userManager.cgi?action=${query}`, who);
}

Deno.test("userManager.cgi does the same in lines", async () => {
  await using it = bench();
  const add = "addUser&user.Name=op&user.Password=pw-1&user.Group=user&user.Sharable=true";
  assert.equal((await cgi(it, add)).text, "OK\r\n");
  assert.equal((await cgi(it, add)).status, 400);
  const all = (await cgi(it, "getUserInfoAll")).text;
  assert.match(all, /^users\[1\]\.Name=op\r$/m);
  assert.doesNotMatch(all, /pw-1/);
  assert.equal((await cgi(it, "modifyUser&name=op&user.Memo=Tor")).text, "OK\r\n");
  assert.match((await cgi(it, "getUserInfo&name=op")).text, /^user\.Memo=Tor\r$/m);
  assert.match((await cgi(it, "getGroupInfoAll")).text, /^groups\[0\]\.Name=admin\r$/m);
  assert.equal((await cgi(it, "modifyPassword&name=op&pwd=pw-2&pwdOld=pw-1")).text, "OK\r\n");
  const op = { user: "op", password: "pw-2" };
  assert.equal((await cgi(it, "getActiveUserInfoAll", op)).text, "");
  assert.equal((await cgi(it, "deleteUser&name=admin", op)).status, 403);
  assert.equal((await cgi(it, "deleteUser&name=op")).text, "OK\r\n");
  assert.equal((await cgi(it, "getUserInfo&name=op")).status, 400);
});
