/** The engine, gzipped, in base64: put in by `scripts/build.mjs`. */
declare module "virtual:wasm" {
  const base64: string;
  export default base64;
}
