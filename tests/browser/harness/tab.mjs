// A tab as the browser and the system see it.

/** Ends a tab as a crash does: nothing in the page gets to run any more. Its context stays, with all that is stored in it. */
export async function killTab(page) {
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  session.send("Page.crash").catch(() => {}); // there is nobody left to answer
  await crashed;
  await page.close();
}

/**
 * Measures the memory of a page: the function that it gives resolves to bytes, `{ js, wasm, buffers, total }`: the objects of its scripts
 * and of the browser on their behalf, WebAssembly's memories, and what ArrayBuffers hold. Call it before the page has loaded anything.
 */
export async function measureMemory(page) {
  await page.addInitScript(() => {
    const memories = new Set();
    const noted = instance => {
      for (const value of Object.values(instance.exports)) if (value instanceof WebAssembly.Memory) memories.add(value);
      return instance;
    };
    const { Instance, instantiate, instantiateStreaming } = WebAssembly;
    WebAssembly.Instance = new Proxy(Instance, { construct: (of, args) => noted(Reflect.construct(of, args)) });
    const notedLater = start => async (...args) => {
      const result = await start.apply(WebAssembly, args);
      noted(result.instance ?? result);
      return result;
    };
    WebAssembly.instantiate = notedLater(instantiate);
    WebAssembly.instantiateStreaming = notedLater(instantiateStreaming);
    globalThis.wasmBytes = () => [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  });
  const session = await page.context().newCDPSession(page);
  return async () => {
    const [heap, wasm] = await Promise.all([session.send("Runtime.getHeapUsage"), page.evaluate(() => wasmBytes())]);
    const js = heap.usedSize + heap.embedderHeapUsedSize;
    return { js, wasm, buffers: heap.backingStorageSize, total: js + wasm + heap.backingStorageSize };
  };
}
