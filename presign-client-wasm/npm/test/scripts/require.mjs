// In a process of its own: requires the entry point that is named, as CommonJS does, and prints what came of it.
import { createRequire } from "node:module";

const [, , entry] = process.argv;
try {
  console.log(JSON.stringify({ exported: Object.keys(createRequire(import.meta.url)(entry)) }));
} catch ({ code }) {
  console.log(JSON.stringify({ code }));
}
