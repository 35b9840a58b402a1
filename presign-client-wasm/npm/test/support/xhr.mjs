// XMLHttpRequest where there is none. A fake: no browser's rules hold here (no CORS, no connection limit), and progress is told at the beginning
// and at the end. But it really sends: what a test finds at the server went over a socket.

/** Every request that was opened, with the headers that the script itself set, in their order. */
export const opened = [];

class FakeXMLHttpRequest {
  upload = { onprogress: undefined };
  onloadend = undefined;
  responseType = "";
  responseText = "";
  status = 0;
  #controller = new AbortController();
  #headers = [];
  #answered = new Headers();
  #method;
  #url;

  open(method, url) {
    [this.#method, this.#url] = [method, String(new URL(url))];
    opened.push({ method, url, headers: this.#headers });
  }

  setRequestHeader(name, value) {
    // This throws for what cannot be a header, as a browser's does.
    new Headers().append(name, value);
    this.#headers.push([name, value]);
  }

  async send(body) {
    const init = { method: this.#method, headers: this.#headers, body, signal: this.#controller.signal };
    try {
      this.upload.onprogress?.({ loaded: 0 });
      const response = await fetch(this.#url, init);
      const text = await response.text();
      this.upload.onprogress?.({ loaded: body.size ?? 0 });
      [this.status, this.responseText, this.#answered] = [response.status, text, response.headers];
    } catch {
      this.status = 0;
    }
    if (!this.#controller.signal.aborted) this.onloadend?.();
  }

  abort() {
    this.#controller.abort();
    this.onloadend?.();
  }

  getAllResponseHeaders() {
    return [...this.#answered].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  }
}

globalThis.XMLHttpRequest = FakeXMLHttpRequest;
