import { command } from "../spec.ts";
import { integer } from "../values.ts";

export default command({
  targets: "list",
  description:
    "Prints what the device answers: the params of its reply, or the result when there " +
    "are none. A refusal ends with exit code 5, the device's code and its meaning.",
  arguments: {
    method: { value: "METHOD", summary: "For example magicBox.getSystemInfo" },
  },
  options: {
    method: { short: "m", value: "METHOD", fills: "method", summary: "The same as the argument" },
    params: {
      value: "JSON",
      otherwise: "null",
      summary: "Parameters; @FILE reads a file, - reads standard input",
    },
    object: {
      value: "N",
      type: integer(0, 0xffff_ffff),
      summary: "Id of a service instance, as SERVICE.factory.instance returns it",
    },
    envelope: { summary: "Print the whole reply, not only its payload" },
    binaryOut: {
      value: "FILE",
      summary: "Write the reply's binary part here; {host} stands for the target's name",
    },
  },
  examples: [
    { does: "What the device is", line: "dhip call 192.0.2.7 magicBox.getSystemInfo" },
    {
      does: "A configuration table",
      line: `dhip call 192.0.2.7 configManager.getConfig --params '{"name":"General"}'`,
    },
    {
      does: "Write a configuration from a file",
      line: "dhip call 192.0.2.7 configManager.setConfig --params @general.json",
    },
  ],
  async run(context, { method }, options) {
    const { callWork, callView } = await import("../raw_call.ts");
    return await context.each(await callWork(context, method, options), {
      view: callView,
      verdict: ({ refusal }) => refusal,
    });
  },
});
