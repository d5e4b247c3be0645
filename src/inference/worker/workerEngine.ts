/**
 * The engine as the editor sees it: starts the worker on demand, speaks the protocol, survives the worker's end.
 */
import type {
  Engine,
  EngineCapabilities,
  EngineStatus,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
} from '../engine';
import { EngineError } from '../errors';
import { TOP_K } from '../graph/limits';
import type { FromServer, LoadOptions } from '../protocol';
import { CallTable, type Call } from './calls';
import { startWorkerThread, type EngineThread, type ThreadEnd } from './engineThread';
import { probeNative } from './nativeProbe';

export interface WorkerEngineOptions {
  /** The bundled worker. */
  readonly workerFile: string;
  /** The bundled native probe. */
  readonly probeFile: string;
  readonly load: LoadOptions;
  /** Lines for a log; never prompt text. */
  readonly log?: (line: string) => void;
}

/** An engine in a worker thread; nothing starts before the first call. */
export function createWorkerEngine(options: WorkerEngineOptions): Engine {
  return new WorkerEngine(
    options.load,
    () => probeNative(options.probeFile, options.load.cacheDir),
    () => startWorkerThread(options.workerFile),
    options.log,
  );
}

/** A thread with the calls made to it. */
interface Connection {
  readonly thread: EngineThread;
  readonly calls: CallTable;
}

export class WorkerEngine implements Engine {
  readonly capabilities: EngineCapabilities = {
    specialTokens: true,
    prefixReuse: true,
    tokenCounts: true,
    maxTopK: TOP_K,
  };

  readonly #listeners = new Set<(status: EngineStatus) => void>();
  #status: EngineStatus = { state: 'stopped' };
  #connection: Connection | undefined;
  #starting: Promise<LoadedModel> | undefined;
  /** Set while a model is loaded in the thread of `#connection`. */
  #model: LoadedModel | undefined;
  #disposed: Promise<void> | undefined;

  /**
   * @param probe rejects where the native library does not work; runs before each new thread
   * @param startThread starts a server
   */
  constructor(
    private readonly options: LoadOptions,
    private readonly probe: () => Promise<void>,
    private readonly startThread: () => EngineThread,
    private readonly log: (line: string) => void = () => undefined,
  ) {}

  get status(): EngineStatus {
    return this.#status;
  }

  onStatus(listener: (status: EngineStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async start(): Promise<LoadedModel> {
    this.#throwIfDisposed();
    if (this.#model !== undefined) return this.#model;
    this.#starting ??= this.#load().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    await untilAborted(this.start(), signal);
    if (signal?.aborted === true) throw aborted();
    const { thread, calls } = this.#require();
    const { id, call } = calls.open();
    const onAbort = () => {
      call.abort();
      call.fail(aborted());
    };
    let finished = false;
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      thread.transport.post({ type: 'generate', id, request, abort: call.flag });
      this.#reportActivity();
      while (!finished) {
        const event = toEvent(await call.next());
        finished = event.type === 'done';
        yield event;
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      // Left early (break, throw, abort): the server stops after the native run it is in.
      if (!finished) call.abort();
    }
  }

  async countTokens(text: string): Promise<number> {
    await this.start();
    const { thread, calls } = this.#require();
    const { id, call } = calls.open();
    thread.transport.post({ type: 'countTokens', id, text });
    const answer = await call.next();
    if (answer.type !== 'tokenCount') throw unexpected(answer);
    return answer.count;
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#close();
    return this.#disposed;
  }

  /** Brings the model up in the running thread or a new one. */
  async #load(): Promise<LoadedModel> {
    try {
      const { thread, calls } = this.#connection ?? (await this.#connect());
      const { id, call } = calls.open();
      thread.transport.post({ type: 'load', id, options: this.options, abort: call.flag });
      const model = await this.#loaded(call);
      this.#model = model;
      this.log(`${model.name} (${model.variant}) loaded in ${Math.round(model.loadMs)} ms.`);
      this.#setStatus({ state: 'ready', model });
      return model;
    } catch (error) {
      const failure = EngineError.from(error);
      if (this.#disposed === undefined) this.#setStatus({ state: 'failed', error: failure.toWire() });
      throw failure;
    }
  }

  /** Follows a load to its end. */
  async #loaded(call: Call): Promise<LoadedModel> {
    for (;;) {
      const answer = await call.next();
      if (answer.type === 'loaded') return answer.model;
      if (answer.type !== 'progress') throw unexpected(answer);
      const { phase, fraction } = answer;
      this.#setStatus({ state: 'loading', phase, ...(fraction === undefined ? {} : { fraction }) });
    }
  }

  async #connect(): Promise<Connection> {
    this.#setStatus({ state: 'loading', phase: 'probing' });
    await this.probe();
    this.#throwIfDisposed();
    const connection: Connection = { thread: this.startThread(), calls: new CallTable() };
    this.#connection = connection;
    connection.thread.transport.onMessage((message) => {
      connection.calls.dispatch(message);
      this.#reportActivity();
    });
    void connection.thread.ended.then((end) => this.#ended(connection, end));
    return connection;
  }

  /** The thread is gone: every call learns it, and the next request starts a new one. */
  #ended(connection: Connection, end: ThreadEnd): void {
    const reason = end.error?.message ?? `exit code ${end.exitCode}`;
    this.log(`The engine's thread ended (${reason}).`);
    this.#connection = undefined;
    this.#model = undefined;
    if (this.#disposed !== undefined) {
      connection.calls.failAll(shuttingDown());
      return;
    }
    const failure = new EngineError(
      'worker-died',
      'The engine stopped unexpectedly; the next request starts it again.',
      { reason },
    );
    connection.calls.failAll(failure);
    this.#setStatus({ state: 'failed', error: failure.toWire() });
  }

  async #close(): Promise<void> {
    const starting = this.#starting;
    const connection = this.#connection;
    this.#model = undefined;
    if (connection !== undefined) {
      connection.calls.abortAll();
      connection.calls.failAll(shuttingDown());
      connection.thread.transport.post({ type: 'close', id: connection.calls.open().id });
      await connection.thread.ended;
    }
    // A probe that is still running ends by itself and then finds the engine disposed.
    await starting?.catch(() => undefined);
    this.#setStatus({ state: 'stopped' });
    this.#listeners.clear();
  }

  /** Between ready and working, as calls come and go. */
  #reportActivity(): void {
    if (this.#model === undefined || this.#disposed !== undefined) return;
    const state = (this.#connection?.calls.size ?? 0) > 0 ? 'working' : 'ready';
    if (this.#status.state !== state) this.#setStatus({ state, model: this.#model });
  }

  #setStatus(status: EngineStatus): void {
    this.#status = status;
    for (const listener of [...this.#listeners]) listener(status);
  }

  #require(): Connection {
    if (this.#connection === undefined) {
      throw this.#disposed === undefined
        ? new EngineError('worker-died', 'The engine stopped before the request reached it.')
        : shuttingDown();
    }
    return this.#connection;
  }

  #throwIfDisposed(): void {
    if (this.#disposed !== undefined) throw shuttingDown();
  }
}

const shuttingDown = (): EngineError => new EngineError('shutting-down', 'The engine is being closed.');
const aborted = (): EngineError => new EngineError('aborted', 'The request was withdrawn.');
const unexpected = (message: FromServer): EngineError =>
  new EngineError('internal', `The engine answered ${message.type} where that makes no sense.`);

/** A server message as the event it carries. */
function toEvent(message: FromServer): GenerateEvent {
  switch (message.type) {
    case 'prefilled':
      return { type: 'prefilled', stats: message.stats };
    case 'text':
      return { type: 'text', text: message.text, tokens: message.tokens };
    case 'done':
      return { type: 'done', reason: message.reason, stats: message.stats };
    default:
      throw unexpected(message);
  }
}

/** The promise's result, or `aborted` as soon as the signal is; what the promise does goes on for others. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) {
    promise.catch(() => undefined);
    throw aborted();
  }
  let onAbort: (() => void) | undefined;
  const withdrawn = new Promise<never>((_, reject) => {
    onAbort = () => reject(aborted());
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, withdrawn]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
