// Programs that the tests start, each ended by whoever started it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as after } from "node:timers/promises";

const running = new Set();

// None outlives the tests, even if they break off.
process.on("exit", () => running.forEach(child => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/** Starts `program` in the environment `env` and keeps what it prints, for the message should it fail. */
export function start(program, args, env) {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const started = { program, child, printed: "", ended: once(child, "exit").finally(() => running.delete(child)) };
  started.ended.catch(() => {}); // reported by whoever awaits it
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", text => (started.printed += text));
  }
  return started;
}

/** The first match of `pattern` in what it prints; an error with all of that if it ends without one. */
export async function prints(started, pattern) {
  const found = new Promise(resolve => {
    const look = () => {
      const match = pattern.exec(started.printed);
      if (match) resolve(match);
    };
    started.child.stdout.on("data", look);
    look();
  });
  const match = await Promise.race([found, started.ended.then(() => null)]);
  if (!match) throw new Error(`${started.program} ended before it printed ${pattern}:\n${started.printed}`);
  return match;
}

/** Asks a server that does not say when it is ready, until it answers with a status that will do. */
export async function answers(started, url, willDo = () => true) {
  let ended = false;
  started.ended.finally(() => (ended = true)).catch(() => {});
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer && willDo(answer.status)) return;
    if (ended) throw new Error(`${started.program} ended before it was ready:\n${started.printed}`);
    await after(50);
  }
}

/** Asks it to end, and waits until it has; its exit code and signal. SIGKILL does not ask. */
export async function end(started, how = "SIGTERM") {
  started.child.kill(how);
  const [code, signal] = await started.ended;
  return { code, signal };
}
