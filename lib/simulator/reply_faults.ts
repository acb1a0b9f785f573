/**
 * What the faults do to one reply.
 *
 * @module
 */

import { encodeMessage } from "../dhip/frame.ts";
import { concat } from "../net/bytes.ts";
import type { FaultBoard } from "./fault_board.ts";
import { type DeviceMessage, framesOfBytes, oversizeHeader } from "./frames.ts";
import { encodeGbk } from "./gbk.ts";
import type { Random } from "./prng.ts";
import type { DeviceState } from "./state.ts";

/** A reply as bytes, spoilt or not. */
export interface SpoiltReply {
  /** What to send, in order. */
  readonly frames: Uint8Array[];
  /** True when the connection dies after these bytes. */
  readonly dies: boolean;
}

/** Milliseconds a reply has to wait, or `never`. */
export function waitOf(state: DeviceState, method: string): number | "never" {
  const { faults, random } = state;
  if (faults.strike("drop-reply", method) !== undefined) return "never";
  const late = faults.strike("late-reply", method)?.number("delay") ?? 0;
  const reorder = faults.strike("reorder", method);
  if (reorder === undefined) return late;
  const [min, max] = [reorder.number("min"), reorder.number("max")];
  return late + min + random.next() * (max - min);
}

/** The reply in the bytes that the active faults make of it. */
export function spoil(message: DeviceMessage, method: string, state: DeviceState): SpoiltReply {
  const { faults, random, options } = state;
  const frames: Uint8Array[] = [];
  const push = faults.strike("push-before-reply", method);
  if (push !== undefined) frames.push(unrelatedPush(message, push.flag("same-id")));
  if (faults.strike("garbage", method) !== undefined) {
    return { frames: [...frames, noise(random)], dies: false };
  }
  if (faults.strike("oversize-length", method) !== undefined) {
    return { frames: [...frames, oversizeHeader(message)], dies: false };
  }
  const reply = bodyFaults(message, method, faults, options.maxFrameBody, options.fragments);
  if (faults.strike("reset-mid-frame", method) !== undefined) {
    const first = reply[0]!;
    return {
      frames: [...frames, first.subarray(0, random.integer(1, first.length - 1))],
      dies: true,
    };
  }
  return { frames: [...frames, ...reply], dies: false };
}

function bodyFaults(
  message: DeviceMessage,
  method: string,
  faults: FaultBoard,
  maxFrameBody: number,
  fragments: "a" | "b",
): Uint8Array<ArrayBuffer>[] {
  const json = spoilText(message.text, method, faults);
  const inMessage = message.binary.length > 0 &&
    faults.strike("binary-in-message", method) !== undefined;
  const ids = inMessage ? { ...message, binary: new Uint8Array(0) } : message;
  const bytes = inMessage ? concat([json, message.binary]) : json;
  const a = faults.strike("fragments-a", method);
  if (a !== undefined) return framesOfBytes(ids, bytes, "a", a.number("size"));
  const b = faults.strike("fragments-b", method);
  if (b !== undefined) return framesOfBytes(ids, bytes, "b", b.number("size"));
  return framesOfBytes(ids, bytes, fragments, maxFrameBody);
}

/** The text of a reply in the bytes that the active faults make of it. */
export function spoilText(text: string, method: string, faults: FaultBoard): Uint8Array {
  if (faults.strike("bad-json", method) !== undefined) {
    text = text.slice(0, Math.max(1, text.length >> 1));
  }
  const nul = faults.strike("nul-terminated", method);
  if (nul !== undefined) text += "\0".repeat(nul.number("count"));
  const gbk = faults.strike("gbk-names", method) !== undefined;
  return gbk ? encodeGbk(text) : new TextEncoder().encode(text);
}

/** Bytes that are nothing. */
export function noise(random: Random): Uint8Array {
  const bytes = random.bytes(64);
  bytes.set([0x20, 0, 0, 0, 0x50, 0x49, 0x48, 0x44]); // PIHD: the magic the wrong way round
  return bytes;
}

function unrelatedPush(reply: DeviceMessage, sameId: boolean): Uint8Array {
  const requestId = sameId ? reply.requestId : 0;
  const json = {
    callback: 12345,
    id: requestId,
    method: "client.notifyConfigChange",
    params: { SID: 1, name: "VideoInMode", table: [{ Config: [0], Mode: 0 }] },
    session: reply.session,
  };
  return encodeMessage({ session: reply.session, requestId, json: `${JSON.stringify(json)}\n` });
}
