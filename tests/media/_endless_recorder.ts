/** Records without end, for a test that kills it: `FILE PICTURES`, an elementary stream of H.264. */

import { FileSink } from "../../lib/media/recorder/sink.ts";
import { type Container, containerOf } from "../../lib/media/recorder/container.ts";
import { record } from "../../lib/media/recorder/record.ts";
import { pictures } from "../support/dhav.ts";
import { endless } from "./_recording.ts";

const [file, stream] = Deno.args as [string, string];
const units = pictures("h264", await Deno.readFile(stream));
await record(endless(units, 1), {
  container: containerOf(file) as Container,
  fragmented: true,
  open: () => FileSink.open(file),
});
