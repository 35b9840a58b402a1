// What the published types say, as text.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "./folders.mjs";

const dist = join(packageFolder, "dist");

/** Every `.d.ts` that is published: its name, and its text with comments and without. */
export function declarations() {
  const names = readdirSync(dist).filter(name => name.endsWith(".d.ts"));
  return names.map(name => {
    const text = readFileSync(join(dist, name), "utf8");
    return { name, text, code: text.replace(/\/\*[^]*?\*\/|\/\/.*/g, "") };
  });
}

/** The names of an interface's own properties. */
export function properties(name) {
  const { code } = declarations().find(({ name }) => name === "types.d.ts");
  const [, body] = new RegExp(`interface ${name}\\b[^{]*\\{([^]*?)^\\}`, "m").exec(code);
  return [...body.matchAll(/^ {4}(?:readonly )?(\w+)\??:/gm)].map(([, property]) => property);
}

/** The texts that a union type is made of. */
export function texts(name) {
  const { code } = declarations().find(({ name }) => name === "types.d.ts");
  const [, union] = new RegExp(`type ${name} =([^]*?);`).exec(code);
  return [...union.matchAll(/"(\w+)"/g)].map(([, text]) => text);
}
