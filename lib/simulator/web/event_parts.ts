/**
 * The parts of an event stream over CGI, well-formed or with the oddities of real firmwares.
 *
 * @module
 */

import { concat } from "../../net/bytes.ts";
import type { Timer } from "../../net/clock.ts";
import type { Happening } from "../events.ts";
import type { Strike } from "../fault_board.ts";
import type { DeviceState } from "../state.ts";
import type { Outlet } from "./outlet.ts";
import { styledJson } from "./styled_json.ts";

/** Content-Type of a stream. */
export const STREAM_TYPE = "multipart/x-mixed-replace; boundary=myboundary";

const encoder = new TextEncoder();

/** Puts parts into an outlet, and heartbeats between them. */
export class EventParts {
  readonly #outlet: Outlet;
  readonly #state: DeviceState;
  /** Events that wait to share a part. */
  #waiting: Happening[] = [];
  #hold: Timer | undefined;
  #beat: Timer | undefined;

  /** `heartbeat` is in seconds; undefined: none. */
  constructor(outlet: Outlet, state: DeviceState, heartbeat: number | undefined) {
    this.#outlet = outlet;
    this.#state = state;
    if (heartbeat !== undefined) this.#beatIn(heartbeat * 1000);
  }

  /** Sends an event; false when nobody is there any more. */
  event(happening: Happening): boolean {
    const hold = this.#state.faults.peek("odd-parts")?.number("hold") ?? 0;
    if (hold === 0 && this.#hold === undefined) return this.#sendEvents([happening]);
    this.#waiting.push(happening);
    this.#hold ??= this.#state.clock.timer(() => {
      this.#hold = undefined;
      this.#sendEvents(this.#waiting.splice(0));
    }, hold);
    return !this.#outlet.ended;
  }

  /** Sends a text. */
  text(body: string): boolean {
    return this.#outlet.send(partOf(body, this.#state.faults.strike("odd-parts")));
  }

  /** Sends a picture. */
  picture(jpeg: Uint8Array): boolean {
    const head =
      `--myboundary\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
    return this.#outlet.send(concat([encoder.encode(head), jpeg, encoder.encode("\r\n")]));
  }

  /** No more parts. */
  close(): void {
    this.#hold?.cancel();
    this.#beat?.cancel();
  }

  #sendEvents(happenings: readonly Happening[]): boolean {
    const strike = this.#state.faults.strike("odd-parts");
    const bodies = happenings.map((each) => eventText(each, strike));
    return this.#outlet.send(partOf(bodies.join("\r\n"), strike));
  }

  #beatIn(delay: number): void {
    this.#beat = this.#state.clock.timer(() => {
      this.text("Heartbeat");
      this.#beatIn(delay);
    }, delay);
  }
}

/** `Code=VideoMotion;action=Start;index=0;data={…}`. */
function eventText({ code, action, index, data }: Happening, strike?: Strike): string {
  const name = strike?.flag("lower") ? "code" : "Code";
  const json = strike?.flag("one-line") ? JSON.stringify(data) : `${styledJson(data)}\n`;
  return `${name}=${code};action=${action};index=${index};data=${json}`;
}

function partOf(body: string, strike: Strike | undefined): string {
  const plain = (content: string, length: string) =>
    `--myboundary\r\nContent-Type: text/plain\r\n${length}\r\n${content}\r\n`;
  const size = encoder.encode(body).length;
  if (strike === undefined) return plain(body, `Content-Length: ${size}\r\n`);
  let length = lengthField(strike.text("length"), size);
  if (strike.flag("lower")) length = length.toLowerCase();
  const head = strike.flag("second-head")
    ? `HTTP/1.1 200 OK\r\nServer: Webs\r\nContent-Type: ${STREAM_TYPE}\r\n\r\n`
    : "";
  const empty = strike.flag("empty") ? plain("", "Content-Length: 0\r\n") : "";
  let part = plain(body, length);
  if (strike.flag("lower")) part = part.replace("Content-Type", "content-type");
  const all = head + empty + part;
  return strike.flag("line-feeds") ? all.replaceAll("\r\n", "\n") : all;
}

function lengthField(kind: string, size: number): string {
  switch (kind) {
    case "missing":
      return "";
    case "large": // counts the line end behind the body
      return `Content-Length: ${size + 2}\r\n`;
    case "small":
      return `Content-Length: ${Math.max(0, size - 5)}\r\n`;
    default:
      return `Content-Length: ${size}\r\n`;
  }
}
