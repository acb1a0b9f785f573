/**
 * Messages that arrive in several frames.
 *
 * @module
 */

import { FrameError } from "../errors.ts";
import { concat } from "../net/bytes.ts";

/** The numbers of one frame header. */
export interface FrameHeader {
  /** Session. */
  session: number;
  /** Request id. */
  requestId: number;
  /** Bytes after the header in this frame. */
  packageLength: number;
  /** Position of the frame in its message. */
  packageIndex: number;
  /** Bytes of JSON in the whole message. */
  messageLength: number;
  /** Bytes of binary in the whole message. */
  dataLength: number;
}

/** A message put together from its fragments. */
export interface Assembled {
  /** Header of the first fragment, with the totals of the message. */
  readonly header: FrameHeader;
  /** JSON and binary, exactly as long as the totals say. */
  readonly body: Uint8Array;
}

interface Assembly {
  readonly header: FrameHeader;
  readonly total: number;
  readonly parts: Uint8Array[];
  length: number;
  lastIndex: number;
  frames: number;
}

/** Fragmented messages under way, by request id: the bodies of a message may be interleaved with others. */
export class FragmentTable {
  readonly #maxFragments: number;
  readonly #maxAssemblies: number;
  readonly #maxBytes: number;
  readonly #open = new Map<number, Assembly>();
  #bytes = 0;

  constructor(maxFragments: number, maxAssemblies: number, maxBytes: number) {
    this.#maxFragments = maxFragments;
    this.#maxAssemblies = maxAssemblies;
    this.#maxBytes = maxBytes;
  }

  /** Messages that are not complete. */
  get open(): number {
    return this.#open.size;
  }

  /** True when a message with this request id waits for more. */
  expects(requestId: number): boolean {
    return this.#open.has(requestId);
  }

  /** Forgets everything. */
  clear(): void {
    this.#open.clear();
    this.#bytes = 0;
  }

  /** Adds one fragment; returns the message when it was the last. */
  add(header: FrameHeader, body: Uint8Array): Assembled | undefined {
    let assembly = this.#open.get(header.requestId);
    if (assembly !== undefined && header.packageIndex === 0) {
      // The device gave up the message before: pushes of one subscription share their id.
      this.#open.delete(header.requestId);
      this.#bytes -= assembly.length;
      assembly = undefined;
    }
    if (assembly === undefined) assembly = this.#begin(header);
    else if (header.packageIndex <= assembly.lastIndex) {
      throw badSequence(
        `fragment ${header.packageIndex} of request ${header.requestId} after ${assembly.lastIndex}`,
      );
    }
    assembly.lastIndex = header.packageIndex;
    if (++assembly.frames > this.#maxFragments) {
      throw tooLarge(`A message in more than ${this.#maxFragments} fragments`);
    }
    // A copy: the chunk that the body is a view of is gone before the next fragment comes.
    const part = body.slice(0, assembly.total - assembly.length);
    assembly.parts.push(part);
    assembly.length += part.length;
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) {
      throw tooLarge(`Unfinished messages of more than ${this.#maxBytes} bytes`);
    }
    if (assembly.length < assembly.total) return undefined;
    this.#open.delete(header.requestId);
    this.#bytes -= assembly.total;
    return { header: assembly.header, body: concat(assembly.parts) };
  }

  #begin(header: FrameHeader): Assembly {
    if (header.packageIndex !== 0) {
      throw badSequence(`request ${header.requestId} begins with fragment ${header.packageIndex}`);
    }
    if (this.#open.size >= this.#maxAssemblies) {
      throw tooLarge(`More than ${this.#maxAssemblies} fragmented messages at once`);
    }
    const assembly: Assembly = {
      header: { ...header },
      total: header.messageLength + header.dataLength,
      parts: [],
      length: 0,
      lastIndex: -1,
      frames: 0,
    };
    this.#open.set(header.requestId, assembly);
    return assembly;
  }
}

function tooLarge(message: string): FrameError {
  return new FrameError("too_large", "DHIP_FRAME_TOO_LARGE", message);
}

function badSequence(what: string): FrameError {
  return new FrameError("bad_sequence", "DHIP_BAD_FRAME", `Fragments out of order: ${what}`);
}
