/** Runs one command with the engine: progress that can be cancelled, one place for what goes wrong. */
import * as vscode from 'vscode';
import type { Engine } from '../../inference/engine';
import { EngineError } from '../../inference/errors';
import { abortOnCancel } from '../abortOnCancel';
import type { ErrorNotifier } from '../errorNotifier';

/** The part of the engine's owner that commands need. */
export interface EngineSource {
  /** Keeps the engine; the returned function ends it. */
  use(): () => void;
  /** The loaded engine. @throws EngineError */
  ready(): Promise<Engine>;
}

export interface RunContext {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /** What is being done now, behind the title. */
  readonly report: (message: string) => void;
}

export class AssistRunner {
  constructor(
    private readonly deps: {
      readonly engines: EngineSource;
      readonly errors: ErrorNotifier;
      readonly log: (line: string) => void;
    },
  ) {}

  /**
   * Runs with the engine under a notification that can be cancelled.
   *
   * @param also another reason to stop
   * @returns undefined where it was cancelled or failed; the person has been told then
   */
  async run<T>(
    title: string,
    work: (context: RunContext) => Promise<T>,
    also?: AbortSignal,
  ): Promise<T | undefined> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: `Qwen Coder: ${title}`,
      cancellable: true,
    };
    const done = this.deps.engines.use();
    const start = performance.now();
    try {
      return await vscode.window.withProgress(options, (progress, token) =>
        abortOnCancel(token, async (cancelled) => {
          const signal = also === undefined ? cancelled : AbortSignal.any([cancelled, also]);
          const engine = await this.deps.engines.ready();
          if (signal.aborted) throw new EngineError('aborted', 'cancelled');
          return work({ engine, signal, report: (message) => progress.report({ message }) });
        }),
      );
    } catch (error) {
      this.#tell(EngineError.from(error));
      return undefined;
    } finally {
      done();
      // The first word alone: titles have names of the person's code.
      const [what = ''] = title.split(' ');
      this.deps.log(`command: ${what}, ${Math.round(performance.now() - start)} ms`);
    }
  }

  #tell(error: EngineError): void {
    // What concerns this one request is silent elsewhere, but here somebody waits for an answer.
    if (error.code === 'context-overflow' || error.code === 'invalid-request') {
      void vscode.window.showWarningMessage(error.message);
    } else this.deps.errors.answer(error.toWire());
  }
}
