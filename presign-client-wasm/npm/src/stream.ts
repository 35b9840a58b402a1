// Events for whoever iterates.

/** Each reader gets what is pushed from when it began to read until the end; nothing is kept for readers to come. */
export class Stream<Value> {
  readonly #readers = new Set<Reader<Value>>();
  #ended = false;

  get isRead(): boolean {
    return this.#readers.size > 0;
  }

  push(value: Value): void {
    for (const reader of this.#readers) reader.push(value);
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.wake();
  }

  read(): AsyncIterableIterator<Value> {
    const reader = new Reader<Value>();
    this.#readers.add(reader);
    return this.#values(reader);
  }

  async *#values(reader: Reader<Value>): AsyncIterableIterator<Value> {
    try {
      for (;;) {
        yield* reader.taken();
        if (this.#ended && reader.isEmpty) return;
        await reader.more();
      }
    } finally {
      this.#readers.delete(reader);
    }
  }
}

class Reader<Value> {
  #values: Value[] = [];
  #wake = () => {};

  get isEmpty(): boolean {
    return this.#values.length === 0;
  }

  push(value: Value): void {
    this.#values.push(value);
    this.#wake();
  }

  taken(): Value[] {
    const values = this.#values;
    this.#values = [];
    return values;
  }

  more(): Promise<void> {
    return this.isEmpty ? new Promise(resolve => (this.#wake = resolve)) : Promise.resolve();
  }

  wake(): void {
    this.#wake();
  }
}
