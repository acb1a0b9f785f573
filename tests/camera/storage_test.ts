import assert from "node:assert/strict";
import type { StorageStatus } from "../../lib/camera/mod.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { NOT_FOUND, scriptedCamera, tablesScript } from "../support/scripted_camera.ts";

interface Storage {
  readonly info: JsonObject;
  readonly modes?: readonly unknown[];
  readonly states?: readonly (JsonObject | undefined)[];
  readonly groups?: readonly unknown[];
  readonly objects?: boolean;
}

async function statusOf(storage: Storage): Promise<StorageStatus> {
  const { info, modes, states = [], groups, objects = false } = storage;
  const tables = {
    ...(modes === undefined ? {} : { RecordMode: modes }),
    ...(groups === undefined ? {} : { StorageGroup: groups }),
  };
  await using scripted = await scriptedCamera(tablesScript(tables, (asked) => {
    switch (asked.method) {
      case "storage.factory.instance":
        return objects ? { result: 5 } : NOT_FOUND;
      case "storage.getDeviceAllInfo":
        assert.equal(asked.object, objects ? 5 : undefined);
        return info;
      case "recordManager.getState":
        return states[Number(asked.params!.channel)] ?? NOT_FOUND;
      default:
        return NOT_FOUND;
    }
  }));
  return await scripted.clock.settle(scripted.camera.storage.status());
}

const DISK = {
  Name: "/dev/sda",
  State: "Success",
  Detail: [
    { Path: "/mnt/dvr/sda0", Type: "ReadWrite", TotalBytes: 1e12, UsedBytes: 4e11, IsError: false },
    { Path: "/mnt/dvr/sda1", Type: "ReadOnly", TotalBytes: 1e9, UsedBytes: 1e9, IsError: false },
  ],
};
const ok = (info: unknown): JsonObject => ({ result: true, params: { info } });
const state = (value: unknown): JsonObject => ({ result: true, params: { state: value } });
const kinds = ({ problems }: StorageStatus) => problems.map(({ kind }) => kind);

Deno.test("disks, partitions and channels, with and without an object", async () => {
  for (const objects of [true, false]) {
    const status = await statusOf({
      info: ok([DISK]),
      modes: [{ Mode: 0 }, { Mode: 1 }, { Mode: 2 }, { Mode: 7 }],
      states: [state(true), state({ Main: "On", Extra1: false }), state(0)],
      objects,
    });
    assert.deepEqual(status.disks, [{
      name: "/dev/sda",
      state: "Success",
      type: "ReadWrite",
      totalBytes: 1.001e12,
      usedBytes: 4.01e11,
      partitions: [
        {
          path: "/mnt/dvr/sda0",
          type: "ReadWrite",
          totalBytes: 1e12,
          usedBytes: 4e11,
          failed: false,
        },
        { path: "/mnt/dvr/sda1", type: "ReadOnly", totalBytes: 1e9, usedBytes: 1e9, failed: false },
      ],
    }]);
    assert.deepEqual(status.channels, [
      { channel: 1, mode: "auto", recording: true },
      { channel: 2, mode: "manual", recording: true },
      { channel: 3, mode: "off", recording: false },
      { channel: 4, mode: null, recording: null },
    ]);
    assert.equal(status.recording, true);
    assert.deepEqual(status.problems, [
      { kind: "not-recording", subject: "channel 3", text: "it does not record (mode off)" },
    ]);
  }
});

Deno.test("other spellings of disks: a bare list, texts for numbers, sizes in MiB, free bytes", async () => {
  const bare = await statusOf({
    info: {
      result: true,
      params: [{
        Device: "sdb",
        Status: "Normal",
        Module: "WDC",
        Partitions: [{ Name: "p1", TotalBytes: "1000", FreeBytes: "250" }],
      }] as unknown as JsonObject,
    },
  });
  assert.deepEqual(bare.disks[0], {
    name: "sdb",
    state: "Normal",
    type: "WDC",
    totalBytes: 1000,
    usedBytes: 750,
    partitions: [{ path: "p1", type: null, totalBytes: 1000, usedBytes: 750, failed: null }],
  });
  const sparse = await statusOf({
    info: { result: true, params: { list: [{ TotalSpace: 10, UsedSpace: 4 }, {}] } },
  });
  assert.equal(sparse.disks[0]!.totalBytes, 10 * 2 ** 20);
  assert.equal(sparse.disks[0]!.usedBytes, 4 * 2 ** 20);
  assert.deepEqual(sparse.disks[1], {
    name: null,
    state: null,
    type: null,
    totalBytes: null,
    usedBytes: null,
    partitions: [],
  });
  assert.deepEqual(sparse.problems, []);
  assert.equal(sparse.recording, null);
});

Deno.test("no disk: an empty list, null, and every way to refuse", async () => {
  const refusal = (code: number): JsonObject => ({ result: false, error: { code } });
  for (const info of [ok([]), ok(null), refusal(500), refusal(268959743), refusal(285409284)]) {
    const status = await statusOf({ info });
    assert.deepEqual(status.disks, []);
    assert.deepEqual(kinds(status), ["no-disk"]);
  }
});

Deno.test("a broken disk is found by its state, its partitions and its size", async () => {
  const broken = [
    { ...DISK, State: "Error" },
    { ...DISK, Detail: [{ Path: "/a", TotalBytes: 1, UsedBytes: 0, IsError: true }] },
    { Name: "x", State: "Success", Detail: [{ TotalBytes: 0, UsedBytes: 0, IsError: false }] },
  ];
  for (const disk of broken) {
    assert.deepEqual(kinds(await statusOf({ info: ok([disk]) })), ["disk-failed"]);
  }
});

Deno.test("a full disk is a problem unless the device overwrites", async () => {
  const full = { ...DISK, Detail: [{ Path: "/a", TotalBytes: 5, UsedBytes: 5 }] };
  const with_ = async (groups?: readonly unknown[]) =>
    kinds(await statusOf({ info: ok([full]), ...(groups ? { groups } : {}) }));
  assert.deepEqual(await with_(), ["disk-full"]);
  assert.deepEqual(await with_([{ Name: "ReadWrite", OverWrite: false }]), ["disk-full"]);
  assert.deepEqual(await with_([{ Name: "ReadWrite", OverWrite: true }]), []);
});

Deno.test("recording that is off counts, also when the device tells no state", async () => {
  const status = await statusOf({ info: ok([DISK]), modes: [{ Mode: 2 }, { Mode: 0 }] });
  assert.deepEqual(status.problems, [
    { kind: "not-recording", subject: "channel 1", text: "recording is switched off" },
  ]);
  const paused = await statusOf({
    info: ok([DISK]),
    modes: [{ Mode: 0 }],
    states: [state(false)],
  });
  assert.deepEqual(kinds(paused), ["not-recording"]);
  assert.equal(paused.recording, false);
});

Deno.test("slots of a recorder without a camera record nothing, and that is no problem", async () => {
  const slot = (number: number, Enable: boolean) => [`uuid:X_${number}`, { Enable }] as const;
  const tables = {
    RecordMode: [{ Mode: 0 }, { Mode: 0 }, { Mode: 0 }],
    RemoteDevice: Object.fromEntries([slot(0, true), slot(1, false), slot(2, true)]),
  };
  const states = [true, false, false];
  await using recorder = await scriptedCamera(tablesScript(tables, ({ method, params }) => {
    if (method === "storage.getDeviceAllInfo") return ok([DISK]);
    if (method === "recordManager.getState") return state(states[Number(params!.channel)]);
    return NOT_FOUND;
  }));
  const status = await recorder.clock.settle(recorder.camera.storage.status());
  assert.deepEqual(status.channels.map(({ channel }) => channel), [1, 3]);
  assert.deepEqual(status.problems.map(({ subject }) => subject), ["channel 3"]);
});

Deno.test("one channel's table may be without the list around it", async () => {
  const tables: Record<string, unknown> = { RecordMode: { Mode: 2 } };
  await using one = await scriptedCamera(tablesScript(tables));
  const { storage } = one.camera;
  assert.equal((await one.clock.settle(storage.channels()))[0]!.mode, "off");
  const plan = await one.clock.settle(storage.planRecording(1, "auto"));
  assert.deepEqual((await one.clock.settle(plan.apply())).notHeld, []);
  assert.deepEqual(tables.RecordMode, { Mode: 0 });
  await assert.rejects(storage.planRecording(2, "auto"), RangeError);
});

Deno.test("a device that tells nothing about storage is an error, one without rights too", async () => {
  await assert.rejects(statusOf({ info: NOT_FOUND }), { code: "DHIP_METHOD_NOT_FOUND" });
  await assert.rejects(statusOf({ info: { result: false, error: { code: 285278249 } } }), {
    code: "DHIP_NO_PERMISSION",
  });
});
