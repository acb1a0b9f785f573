/**
 * Questions to the person at the terminal.
 *
 * @module
 */

import { DhipError } from "../errors.ts";

/** The terminal that is asked. */
export interface SecretTerminal {
  /** Turns echo and line editing of the terminal off and on. */
  setRaw(raw: boolean): void;
  /** Reads what was typed; null at the end of the input. */
  read(): Promise<Uint8Array | null>;
  /** Shows text. */
  write(text: string): void;
}

/**
 * Asks, and reads one line without showing it. Backspace and Ctrl-U work; other
 * control characters and the sequences of keys such as the arrows are no part of the answer.
 *
 * @returns the answer, or undefined when the input ended (Ctrl-D on an empty line)
 * @throws {DhipError} `DHIP_INTERRUPTED` on Ctrl-C
 */
export async function askSecret(
  terminal: SecretTerminal,
  question: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {}); // mostly nobody aborts
  const stop = () => reject(interrupted());
  if (signal?.aborted) throw interrupted();
  signal?.addEventListener("abort", stop, { once: true });
  terminal.write(question);
  terminal.setRaw(true);
  try {
    const typed: number[] = [];
    const keys = new KeySequences();
    for (;;) {
      const chunk = await Promise.race([terminal.read(), aborted]);
      if (chunk === null) return undefined;
      for (const byte of chunk) {
        if (keys.swallows(byte)) continue;
        if (byte === 0x0d || byte === 0x0a) return decode(typed);
        if (byte === 0x03) throw interrupted();
        if (byte === 0x04 && typed.length === 0) return undefined;
        if (byte === 0x7f || byte === 0x08) eraseCharacter(typed);
        else if (byte === 0x15) typed.length = 0;
        else if (byte >= 0x20) typed.push(byte);
      }
      keys.endOfRead();
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    terminal.setRaw(false);
    terminal.write("\n"); // the answer's own newline was not shown
  }
}

/**
 * Asks, and reads one line, which the terminal shows and edits itself.
 *
 * @returns the answer, or undefined when the input ended
 * @throws {DhipError} `DHIP_INTERRUPTED` on Ctrl-C
 */
export async function askLine(
  terminal: Omit<SecretTerminal, "setRaw">,
  question: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => {}); // mostly nobody aborts
  const stop = () => reject(interrupted());
  if (signal.aborted) throw interrupted();
  signal.addEventListener("abort", stop, { once: true });
  terminal.write(question);
  try {
    const typed: number[] = [];
    for (;;) {
      const chunk = await Promise.race([terminal.read(), aborted]);
      if (chunk === null) return undefined;
      typed.push(...chunk);
      const end = typed.findIndex((byte) => byte === 0x0a || byte === 0x0d);
      if (end >= 0) return decode(typed.slice(0, end));
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Bytes that a key without a character sends: `ESC [ A`, `ESC O P`, `ESC x`. */
class KeySequences {
  #state: "none" | "escape" | "single" | "control" = "none";

  /** True when the byte belongs to such a key. */
  swallows(byte: number): boolean {
    switch (this.#state) {
      case "none":
        if (byte !== 0x1b) return false;
        this.#state = "escape";
        return true;
      case "escape":
        if (byte < 0x20 || byte === 0x7f) return this.#end(byte);
        this.#state = byte === 0x5b ? "control" : byte === 0x4f ? "single" : "none";
        return true;
      case "single":
        return this.#end(byte);
      case "control": // parameters, then one byte that ends it (ECMA-48, 5.4)
        if (byte >= 0x20 && byte < 0x40) return true;
        return this.#end(byte);
    }
  }

  /** The escape key alone sends nothing more, so what is typed next is a character again. */
  endOfRead(): void {
    if (this.#state === "escape") this.#state = "none";
  }

  /** Enter and Ctrl-C keep their meaning, also in the middle of a sequence. */
  #end(byte: number): boolean {
    this.#state = byte === 0x1b ? "escape" : "none";
    return byte >= 0x20 || byte === 0x1b;
  }
}

function interrupted(): DhipError {
  return new DhipError("DHIP_INTERRUPTED", "Interrupted at the prompt");
}

/** Removes the last UTF-8 character: its continuation bytes and its first byte. */
function eraseCharacter(typed: number[]): void {
  for (let byte = typed.pop(); byte !== undefined && (byte & 0xc0) === 0x80; byte = typed.pop());
}

function decode(typed: readonly number[]): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(typed));
}
