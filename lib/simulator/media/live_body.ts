/**
 * A live stream as the body of an HTTP answer.
 *
 * @module
 */

import type { DeviceState } from "../state.ts";
import type { LiveSource } from "../web/outlet.ts";
import { dhavSize, writeDhav } from "./dhav.ts";
import { doomOf } from "./doom.ts";
import { trackOf } from "./file.ts";
import { LiveFeed, sensorTime, Valve } from "./live.ts";
import type { StreamReader } from "./stream_readers.ts";
import { warpOf } from "./warp.ts";

/** What fills the answer: DHAV without a prefix, for as long as its session is `alive`. */
export function liveBody(
  state: DeviceState,
  reader: StreamReader,
  alive: () => boolean,
): LiveSource {
  return (outlet) => {
    const valve = new Valve(state);
    const warp = warpOf(state.faults);
    const doom = doomOf(state.faults, "http");
    const start = Math.floor(sensorTime(state) / 1000) * 1000;
    let sent = 0;
    const feed = new LiveFeed(state, reader, (packet, { video, sound }) => {
      // An open stream does not keep its session alive: the calls beside it do.
      if (packet.key && !alive()) return outlet.end();
      if (!valve.passes(packet, outlet.waiting)) return;
      const track = trackOf(reader.channel, { video, sound: sound?.codec });
      const { kind, key, bytes, number } = packet;
      const frame = new Uint8Array(dhavSize(kind, key, track.sound, bytes.length));
      const { date, counter } = warp.time(packet.time, start);
      // The calendar may be set or jump; the counter is the encoder's own.
      const lag = Math.round(state.calendar.local() - sensorTime(state));
      if (kind !== "aux" || !warp.garbage(frame, 0, frame.length, number)) {
        writeDhav(frame, 0, packet, track, { date: date + lag, counter });
      }
      const left = doom === undefined ? Infinity : doom.after - sent;
      sent += frame.length;
      outlet.send(left < frame.length ? frame.subarray(0, left) : frame);
      if (left > frame.length) return;
      feed.stop();
      if (doom?.silent === false) outlet.end();
    }, () => outlet.end());
    reader.end?.();
    const end = reader.end = () => outlet.end();
    feed.start();
    return () => {
      feed.stop();
      if (reader.end === end) reader.end = undefined;
    };
  };
}
