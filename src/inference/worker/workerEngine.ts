/**
 * The engine as the editor sees it: starts the worker on demand, speaks the protocol, survives the worker's end.
 */
import { basename } from 'node:path';
import type {
  Engine,
  EngineCapabilities,
  EngineStatus,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
  PreviousEnd,
} from '../engine';
import { EngineError, tellsOfMemoryShortage } from '../errors';
import { refuseTelemetry } from '../nativeTelemetry';
import { TOP_K } from '../graph/limits';
import type { FromServer, LoadOptions } from '../protocol';
import { collectUncleanEnds, noteGoodEnd } from '../store/crashHistory';
import { SessionMarker } from '../store/sessionMarker';
import { AbandonedThreads } from './abandonedThreads';
import type { Call } from './calls';
import { Connection } from './connection';
import { startWorkerThread, type EngineThread, type ThreadEnd } from './engineThread';
import { probeNative } from './nativeProbe';
import { DEFAULT_PATIENCE, startTimer, type Patience, type StartTicking } from './watchdog';

export interface WorkerEngineOptions {
  /** The bundled worker. */
  readonly workerFile: string;
  /** The bundled native probe. */
  readonly probeFile: string;
  readonly load: LoadOptions;
  /** Lines for a log; never prompt text. */
  readonly log?: (line: string) => void;
  /** Shared by all engines of a process, one after the other or at once; otherwise this engine counts alone. */
  readonly abandoned?: AbandonedThreads;
}

/** An engine in a worker thread; nothing starts before the first call. */
export function createWorkerEngine(options: WorkerEngineOptions): Engine {
  return new WorkerEngine(
    options.load,
    () => probeNative(options.probeFile, options.load.cacheDir),
    () => startWorkerThread(options.workerFile),
    options.log,
    options.abandoned === undefined ? {} : { abandoned: options.abandoned },
  );
}

/** What an engine does about a thread that is stuck. */
export interface StallOptions {
  readonly abandoned?: AbandonedThreads;
  readonly patience?: Patience;
  readonly startTicking?: StartTicking;
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
  /** Who has background generations wait. */
  #holds = 0;
  #previousEnd: PreviousEnd | undefined;
  /** A generation has come to its end. */
  #served = false;
  readonly #abandoned: AbandonedThreads;
  readonly #patience: Patience;

  /**
   * @param probe rejects where the native library does not work; runs before each new thread
   * @param startThread starts a server
   */
  constructor(
    private readonly options: LoadOptions,
    private readonly probe: () => Promise<void>,
    private readonly startThread: () => EngineThread,
    private readonly log: (line: string) => void = () => undefined,
    private readonly stalls: StallOptions = {},
  ) {
    this.#abandoned = stalls.abandoned ?? new AbandonedThreads();
    this.#patience = stalls.patience ?? DEFAULT_PATIENCE;
  }

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
    const { requestMs } = this.#patience;
    const call = this.#require().send(requestMs, (id, abort) => ({ type: 'generate', id, request, abort }));
    const onAbort = () => {
      call.abort();
      call.fail(aborted());
    };
    let finished = false;
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.#reportActivity();
      while (!finished) {
        const event = toEvent(await call.next());
        finished = event.type === 'done';
        this.#served ||= finished;
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
    const { requestMs } = this.#patience;
    const call = this.#require().send(requestMs, (id) => ({ type: 'countTokens', id, text }));
    const answer = await call.next();
    if (answer.type !== 'tokenCount') throw unexpected(answer);
    return answer.count;
  }

  hold(): () => void {
    if (++this.#holds === 1) this.#connection?.hold(true);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (--this.#holds === 0) this.#connection?.hold(false);
    };
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#close();
    return this.#disposed;
  }

  /** Brings the model up in the running thread or a new one. */
  async #load(): Promise<LoadedModel> {
    try {
      const connection = this.#connection ?? (await this.#connect());
      const marker = connection.marker?.path;
      const call = connection.send(this.#patience.loadMs, (id, abort) => ({
        type: 'load',
        id,
        options: this.options,
        abort,
        ...(marker !== undefined && { marker }),
      }));
      const loaded = await this.#loaded(call);
      const model: LoadedModel =
        this.#previousEnd === undefined ? loaded : { ...loaded, previousEnd: this.#previousEnd };
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
    if (this.#abandoned.full) throw tooManyStalled(this.#abandoned.size);
    await this.probe();
    const { cacheDir } = this.options;
    const ends = await collectUncleanEnds(cacheDir);
    // An idle engine ends nothing; one at work may have.
    this.#noteEnd(ends.findLast(({ phase }) => phase !== 'idle') ?? ends.at(-1));
    const model = this.options.displayName ?? basename(this.options.modelPath);
    const marker = await SessionMarker.create(cacheDir, { model, variant: this.options.variant ?? 'auto' });
    if (this.#disposed !== undefined) {
      await marker?.remove();
      throw shuttingDown();
    }
    let thread: EngineThread;
    try {
      refuseTelemetry();
      thread = this.startThread();
    } catch (error) {
      await marker?.remove();
      throw error;
    }
    const connection: Connection = new Connection(
      thread,
      marker,
      {
        onAnswer: () => this.#reportActivity(),
        onEnded: (end) => this.#ended(connection, end),
        onStalled: (silentMs) => this.#stalled(connection, silentMs),
      },
      this.stalls.startTicking ?? startTimer,
    );
    this.#connection = connection;
    if (this.#holds > 0) connection.hold(true);
    return connection;
  }

  #noteEnd(end: PreviousEnd | undefined): void {
    if (end === undefined) return;
    this.#previousEnd = end;
    this.log(`An earlier session ended unexpectedly: ${end.model} (${end.variant}), ${end.phase}.`);
  }

  /** The thread is gone: every call learns it, and the next request starts a new one. */
  #ended(connection: Connection, end: ThreadEnd): void {
    const reason = end.error?.message ?? `exit code ${end.exitCode}`;
    this.log(`The engine's thread ended (${reason}).`);
    this.#drop(connection, endedUnexpectedly(end, reason));
  }

  /**
   * The thread is stuck, perhaps inside a native run, where ending it would abort the process: it is left to itself.
   * Should it ever go on, it finds that it is to close.
   */
  #stalled(connection: Connection, silentMs: number): void {
    const seconds = Math.round(silentMs / 1000);
    this.log(`The engine's thread has been silent for ${seconds} s and is given up.`);
    const failure = this.#disposed === undefined ? stalled(seconds) : shuttingDown();
    connection.giveUp(failure);
    this.#abandoned.add(connection.thread);
    this.#drop(connection, failure);
  }

  /** Goes on without a connection, if that has not happened yet. */
  #drop(connection: Connection, failure: EngineError): void {
    connection.fail(this.#disposed === undefined ? failure : shuttingDown());
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#model = undefined;
    if (this.#disposed === undefined) this.#setStatus({ state: 'failed', error: failure.toWire() });
  }

  async #close(): Promise<void> {
    const starting = this.#starting;
    const connection = this.#connection;
    const model = this.#model;
    const patienceMs = model === undefined ? this.#patience.loadMs : this.#patience.requestMs;
    this.#model = undefined;
    if (connection !== undefined) {
      connection.close(patienceMs, shuttingDown());
      await connection.gone;
      if (model !== undefined && this.#served) await noteGoodEnd(this.options.cacheDir, model.variant);
    }
    // A probe that is still running ends by itself and then finds the engine disposed.
    await starting?.catch(() => undefined);
    this.#setStatus({ state: 'stopped' });
    this.#listeners.clear();
  }

  /** Between ready and working, as calls come and go. */
  #reportActivity(): void {
    if (this.#model === undefined || this.#disposed !== undefined) return;
    const state = this.#connection?.busy === true ? 'working' : 'ready';
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
const stalled = (seconds: number): EngineError =>
  new EngineError(
    'worker-stalled',
    `It has given no answer for ${seconds} seconds and was given up; the next request starts it again.`,
    { seconds },
  );
const tooManyStalled = (threads: number): EngineError =>
  new EngineError(
    'worker-stalled',
    `It got stuck ${threads} times, and what is stuck still holds memory: only a new window helps.`,
    { threads },
  );

/** Why a thread has ended that nobody had asked to. */
function endedUnexpectedly({ error }: ThreadEnd, reason: string): EngineError {
  const heapIsFull = error !== undefined && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  if (heapIsFull || tellsOfMemoryShortage(reason)) {
    return new EngineError('out-of-memory', 'The engine ran out of memory and stopped.', { reason });
  }
  return new EngineError(
    'worker-died',
    'The engine stopped unexpectedly; the next request starts it again.',
    { reason },
  );
}

const unexpected = (message: FromServer): EngineError =>
  new EngineError('internal', `The engine answered ${message.type} where that makes no sense.`);

/** A server message as the event it carries. */
function toEvent(message: FromServer): GenerateEvent {
  switch (message.type) {
    case 'prefilled':
      return { type: 'prefilled', stats: message.stats };
    case 'text': {
      const { text, tokens, logProbability } = message;
      return { type: 'text', text, tokens, logProbability };
    }
    case 'end-score':
      return { type: 'end-score', at: message.at, logProbability: message.logProbability };
    case 'done': {
      const { reason, stats, logProbability } = message;
      return { type: 'done', reason, stats, ...(logProbability !== undefined && { logProbability }) };
    }
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
