/**
 * Fields of a query that several scripts read.
 *
 * @module
 */

import { type CgiCall, field } from "../cgi_script.ts";

/** The channel of a request, 0-based; undefined when the device has no such channel. */
export function channelIn(call: CgiCall, name = "channel"): number | undefined {
  const { channels, quirks } = call.state.options;
  const text = field(call, name) ?? String(quirks.cgiChannelBase);
  const channel = /^\d{1,4}$/.test(text) ? Number(text) - quirks.cgiChannelBase : -1;
  return channel >= 0 && channel < channels ? channel : undefined;
}

/** A date and time of a query: 2026-1-2 3:4:5 is as good as 2026-01-02 03:04:05. */
export function timeIn(call: CgiCall, name: string): string | undefined {
  return field(call, name)?.replace(/\b\d\b/g, "0$&");
}

/** A list of a query: `name[0]`, `name[1]`, … as they come; undefined when there is none. */
export function listIn(call: CgiCall, name: string): string[] | undefined {
  const values = call.fields.filter(([key]) => key.startsWith(`${name}[`)).map(([, value]) =>
    value
  );
  return values.length === 0 ? undefined : values;
}
