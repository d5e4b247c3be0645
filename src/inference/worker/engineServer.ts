/**
 * The engine's side of the protocol: takes messages, runs them one after the other, answers. Background generations
 * have a line of their own and give way between their native runs. It knows no thread; a worker or a test gives it a
 * transport.
 */
import { setTimeout } from 'node:timers/promises';
import type { Priority } from '../engine';
import { EngineError } from '../errors';
import { ABORT_FLAG, type AbortFlag, type FromServer, type LoadOptions, type ToServer } from '../protocol';
import { SessionPhases } from '../store/sessionMarker';
import type { LoadedSession, LoadHooks } from './loadSession';
import type { Transport } from './transport';
import { Turns } from './turns';

/** The part of a loaded session that the server uses. */
export type ServedSession = Pick<LoadedSession, 'session' | 'model'>;

export type SessionLoader = (options: LoadOptions, hooks: LoadHooks) => Promise<ServedSession>;

/** How often a held generation looks whether it may go on. */
const HELD_POLL_MS = 10;

/** Progress messages are spaced by this many milliseconds; the last of a phase always comes. */
const PROGRESS_INTERVAL_MS = 100;

export class EngineServer {
  #loaded: ServedSession | undefined;
  /** The ends of the lines of work. */
  readonly #tails: Record<Priority, Promise<void>> = {
    interactive: Promise.resolve(),
    background: Promise.resolve(),
  };
  /** Native runs must never overlap. */
  readonly #turns = new Turns();
  /** Requests that somebody waits for, queued or under way: what is speculative gives way to them. */
  #wanted = 0;
  /** Generations under way. */
  #running = 0;
  /** Background generations wait between runs. */
  #held = false;
  #closing = false;
  #phases = new SessionPhases(undefined);

  /**
   * @param load brings a model up
   * @param onClosed called once everything is freed; a worker lets its thread run out then
   */
  constructor(
    private readonly transport: Transport<FromServer, ToServer>,
    private readonly load: SessionLoader,
    private readonly onClosed: () => void,
  ) {
    transport.onMessage((message) => this.#receive(message));
  }

  #receive(message: ToServer): void {
    switch (message.type) {
      case 'load':
        return this.#enqueueAlone(message.id, () => this.#load(message));
      case 'generate': {
        const received = performance.now();
        const priority = message.request.priority ?? 'interactive';
        const generate = () => this.#generate(message, performance.now() - received);
        if (message.request.speculative === true) return this.#enqueue(message.id, generate, priority);
        return this.#enqueueWanted(message.id, generate, priority);
      }
      case 'countTokens':
        return this.#enqueueWanted(message.id, async () => {
          const count = this.#requireLoaded().session.tokenizer.encode(message.text).length;
          this.transport.post({ type: 'tokenCount', id: message.id, count });
        });
      case 'hold':
        this.#held = message.on;
        return;
      case 'close':
        this.#closing = true;
        return this.#enqueueAlone(message.id, () => this.#close(message.id));
    }
  }

  /** Runs work behind all earlier work of its line; its failure is answered and never stops what follows. */
  #enqueue(id: number, work: () => Promise<void>, priority: Priority = 'interactive'): void {
    this.#tails[priority] = this.#tails[priority].then(() => this.#inTurn(id, work, priority));
  }

  #enqueueWanted(id: number, work: () => Promise<void>, priority?: Priority): void {
    this.#wanted++;
    const counted = (): Promise<void> => work().finally(() => this.#wanted--);
    this.#enqueue(id, counted, priority);
  }

  /** Runs work behind all earlier work of both lines, and before all later. */
  #enqueueAlone(id: number, work: () => Promise<void>): void {
    const { interactive, background } = this.#tails;
    const done = Promise.all([interactive, background]).then(() => this.#inTurn(id, work, 'interactive'));
    this.#tails.interactive = done;
    this.#tails.background = done;
  }

  async #inTurn(id: number, work: () => Promise<void>, priority: Priority): Promise<void> {
    await this.#turns.acquire(priority);
    try {
      await work();
    } catch (error) {
      this.transport.post({ type: 'error', id, error: EngineError.from(error).toWire() });
    } finally {
      this.#turns.release();
    }
  }

  /** Lets the event loop take new messages and everyone else go first. */
  async #yieldTurn(isAborted: () => boolean): Promise<void> {
    this.#turns.release();
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#held && !isAborted()) await setTimeout(HELD_POLL_MS);
    await this.#turns.acquire('background');
  }

  async #load({ id, options, abort, marker }: Extract<ToServer, { type: 'load' }>): Promise<void> {
    const isAborted = this.#abortTest(abort);
    if (isAborted()) throw new EngineError('aborted', 'Loading was cancelled.');
    await this.#release();
    const phases = new SessionPhases(marker);
    this.#phases = phases;
    phases.set({ phase: 'loading', variant: options.variant ?? 'auto' });
    try {
      this.#loaded = await this.load(options, {
        isAborted,
        onProgress: this.#progress(id),
        onVariant: (variant) => phases.set({ variant }),
      });
      phases.set({ variant: this.#loaded.model.variant });
    } finally {
      phases.set({ phase: 'idle' });
    }
    this.transport.post({ type: 'loaded', id, model: this.#loaded.model });
  }

  async #generate(message: Extract<ToServer, { type: 'generate' }>, queueMs: number): Promise<void> {
    const isWithdrawn = this.#abortTest(message.abort);
    const isAborted =
      message.request.speculative === true ? () => isWithdrawn() || this.#wanted > 0 : isWithdrawn;
    if (isAborted()) throw new EngineError('aborted', 'The request was withdrawn.');
    const { session } = this.#requireLoaded();
    const isBackground = message.request.priority === 'background';
    const hooks = isBackground ? { queueMs, yieldTurn: () => this.#yieldTurn(isAborted) } : { queueMs };
    this.#noteRunning(1);
    let ended = false;
    const end = (): void => {
      if (!ended) this.#noteRunning(-1);
      ended = true;
    };
    try {
      for await (const event of session.generate(message.request, isAborted, hooks)) {
        // Before the answer: who gets it may end the process.
        if (event.type === 'done') end();
        this.transport.post({ ...event, id: message.id });
      }
    } finally {
      end();
    }
  }

  #noteRunning(change: 1 | -1): void {
    this.#running += change;
    this.#phases.set({ phase: this.#running > 0 ? 'running' : 'idle' });
  }

  async #close(id: number): Promise<void> {
    await this.#release();
    this.transport.post({ type: 'closed', id });
    this.onClosed();
  }

  async #release(): Promise<void> {
    const session = this.#loaded?.session;
    this.#loaded = undefined;
    await session?.release();
    this.#phases.close();
  }

  #requireLoaded(): ServedSession {
    if (this.#loaded === undefined) throw new EngineError('invalid-request', 'No model is loaded.');
    return this.#loaded;
  }

  #abortTest(flag: AbortFlag): () => boolean {
    const memory = new Int32Array(flag);
    return () => {
      Atomics.add(memory, ABORT_FLAG.looks, 1);
      return this.#closing || Atomics.load(memory, ABORT_FLAG.withdrawn) !== 0;
    };
  }

  /** Progress of a load, thinned out: converting alone reports some thousand times. */
  #progress(id: number): LoadHooks['onProgress'] {
    let lastPhase: string | undefined;
    let lastTime = 0;
    return (phase, fraction) => {
      const now = performance.now();
      if (phase === lastPhase && fraction !== 1 && now - lastTime < PROGRESS_INTERVAL_MS) return;
      lastPhase = phase;
      lastTime = now;
      this.transport.post({ type: 'progress', id, phase, ...(fraction === undefined ? {} : { fraction }) });
    };
  }
}
