// The names by which the WebAssembly and wasm-bindgen's glue know each other, made short. There are eighty of them, each in both files, with a
// digest in it that nothing can pack: a twentieth of what a page loads.
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";

/** What the WebAssembly uses and browsers have; with more than that, binaryen would write what they cannot read. */
const FEATURES = ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext", "simd"].map(name => `--enable-${name}`);

/** Renames in both files. */
export async function shorten(wasm, glue) {
  const names = rename(wasm);
  const text = await readFile(glue, "utf8");
  await writeFile(glue, exported(imported(needed(text), names.imports), names.exports));
}

/** Without what this package's own call of the glue, and the browsers that it supports, never come to. */
function needed(glue) {
  return [
    // It is called once, with a compiled module in an object.
    [/if \(wasm !== undefined\) return wasm;\s*if \(module !== undefined\) \{[^]*?\n    \}\n(?=\s*const imports)/, "({module} = module);"],
    [/if \(!\(module instanceof WebAssembly\.Module\)\) \{[^}]*\}/, ""],
    // Every browser that is supported has it.
    [/\(typeof FinalizationRegistry === 'undefined'\)[^]*?: (?=new FinalizationRegistry)/, ""],
    // Safari's decoder fails after 2 GB, of which a property's name is some bytes.
    [/numBytesDecoded \+= bytes\.length;[^]*?(?=return cachedTextDecoder)/, ""],
  ].reduce((glue, [pattern, by]) => replaced(glue, pattern, by), glue);
}

/** binaryen's own pass. Every import comes from one module, `a`, afterwards. */
function rename(wasm) {
  const { status, error, stdout, stderr } = spawnSync("wasm-opt", [...FEATURES, "--minify-imports-and-exports-and-modules", wasm, "--output", wasm], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`wasm-opt could not rename what ${wasm} imports and exports: ${error?.message ?? stderr}`);
  return JSON.parse(stdout);
}

function imported(glue, imports) {
  const ofModules = [];
  for (const [module, name, short] of imports) {
    if (module.endsWith("_bg.js")) {
      glue = replaced(glue, new RegExp(`(?<= )${name}(?=: function\\()`), short);
    } else {
      const [, namespace] = new RegExp(`import \\* as (import\\d+) from "${module}"`).exec(glue) ?? [];
      if (!namespace) throw new Error(`the glue does not import ${module}`);
      ofModules.push(`${short}: ${namespace}.${name}`);
    }
  }
  return replaced(glue, /return \{\s*__proto__: null,\s*"[^"]*_bg\.js": import0,[^}]*\};/, `return { a: { ...import0, ${ofModules.join(", ")} } };`);
}

function exported(glue, exports) {
  // Some are for a debugger alone, and the glue does not use them.
  return exports.reduce((glue, [name, short]) => glue.replaceAll(new RegExp(`(?<=\\bwasm\\.)${name}\\b`, "g"), short), glue);
}

function replaced(text, pattern, by) {
  if (!pattern.test(text)) throw new Error(`wasm-bindgen's glue is not what scripts/shorten.mjs expects: it has no ${pattern}`);
  return text.replace(pattern, () => by);
}
