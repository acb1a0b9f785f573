/**
 * Text as old Chinese firmwares write it. Platforms decode GBK but do not encode it.
 *
 * @module
 */

let table: Map<string, number> | undefined;

/** GBK bytes; a character that GBK lacks becomes `?`. */
export function encodeGbk(text: string): Uint8Array<ArrayBuffer> {
  table ??= makeTable();
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point < 0x80) bytes.push(point);
    else {
      const pair = table.get(character);
      if (pair === undefined) bytes.push(0x3f);
      else bytes.push(pair >> 8, pair & 0xff);
    }
  }
  return new Uint8Array(bytes);
}

/** Turns the platform's decoder around, pair by pair. */
function makeTable(): Map<string, number> {
  const decoder = new TextDecoder("gbk");
  const characters = new Map<string, number>();
  const pair = new Uint8Array(2);
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      pair[0] = lead;
      pair[1] = trail;
      const character = decoder.decode(pair);
      if ([...character].length === 1 && character !== "\ufffd") {
        characters.set(character, lead << 8 | trail);
      }
    }
  }
  return characters;
}
