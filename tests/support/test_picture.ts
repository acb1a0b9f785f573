/** Reads the simulator's test picture: frame numbers, the flash, and the clicks in the sound. */

/** Everything ffmpeg decodes from an input, or an error with all that it complained about. */
export async function decode(
  input: readonly string[],
  output: readonly string[],
): Promise<Uint8Array> {
  const { success, stdout, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-nostdin", ...input, ...output, "-"],
    stdin: "null",
  }).output();
  const complaints = new TextDecoder().decode(stderr).trim();
  if (!success || complaints !== "") throw new Error(`ffmpeg: ${complaints || "failed"}`);
  return stdout;
}

/** A decoded picture as far as it can be read by machine. */
export interface ReadPicture {
  /** Frame number, 0-249. */
  readonly number: number;
  /** True when the flash is on. */
  readonly flash: boolean;
}

/** Reads pictures of eight-bit grey, one behind the other. */
function readPictures(grey: Uint8Array, width: number, height: number): ReadPicture[] {
  const size = width * height;
  if (grey.length === 0 || grey.length % size !== 0) {
    throw new Error(`${grey.length} bytes are no number of pictures`);
  }
  const block = Math.floor(width / 16);
  const row = height - (Math.floor(height / 8) >> 1);
  const side = Math.floor(height / 4);
  return Array.from({ length: grey.length / size }, (_, index) => {
    const picture = grey.subarray(index * size, (index + 1) * size);
    const white = (x: number, y: number) => picture[y * width + x]! > 125;
    let number = 0;
    for (let bit = 0; bit < 16; bit++) {
      number = number * 2 + (white(bit * block + (block >> 1), row) ? 1 : 0);
    }
    return { number, flash: white(width - (side >> 1), side >> 1) };
  });
}

/** Decodes an input to pictures. */
export async function picturesOf(
  input: readonly string[],
  width = 320,
  height = 180,
): Promise<ReadPicture[]> {
  const grey = await decode(input, [
    ...["-map", "0:v", "-fps_mode", "passthrough"],
    ...["-f", "rawvideo", "-pix_fmt", "gray"],
  ]);
  return readPictures(grey, width, height);
}

/** Milliseconds, from the first sample on, at which the clicks in an input begin. */
export async function clicksOf(input: readonly string[]): Promise<number[]> {
  const bytes = await decode(input, [
    ...["-map", "0:a", "-f", "s16le", "-ac", "1", "-ar", "8000"],
  ]);
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  const found: number[] = [];
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i]!) < 8000) continue;
    found.push(i / 8);
    i += 4000; // a click is short, and the next one a second away
  }
  return found;
}
