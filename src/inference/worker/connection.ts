import { EngineError } from '../errors';
import type { AbortFlag, FromServer, ToServer } from '../protocol';
import type { SessionMarker } from '../store/sessionMarker';
import { CallTable, type Call } from './calls';
import type { EngineThread, ThreadEnd } from './engineThread';
import { Watchdog, type StartTicking } from './watchdog';

/** What is told of a connection, each at most once but `onAnswer`. */
export interface ConnectionListener {
  /** The server has said something; its call has it already. */
  onAnswer(): void;
  /** The thread has ended, wanted or not. */
  onEnded(end: ThreadEnd): void;
  /** The thread has been silent for longer than the calls' patience. */
  onStalled(silentMs: number): void;
}

/** A thread with the calls made to it, watched while it owes answers. */
export class Connection {
  readonly #calls = new CallTable();
  readonly #watchdog: Watchdog;
  /** Settles when the thread has ended and its mark is gone, or when it has stalled. */
  readonly gone: Promise<void>;

  /** @param marker the session's mark on disk, removed when the thread has ended */
  constructor(
    readonly thread: EngineThread,
    readonly marker: SessionMarker | undefined,
    listener: ConnectionListener,
    startTicking: StartTicking,
  ) {
    let giveUp: () => void = () => undefined;
    const stalled = new Promise<void>((resolve) => (giveUp = resolve));
    const onStall = (silentMs: number): void => {
      giveUp();
      listener.onStalled(silentMs);
    };
    this.#watchdog = new Watchdog(this.#calls, onStall, startTicking);
    thread.transport.onMessage((message: FromServer) => {
      this.#calls.dispatch(message);
      listener.onAnswer();
    });
    const ended = thread.ended.then(async (end) => {
      this.#watchdog.stop();
      listener.onEnded(end);
      await marker?.remove();
    });
    this.gone = Promise.race([ended, stalled]);
  }

  /** Whether answers are owed. */
  get busy(): boolean {
    return this.#calls.size > 0;
  }

  /**
   * Opens a call and sends its message.
   * @param patienceMs see `Call`
   * @param message makes the message
   * @throws EngineError `invalid-request` where the message cannot be sent, a function in it for example
   */
  send(patienceMs: number, message: (id: number, abort: AbortFlag) => ToServer): Call {
    const { id, call } = this.#calls.open(patienceMs);
    try {
      this.thread.transport.post(message(id, call.flag));
    } catch (error) {
      // Nothing is owed for what has not arrived.
      this.#calls.forget(id);
      throw EngineError.from(error, 'invalid-request');
    }
    this.#watchdog.watch();
    return call;
  }

  /** Has background generations wait, or go on. */
  hold(on: boolean): void {
    this.thread.transport.post({ type: 'hold', id: 0, on });
  }

  /** Withdraws what is open, fails its calls, and asks the server to free everything and end its thread. */
  close(patienceMs: number, failure: EngineError): void {
    this.#calls.abortAll();
    this.fail(failure);
    this.send(patienceMs, (id) => ({ type: 'close', id }));
  }

  /** As `close`, without expecting an answer: should the thread ever go on, it finds that it is to end. */
  giveUp(failure: EngineError): void {
    this.close(Infinity, failure);
    this.#watchdog.stop();
  }

  /** Fails every open call. */
  fail(failure: EngineError): void {
    this.#calls.failAll(failure);
  }
}
