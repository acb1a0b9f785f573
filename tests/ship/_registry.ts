/** A registry like JSR on loopback: it takes what `deno publish` uploads, and gives it to Deno. */

import { createHash } from "node:crypto";
import { run, temporaryFolder } from "../support/peers.ts";

/** The registry. */
export interface Registry extends AsyncDisposable {
  /** Value of `JSR_URL`. */
  readonly url: string;
  /** Files of the package, once it is published. */
  files(): Promise<readonly string[]>;
}

/** Starts an empty registry. */
export async function startRegistry(): Promise<Registry> {
  const folder = await temporaryFolder();
  /** `/@scope/name`, and its version. */
  let published: { name: string; version: string } | undefined;

  const upload = async (request: Request, name: string, version: string) => {
    const archive = `${folder.path}/upload.tgz`;
    await Deno.writeFile(archive, new Uint8Array(await request.arrayBuffer()));
    await Deno.mkdir(`${folder.path}/package`);
    await run("tar", ["-xzf", archive, "-C", `${folder.path}/package`]);
    published = { name, version };
    return Response.json({ id: "1", status: "success", error: null });
  };
  const metaOf = async () => {
    const manifest: Record<string, { size: number; checksum: string }> = {};
    for (const file of await list(`${folder.path}/package`, "")) {
      const bytes = await Deno.readFile(`${folder.path}/package/${file}`);
      const checksum = `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
      manifest[`/${file}`] = { size: bytes.length, checksum };
    }
    const config = await Deno.readTextFile(`${folder.path}/package/deno.json`);
    return { manifest, exports: JSON.parse(config).exports };
  };
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const api = /^\/api\/scopes\/([^/]+)\/packages\/([^/]+)(?:\/versions\/([^/]+))?$/.exec(
      pathname,
    );
    if (api !== null) {
      const [, scope, name, version] = api;
      if (request.method === "POST") return await upload(request, `/@${scope}/${name}`, version!);
      if (version === undefined) return Response.json({ scope, name });
      return Response.json({ code: "packageVersionNotFound", message: "" }, { status: 404 });
    }
    if (published === undefined) return new Response(null, { status: 404 });
    const { name, version } = published;
    if (pathname === `${name}/meta.json`) {
      return Response.json({ latest: version, versions: { [version]: {} } });
    }
    if (pathname === `${name}/${version}_meta.json`) return Response.json(await metaOf());
    const file = pathname.slice(`${name}/${version}/`.length);
    const body = await Deno.readFile(`${folder.path}/package/${file}`).catch(() => null);
    return new Response(body, { status: body === null ? 404 : 200 });
  };

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    files: () => list(`${folder.path}/package`, ""),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The files of a folder and of those in it. */
async function list(folder: string, above: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${above}`)) {
    if (isDirectory) files.push(...await list(folder, `${above}${name}/`));
    else files.push(above + name);
  }
  return files;
}
