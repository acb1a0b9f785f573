/**
 * JSON as the firmware writes it into text: spaces around colons, three columns a level, keys in
 * their order, short lists on one line.
 *
 * @module
 */

/** Longest list on one line, in characters. */
const LINE = 74;

/** The text, without a line end behind it. */
export function styledJson(value: unknown, indent = ""): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const inner = `${indent}   `;
  const block = (open: string, items: string[], close: string) =>
    `${open}\n${items.map((item) => inner + item).join(",\n")}\n${indent}${close}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((each) => styledJson(each, inner));
    const line = `[ ${items.join(", ")} ]`;
    const flat = value.every((each) => typeof each !== "object" || each === null);
    return flat && line.length <= LINE ? line : block("[", items, "]");
  }
  const fields = Object.entries(value);
  if (fields.length === 0) return "{}";
  const items = fields.map(([key, each]) => `${JSON.stringify(key)} : ${styledJson(each, inner)}`);
  return block("{", items, "}");
}
