/**
 * DHIP framing: a 32-byte header, JSON, and an optional binary part.
 *
 * | offset | field (u32, little-endian)                                        |
 * | ------ | ----------------------------------------------------------------- |
 * | 0      | header size, always 32                                            |
 * | 4      | the bytes `DHIP`                                                  |
 * | 8      | session                                                           |
 * | 12     | request id                                                        |
 * | 16     | package length: bytes after the header in this frame              |
 * | 20     | package index, counts the fragments of a message from 0           |
 * | 24     | message length: bytes of JSON, in the whole message               |
 * | 28     | data length: bytes of binary after the JSON, in the whole message |
 *
 * Layout and fragments as observed by python-dhip and DahuaConsole.
 *
 * @module
 */

import { FrameError } from "../errors.ts";
import { HEADER_SIZE, MAGIC } from "./encoder.ts";
import { type JsonObject, parseBody } from "./_body.ts";
import { FragmentTable, type FrameHeader } from "./_fragments.ts";

export { encodeMessage, HEADER_SIZE, MessageEncoder, type OutgoingMessage } from "./encoder.ts";
export type { JsonObject };

/** `HTTP`, read as a little-endian integer. */
const MAGIC_HTTP = 0x50545448;

const EMPTY = new Uint8Array(0);

/** One decoded message. */
export interface Message {
  /** Session of the header. */
  readonly session: number;
  /** Request id of the header. */
  readonly requestId: number;
  /** Above 0: a self-contained further frame of the message with this request id. */
  readonly packageIndex: number;
  /** Bytes of the JSON part as declared. */
  readonly messageLength: number;
  /** The JSON part; null when it was empty or not a JSON object. */
  readonly json: JsonObject | null;
  /** The binary part: a view that the next `push` may overwrite. Copy what you keep. */
  readonly binary: Uint8Array;
  /** Set (`DHIP_BAD_JSON`) when the JSON part was no JSON object. The stream stays in step. */
  readonly error?: FrameError;
}

/** Bounds of a {@linkcode MessageDecoder}. Beyond them it throws `DHIP_FRAME_TOO_LARGE`. */
export interface FrameLimits {
  /** Longest JSON part in bytes. Default 16 MiB. */
  readonly maxMessage?: number;
  /** Longest binary part in bytes. Default 64 MiB. */
  readonly maxBinary?: number;
  /** Most frames of one fragmented message. Default 4 096. */
  readonly maxFragments?: number;
  /** Most fragmented messages under way at once. Default 32. */
  readonly maxAssemblies?: number;
}

/**
 * Turns a byte stream, cut anywhere, into messages.
 *
 * Both fragment conventions are understood: frames that share one body (the totals stand in the
 * header), and self-contained frames that count up `packageIndex`. Pushes between the fragments of
 * a reply are delivered when they arrive.
 *
 * ```ts
 * import { encodeMessage, MessageDecoder } from "@dhip/dhip/codec";
 *
 * const decoder = new MessageDecoder();
 * const bytes = encodeMessage({ requestId: 7, json: { id: 7, result: true } });
 * for (const message of decoder.push(bytes.subarray(0, 10))) throw new Error("too early");
 * for (const message of decoder.push(bytes.subarray(10))) {
 *   if (message.json?.result !== true) throw new Error("unexpected");
 * }
 * decoder.end();
 * ```
 */
export class MessageDecoder {
  readonly #maxMessage: number;
  readonly #maxBinary: number;
  readonly #fragments: FragmentTable;
  readonly #header = new Uint8Array(HEADER_SIZE);
  readonly #fields: FrameHeader = {
    session: 0,
    requestId: 0,
    packageLength: 0,
    packageIndex: 0,
    messageLength: 0,
    dataLength: 0,
  };
  /** Header bytes gathered so far; HEADER_SIZE while a body is awaited. */
  #headerLength = 0;
  /** Body bytes of the current frame gathered in `#body`, when it did not come in one chunk. */
  #body: Uint8Array = EMPTY;
  #bodyLength = 0;
  #failed: FrameError | undefined;

  /** Makes a decoder at the beginning of a stream. */
  constructor(limits: FrameLimits = {}) {
    this.#maxMessage = limits.maxMessage ?? 16 * 1024 * 1024;
    this.#maxBinary = limits.maxBinary ?? 64 * 1024 * 1024;
    this.#fragments = new FragmentTable(
      limits.maxFragments ?? 4096,
      limits.maxAssemblies ?? 32,
      this.#maxMessage + this.#maxBinary,
    );
  }

  /**
   * Takes the next bytes of the stream and yields the messages that they complete. Consume it
   * whole. After an error the stream cannot be trusted: every later call throws it again.
   *
   * @throws {FrameError} `DHIP_WRONG_PROTOCOL`, `DHIP_BAD_FRAME`, `DHIP_FRAME_TOO_LARGE`
   */
  *push(chunk: Uint8Array): Generator<Message, void, void> {
    if (this.#failed !== undefined) throw this.#failed;
    let offset = 0;
    try {
      for (;;) {
        if (this.#headerLength < HEADER_SIZE) {
          offset = this.#gatherHeader(chunk, offset);
          if (this.#headerLength < HEADER_SIZE) return;
        }
        const length = this.#fields.packageLength;
        let body: Uint8Array;
        if (this.#bodyLength === 0 && chunk.length - offset >= length) {
          body = chunk.subarray(offset, offset + length);
          offset += length;
        } else {
          offset = this.#gatherBody(chunk, offset, length);
          if (this.#bodyLength < length) return;
          body = this.#body.subarray(0, length);
        }
        const message = this.#completeFrame(body);
        this.#headerLength = 0;
        this.#bodyLength = 0;
        if (message !== undefined) yield message;
        // A large gathering buffer serves one message and is then given back.
        if (this.#body.length > 1024 * 1024) this.#body = EMPTY;
      }
    } catch (error) {
      if (error instanceof FrameError) {
        this.#failed = error;
        this.#body = EMPTY;
        this.#fragments.clear();
      }
      throw error;
    }
  }

  /** Request id of the message whose bytes came last and that is not complete. */
  get receiving(): number | undefined {
    return this.#headerLength === HEADER_SIZE || this.#fragments.expects(this.#fields.requestId)
      ? this.#fields.requestId
      : undefined;
  }

  /**
   * Says that the stream has ended.
   *
   * @throws {FrameError} `DHIP_CONNECTION_LOST` (`truncated`) in the middle of a message
   */
  end(): void {
    if (this.#failed !== undefined) return;
    if (this.#headerLength > 0 && this.#headerLength < 8 && this.#header[0] !== HEADER_SIZE) {
      throw foreign(this.#header); // a TLS alert, for example, has seven bytes
    }
    if (this.#headerLength > 0 || this.#fragments.open > 0) {
      throw new FrameError(
        "truncated",
        "DHIP_CONNECTION_LOST",
        "The connection ended in the middle of a message",
        { hint: "The device or the network cut the connection; try again." },
      );
    }
  }

  #gatherHeader(chunk: Uint8Array, offset: number): number {
    const take = Math.min(HEADER_SIZE - this.#headerLength, chunk.length - offset);
    if (take <= 0) return offset;
    this.#header.set(chunk.subarray(offset, offset + take), this.#headerLength);
    this.#headerLength += take;
    if (this.#headerLength >= 8) this.#checkStart();
    if (this.#headerLength === HEADER_SIZE) this.#readHeader();
    return offset + take;
  }

  /** Judges a foreign protocol by its first eight bytes; its answer may be shorter than a header. */
  #checkStart(): void {
    const header = this.#header;
    if (u32(header, 4) !== MAGIC) throw foreign(header);
    if (u32(header, 0) !== HEADER_SIZE) {
      throw new FrameError(
        "bad_header_size",
        "DHIP_BAD_FRAME",
        `Frame header of ${u32(header, 0)} bytes instead of ${HEADER_SIZE}`,
      );
    }
  }

  #readHeader(): void {
    const header = this.#header;
    const fields = this.#fields;
    fields.session = u32(header, 8);
    fields.requestId = u32(header, 12);
    fields.packageLength = u32(header, 16);
    fields.packageIndex = u32(header, 20);
    fields.messageLength = u32(header, 24);
    fields.dataLength = u32(header, 28);
    // Lengths are the peer's claim: judged before a byte of memory is taken for them.
    limit("JSON part", fields.messageLength, this.#maxMessage);
    limit("binary part", fields.dataLength, this.#maxBinary);
    limit("frame", fields.packageLength, this.#maxMessage + this.#maxBinary);
  }

  /** Copies body bytes aside. Memory grows with what arrived, not with what was announced. */
  #gatherBody(chunk: Uint8Array, offset: number, length: number): number {
    const take = Math.min(length - this.#bodyLength, chunk.length - offset);
    const needed = this.#bodyLength + take;
    if (needed > this.#body.length) {
      const grown = new Uint8Array(Math.min(length, Math.max(needed * 2, 65_536)));
      grown.set(this.#body.subarray(0, this.#bodyLength));
      this.#body = grown;
    }
    this.#body.set(chunk.subarray(offset, offset + take), this.#bodyLength);
    this.#bodyLength = needed;
    return offset + take;
  }

  #completeFrame(body: Uint8Array): Message | undefined {
    const fields = this.#fields;
    const total = fields.messageLength + fields.dataLength;
    if (
      body.length >= total &&
      !(fields.packageIndex > 0 && this.#fragments.expects(fields.requestId))
    ) {
      return makeMessage(fields, body.subarray(0, total)); // bytes past the total are skipped
    }
    const whole = this.#fragments.add(fields, body);
    return whole && makeMessage(whole.header, whole.body);
  }
}

/** The error of a port that speaks something else. */
function foreign(start: Uint8Array): FrameError {
  if (u32(start, 0) === MAGIC_HTTP) {
    return new FrameError("not_dhip_http", "DHIP_WRONG_PROTOCOL", "This port speaks HTTP", {
      hint: "DHIP usually listens on TCP 5000; name the port as host:port.",
    });
  }
  const isTls = (start[0] === 0x15 || start[0] === 0x16) && start[1] === 0x03;
  return new FrameError(
    "bad_magic",
    "DHIP_WRONG_PROTOCOL",
    isTls ? "This port speaks TLS" : "This port does not speak DHIP",
    {
      hint: isTls
        ? "Connect to it with --tls."
        : "DHIP usually listens on TCP 5000; name the port as host:port.",
    },
  );
}

function makeMessage(header: FrameHeader, bytes: Uint8Array): Message {
  const { session, requestId, packageIndex, messageLength, dataLength } = header;
  const parsed = parseBody(
    messageLength === bytes.length ? bytes : bytes.subarray(0, messageLength),
  );
  // Some firmwares put the binary behind a newline inside the message bytes instead.
  const binary = dataLength > 0 ? bytes.subarray(messageLength) : parsed.rest ?? EMPTY;
  const message = { session, requestId, packageIndex, messageLength, json: parsed.json, binary };
  return parsed.error === undefined ? message : { ...message, error: parsed.error };
}

function limit(what: string, length: number, most: number): void {
  if (length <= most) return;
  throw new FrameError(
    "too_large",
    "DHIP_FRAME_TOO_LARGE",
    `A ${what} of ${length} bytes was announced; the limit is ${most}`,
  );
}

function u32(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! | bytes[offset + 1]! << 8 | bytes[offset + 2]! << 16 |
    bytes[offset + 3]! << 24) >>> 0;
}
