/**
 * Makes docs/demo.svg, the README's picture, from a real run of the demo.
 *
 *     deno task picture
 */

const root = new URL("../", import.meta.url);
const COLUMNS = 118;
const ROWS = 51;
const SIZE = { character: 7.8, line: 17, margin: 16 };

/** Runs the demo with output and errors in their true order. */
async function demo(): Promise<string> {
  const { stdout, success } = await new Deno.Command("bash", {
    args: ["-c", `"$0" run --quiet -P=cli scripts/demo.ts 2>&1`, Deno.execPath()],
    cwd: root,
    env: { FORCE_COLOR: "1" },
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("The demo failed");
  return new TextDecoder().decode(stdout);
}

/** The sequences that the demo uses, as classes of the picture. */
const CLASSES: Record<string, string> = { "1": "bold", "2": "dim", "34": "prompt" };

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** One terminal line as SVG text; long lines are cut where the terminal would end. */
function row(line: string, number: number): string {
  const y = SIZE.margin + SIZE.line * (number + 1);
  let style = "";
  let column = 0;
  let spans = "";
  // deno-lint-ignore no-control-regex -- escape sequences are what is being read
  for (const part of line.split(/(\u001b\[\d*m)/)) {
    // deno-lint-ignore no-control-regex -- as above
    const sequence = /^\u001b\[(\d*)m$/.exec(part);
    if (sequence !== null) {
      style = CLASSES[sequence[1]!] ?? "";
      continue;
    }
    const text = part.slice(0, COLUMNS - column);
    column += text.length;
    if (text !== "") spans += `<tspan class="${style}">${escape(text)}</tspan>`;
  }
  return `<text x="${SIZE.margin}" y="${y}" xml:space="preserve">${spans}</text>`;
}

const lines = (await demo()).trimEnd().split("\n");
const shown = lines.slice(0, ROWS);
const width = Math.ceil(COLUMNS * SIZE.character + 2 * SIZE.margin);
const height = SIZE.line * (shown.length + 1) + 2 * SIZE.margin;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">
<title>dhip at work against a simulated camera</title>
<style>
rect { fill: #16181d }
text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d8dee9 }
.bold { font-weight: bold; fill: #ffffff }
.dim { fill: #7f8a9c }
.prompt { fill: #6cb6ff }
</style>
<rect width="100%" height="100%" rx="8"/>
${shown.map(row).join("\n")}
</svg>
`;
await Deno.mkdir(new URL("docs/", root), { recursive: true });
await Deno.writeTextFile(new URL("docs/demo.svg", root), svg);
