// Asking for one file, as a click on an `<input type="file">` does; `undefined` where the user thinks better of it.
export function pickFile(input) {
  return new Promise((resolve) => {
    input.onchange = () => {
      const [file] = input.files;
      input.value = ""; // so that the same file can be chosen again
      resolve(file);
    };
    input.oncancel = () => resolve(undefined);
    input.click();
  });
}
