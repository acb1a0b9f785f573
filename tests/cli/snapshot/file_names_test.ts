import assert from "node:assert/strict";
import fc from "fast-check";
import { FileNames } from "../../../lib/cli/file_names.ts";

const OF = { name: "gate", host: "192.0.2.7:5000", channel: 3 };
const AT = Temporal.ZonedDateTime.from("2026-03-09T07:08:09[Europe/Berlin]");

const path = (template: string, at = AT) => new FileNames(template).pathOf(OF, at);

Deno.test("fields are those of strftime, in local time", () => {
  assert.equal(path("%Y-%m-%d/%H%M%S.jpg"), "2026-03-09/070809.jpg");
  assert.equal(path("%y%j %F %z %s %%Y.jpg"), "26068 2026-03-09 +0100 1773036489 %Y.jpg");
  assert.equal(path("{name}-{channel}-{host}.jpg"), "gate-3-192.0.2.7_5000.jpg");
  assert.equal(path("{}.jpg"), "{}.jpg");
  assert.equal(path("/data/"), "/data/gate-3-20260309-070809.jpg");
});

Deno.test("the hour that comes twice can be told apart", () => {
  const [first, second] = [0, 1].map((hours) =>
    Temporal.ZonedDateTime.from("2026-10-25T02:30:00+02:00[Europe/Berlin]").add({ hours })
  );
  assert.equal(path("%H%M", first), path("%H%M", second));
  assert.notEqual(path("%H%M%z", first), path("%H%M%z", second));
});

Deno.test("unknown fields are refused", () => {
  for (const template of ["%Q", "%", "%-d", "%E", "{nmae}"]) {
    assert.throws(() => new FileNames(template), SyntaxError, template);
  }
});

Deno.test("a name cannot lead to another folder", () => {
  const names = new FileNames("out/{name}.jpg");
  assert.equal(names.pathOf({ ...OF, name: "../../etc/x" }, AT), "out/.._.._etc_x.jpg");
});

Deno.test("the pattern of a template", () => {
  const pattern = (template: string) => new FileNames(template).patternOf(OF);
  const levels = (template: string) => pattern(template).levels.map(({ source }) => source);
  assert.equal(pattern("/data/{name}/%Y-%m-%d/%H.jpg").folder, "/data/gate");
  assert.equal(levels("/data/{name}/%Y-%m-%d/%H.jpg").length, 2);
  assert.equal(pattern("%H.jpg").folder, ".");
  assert.equal(pattern("/%H.jpg").folder, "/");
  assert.equal(pattern("latest.jpg").folder, ".");
  assert.equal(pattern("a//b/%H.jpg").folder, "a//b");
});

Deno.test("a pattern knows every path that its template makes, and not the neighbours'", () => {
  const pieces = ["%Y", "%m", "%d", "%H", "%M", "%S", "%j", "%F", "%s", "%z", "%y", "x", ".", "+"];
  const piece = fc.constantFrom(...pieces, "{name}", "{channel}", "/", "-");
  fc.assert(fc.property(
    fc.array(piece, { minLength: 1, maxLength: 8 }),
    fc.integer({ min: 0, max: 4e12 }),
    (parts, time) => {
      const template = `${parts.join("")}.jpg`.replace(/\/+/g, "/").replace(/^\//, "");
      const names = new FileNames(template);
      const at = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO("Asia/Tokyo");
      if (template.includes("%s") && time < 1e11) return; // before 1973 no camera had a web server
      const { folder, levels } = names.patternOf(OF);
      const fixed = folder === "." ? [] : folder.split("/");
      const path = names.pathOf(OF, at);
      const words = (folder === "." ? path.replace(/^\.\//, "") : path).split("/");
      assert.deepEqual(words.slice(0, fixed.length), fixed);
      const rest = words.slice(fixed.length);
      assert.equal(rest.length, levels.length, template);
      rest.forEach((word, index) => assert.match(word, levels[index]!));
    },
  ));
  const { levels } = new FileNames("{name}-%H%M%S.jpg").patternOf(OF);
  for (
    const other of [
      "gate2-070809.jpg",
      "gate-070809.jpg.bak",
      "gate-ab0809.jpg",
      "xgate-070809.jpg",
      "gate-250000.jpg",
    ]
  ) {
    assert.doesNotMatch(other, levels[0]!);
  }
});
