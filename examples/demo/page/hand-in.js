// What was uploaded is handed in: the application believes the receipt, not the page.
import { handedInText, refusedText } from "./messages.js";
import { announce } from "./results.js";

/** Hands in what has arrived, and shows what the application knows of it then. Handed in again, it is still one file there. */
export async function handIn(row, update) {
  update(row, { kept: undefined, refused: undefined });
  update(row, await send({ receipt: row.receipt, name: row.name }));
  announce(handedInText(row));
}

/** `name` stands for the fields of a form: the application's own affair. The rest of what it wants to know of a file is in the receipt. */
async function send(form) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/files", { method: "POST", headers, body: JSON.stringify(form) }).catch(() => undefined);
  const said = await answer?.json().catch(() => undefined);
  if (answer?.ok && said) return { kept: said };
  const mayPass = !answer || answer.ok || answer.status === 429 || answer.status >= 500;
  return { refused: { message: refusedText(answer?.status, said), retryable: mayPass } };
}
