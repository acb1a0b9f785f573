/** Golden data, kept as JSON in tests/vectors. */

import dhipFrames from "../vectors/dhip_frames.json" with { type: "json" };
import dhipLogin from "../vectors/dhip_login.json" with { type: "json" };
import discovery from "../vectors/discovery.json" with { type: "json" };
import type { JsonObject } from "../../lib/dhip/frame.ts";

export interface FrameVector {
  name: string;
  input_hex: string;
  encode?: { session: number; requestId: number; json: JsonObject; binary_hex: string };
  limits?: { maxMessage?: number; maxBinary?: number };
  joined_binary_hex?: string;
  expected: {
    state: "complete" | "incomplete" | "error";
    consumed?: number;
    messages: {
      session: number;
      requestId: number;
      json?: JsonObject | null;
      json_gbk?: JsonObject;
      json_with_replacement?: JsonObject;
      messageLength: number;
      binary_hex: string;
      packageIndex?: number;
    }[];
    error: string | null;
    errorAtEof?: string | null;
    closeConnection?: boolean;
  };
}

export interface LoginVector {
  name: string;
  username: string;
  password: string;
  realm?: string;
  random?: string;
  challenge?: JsonObject;
  requiresOptIn?: boolean;
  expected: {
    kind?: string;
    password?: string;
    params?: JsonObject;
    sendSecondStage?: boolean;
    remainLockSecond?: number;
    remainLoginTimes?: number;
    session?: number;
  };
}

export interface DiscoveryVector {
  name: string;
  kind: "probe" | "response" | "dedup";
  input_hex?: string;
  inputs_hex?: string[];
  expected: { output_hex?: string; device?: JsonObject | null; devices?: string[] };
}

function list<T>(file: unknown): T[] {
  if (Array.isArray(file)) return file as T[];
  const inner = Object.values(file as object).find(Array.isArray);
  if (inner === undefined) throw new Error("No list of vectors in the file");
  return inner as T[];
}

export const frameVectors = list<FrameVector>(dhipFrames);
export const loginVectors = list<LoginVector>(dhipLogin);
export const discoveryVectors = list<DiscoveryVector>(discovery);

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex);
}
