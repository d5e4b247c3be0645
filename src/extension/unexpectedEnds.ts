/** Tells the person, once, that an earlier process ended with the engine in it, and what may help. */
import type { PreviousEnd } from '../inference/engine';
import { collectUncleanEnds, recentCrashes } from '../inference/store/crashHistory';
import type { DisposableLike } from './disposables';
import type { EngineService } from './engineService';
import type { ErrorAction } from './errorMessages';
import { WINDOW_MS, type RestartPolicy } from './restartPolicy';

export interface UnexpectedEndsDeps {
  /** Folder of converted graphs, where sessions leave their marks. */
  readonly convertedDir: string;
  readonly restarts: RestartPolicy;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly warn: (text: string, actions: readonly ErrorAction[]) => void;
  readonly log: (line: string) => void;
}

export class UnexpectedEnds {
  readonly #told = new Set<PreviousEnd>();

  constructor(private readonly deps: UnexpectedEndsDeps) {}

  /**
   * Looks for ends that nobody was told of, before anything is loaded: what ended a process once may do so again. A
   * crash of the engine takes the extension's process with it, so ends of the last minutes count as its own. Never
   * rejects.
   */
  async atStart(): Promise<void> {
    const { convertedDir, restarts, now, wallClock } = this.deps;
    const ends = await collectUncleanEnds(convertedDir);
    for (const { at } of await recentCrashes(convertedDir, WINDOW_MS))
      restarts.died(now() - (wallClock() - at));
    for (const end of ends) this.#note(end);
    const worst = ends.findLast(isAtWork);
    // Where it is not started by itself any more, the status says so, and its message offers the same.
    if (worst !== undefined && restarts.mayRestart(now())) this.#tell(worst);
  }

  /** Tells of ends that a load in this window was the first to find: those of other windows meanwhile. */
  follow(engines: Pick<EngineService, 'onStatus'>): DisposableLike {
    return engines.onStatus((status) => {
      if (status.state !== 'ready' || status.model.previousEnd === undefined) return;
      const { previousEnd } = status.model;
      if (this.#told.has(previousEnd)) return;
      this.#note(previousEnd);
      if (isAtWork(previousEnd)) this.#tell(previousEnd);
    });
  }

  #note(end: PreviousEnd): void {
    this.#told.add(end);
    const { phase, model, variant, at } = end;
    this.deps.log(`unexpected end: ${phase}, ${model} (${variant}), ${new Date(at).toISOString()}`);
  }

  #tell(end: PreviousEnd): void {
    const { text, actions } = unexpectedEndMessage(end);
    this.deps.warn(text, actions);
  }
}

/** An idle engine does nothing that could end a process: that was a kill or the end of the whole editor. */
const isAtWork = ({ phase }: PreviousEnd): boolean => phase !== 'idle';

/** What a person is told; careful, since it may have been the person or the system that ended the process. */
export function unexpectedEndMessage({ phase, model, variant }: PreviousEnd): {
  readonly text: string;
  readonly actions: readonly ErrorAction[];
} {
  const doing = phase === 'loading' ? 'loading' : 'working with';
  const what = variant === 'auto' ? model : `${model} (${variant})`;
  const help =
    variant === 'exact' ? 'a smaller model' : 'the exact variant, which is slower, or a smaller model';
  return {
    text:
      `Qwen Coder’s engine ended unexpectedly while it was ${doing} ${what}. ` +
      `If it was not you who ended it, ${help} may help.`,
    actions: [...(variant === 'exact' ? [] : (['use-exact'] as const)), 'models', 'show-log'],
  };
}
