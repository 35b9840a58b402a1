// What would be published, and whether bundlers take it as it is.
import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { build } from "esbuild";
import { packageFolder, root, scripts } from "./support/folders.mjs";
import { installed, pack } from "./support/npm.mjs";
import { node } from "./support/run.mjs";

const read = (...path) => readFile(join(packageFolder, ...path), "utf8");

describe("the package", () => {
  test("has what is meant to be published, and nothing else", async () => {
    const { files } = await pack("--dry-run");
    assert.deepEqual(files.map(({ path }) => path).sort(), [
      "LICENSE-APACHE",
      "LICENSE-MIT",
      "README.md",
      "dist/errors.d.ts",
      "dist/index.d.ts",
      "dist/index.js",
      "dist/presign_client.wasm",
      "dist/types.d.ts",
      "dist/web.d.ts",
      "dist/web.js",
      "package.json",
    ]);
  });

  test("has the repository's licences", async () => {
    for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) {
      assert.equal(await read(licence), await readFile(join(root, licence), "utf8"), licence);
    }
  });

  test("has no dependencies, and runs nothing when it is installed", async () => {
    const { dependencies, peerDependencies, optionalDependencies, scripts } = JSON.parse(await read("package.json"));
    assert.deepEqual([dependencies, peerDependencies, optionalDependencies], [undefined, undefined, undefined]);
    assert.deepEqual(Object.keys(scripts).sort(), ["build", "test"]);
  });

  test("is of the version that the crate has", async () => {
    const workspace = await readFile(join(root, "Cargo.toml"), "utf8");
    const [, version] = /^\[workspace\.package\]\nversion = "([^"]+)"/m.exec(workspace);
    assert.equal(JSON.parse(await read("package.json")).version, version);
  });

  test("has everything that package.json points to", async () => {
    const { exports, types } = JSON.parse(await read("package.json"));
    const { files } = await pack("--dry-run");
    const paths = files.map(({ path }) => `./${path}`);
    const targets = Object.values(exports).flatMap(target => (typeof target === "string" ? target : Object.values(target)));
    for (const target of [...targets, types]) assert.ok(paths.includes(target), target);
  });

  test("asks bundlers for nothing: it is one file", async () => {
    const code = await read("dist", "index.js");
    for (const asking of ["import.meta", "new URL(", "require("]) assert.equal(code.includes(asking), false, asking);
    assert.doesNotMatch(code, /\bimport\s*[({"'*]|\bfrom\s*["']/);
  });

  test("has a second file that says where the engine is in the words that bundlers look for", async () => {
    const code = await read("dist", "web.js");
    assert.ok(code.includes('new URL("./presign_client.wasm",import.meta.url)'));
    assert.equal(code.includes("require("), false);
  });

  test("has the same engine inside as beside", async () => {
    const beside = await readFile(join(packageFolder, "dist", "presign_client.wasm"));
    const [, packed] = /"(H4sI[A-Za-z0-9+/=]+)"/.exec(await read("dist", "index.js"));
    const stream = new Blob([Buffer.from(packed, "base64")]).stream().pipeThrough(new DecompressionStream("gzip"));
    const inside = Buffer.from(await new Response(stream).arrayBuffer());
    assert.ok(inside.equals(beside));
    await WebAssembly.compile(beside);
  });
});

describe("a bundler without any configuration", () => {
  /** An application of two lines and the package, installed; bundled. */
  async function bundled(t, entry) {
    const folder = await installed(t);
    await writeFile(join(folder, "app.js"), `import { upload } from "${entry}";\nglobalThis.upload = upload;\n`);
    const { warnings } = await build({
      absWorkingDir: folder,
      entryPoints: ["app.js"],
      bundle: true,
      platform: "browser",
      format: "esm",
      outfile: "bundle.mjs",
      logLevel: "silent",
    });
    return { folder, warnings };
  }

  /** What comes of an upload by the bundle, in a Node of its own. */
  async function used(folder) {
    const { code, stdout, stderr } = await node([join(scripts, "bundle.mjs"), join(folder, "bundle.mjs")], folder);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  test("bundles presign-client, and the bundle works", async t => {
    const { folder, warnings } = await bundled(t, "presign-client");
    assert.deepEqual(warnings, []);
    assert.deepEqual(await used(folder), { asked: [], results: ["cancelled"] });
  });

  test("bundles presign-client/web, and the bundle works with the engine beside it", async t => {
    const { folder, warnings } = await bundled(t, "presign-client/web");
    assert.deepEqual(warnings, []);
    await cp(join(folder, "node_modules", "presign-client", "dist", "presign_client.wasm"), join(folder, "presign_client.wasm"));
    assert.deepEqual(await used(folder), { asked: ["presign_client.wasm"], results: ["cancelled"] });
  });

  test("leaves the package out where nothing of it is used", async t => {
    const folder = await installed(t);
    await writeFile(join(folder, "app.js"), 'import { upload } from "presign-client";\nconsole.log("no uploads");\n');
    const { outputFiles } = await build({ absWorkingDir: folder, entryPoints: ["app.js"], bundle: true, platform: "browser", format: "esm", write: false, logLevel: "silent" });
    assert.ok(outputFiles[0].contents.length < 200, outputFiles[0].text.slice(0, 500));
  });
});
