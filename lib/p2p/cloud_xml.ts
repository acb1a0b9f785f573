/**
 * Bodies of cloud messages: one flat `<body>` with a text in each element.
 *
 * @module
 */

import { XMLBuilder, XMLParser } from "fast-xml-parser";

/** Longest body that is read, in characters; real ones have a few hundred. */
const LONGEST_BODY = 16 * 1024;
/** Most elements that are read; real bodies have about a dozen. */
const MOST_FIELDS = 64;

const builder = new XMLBuilder({ processEntities: true, suppressEmptyNode: false });
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false, // "5.0" and "007" are texts
  processEntities: true,
  htmlEntities: true, // numeric references too
});

/** Elements by name, in the order in which they are sent. */
export type BodyFields = Readonly<Record<string, string>>;

/** Writes a body; values are escaped. */
export function writeBody(fields: BodyFields): string {
  return builder.build({ body: fields });
}

/**
 * Reads a body; an element inside another, and one that comes again, is not read. What is not such
 * a body has no fields. Declared entities are not known: a body that declares any is not read.
 */
export function readBody(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (text.length > LONGEST_BODY || /<!(DOCTYPE|ENTITY)/i.test(text)) return fields;
  for (const [name, value] of Object.entries(rootOf(text))) {
    const first = Array.isArray(value) ? value[0] : value;
    if (typeof first === "string" && fields.size < MOST_FIELDS) fields.set(name, first);
  }
  return fields;
}

function rootOf(text: string): object {
  try {
    const { body } = parser.parse(text) as { readonly body?: unknown };
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}
