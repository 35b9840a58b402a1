// The page, as its users find their way about it.

export const selector = page => page.locator("#selector");
export const uploadButton = page => button(page, "Upload");
export const status = page => page.locator("#status");
export const button = (page, name) => page.getByRole("button", { name, exact: true });
export const row = (page, name) => page.locator(`#files > [data-name="${name}"]`);

/** Waits until the status says of every file that it has arrived; names may be there more than once. */
export function allUploaded(page, names, timeout) {
  return page.waitForFunction(
    lines => {
      const said = document.querySelector("#status").textContent;
      const count = (text, part) => text.split(part).length - 1;
      return lines.every(line => count(said, line) >= lines.filter(other => other === line).length);
    },
    names.map(name => `Uploaded ${name}.`),
    { timeout },
  );
}

/**
 * Listens to what the page asks for and is granted. The function that it gives resolves to `{ name, size, type, grant }` of each file so
 * far, in the order of the answers.
 */
export function recordGrants(page) {
  const answers = [];
  page.on("response", response => {
    if (isGrants(response)) answers.push(granted(response));
  });
  return async () => (await Promise.all(answers)).flat();
}

/** Tells `hear` of the same, answer by answer; of none that the page did not live to read. */
export function onGrants(page, hear) {
  page.on("response", response => {
    if (isGrants(response)) granted(response).then(hear, () => {});
  });
}

const isGrants = response => response.request().method() === "POST" && response.ok() && new URL(response.url()).pathname.endsWith("/presignedUrl");

async function granted(response) {
  const { files } = response.request().postDataJSON();
  const { grants } = await response.json();
  return files.flatMap((file, index) => (grants[index].key ? { ...file, grant: grants[index] } : []));
}

/** Waits until some file is on its way: sent in part. */
export function someProgress(page) {
  return page.waitForFunction(() =>
    [...document.querySelectorAll("#files progress")].some(({ value }) => value > 0 && value < 1),
  );
}
