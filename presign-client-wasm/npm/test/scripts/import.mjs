// In a process of its own: imports the entry point that is named, watches what that touches, and prints it.
const [, , entry] = process.argv;
const touched = [];

/** Notes each call of a function, and each use of a constructor, by the package; Node's own loader compiles WebAssembly too. */
function watch(owner, name) {
  const original = owner[name];
  const note = () => new Error().stack.includes("/dist/") && touched.push(name);
  owner[name] = new Proxy(original, {
    apply: (target, self, args) => (note(), Reflect.apply(target, self, args)),
    construct: (target, args) => (note(), Reflect.construct(target, args)),
  });
}
for (const name of ["compile", "compileStreaming", "instantiate", "instantiateStreaming", "Module", "Instance", "Memory"]) watch(WebAssembly, name);
for (const name of ["fetch", "atob", "Blob", "Response", "DecompressionStream", "setTimeout", "setInterval", "queueMicrotask"]) watch(globalThis, name);

/** Every global as it is defined. */
const globals = () => new Map(Reflect.ownKeys(globalThis).map(key => [key, Object.getOwnPropertyDescriptor(globalThis, key)]));
const before = globals();
const active = process.getActiveResourcesInfo();

const exported = await import(entry);

const after = globals();
for (const key of new Set([...before.keys(), ...after.keys()])) {
  const [old, now] = [before.get(key), after.get(key)];
  if (["value", "get", "set"].some(part => !Object.is(old?.[part], now?.[part]))) touched.push(`globalThis.${String(key)}`);
}
const left = process.getActiveResourcesInfo().filter(resource => !active.includes(resource));
console.log(JSON.stringify({ exported: Object.keys(exported), touched, left }));
