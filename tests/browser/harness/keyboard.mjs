// Finding one's way with the Tab key.

/** Presses Tab until `locator` has the focus; an error if it never gets it. */
export async function tabTo(page, locator) {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press("Tab");
    if (await locator.evaluateAll(found => found.includes(document.activeElement))) return;
  }
  throw new Error(`Tab does not lead to ${locator}`);
}

/** Whether one sees where the focus is: the focused element looks otherwise than without it. */
export function focusShows(page) {
  return page.evaluate(() => {
    const focused = document.activeElement;
    const look = element => {
      const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor } = getComputedStyle(element);
      return JSON.stringify([outlineStyle === "none" ? 0 : outlineWidth, boxShadow, borderColor, backgroundColor]);
    };
    const around = [focused, focused.parentElement, ...(focused.labels ?? [])];
    const withFocus = around.map(look);
    focused.blur();
    const without = around.map(look);
    focused.focus();
    return withFocus.some((one, index) => one !== without[index]);
  });
}
