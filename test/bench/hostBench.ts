import { resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/completion/clock';
import { Completer, DEFAULT_COMPLETER_OPTIONS } from '../../src/completion/completer';
import type { Engine, EngineStatus, GenerateRequest } from '../../src/inference/engine';
import { createWorkerEngine } from '../../src/inference/worker/workerEngine';
import { BENCH_CONTEXT_TOKENS, type BenchEngineOptions } from './benchEngine';

/** The measuring timer's period; it is part of every value, so an idle loop shows about this. */
const RESOLUTION_MS = 1;

export interface TypingRun {
  /** The document without what is typed. */
  readonly prefix: string;
  readonly suffix: string;
  /** One character per keystroke. */
  readonly typed: string;
  readonly intervalMs: number;
  /** Wait for a pause in typing; undefined types without asking for completions at all. */
  readonly debounceMs?: number;
}

/** Delay of the event loop in milliseconds while keys were typed. */
export interface TypingDelays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Requests that reached the engine, and the share of the time that it was at work. */
  readonly requests: number;
  readonly busyShare: number;
}

export interface AbortRun {
  readonly prompt: string;
  /** After this the request is withdrawn… */
  readonly afterMs: number;
  /** …counted from the request itself, or from the first token. */
  readonly phase: 'prefill' | 'decode';
}

/** The process that the extension host stands for: the engine's client here, the engine in its worker thread. */
export class HostBench {
  readonly #engine: Engine;

  constructor({ modelPath, cacheDir, threads, variant }: BenchEngineOptions) {
    this.#engine = createWorkerEngine({
      workerFile: resolve('dist/worker.js'),
      probeFile: resolve('dist/nativeProbe.js'),
      load: { modelPath, cacheDir, threads, variant, contextTokens: BENCH_CONTEXT_TOKENS },
    });
  }

  async load(): Promise<void> {
    await this.#engine.start();
  }

  /** Types into a document as an editor reports it: each keystroke withdraws the call before and makes another. */
  async type(run: TypingRun): Promise<TypingDelays> {
    const work = new WorkMeter(this.#engine);
    const completer = new Completer(
      work.engine,
      { ...DEFAULT_COMPLETER_OPTIONS, debounceMs: run.debounceMs ?? 0 },
      systemClock(),
    );
    const calls: Promise<unknown>[] = [];
    let last: AbortController | undefined;
    const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delays.enable();
    const start = performance.now();
    for (let version = 1; version <= run.typed.length; version++) {
      await sleep(Math.max(0, start + version * run.intervalMs - performance.now()));
      const text = run.prefix + run.typed.slice(0, version) + run.suffix;
      if (run.debounceMs === undefined) continue;
      const offset = run.prefix.length + version;
      last?.abort();
      last = new AbortController();
      const snapshot = { uri: 'bench:sample.py', languageId: 'python', version, text, offset };
      calls.push(completer.complete(snapshot, 'automatic', last.signal));
    }
    delays.disable();
    const { requests, busyMs } = work.stop();
    const busyShare = busyMs / (performance.now() - start);
    await Promise.all(calls);
    completer.dispose();
    await this.#untilIdle();
    const ms = (nanoseconds: number): number => nanoseconds / 1e6;
    return {
      p50: ms(delays.percentile(50)),
      p99: ms(delays.percentile(99)),
      max: ms(delays.max),
      requests,
      busyShare,
    };
  }

  /** Withdraws a request. @returns milliseconds until the engine is idle, or undefined if it was done before */
  async abortLatency({ prompt, afterMs, phase }: AbortRun): Promise<number | undefined> {
    const controller = new AbortController();
    let withdrawnAt: number | undefined;
    const withdraw = async (): Promise<void> => {
      await sleep(afterMs);
      withdrawnAt = performance.now();
      controller.abort();
    };
    const request: GenerateRequest = { prompt: [{ text: prompt }], maxTokens: 400, stopTokens: [] };
    const idle = this.#nextIdle();
    let withdrawal = phase === 'prefill' ? withdraw() : undefined;
    try {
      for await (const event of this.#engine.generate(request, controller.signal)) {
        if (event.type === 'text') withdrawal ??= withdraw();
        if (event.type === 'done' && withdrawnAt === undefined) return undefined;
      }
    } catch {
      // Withdrawn, as wanted: the client's side ends at once, the engine's when its run is over.
    }
    const idleAt = await idle;
    await withdrawal;
    return withdrawnAt === undefined ? undefined : idleAt - withdrawnAt;
  }

  async release(): Promise<void> {
    await this.#engine.dispose();
  }

  /** The time at which the engine, once at work, reports that nothing is under way any more. */
  #nextIdle(): Promise<number> {
    return new Promise((fulfil, reject) => {
      const stop = this.#engine.onStatus((status: EngineStatus) => {
        if (status.state === 'working') return;
        stop();
        if (status.state === 'ready') fulfil(performance.now());
        else reject(new Error(`the engine is ${status.state}`));
      });
    });
  }

  async #untilIdle(): Promise<void> {
    if (this.#engine.status.state === 'working') await this.#nextIdle();
  }
}

/** An engine that counts its requests and the time it is at work. */
class WorkMeter {
  readonly engine: Engine;
  #requests = 0;
  #busyMs = 0;
  #since: number | undefined;
  readonly #unlisten: () => void;

  constructor(engine: Engine) {
    this.engine = {
      capabilities: engine.capabilities,
      get status() {
        return engine.status;
      },
      onStatus: (listener) => engine.onStatus(listener),
      start: () => engine.start(),
      generate: (request, signal) => {
        this.#requests++;
        return engine.generate(request, signal);
      },
      dispose: () => engine.dispose(),
    };
    this.#unlisten = engine.onStatus(({ state }) => {
      this.#endSpan();
      if (state === 'working') this.#since = performance.now();
    });
  }

  stop(): { readonly requests: number; readonly busyMs: number } {
    this.#endSpan();
    this.#unlisten();
    return { requests: this.#requests, busyMs: this.#busyMs };
  }

  #endSpan(): void {
    if (this.#since !== undefined) this.#busyMs += performance.now() - this.#since;
    this.#since = undefined;
  }
}
