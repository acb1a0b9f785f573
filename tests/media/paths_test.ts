import assert from "node:assert/strict";
import { playbackPath, rtspPath, rtspUrl } from "../../lib/media/rtsp/paths.ts";

Deno.test("templates are filled in; other braces stay", () => {
  const choice = { channel: 3, subtype: 1 };
  assert.equal(rtspPath("dahua", choice), "/cam/realmonitor?channel=3&subtype=1");
  assert.equal(rtspPath("zenointel", choice), "/H264?ch=3&subtype=1");
  assert.equal(rtspPath("/x/{channel}?{y}={}", choice), "/x/3?{y}={}");
  for (const bad of ["toString", "cam", "", "/a b", "/a\r\nX: y"]) {
    assert.throws(() => rtspPath(bad, choice), SyntaxError);
  }
});

Deno.test("URLs carry a user and never a password; IPv6 stands in brackets", () => {
  assert.equal(rtspUrl("192.0.2.7", 554, "/cam"), "rtsp://192.0.2.7/cam");
  assert.equal(rtspUrl("2001:db8::7", 554, "/cam", "a@b:c"), "rtsp://a%40b%3Ac@[2001:db8::7]/cam");
  assert.equal(rtspUrl("2001:db8::7", 8554, "/cam"), "rtsp://[2001:db8::7]:8554/cam");
});

Deno.test("a stretch of the recorder's disk is named in its own time", () => {
  const [from, to] = ["2026-01-02T03:04:05", "2026-01-02T03:14:05"].map((text) =>
    Temporal.PlainDateTime.from(text)
  );
  assert.equal(
    playbackPath({ channel: 1, subtype: 0 }, from!, to!),
    "/cam/realmonitor?channel=1&subtype=0&starttime=2026_01_02_03_04_05&endtime=2026_01_02_03_14_05",
  );
});
