/** Calls under way between the engine's client and its server. */
import { EngineError } from '../errors';
import { ABORT_FLAG, type AbortFlag, type FromServer } from '../protocol';
import type { Watched } from './watchdog';

/**
 * One call's answers as a queue that can be awaited. A failure ends it: `next` then rejects, after what came before
 * has been taken.
 */
export class Call {
  readonly #answers: FromServer[] = [];
  readonly #flag: AbortFlag = new SharedArrayBuffer(ABORT_FLAG.bytes);
  #failure: EngineError | undefined;
  #wake: (() => void) | undefined;

  /** @param patienceMs silence of the server that is no cause for worry while this call is open, in milliseconds */
  constructor(readonly patienceMs: number) {}

  /** Shared with the server. */
  get flag(): AbortFlag {
    return this.#flag;
  }

  /** Withdraws the call: the server stops at its next look. */
  abort(): void {
    Atomics.store(new Int32Array(this.#flag), ABORT_FLAG.withdrawn, 1);
  }

  /** How often the server has looked whether the call is withdrawn. */
  get looks(): number {
    return Atomics.load(new Int32Array(this.#flag), ABORT_FLAG.looks);
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

/**
 * All calls to one server, by id. A call that was withdrawn stays until the server has answered: it is still owed,
 * and a server that is stuck in it shows by that.
 */
export class CallTable implements Watched {
  readonly #calls = new Map<number, Call>();
  #lastId = 0;
  #answers = 0;

  get size(): number {
    return this.#calls.size;
  }

  /** @param patienceMs see `Call` */
  open(patienceMs: number): { readonly id: number; readonly call: Call } {
    const id = ++this.#lastId;
    const call = new Call(patienceMs);
    this.#calls.set(id, call);
    return { id, call };
  }

  /** Takes a call away that the server has not heard of. */
  forget(id: number): void {
    this.#calls.delete(id);
  }

  /** Hands an answer to its call; final answers end the call. */
  dispatch(message: FromServer): void {
    this.#answers++;
    const call = this.#calls.get(message.id);
    if (isFinal(message)) this.#calls.delete(message.id);
    call?.answer(message);
  }

  /** Answers and looks so far; a call takes its looks with it, but then it has been answered. */
  signs(): string {
    let looks = 0;
    for (const call of this.#calls.values()) looks += call.looks;
    return `${this.#answers} ${looks}`;
  }

  /** The patience of the most patient open call. */
  patienceMs(): number | undefined {
    const each = [...this.#calls.values()].map((call) => call.patienceMs);
    return each.length === 0 ? undefined : Math.max(...each);
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
    case 'end-score':
      return false;
    case 'loaded':
    case 'done':
    case 'tokenCount':
    case 'closed':
    case 'error':
      return true;
  }
}
