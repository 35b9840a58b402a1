// The page, as its users find their way about it.

export const selector = page => page.locator("#selector");
export const uploadButton = page => page.getByRole("button", { name: "Upload", exact: true });
export const status = page => page.locator("#status");

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

/** Listens to what the page asks for and is granted: `{ name, size, type, grant }` of each file, as they come. */
export function recordGrants(page) {
  const granted = [];
  page.on("response", async response => {
    const request = response.request();
    if (request.method() !== "POST" || !response.ok()) return;
    const { files } = request.postDataJSON();
    const { grants } = await response.json();
    files.forEach((file, index) => granted.push({ ...file, grant: grants[index] }));
  });
  return granted;
}
