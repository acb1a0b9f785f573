/**
 * The program in the portable file. It takes back what the shell stub set for its own Deno only, so
 * that programs which dhip starts see the variables as the user has them.
 */

import { main } from "../../cli.ts";

for (const name of ["DENO_DIR", "DENO_NO_UPDATE_CHECK"]) {
  const theirs = Deno.env.get(`DHIP_THEIR_${name}`);
  if (theirs === undefined) Deno.env.delete(name);
  else Deno.env.set(name, theirs);
  Deno.env.delete(`DHIP_THEIR_${name}`);
}
await main("portable");
