// A PUT as a page's own script sends it, honest or not.

/**
 * Sends `body` to a grant's URL with its headers, `changes` made to them (`undefined` leaves one out). The status is 0 if the
 * page may not see the answer.
 */
export function put(page, grant, body, changes = {}) {
  const headers = { ...grant.headers, ...changes };
  delete headers["content-length"]; // the browser's own to set
  for (const name of Object.keys(headers)) if (headers[name] === undefined) delete headers[name];
  return page.evaluate(
    async ({ url, headers, body }) => {
      try {
        const answer = await fetch(url, { method: "PUT", headers, body: new Blob([new Uint8Array(body)]) });
        return answer.status;
      } catch {
        return 0;
      }
    },
    { url: grant.url, headers, body: [...body] },
  );
}

export const isRefusal = status => status === 0 || (status >= 400 && status < 500);
export const isSuccess = status => status >= 200 && status < 300;
