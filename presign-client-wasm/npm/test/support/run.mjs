// Other programs, run to their end.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** Ample for all that is run here; what still runs then is ended, and has a `signal`. */
const ENOUGH = 60_000;

/** Runs Node with these arguments in `folder`, and gives how it ended and what it printed. */
export async function node(args, folder, { timeout = ENOUGH } = {}) {
  return run(process.execPath, args, folder, { timeout });
}

export async function run(program, args, folder, { timeout = ENOUGH, shell = false } = {}) {
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], timeout, shell });
  const ended = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code, signal] = await ended;
  return { code, signal, stdout, stderr };
}
