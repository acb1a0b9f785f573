/**
 * Results for the textfile collector of Prometheus' node exporter.
 *
 * @module
 */

/** One picture, as far as a metric is concerned. */
export interface Measured {
  readonly target: string;
  /** 1 is the first; null when it is not even known which. */
  readonly channel: number | null;
  readonly ok: boolean;
  readonly seconds: number;
  readonly bytes: number | null;
  /** When it was taken, in seconds since 1970. */
  readonly time: number;
}

const PREFIX = "dhip_snapshot";
const TIMESTAMP = `${PREFIX}_last_success_timestamp_seconds`;

/**
 * The metrics as text (exposition format 0.0.4).
 *
 * @param before the text of the last run: the time of the last success is kept when this one failed
 */
export function metricsText(measured: readonly Measured[], before = ""): string {
  const kept = new Map(
    [...before.matchAll(new RegExp(`^${TIMESTAMP}(\\{.*\\}) (\\S+)$`, "gm"))]
      .map(([, labels, value]) => [labels!, value!]),
  );
  const metric = (
    name: string,
    help: string,
    value: (one: Measured) => number | string | null | undefined,
  ) => {
    const lines = measured.flatMap((one) => {
      const figure = value(one);
      return figure === null || figure === undefined ? [] : `${name}${labelsOf(one)} ${figure}\n`;
    });
    if (lines.length === 0) return "";
    return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
  };
  return [
    metric(`${PREFIX}_success`, "1 when the last picture was taken.", ({ ok }) => ok ? 1 : 0),
    metric(
      `${PREFIX}_duration_seconds`,
      "Time until the picture was there, all attempts together.",
      ({ seconds }) => seconds,
    ),
    metric(`${PREFIX}_bytes`, "Size of the last picture.", ({ bytes }) => bytes),
    metric(
      TIMESTAMP,
      "When a picture was last taken, seconds since 1970.",
      (one) => one.ok ? one.time : kept.get(labelsOf(one)),
    ),
  ].join("");
}

function labelsOf({ target, channel }: Measured): string {
  const pairs = { target, ...(channel === null ? {} : { channel: String(channel) }) };
  return `{${
    Object.entries(pairs).map(([name, value]) => `${name}="${escape(value)}"`).join(",")
  }}`;
}

function escape(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
