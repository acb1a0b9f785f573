/**
 * The cloud's messages: requests and answers like those of HTTP, one in each datagram.
 *
 * @module
 */

/** Longest message that is read, in bytes. */
const MOST_BYTES = 16_384;

/** A request, or what looks like one. */
export interface TextRequest {
  /** `DHGET`, `DHPOST`, or with `NF` in front. */
  readonly method: string;
  /** Path, `/online/relay`. */
  readonly path: string;
  /** Header fields by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Elements of the body by name. */
  readonly fields: ReadonlyMap<string, string>;
}

/** An answer. */
export interface TextAnswer {
  /** Status. */
  readonly code: number;
  /** Text of the status. Default what HTTP has for it. */
  readonly text?: string | undefined;
  /** Elements of the body in their order; left out: no body. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
}

const TEXTS: Readonly<Record<number, string>> = {
  100: "Trying",
  200: "OK",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
};
const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** True when a datagram begins like a request. */
export function isText(datagram: Uint8Array): boolean {
  const first = datagram[0];
  return first === 0x44 || first === 0x4e || first === 0x48; // D, N, H
}

/** Reads a request; undefined when it is none. */
export function parseRequest(datagram: Uint8Array): TextRequest | undefined {
  if (datagram.length > MOST_BYTES) return undefined;
  const text = new TextDecoder().decode(datagram);
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const line = /^((?:DH|NF)(?:GET|POST)) (\/\S*) HTTP\/1\.1$/.exec(first);
  if (line === null) return undefined;
  const headers = new Map<string, string>();
  for (const each of lines) {
    const colon = each.indexOf(":");
    if (colon <= 0) return undefined;
    headers.set(each.slice(0, colon).trim().toLowerCase(), each.slice(colon + 1).trim());
  }
  const body = text.slice(end + 4);
  const length = headers.get("content-length");
  // A body that was cut on the way is no body; one that nothing announces is taken.
  if (length !== undefined && Number(length) !== new TextEncoder().encode(body).length) {
    return undefined;
  }
  const post = line[1]!.endsWith("POST");
  if (post !== (body !== "")) return undefined;
  return { method: line[1]!, path: line[2]!, headers, fields: fieldsOf(body) };
}

/** An answer as bytes. `date` is the server's time in ms since 1970. */
export function encodeAnswer(
  answer: TextAnswer,
  cseq: string,
  date: number,
  declaration: boolean,
): Uint8Array<ArrayBuffer> {
  const { code, text = TEXTS[code] ?? "Unknown", fields } = answer;
  const created = new Date(date).toISOString().replace(/\.\d+/, "");
  let head = `HTTP/1.1 ${code} ${text}\r\nDate: ${created}\r\nCSeq: ${cseq}\r\n`;
  let body = "";
  if (fields !== undefined) {
    const elements = Object.entries(fields).map(([name, value]) =>
      `<${name}>${escapeXml(value)}</${name}>`
    );
    const first = declaration ? '<?xml version="1.0" encoding="UTF-8"?>' : "";
    body = `${first}<body>${elements.join("")}</body>`;
    const { length } = new TextEncoder().encode(body);
    head += `Content-Type: \r\nContent-Length: ${length}\r\n`;
  }
  return new TextEncoder().encode(`${head}\r\n${body}`);
}

function fieldsOf(body: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [, name, value] of body.matchAll(/<(\w+)>([^<]*)<\/\1>/g)) {
    fields.set(name!, value!.replace(/&(\w+);/g, (whole, entity) => ENTITIES[entity] ?? whole));
  }
  return fields;
}

function escapeXml(value: string): string {
  return value.replace(
    /[&<>]/g,
    (character) => character === "&" ? "&amp;" : character === "<" ? "&lt;" : "&gt;",
  );
}
