// Everything a page does that a user of it should not have to find in the console.
import assert from "node:assert/strict";

/** The browser says so of every answer that is not a success, and of requests that break off. */
const OF_AN_ANSWER = /^Failed to load resource: /;

/** Watches a page from before its first request. */
export async function watch(page) {
  const seen = { requests: [], puts: [], complaints: [] };
  page.on("request", request => {
    const url = new URL(request.url());
    if (["data:", "blob:"].includes(url.protocol)) return;
    seen.requests.push({ method: request.method(), url });
    if (request.method() === "PUT") seen.puts.push(url);
  });
  page.on("console", message => {
    if (message.type() === "error" || message.type() === "warning") seen.complaints.push(`${message.text()} <${message.location().url}>`);
  });
  page.on("pageerror", error => seen.complaints.push(`uncaught: ${error}`));
  await page.exposeFunction("reportViolation", violation => seen.complaints.push(violation));
  await page.addInitScript(() =>
    addEventListener("securitypolicyviolation", event =>
      reportViolation(`content security policy: ${event.violatedDirective} ${event.blockedURI}`),
    ),
  );
  return {
    ...seen,
    /** No error in the console, no violated policy; `failed` answers are expected to be mentioned. */
    isQuiet: ({ failedAnswers = false } = {}) =>
      assert.deepEqual(seen.complaints.filter(text => !(failedAnswers && OF_AN_ANSWER.test(text))), []),
    /** Every origin that was spoken to. */
    origins: () => new Set(seen.requests.map(({ url }) => url.origin)),
  };
}
