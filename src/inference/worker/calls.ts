/** Calls under way between the engine's client and its server. */
import { EngineError } from '../errors';
import type { AbortFlag, FromServer } from '../protocol';

/**
 * One call's answers as a queue that can be awaited. A failure ends it: `next` then rejects, after what came before
 * has been taken.
 */
export class Call {
  readonly #answers: FromServer[] = [];
  readonly #flag: AbortFlag = new SharedArrayBuffer(4);
  #failure: EngineError | undefined;
  #wake: (() => void) | undefined;

  /** Shared with the server. */
  get flag(): AbortFlag {
    return this.#flag;
  }

  /** Withdraws the call: the server stops at its next look. */
  abort(): void {
    Atomics.store(new Int32Array(this.#flag), 0, 1);
  }

  answer(message: FromServer): void {
    this.#answers.push(message);
    this.#wake?.();
  }

  fail(error: EngineError): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  /** The next answer. @throws EngineError once the call has failed */
  async next(): Promise<FromServer> {
    for (;;) {
      const message = this.#answers.shift();
      if (message?.type === 'error') throw EngineError.fromWire(message.error);
      if (message !== undefined) return message;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** All calls to one server, by id. */
export class CallTable {
  readonly #calls = new Map<number, Call>();
  #lastId = 0;

  get size(): number {
    return this.#calls.size;
  }

  open(): { readonly id: number; readonly call: Call } {
    const id = ++this.#lastId;
    const call = new Call();
    this.#calls.set(id, call);
    return { id, call };
  }

  /** Hands an answer to its call; final answers end the call. */
  dispatch(message: FromServer): void {
    const call = this.#calls.get(message.id);
    if (isFinal(message)) this.#calls.delete(message.id);
    call?.answer(message);
  }

  /** Sets every call's flag. */
  abortAll(): void {
    for (const call of this.#calls.values()) call.abort();
  }

  /** Ends every call with an error. */
  failAll(error: EngineError): void {
    for (const call of this.#calls.values()) call.fail(error);
    this.#calls.clear();
  }
}

function isFinal(message: FromServer): boolean {
  switch (message.type) {
    case 'progress':
    case 'prefilled':
    case 'text':
      return false;
    case 'loaded':
    case 'done':
    case 'tokenCount':
    case 'closed':
    case 'error':
      return true;
  }
}
