// Error codes are spelled in three places: the protocol's Rust, this package's types, and its README.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { texts } from "./support/declarations.mjs";
import { packageFolder, root } from "./support/folders.mjs";
import { codes, table } from "./support/markdown.mjs";
import { problem, serve } from "./support/server.mjs";
import { files, send } from "./support/uploading.mjs";

const rust = await readFile(join(root, "presign-protocol", "src", "code.rs"), "utf8");
/** The protocol's codes, each with the status that a whole request is refused with. */
const protocol = [...rust.matchAll(/^ {4}\w+ "(\w+)" (\d{3}) "/gm)].map(([, code, status]) => ({ code, status: Number(status) }));

test("the types know the protocol's codes", () => {
  assert.ok(protocol.length > 20);
  assert.deepEqual(texts("ServerErrorCode").sort(), protocol.map(({ code }) => code).sort());
});

describe("the README says which of the server's codes are retryable:", () => {
  for (const { code, status } of protocol) {
    test(code, async t => {
      const rows = await table(join(packageFolder, "README.md"), "| `code` |");
      const [, retryable] = rows.find(([names]) => codes(names).includes(code));
      const once = { retry: { attempts: 1 } };
      const whole = await serve(t, { onAsk: () => problem(status, code, "No.") });
      const one = await serve(t, { onGrant: () => ({ error: { code, message: "No." } }) });
      for (const server of [whole, one]) {
        const [{ error }] = await send(server, files(1), once);
        assert.deepEqual([error.code, error.retryable ? "yes" : "no"], [code, retryable]);
      }
    });
  }
});
