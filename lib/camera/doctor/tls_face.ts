/**
 * The TLS port: whether it can be used, and whether its certificate is still the known one.
 *
 * @module
 */

import type { PinStore } from "../../net/pin_store.ts";
import type { Dialer } from "../../net/stream.ts";
import { tlsDialer } from "../../net/tls.ts";
import { type Finding, finding } from "./finding.ts";
import { isAboutTheLink, type Knock, type KnockOptions, notOpen } from "./knock.ts";

/** What was seen. */
export interface TlsFace {
  /** The port as any other. */
  readonly knock: Knock;
  /** What is to be said about TLS itself; undefined when the port has none. */
  readonly finding: Finding | undefined;
}

/** How to look. */
export interface TlsFaceOptions extends KnockOptions {
  /** Remembered certificates. */
  readonly pins: PinStore;
  /** The user accepts any certificate. */
  readonly insecure?: boolean | undefined;
  /** The user wants TLS: without it nothing works. */
  readonly required: boolean;
}

const NOTHING = new Uint8Array();

/** Does a TLS handshake and hangs up. */
export async function lookAtTls(
  dialer: Dialer,
  port: number,
  options: TlsFaceOptions,
): Promise<TlsFace> {
  const { signal, timeout, pins, insecure, required } = options;
  let dialled = false;
  const watched: Dialer = {
    host: dialer.host,
    async dial(port, call) {
      const stream = await dialer.dial(port, call);
      dialled = true;
      return stream;
    },
  };
  const tls = tlsDialer(watched, { pins, insecure, handshakeTimeout: timeout });
  const speaksTls: Knock = { state: "open", speaks: "tls", bytes: NOTHING };
  try {
    await using stream = await tls.dial(port, { signal, timeout });
    const { protocol, trust, sha256, validTo } = stream.certificate;
    const known = {
      authority: "vouched for by an authority",
      pinned: "the one that dhip remembers",
      "first-use": "not known yet",
      insecure: "not checked",
    }[trust];
    const data = { protocol, trust, sha256, validTo };
    return {
      knock: speaksTls,
      finding: finding("tls", "ok", `${protocol}, certificate ${known}`, null, data),
    };
  } catch (error) {
    if (!isAboutTheLink(error)) throw error;
    const { code, message, hint = null } = error;
    const data = { code };
    if (code === "DHIP_TLS_UNTRUSTED") {
      return { knock: speaksTls, finding: finding("tls", "problem", message, hint, data) };
    }
    if (code === "DHIP_TLS_TOO_OLD") {
      const status = required ? "problem" : "warning";
      return { knock: speaksTls, finding: finding("tls", status, message, hint, data) };
    }
    if (!dialled) return { knock: notOpen(error), finding: undefined };
    const speaks = code === "DHIP_WRONG_PROTOCOL" ? "unknown" : null;
    return { knock: { state: "open", speaks, bytes: NOTHING }, finding: undefined };
  }
}
