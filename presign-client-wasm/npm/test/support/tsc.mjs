// The TypeScript compiler, as a check.
import { join } from "node:path";
import { packageFolder } from "./folders.mjs";
import { node } from "./run.mjs";

const tsc = join(packageFolder, "node_modules", "typescript", "bin", "tsc");

/** As strict as a reader's own project may be, and on both kinds of module resolution. */
export const RESOLUTIONS = [
  ["--module", "nodenext", "--moduleResolution", "nodenext"],
  ["--module", "esnext", "--moduleResolution", "bundler"],
];
const STRICT = [
  ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--noPropertyAccessFromIndexSignature"],
  ["--skipLibCheck", "false", "--verbatimModuleSyntax", "--isolatedModules"],
  ["--target", "es2022", "--lib", "es2022,dom,dom.iterable,dom.asynciterable", "--types", ""],
].flat();

/** Checks `files` and gives what the compiler has to say: `{ file, line, code, message }` each. */
export async function check(files, resolution, options = STRICT) {
  const args = [tsc, "--ignoreConfig", "--pretty", "false", ...options, ...resolution, ...files];
  const { code, stdout, stderr } = await node(args, packageFolder);
  const found = [...stdout.matchAll(/^(.*)\((\d+),\d+\): error TS(\d+): (.*)$/gm)];
  const diagnostics = found.map(([, file, line, number, message]) => ({ file, line: Number(line), code: Number(number), message }));
  // An error that belongs to no line, such as an unknown option, must not pass for a clean check.
  if ((code === 0) !== (diagnostics.length === 0) || stderr) throw new Error(`tsc ended with ${code}:\n${stdout}${stderr}`);
  return diagnostics;
}
