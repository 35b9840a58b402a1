// Builds the package into dist/: the crate to WebAssembly by wasm-pack, the hand-written half by esbuild, its types by tsc.
// Needs on PATH: wasm-pack, and the wasm-bindgen of the version in Cargo.lock; wasm-opt comes from npm's binaryen.
import { spawnSync } from "node:child_process";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { gzipAsync } from "@gfx/zopfli";
import { build } from "esbuild";
import { shorten } from "./shorten.mjs";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(here, ...parts);
const ENGINE = "presign_client";

// Checksums are a quarter faster with it. Chrome and Edge have it from 91 on, Firefox from 89 and Safari from 16.4: all that the package
// supports. Applications in Rust choose for themselves, and no code depends on it.
const SIMD = { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: "-Ctarget-feature=+simd128" };

function run(program, args, env) {
  const { status, error } = spawnSync(program, args, { cwd: here, stdio: "inherit", shell: process.platform === "win32", env: { ...process.env, ...env } });
  if (error) throw new Error(`${program} could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`${program} failed`);
}

await Promise.all(["build", "dist"].map(folder => rm(at(folder), { recursive: true, force: true })));

const wasmPack = ["build", "..", "--target", "web", "--profile", "wasm", "--out-dir", "npm/build", "--out-name", ENGINE, "--no-pack"];
run("wasm-pack", [...wasmPack, "--", "--no-default-features", "--features", "js"], SIMD);
run("tsc", ["--project", "tsconfig.json"]);
await shorten(at("build", `${ENGINE}_bg.wasm`), at("build", `${ENGINE}.js`));

const wasm = await readFile(at("build", `${ENGINE}_bg.wasm`));
// A twentieth smaller than what zlib makes of it, and unpacked alike.
const packed = Buffer.from(await gzipAsync(wasm, { numiterations: 50 }));
await build({
  absWorkingDir: here,
  entryPoints: ["src/index.ts", "src/web.ts"],
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022"],
  legalComments: "none",
  plugins: [{
    name: "wasm",
    setup(bundle) {
      // wasm-bindgen's copy of the folder js, and the one that this package imports, are one.
      bundle.onResolve({ filter: /\/snippets\/.*\/js\/\w+\.js$/ }, ({ path }) => ({ path: at("..", "js", basename(path)) }));
      bundle.onResolve({ filter: /^virtual:wasm$/ }, () => ({ path: "wasm", namespace: "wasm" }));
      bundle.onLoad({ filter: /.*/, namespace: "wasm" }, () => ({ contents: packed.toString("base64"), loader: "text" }));
    },
  }],
});
for (const types of ["index", "types", "errors"]) await cp(at("build", "types", "npm", "src", `${types}.d.ts`), at("dist", `${types}.d.ts`));
await writeFile(at("dist", "web.d.ts"), 'export * from "./index.js";\n');
await cp(at("build", `${ENGINE}_bg.wasm`), at("dist", `${ENGINE}.wasm`));
// npm packs nothing from outside of the package's folder.
for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) await cp(at("..", "..", licence), at(licence));

const inlined = await readFile(at("dist", "index.js"));
const glue = await readFile(at("dist", "web.js"));
const kB = bytes => `${(bytes / 1000).toFixed(1)} kB`;
const gzipped = bytes => gzipSync(bytes, { level: 9 }).length;
console.log(`presign-client on the wire, gzipped: ${kB(gzipped(inlined))} (engine ${kB(packed.length)}, glue and wrapper ${kB(gzipped(glue))}); the wasm itself is ${kB(wasm.length)}`);
