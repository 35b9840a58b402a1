// Chromium: the program of the environment variable PRESIGN_CHROMIUM.
import { chromium } from "playwright-core";

export function launch() {
  const executablePath = process.env.PRESIGN_CHROMIUM;
  if (!executablePath) throw new Error("PRESIGN_CHROMIUM must be the path of Chromium");
  return chromium.launch({
    executablePath,
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
