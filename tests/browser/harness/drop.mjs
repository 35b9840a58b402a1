// Dropping what is on the disk, as from a file manager.

/** Drags these files or folders onto the element and lets them go. */
export async function dropOn(page, element, ...paths) {
  const session = await page.context().newCDPSession(page);
  const { x, y } = await element.boundingBox();
  const dragged = { x: x + 10, y: y + 10, data: { items: [], files: paths, dragOperationsMask: 1 } };
  for (const type of ["dragEnter", "dragOver", "drop"]) await session.send("Input.dispatchDragEvent", { type, ...dragged });
  await session.detach();
}
