// What happened, said to whoever looks and to whoever listens.
const status = document.getElementById("status");

export function announce(text) {
  const line = document.createElement("div");
  line.textContent = text;
  if (!status.children.length) status.textContent = "";
  status.append(line);
}
